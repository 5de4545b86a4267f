"""Measure Prosona against a bare MCP server and print the table.

python -m benchmarks.speed                 everything (a few minutes)
python -m benchmarks.speed --only stdio    one section, or several
python -m benchmarks.speed --quick         a short run of everything, to see that it works
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click
from benchmarks.builtin_folds import folds
from benchmarks.erasing import EACH, erasing
from benchmarks.growth import Report
from benchmarks.reference import against_reference
from benchmarks.results import Result, Skipped, as_json, show
from benchmarks.sections import FULL, QUICK, Effort, cold_start, growth, http_rate, round_trips, scratch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

Measure = Callable[[Effort, Path, Report], Sequence[Result | Skipped]]

SECTIONS: dict[str, Measure] = {
    "cold": lambda effort, folder, _: cold_start(effort, folder),
    "stdio": lambda effort, folder, _: round_trips(effort, folder),
    "http": lambda effort, folder, _: http_rate(effort, folder),
    "growth": growth,
    "erase": lambda effort, folder, report: erasing(effort.users_beside, effort.erased, folder, report),
    "fold": lambda effort, folder, _: folds(effort.earlier_interactions, effort.folds, folder),
    "reference": lambda effort, folder, _: against_reference(
        effort.observations, min(effort.calls, 200), folder, install=effort is FULL
    ),
}


@click.command(help=__doc__.partition("\n")[0])
@click.option("--only", type=click.Choice([*SECTIONS]), multiple=True, help="A section; repeatable.")
@click.option("--quick", is_flag=True, help="Little of everything; the figures mean nothing.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the figures here too.")
def main(only: tuple[str, ...], quick: bool, json_file: Path | None) -> None:
    """Print the table; exit 1 when a figure of a full run misses what it must be."""
    effort = QUICK if quick else FULL
    results: list[Result | Skipped] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for section in only or SECTIONS:
            task = progress.add_task(f"measuring: {section}", total=_steps(section, effort))
            with scratch() as folder:
                results += SECTIONS[section](effort, folder, partial(progress.update, task))
            progress.remove_task(task)
    show(results, Console(width=None if sys.stdout.isatty() else 150))
    if json_file is not None:
        json_file.write_text(json.dumps(as_json(results), indent=1), encoding="utf-8")
    if not quick and not all(result.holds for result in results if isinstance(result, Result)):
        raise SystemExit(1)


def _steps(section: str, effort: Effort) -> int | None:
    """How many interactions a section writes first; None where it does nothing of which a bar could tell."""
    written = {"growth": effort.users * effort.interactions_each, "erase": effort.users_beside * EACH}
    return written.get(section)


if __name__ == "__main__":
    main()
