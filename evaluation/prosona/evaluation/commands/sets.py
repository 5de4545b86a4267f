"""`prosona eval convert` and `report`: what goes into a run, and runs side by side."""

from __future__ import annotations

from pathlib import Path

import click

from prosona.evaluation.data.converting import CONVERTERS, convert_to
from prosona.evaluation.report import load_summary, side_by_side
from prosona.evaluation.tables import print_table

__all__ = ["convert", "report"]


@click.command("report")
@click.argument(
    "runs", type=click.Path(exists=True, path_type=Path), nargs=-1, required=True, metavar="RUN..."
)
def report(runs: tuple[Path, ...]) -> None:
    """Compares finished runs side by side; differences are to the first, paired by user."""
    summaries = [(path.name, load_summary(path)) for path in runs]
    print_table(*side_by_side(summaries))


@click.command("convert")
@click.argument("name", type=click.Choice(sorted(CONVERTERS)), metavar="SET")
@click.argument(
    "raw", type=click.Path(exists=True, path_type=Path), nargs=-1, required=True, metavar="RAW..."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="JSON-lines file."
)
@click.option("--seed", type=int, default=42, show_default=True, help="Draws what was not chosen.")
@click.option("--users", type=click.IntRange(1), help="Keep the first so many users.")
def convert(name: str, raw: tuple[Path, ...], out: Path, seed: int, users: int | None) -> None:
    """Turns a public set as it is downloaded into benchmark lines.

    `docs/evaluation.md` says which files each set needs and how its pairs are made.
    """
    count = convert_to(name, raw, out, seed=seed, users=users)
    click.echo(f"{out}: {count} users")
