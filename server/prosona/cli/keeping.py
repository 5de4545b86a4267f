"""`fold`, `maintain`, `backup` and `restore`: the care of a database and of what waits in it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prosona.cli import exits
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
from prosona.cli.output import counted, note, print_json, say
from prosona.cli.profilers import chosen_profiler, profiler_options
from prosona.core.errors import InvalidInputError, ProfilerError

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Unpack

    from prosona.cli.profilers import ProfilerOptions
    from prosona.core.words import Profile
    from prosona.service import FoldReport, ProfilerChoice, ProfileService
    from prosona.service.answers import Revised

__all__ = ["backup", "fold", "maintain", "restore"]

_SHOWN = 20
"""Most users that are named as left unfolded: what one screen holds."""

_PAGE = 1000
"""Users asked for at a time."""

_QUIET = ("nothing", "busy", "unavailable")
"""Outcomes of a fold after which the same user is tried again: they end nothing and count for nothing."""


@click.command(short_help="Fold what is pending.")
@user_option(required=False, text="Fold this user alone.")
@click.option("--all", "everyone", is_flag=True, help="Fold every user with anything pending.")
@profiler_options()
@json_option()
@db_option()
@pass_settings
def fold(
    settings: Settings,
    user_id: str | None,
    everyone: bool,
    as_json: bool,
    **options: Unpack[ProfilerOptions],
) -> None:
    """Fold pending interactions into profiles now. It may be stopped, and goes on where it stopped.

    If anybody is left unfolded, they are named with the reason and the exit code is 6.

    \b
    Examples:
      prosona fold --user ana
      prosona fold --all --profiler-url http://127.0.0.1:8000
    """
    if everyone == (user_id is not None):
        raise click.UsageError("give --user NAME or --all")
    chosen = chosen_profiler(options)
    if user_id is not None:
        _fold_one(settings, chosen, user_id, as_json)
    else:
        _fold_all(settings, chosen, as_json)


def _fold_one(settings: Settings, chosen: ProfilerChoice, user_id: str, as_json: bool) -> None:
    async def work(service: ProfileService) -> tuple[Revised, Profile]:
        from prosona.service import parse_change

        await service.receive_heard()
        await known(service, user_id)
        try:
            revised = await service.revise(user_id, parse_change(), actor=ACTOR)
        except InvalidInputError as error:
            # The only thing that can be wrong with an empty change is that nothing came of it.
            raise ProfilerError(str(error)) from error
        return revised, await service.get(user_id)

    revised, profile = settings.run(work, profiler=chosen)
    if as_json:
        print_json(revised)
    else:
        note(f"version {revised.version}" if revised.cause else "nothing was pending")
    if profile.pending:
        why = profile.stale or "it waits for its next try"
        raise ProfilerError(f"{counted(profile.pending, 'interaction')} still pending: {why}")


def _fold_all(settings: Settings, chosen: ProfilerChoice, as_json: bool) -> None:
    counts: Counter[str] = Counter()
    waiting, left = settings.run(lambda service: _fold_everyone(service, counts), profiler=chosen)
    if as_json:
        told = [{"user_id": user_id, "why": reason} for user_id, reason in left.items()]
        print_json({**counts, "pending": waiting, **({"left": told} if told else {})})
    else:
        note(
            f"{counted(counts['folded'], 'user')} folded, {len(left)} left;"
            f" {counted(waiting, 'interaction')} pending"
        )
        for user_id, reason in list(left.items())[:_SHOWN]:
            note(f"  {user_id}: {reason}")
        if len(left) > _SHOWN:
            note(f"  ... and {len(left) - _SHOWN} more; --json names them all")
    if left:
        click.get_current_context().exit(exits.PROFILER)


async def _fold_everyone(service: ProfileService, counts: Counter[str]) -> tuple[int, dict[str, str]]:
    """Folds everybody, showing how far it is on stderr.

    Returns how many interactions still wait, and who was left unfolded for which reason.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    await service.receive_heard()
    columns = (TextColumn("folding"), BarColumn(), MofNCompleteColumn(), TextColumn("users"))
    progress = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))
    task = progress.add_task("users", total=(await service.pending_totals()).users)

    def note_report(report: FoldReport) -> None:
        if report.outcome not in _QUIET:
            counts[report.outcome] += 1
            progress.update(task, advance=1)

    service.watch_folds(note_report)
    with progress:
        left = await service.fold_everyone()
    totals = await service.pending_totals()
    if totals.users > len(left):
        left |= await _unreached(service, left)
    return totals.interactions, left


async def _unreached(service: ProfileService, left: Collection[str]) -> dict[str, str]:
    """Who beside `left` has anything pending, and why: folded elsewhere, or not due again yet."""
    found: dict[str, str] = {}
    after = ""
    while page := await service.users(after=after, limit=_PAGE):
        after = page[-1].user_id
        for entry in page:
            if entry.pending and entry.user_id not in left:
                profile = await service.get(entry.user_id)
                if profile.pending:
                    found[entry.user_id] = profile.stale or "it waits for its next try"
    return found


@click.command(short_help="Pay what the database owes and check it.")
@json_option()
@db_option()
@pass_settings
def maintain(settings: Settings, as_json: bool) -> None:
    """Pay what the database owes (prompts that hooks left, old bytes of what was forgotten, a rebuild) and
    check its structure.

    Others may go on working meanwhile, and may have to wait for a moment. The exit code is 1 if
    something is wrong with the structure.

    \b
    Example:
      prosona maintain
    """

    async def work(service: ProfileService) -> list[str]:
        await service.receive_heard()
        return await service.maintain(lambda step: note(f"  {step}"))

    problems = settings.run(work)
    if as_json:
        print_json({"problems": problems})
    elif not problems:
        say("in order")
    else:
        for problem in problems:
            say(problem)
    if problems:
        click.get_current_context().exit(exits.FAILED)


@click.command(short_help="Write a copy of the database.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@db_option()
@pass_settings
def backup(settings: Settings, file: Path) -> None:
    """Write a consistent copy of the database to FILE, while agents go on using it.

    A plain copy of the file may lack what was observed last; this one does not.

    \b
    Example:
      prosona backup profiles-2026-03-01.db
    """
    if file.exists():
        raise click.UsageError(f"{file} is there already: name a new file")
    settings.run(lambda service: service.backup(file))
    note(f"written to {file}")


@click.command(short_help="Put a copy in place of the database.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@yes_option("Replace the database without asking.")
@db_option()
@pass_settings
def restore(settings: Settings, file: Path, yes: bool) -> None:
    """Put a copy that `prosona backup` wrote in place of the database.

    What was observed since the copy was made is lost with the database that it replaces, and what was
    forgotten since then is back: forget it again, or keep no copies from before.

    \b
    Example:
      prosona restore profiles-2026-03-01.db
    """
    from prosona.profiles_db.sqlite import restore as put_back

    target = settings.file()
    if target.exists() and not yes:
        confirmed(f"Replace {target} by {file}?")
    put_back(file, target)
    note(f"{target} is as {file} was")
