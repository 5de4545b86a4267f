"""A look at one profiler over some files: `python -m prosona.evaluation.quick --data FILE ...`.

Profiles are made anew each time; only embeddings are kept. For a run that can be resumed and
audited use `prosona eval run`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.progress import Progress

from prosona.evaluation.data import load
from prosona.evaluation.plan import Plan
from prosona.evaluation.profilers import profiler_named
from prosona.evaluation.readers.making import make_readers
from prosona.evaluation.running import run
from prosona.evaluation.settings import without_rejected
from prosona.evaluation.summary import summarize
from prosona.evaluation.tables import accuracy_table, curve_table, markdown


@click.command()
@click.option("--data", "files", type=click.Path(exists=True, path_type=Path), multiple=True, required=True)
@click.option("--readers", default="lexical,embedding", show_default=True, help="Names, with commas.")
@click.option("--profiler", default="builtin", show_default=True, help="A name, or package.module:factory.")
@click.option("--cache", type=click.Path(path_type=Path), default=None, help="Where embeddings are kept.")
@click.option("--budgets", default="600", show_default=True, help="Token budgets, with commas.")
@click.option("--people", type=int, default=None, help="Only the first so many of each file.")
@click.option("--no-negatives", is_flag=True, help="Take out everything rejected.")
@click.option(
    "--profiles", type=click.Path(path_type=Path), default=None, help="Write the profiles' texts here."
)
def main(
    files: tuple[Path, ...],
    readers: str,
    profiler: str,
    cache: Path | None,
    budgets: str,
    people: int | None,
    no_negatives: bool,
    profiles: Path | None,
) -> None:
    """Accuracy by set of readers that see the profile text alone, with its controls."""
    benchmarks = [load(path) for path in files]
    if no_negatives:
        benchmarks = [without_rejected(benchmark) for benchmark in benchmarks]
    plan = Plan(budgets=tuple(int(part) for part in budgets.split(",")), people=people)
    texts = {text for benchmark in benchmarks for text in benchmark.texts()}
    console = Console(stderr=True)
    with (
        TemporaryDirectory(prefix="prosona-eval-") as folder,
        Progress(console=console, transient=True) as bars,
    ):
        made = make_readers(readers.split(","), corpus=texts, cache=cache)
        results = asyncio.run(run(benchmarks, profiler_named(profiler), made, plan, Path(folder), bars))
        if profiles:
            profiles.write_bytes((Path(folder) / "profiles.jsonl").read_bytes())
    summary = summarize(results, plan, {"profiler": profiler})
    for table in (accuracy_table(summary), curve_table(summary)):
        if table[1]:
            click.echo(markdown(*table) + "\n")
    for part in summary["sets"]:
        click.echo(f"{part['set']}: {part['profiles']}")


if __name__ == "__main__":
    main()
