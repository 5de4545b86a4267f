"""`revise`: pin, forget, edit, roll back, or fold now."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from prosona.cli import exits
from prosona.cli.options import ACTOR, Settings, db_option, json_option, pass_settings, user_option
from prosona.cli.output import note, print_json
from prosona.profiles_db import ConflictError, Forgotten, Revised

if TYPE_CHECKING:
    from typing import TextIO

    from prosona.service import ProfileChange

_SHOWN = 20


@click.command(short_help="Pin, forget, edit, roll back, or fold now.")
@user_option()
@click.option("--statement", metavar="TEXT", help="Pin a line; it stays word for word.")
@click.option(
    "--forget",
    metavar="TOPIC",
    help="Erase a topic, or one statement, from profile, history and log; '*' erases the user.",
)
@click.option(
    "--text",
    "text_file",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="Put this text in place of the profile; - reads stdin. Needs --base-version.",
)
@click.option("--rollback-to", type=click.IntRange(min=1), metavar="VERSION", help="Go back to a version.")
@click.option(
    "--base-version",
    type=click.IntRange(min=0),
    metavar="VERSION",
    help="Revise only if the profile still is at this version.",
)
@click.option("--yes", "-y", is_flag=True, help="Forget without asking.")
@json_option()
@db_option()
@pass_settings
def revise(
    settings: Settings,
    user_id: str,
    statement: str | None,
    forget: str | None,
    text_file: TextIO | None,
    rollback_to: int | None,
    base_version: int | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Change a user's profile; with no change named, fold what is pending now.

    \b
    Examples:
      prosona revise --user ana --statement "I am vegetarian."
      prosona revise --user ana --forget "running shoes"
      prosona get --user ana > profile.txt   # its version is said on stderr
      prosona revise --user ana --text profile.txt --base-version 7
      prosona revise --user ana --rollback-to 3
    """
    from prosona.service import parse_change

    change = parse_change(
        statement=statement,
        forget=forget,
        text=text_file.read() if text_file else None,
        rollback_to=rollback_to,
        base_version=base_version,
    )
    if forget is not None and not yes:
        _ask(settings, user_id, forget)
    try:
        revised = settings.run(lambda service: service.revise(user_id, change, actor=ACTOR))
    except ConflictError as conflict:
        if as_json:
            print_json(
                {"conflict": str(conflict), "current": conflict.current, "proposed": conflict.proposed}
            )
        raise
    if as_json:
        print_json(revised)
    else:
        _report(revised, change)


def _report(revised: Revised, change: ProfileChange) -> None:
    if revised.forgotten:
        click.echo(f"forgot {_counts(revised.forgotten)}")
        if not revised.forgotten.scrubbed:
            note("another program was reading the file, which still holds old pages; forget again later")
    if revised.cause is None:
        click.echo(f"nothing to do, still version {revised.version}")
    elif change.forget != "*":
        click.echo(f"{revised.cause}, now version {revised.version}")


def _counts(gone: Forgotten) -> str:
    return f"{gone.interactions} interactions, {gone.statements} statements, {gone.lines} lines"


def _ask(settings: Settings, user_id: str, topic: str) -> None:
    """Shows what a forget would remove and asks; leaves unless the answer is yes."""
    from prosona.cli.forgetting import affected

    found = settings.run(lambda service: affected(service, user_id, topic))
    for line in found.lines[:_SHOWN]:
        note(f"  - {line}")
    if len(found.lines) > _SHOWN:
        note(f"  ... and {len(found.lines) - _SHOWN} more lines")
    note(f"This removes {_counts(found.counts)} for good, from every version.")
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to ask: repeat with --yes")
    if not click.confirm(f"Forget {topic!r}?", err=True):
        note("prosona: nothing was changed")
        click.get_current_context().exit(exits.FAILED)
