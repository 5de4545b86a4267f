"""`prosona eval lines` and `examples`: what profiles say, line by line, and whole ones to look at."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import Progress

from prosona.core.errors import InvalidInputError
from prosona.evaluation.chat import ChatModel, Endpoint
from prosona.evaluation.data import load
from prosona.evaluation.lines import grounded, grounded_by_model, share_of_items, specific
from prosona.evaluation.profilers import profiler_named
from prosona.evaluation.samples import Sampled, sampled
from prosona.evaluation.sayings import WrittenCase, load_cases, profiles_of
from prosona.evaluation.statistics import Estimate
from prosona.evaluation.tables import print_table

__all__ = ["examples", "lines"]

_T = TypeVar("_T")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_BUDGET = click.option(
    "--budget", type=click.IntRange(1), default=600, show_default=True, help="Tokens of a profile."
)
_PROFILER = click.option(
    "--profiler", default="builtin", show_default=True, help="builtin, llm or module:factory."
)
_URL = click.option("--profiler-url", envvar="PROSONA_PROFILER_URL", help="Endpoint of the llm profiler.")


@click.command("lines")
@click.argument("files", type=_FILE, nargs=-1, required=True, metavar="FILE...")
@_PROFILER
@_URL
@_BUDGET
@click.option("--people", type=click.IntRange(1), help="Only the first so many of each set.")
@click.option("--endpoint", envvar="OPENAI_BASE_URL", help="Where a model judges whether lines follow.")
@click.option("--model", help="That model; without it the rule alone judges.")
def lines(
    files: tuple[Path, ...],
    profiler: str,
    profiler_url: str | None,
    budget: int,
    people: int | None,
    endpoint: str | None,
    model: str | None,
) -> None:
    """Measures lines: grounded, specific, and how much of the text is titles or texts of single items."""
    made = profiler_named(profiler, url=profiler_url)
    if model and not endpoint:
        raise InvalidInputError("--model needs --endpoint")
    rows = []
    for path in files:
        chosen = load(path).people[:people]
        with Progress(console=Console(stderr=True), transient=True) as bars:
            bar = bars.add_task(path.name, total=len(chosen))
            found = asyncio.run(sampled(chosen, made(), budget=budget, done=partial(bars.advance, bar)))
        told = [line for user in found for line in user.told]
        items = sum(share_of_items(user.text, user.person.history) * user.tokens for user in found)
        tokens = sum(user.tokens for user in found)
        judged = asyncio.run(_by_model(found, endpoint, model)) if model and endpoint else None
        rows.append(
            [
                path.name,
                str(len(found)),
                f"{tokens / max(1, len(found)):.0f}",
                f"{len(told) / max(1, len(found)):.1f}",
                _percent(grounded(told)),
                _percent(judged) if judged else "",
                _percent(specific(told)),
                f"{100 * items / max(1, tokens):.1f}",
            ]
        )
    headings = ["set", "users", "tokens", "lines", "grounded, %", "by a model, %", "specific, %"]
    print_table([*headings, "single items, % of the text"], rows)


async def _by_model(found: Sequence[Sampled], endpoint: str, name: str) -> Estimate:
    model = ChatModel(Endpoint(endpoint, name, api_key=os.environ.get("OPENAI_API_KEY", "none")))
    try:
        return await grounded_by_model([line for user in found for line in user.told], model)
    finally:
        await model.aclose()


def _percent(estimate: Estimate) -> str:
    return f"{estimate.value:.1f} [{estimate.low:.1f}, {estimate.high:.1f}]" if estimate.n else ""


@click.command("examples")
@click.option("--data", type=_FILE, multiple=True, help="A set of choices; may be given again.")
@click.option("--sayings", type=_FILE, multiple=True, help="Labelled chats; may be given again.")
@_PROFILER
@_URL
@_BUDGET
@click.option("--people", type=click.IntRange(1), default=2, show_default=True, help="Of each set.")
@click.option("--chats", type=click.IntRange(1), default=3, show_default=True, help="Of each file of chats.")
@click.option("--words", type=_FILE, help="A word on each: lines `NAME: text`, put under its profile.")
def examples(
    data: tuple[Path, ...],
    sayings: tuple[Path, ...],
    profiler: str,
    profiler_url: str | None,
    budget: int,
    people: int,
    chats: int,
    words: Path | None,
) -> None:
    """Prints whole profiles as Markdown, to be read by a person: would this user sign it?

    Users are drawn evenly over each file, so the same file always shows the same ones.
    """
    if not (data or sayings):
        raise InvalidInputError("give --data or --sayings, or both")
    made = profiler_named(profiler, url=profiler_url)
    notes = _notes(words)
    for path in data:
        everyone = load(path).people
        found = asyncio.run(sampled(_evenly(everyone, people), made(), budget=budget))
        for number, user in enumerate(found, 1):
            name = f"{path.name.partition('.')[0]} {number}"
            _print(name, f"{len(user.person.history)} choices", user.text, notes)
    for path in sayings:
        cases: Sequence[WrittenCase] = _evenly(load_cases(path), chats)
        texts = asyncio.run(profiles_of(cases, made()))
        for case in cases:
            typed = sum(turn.role == "user" for turn in case.turns)
            _print(case.id, f"{typed} messages", texts[case.id], notes)


def _evenly(found: Sequence[_T], count: int) -> list[_T]:
    return [found[place * len(found) // count] for place in range(min(count, len(found)))]


def _notes(path: Path | None) -> dict[str, str]:
    rows = path.read_text(encoding="utf-8").splitlines() if path else []
    return {name.strip(): text.strip() for name, colon, text in (row.partition(":") for row in rows) if colon}


def _print(name: str, size: str, text: str, notes: dict[str, str]) -> None:
    click.echo(f"## {name} ({size})\n")
    click.echo("```text\n" + (text or "(nothing)") + "\n```\n")
    if name in notes:
        click.echo(f"{notes[name]}\n")
