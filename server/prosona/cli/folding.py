"""`fold`: fold what is pending now, for one user or for everybody."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prosona.cli import exits
from prosona.cli.options import ACTOR, Settings, db_option, json_option, pass_settings, user_option
from prosona.cli.output import note, print_json
from prosona.cli.profiler_options import choice_of, profiler_options

if TYPE_CHECKING:
    from prosona.service import FoldReport, ProfilerChoice


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
    profiler: str | None,
    profiler_url: str | None,
    profiler_model: str | None,
    prompt_template: Path | None,
    calls_a_day: int | None,
    tokens_a_day: int | None,
) -> None:
    """Fold pending interactions into profiles now. It may be stopped, and goes on where it stopped.

    \b
    Examples:
      prosona fold --user ana
      prosona fold --all --profiler-url http://127.0.0.1:8000
    """
    if everyone == (user_id is not None):
        raise click.UsageError("give --user NAME or --all")
    choice = choice_of(
        profiler=profiler,
        profiler_url=profiler_url,
        profiler_model=profiler_model,
        prompt_template=prompt_template,
        calls_a_day=calls_a_day,
        tokens_a_day=tokens_a_day,
    )
    if choice.kind == "host":
        raise click.UsageError("the host profiler folds when an agent asks: there is none here")
    if user_id is not None:
        _fold_one(settings, choice, user_id, as_json)
    else:
        _fold_all(settings, choice, as_json)


def _fold_one(settings: Settings, choice: ProfilerChoice, user_id: str, as_json: bool) -> None:
    from prosona.service import open_service, parse_change

    async def work() -> None:
        service = open_service(settings.db, choice=choice)
        try:
            revised = await service.revise(user_id, parse_change(), actor=ACTOR)
        finally:
            await service.aclose()
        if as_json:
            print_json(revised)
        else:
            note(f"version {revised.version}" if revised.cause else "nothing was pending")

    asyncio.run(work())


def _fold_all(settings: Settings, choice: ProfilerChoice, as_json: bool) -> None:
    counts: Counter[str] = Counter()
    left = asyncio.run(_fold_with_progress(settings, choice, counts))
    failed = counts["rejected"] + counts["failed"] + counts["raced"] + counts["store"]
    if as_json:
        print_json({**counts, "pending": left})
    else:
        note(f"{counts['folded']} users folded, {failed} failed; {left} interactions wait")
    if failed:
        click.get_current_context().exit(exits.PROFILER)


async def _fold_with_progress(settings: Settings, choice: ProfilerChoice, counts: Counter[str]) -> int:
    """Folds everybody, showing how far it is on stderr, and returns how many interactions still wait."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from prosona.service import open_service

    service = open_service(settings.db, choice=choice)
    columns = (TextColumn("folding"), BarColumn(), MofNCompleteColumn(), TextColumn("users"))
    progress = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))
    try:
        task = progress.add_task("users", total=(await service.pending_totals()).users)

        def note_report(report: FoldReport) -> None:
            if report.outcome in ("nothing", "busy", "unavailable"):
                return
            counts[report.outcome] += 1
            progress.update(task, advance=1)

        service.watch_folds(note_report)
        with progress:
            await service.fold_everyone()
        return (await service.pending_totals()).interactions
    finally:
        await service.aclose()
