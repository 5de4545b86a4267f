"""`forget`: what would go is shown, asked about, taken away, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from prosona.cli.options import (
    ACTOR,
    Settings,
    confirmed,
    db_option,
    json_option,
    known,
    pass_settings,
    user_option,
    yes_option,
)
from prosona.cli.output import OLD_PAGES_LEFT, counted, note, print_json, said, say
from prosona.core.errors import BroadForgetError, ConflictError, NotForgottenError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prosona.core.requests import Forgotten
    from prosona.service import ProfileService
    from prosona.service.answers import Preview, Revised

__all__ = ["forget", "forget_with_preview"]

_SHOWN = 20
"""Most lines that a preview lists: what one screen holds beside the question."""


@click.command(short_help="Erase a topic, a line, or everything.")
@user_option()
@click.argument("what", metavar="TOPIC-OR-LINE")
@click.option("--dry-run", is_flag=True, help="Show what would go and change nothing.")
@yes_option("Forget without asking.")
@json_option()
@db_option()
@pass_settings
def forget(settings: Settings, user_id: str, what: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Erase a topic, a line (by its id or its text) or, with '*', the user: from profile, history and log.

    Shows what would go and asks; for '*' the user's name has to be typed. What rested on it alone goes
    with it, down to the bytes of the database. A receipt says what went.

    \b
    Examples:
      prosona forget --user ana "running shoes" --dry-run
      prosona forget --user ana "running shoes"
    """
    if dry_run:
        _show(settings, user_id, what, as_json)
    else:
        forget_with_preview(settings, user_id, what, yes=yes, as_json=as_json)


def _show(settings: Settings, user_id: str, what: str, as_json: bool) -> None:
    preview = settings.run(lambda service: _preview(service, user_id, what))
    if as_json:
        print_json(preview)
    else:
        _describe(preview, say)
    if _is_empty(preview):
        raise _nothing(preview)


def forget_with_preview(
    settings: Settings,
    user_id: str,
    what: str,
    *,
    yes: bool,
    as_json: bool,
    base_version: int | None = None,
) -> None:
    """Shows what would go, asks unless `yes`, forgets, and says what went.

    Errors: `NotForgottenError` for nothing found; `ConflictError`, printed with `as_json`, for another
    version than `base_version`.
    """
    preview = settings.run(lambda service: _preview(service, user_id, what))
    if _is_empty(preview):
        raise _nothing(preview)
    if not yes:
        _describe(preview, note)
        _ask(user_id, what)
    word = preview.word
    while True:
        try:
            revised = settings.run(_call(user_id, what, word, base_version))
            break
        except BroadForgetError as broad:
            # More was observed since: what would go now is shown before it goes.
            if not yes:
                note(str(broad))
                _ask(user_id, what)
            word = broad.word
        except ConflictError as conflict:
            if as_json:
                from prosona.cli.revising import print_conflict

                print_conflict(conflict)
            raise
    if as_json:
        print_json(revised)
    else:
        _receipt(revised)


def _call(
    user_id: str, what: str, word: str | None, base_version: int | None
) -> Callable[[ProfileService], Awaitable[Revised]]:
    from prosona.service import parse_change

    change = parse_change(forget=what, confirm=word, base_version=base_version)
    return lambda service: service.revise(user_id, change, actor=ACTOR)


async def _preview(service: ProfileService, user_id: str, what: str) -> Preview:
    await known(service, user_id)
    return await service.preview(user_id, what)


def _is_empty(preview: Preview) -> bool:
    found = preview.interactions or preview.lines or preview.in_history or _is_everything(preview.what)
    return not found


def _is_everything(what: str) -> bool:
    from prosona.service import EVERYTHING

    return what.strip() == EVERYTHING


def _nothing(preview: Preview) -> NotForgottenError:
    from prosona.service.finding import labelled_note

    more = f"; but {labelled_note(preview.labelled)}" if preview.labelled else ""
    if preview.near:
        more += f"; what comes near: {'; '.join(preview.near)}"
    return NotForgottenError(
        f"nothing names {preview.what!r}: nothing was forgotten{more}", near=preview.near
    )


def _ask(user_id: str, what: str) -> None:
    if _is_everything(what):
        confirmed(f"This erases {user_id} for good. Type {user_id} to go on", typed=user_id.strip())
    else:
        confirmed(f"Forget {what!r}?")


def _describe(preview: Preview, tell: Callable[[str], None]) -> None:
    """Tells what would go: the lines, the latest of the interactions, how much in all."""
    for line in preview.lines[:_SHOWN]:
        tell(f"  - {line.text}")
    if len(preview.lines) > _SHOWN:
        tell(f"  ... and {len(preview.lines) - _SHOWN} more lines")
    for interaction in preview.examples:
        tell(f"  {interaction.seq}  {interaction.day}  {said(interaction)}")
    if preview.interactions > len(preview.examples) > 0:
        tell(f"  ... and {preview.interactions - len(preview.examples)} more interactions")
    if preview.in_history:
        tell("Only earlier versions of the profile name it: it goes from those.")
    else:
        tell(
            f"This removes {preview.interactions} of {counted(preview.of, 'interaction')} and"
            f" {counted(len(preview.lines), 'line')} for good, from every version."
        )
    if preview.anew:
        tell("Inferred again from what remains:")
        for line in preview.anew[:_SHOWN]:
            tell(f"  ~ {line.text}")
    if preview.dismissed:
        tell("The line is dismissed: it goes and stays away; the interactions behind it stay in the log.")


def _receipt(revised: Revised) -> None:
    gone = revised.forgotten
    if gone is not None:
        say(f"forgot {_counts(gone)}")
        for remark in gone.notes:
            note(remark)
        if not gone.scrubbed:
            note(OLD_PAGES_LEFT)
    if revised.note:
        note(revised.note)
    if revised.version:
        note(f"now version {revised.version}")


def _counts(gone: Forgotten) -> str:
    parts = [counted(gone.interactions, "interaction"), counted(gone.lines, "line")]
    if gone.versions:
        parts.append(f"and what {counted(gone.versions, 'earlier version')} held of it")
    return ", ".join(parts)
