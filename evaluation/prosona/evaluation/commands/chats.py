"""`prosona eval conversations` and `sayings`: what profiles keep of what people say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from prosona.evaluation.conversations import attribution, coverage, texts_of
from prosona.evaluation.data.conversation import load_conversations
from prosona.evaluation.profilers import profiler_named
from prosona.evaluation.readers.embedding import CachedEncoder, Encoder, MiniLM
from prosona.evaluation.sayings import Verdict, judge, load_cases, profiles_of, sayings_table
from prosona.evaluation.statistics import Estimate
from prosona.evaluation.tables import print_table

__all__ = ["conversations", "sayings"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("conversations")
@click.argument("files", type=_FILE, nargs=-1, required=True, metavar="FILE...")
@click.option("--profiler", default="builtin", show_default=True, help="builtin or module:factory.")
@click.option("--budget", type=click.IntRange(1), default=600, show_default=True, help="Tokens of a profile.")
@click.option("--embedding", is_flag=True, help="Find preferences by sentence embeddings too.")
@click.option(
    "--embedding-cache", type=click.Path(dir_okay=False, path_type=Path), help="Keep embeddings here."
)
@click.option("--show", is_flag=True, help="Print the lines that are the other side's words.")
def conversations(
    files: tuple[Path, ...],
    profiler: str,
    budget: int,
    embedding: bool,
    embedding_cache: Path | None,
    show: bool,
) -> None:
    """Measures what profiles keep of conversations: preferences covered, words rightly attributed."""
    encoder: Encoder | None = None
    if embedding:
        encoder = CachedEncoder(MiniLM(), embedding_cache) if embedding_cache else MiniLM()
    rows = []
    for path in files:
        found = load_conversations(path)
        texts = asyncio.run(texts_of(found, profiler_named(profiler)(), budget=budget, other_side="external"))
        whose = attribution(found, texts)
        known = coverage(found, texts, encoder) if any(talk.preferences for talk in found) else None
        covered = [_percent(known.own), _percent(known.stated), _percent(known.other)] if known else [""] * 3
        rows.append(
            [path.name, str(len(found)), *covered, str(whose.user), str(whose.other_side), str(whose.unclear)]
        )
        if show:
            click.echo("\n".join(whose.taken), err=True)
    headings = ["file", "users", "preferences covered, %", "of those stated, %", "in another's text"]
    print_table([*headings, "lines: user's words", "the other side's", "unclear"], rows)


def _percent(estimate: Estimate) -> str:
    return f"{estimate.value:.1f} [{estimate.low:.1f}, {estimate.high:.1f}]"


@click.command("sayings")
@click.argument("files", type=_FILE, nargs=-1, required=True, metavar="FILE...")
@click.option("--profiler", default="builtin", show_default=True, help="builtin, llm or module:factory.")
@click.option("--profiler-url", envvar="PROSONA_PROFILER_URL", help="Endpoint of the llm profiler.")
@click.option("--profiler-model", envvar="PROSONA_PROFILER_MODEL", help="Its model.  [default: the first]")
@click.option(
    "--profiler-template",
    envvar="PROSONA_PROMPT_TEMPLATE",
    type=click.Path(path_type=Path),
    help="alignxplore, changes or a Jinja file.",
)
@click.option("--every", type=click.IntRange(1), default=1, help="Only every so many-th case.")
@click.option("--only", multiple=True, metavar="ID", help="Only this case; may be given again.")
@click.option(
    "--concurrency", type=click.IntRange(1), default=4, show_default=True, help="Cases folded at once."
)
@click.option("--show", is_flag=True, help="Print each miss, and each line that should not be there.")
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write verdicts here.")
def sayings(
    files: tuple[Path, ...],
    profiler: str,
    profiler_url: str | None,
    profiler_model: str | None,
    profiler_template: Path | None,
    every: int,
    only: tuple[str, ...],
    concurrency: int,
    show: bool,
    out: Path | None,
) -> None:
    """Measures profiles of labelled chats: facts kept, and nothing kept that should not be."""
    made = profiler_named(profiler, url=profiler_url, model=profiler_model, template=profiler_template)
    for path in files:
        cases = [case for case in load_cases(path) if not only or case.id in only][::every]
        if not cases:
            raise click.ClickException(f"{path}: no case is called {', '.join(only)}")
        with Progress(console=Console(stderr=True), transient=True) as bars:
            bar = bars.add_task(path.name, total=len(cases))
            texts = asyncio.run(
                profiles_of(cases, made(), concurrency=concurrency, done=partial(bars.advance, bar))
            )
        verdicts = [judge(case, texts[case.id]) for case in cases]
        if show:
            for verdict in verdicts:
                _show(verdict)
        if out:
            out.write_text(json.dumps(_plain(verdicts), ensure_ascii=False, indent=1), encoding="utf-8")
        click.echo(f"\n{path.name}, {profiler}\n")
        print_table(*sayings_table(verdicts))


def _show(verdict: Verdict) -> None:
    """Prints a profile that is not as it should be, beside what is wrong with it."""
    if not (verdict.missed or verdict.broken or verdict.says_too_much):
        return
    said = " / ".join(turn.text for turn in verdict.case.turns)
    click.echo(f"--- {verdict.case.id} [{verdict.case.language}] {said[:300]}".replace("\n", " "))
    for line in verdict.text.splitlines():
        click.echo(f"    profile: {line}")
    for fact in verdict.missed:
        click.echo(f"    missed: {fact.fact}")
    for forbidden, line in verdict.broken:
        click.echo(f"    should not be there ({forbidden.why}): {line}")
    if verdict.says_too_much:
        click.echo("    should be empty")


def _plain(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    return [
        {
            "id": verdict.case.id,
            "profile": verdict.text,
            "missed": [fact.fact for fact in verdict.missed],
            "broken": [[forbidden.why, line] for forbidden, line in verdict.broken],
            "says too much": verdict.says_too_much,
        }
        for verdict in verdicts
    ]
