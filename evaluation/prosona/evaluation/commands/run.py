"""`prosona eval run`: a plan over data files, its table and its report."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from prosona.core.errors import InvalidInputError
from prosona.evaluation.chat import ChatModel, Endpoint
from prosona.evaluation.data import Benchmark, load
from prosona.evaluation.plan import COLUMNS, Column, Plan
from prosona.evaluation.plots import draw
from prosona.evaluation.profilers import MakeProfiler, profiler_named
from prosona.evaluation.prompts import PROMPTS_VERSION
from prosona.evaluation.readers import Reader
from prosona.evaluation.readers.letters import LettersReader
from prosona.evaluation.readers.likelihood import LikelihoodReader
from prosona.evaluation.readers.llm import LLMReader
from prosona.evaluation.readers.making import make_readers
from prosona.evaluation.report import beside_published, write_report
from prosona.evaluation.running import Judging, SetResult
from prosona.evaluation.running import run as run_plan
from prosona.evaluation.settings import mixed, transferred, without_rejected
from prosona.evaluation.summary import Summary, summarize
from prosona.evaluation.tables import accuracy_table, print_table

__all__ = ["run"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_READERS = ("lexical", "embedding", "llm", "letters", "likelihood")
_BY_MODEL = frozenset({"llm", "letters", "likelihood"})


@click.command("run")
@click.option(
    "--data", "files", type=_FILE, multiple=True, required=True, metavar="FILE...", help="Sets to run."
)
@click.argument("more", type=_FILE, nargs=-1, metavar="")
@click.option("--profiler", default="builtin", show_default=True, help="builtin, llm or module:factory.")
@click.option("--profiler-url", envvar="PROSONA_PROFILER_URL", help="Endpoint of the llm profiler.")
@click.option("--profiler-model", envvar="PROSONA_PROFILER_MODEL", help="Its model.  [default: the first]")
@click.option(
    "--profiler-template",
    envvar="PROSONA_PROMPT_TEMPLATE",
    type=click.Path(path_type=Path),
    help="alignxplore, changes or a Jinja file.",
)
@click.option(
    "--reader",
    "readers",
    type=click.Choice(_READERS),
    multiple=True,
    default=("lexical",),
    show_default=True,
    help="Who reads the profiles; may be given again.",
)
@click.option(
    "--setting",
    type=click.Choice(["incremental", "full", "streaming", "direct"]),
    default="incremental",
    show_default=True,
    help="How the history reaches the profiler.",
)
@click.option("--step", type=click.IntRange(1), default=8, show_default=True, help="Choices folded at once.")
@click.option("--no-negatives", is_flag=True, help="Take out everything rejected.")
@click.option("--mix-with", type=_FILE, help="Mixed domains: interleave with this set's histories.")
@click.option("--transfer-to", type=_FILE, help="Cross-task: predict this set's targets of the same users.")
@click.option(
    "--budget",
    "budgets",
    type=click.IntRange(1),
    multiple=True,
    default=(600,),
    help="Tokens a profile may have.",
)
@click.option(
    "--after", type=click.IntRange(1), multiple=True, help="Read profiles after so many choices too."
)
@click.option(
    "--column",
    "columns",
    type=click.Choice(COLUMNS),
    multiple=True,
    help="What readers are given.  [default: all; for a model own, other, none, raw]",
)
@click.option("--controls", type=click.IntRange(1), default=None, help="Other users a target is read with.")
@click.option("--people", type=click.IntRange(1), help="Only the first so many of each set.")
@click.option("--seed", type=int, default=42, show_default=True)
@click.option(
    "--concurrency", type=click.IntRange(1), default=4, show_default=True, help="Users folded at once."
)
@click.option(
    "--endpoint", envvar="OPENAI_BASE_URL", help="OpenAI-compatible address of readers that are models."
)
@click.option("--model", "models", multiple=True, help="Model that reads; several give several readers.")
@click.option(
    "--requests", type=click.IntRange(1), default=16, show_default=True, help="Asked at once a model."
)
@click.option("--judge-model", help="Judges answers in words.  [default: the first --model]")
@click.option("--judge-endpoint", help="Where the judge answers.  [default: --endpoint]")
@click.option(
    "--embedding-cache", type=click.Path(dir_okay=False, path_type=Path), help="Keep embeddings here."
)
@click.option(
    "--out", type=_FOLDER, default=Path("prosona-eval"), show_default=True, help="Folder of the run."
)
@click.option("--plots/--no-plots", default=True, show_default=True)
def run(
    files: tuple[Path, ...],
    more: tuple[Path, ...],
    no_negatives: bool,
    mix_with: Path | None,
    transfer_to: Path | None,
    profiler: str,
    out: Path,
    plots: bool,
    **options: Any,  # noqa: ANN401 - the rest of the options above, each read once by name
) -> None:
    """Runs a plan over data files, prints the table, and writes a report.

    A run started again in the same folder goes on where it stopped.
    """
    benchmarks = _prepared([*files, *more], no_negatives, mix_with, transfer_to)
    plan = _plan(options)
    names: dict[str, object] = {
        "profiler": "none" if plan.setting == "direct" else profiler,
        "version": version("prosona"),
        "prompts": PROMPTS_VERSION,
        "data": [path.name for path in (*files, *more)],
        "no negatives": no_negatives,
        "mixed with": mix_with.name if mix_with else None,
        "transferred to": transfer_to.name if transfer_to else None,
    }
    made = profiler_named(
        profiler,
        url=options["profiler_url"],
        model=options["profiler_model"],
        template=options["profiler_template"],
    )
    results = asyncio.run(_run(benchmarks, made, plan, out, options))
    _warn_of_incomplete(results)
    summary = summarize(results, plan, names)
    drawn = draw(summary, out) if plots else []
    report = write_report(summary, out, drawn)
    print_table(*accuracy_table(summary))
    _print_beside_published(summary)
    click.echo(f"\nReport: {report}")


def _warn_of_incomplete(results: Sequence[SetResult]) -> None:
    for result in results:
        problems = {stage.user_id: stage.problem for stage in result.built if stage.problem}
        if problems:
            reason = next(iter(problems.values()))
            click.echo(
                f"{result.name}: {len(problems)} of {result.people} profiles are incomplete ({reason}); "
                "the same command makes them anew",
                err=True,
            )


def _prepared(
    files: Sequence[Path], no_negatives: bool, mix_with: Path | None, transfer_to: Path | None
) -> list[Benchmark]:
    if mix_with and transfer_to:
        raise InvalidInputError("give --mix-with or --transfer-to, not both")
    benchmarks = [load(path) for path in files]
    if no_negatives:
        benchmarks = [without_rejected(benchmark) for benchmark in benchmarks]
    if transfer_to:
        target = load(transfer_to)
        return [transferred(benchmark, target) for benchmark in benchmarks]
    if mix_with:
        other = without_rejected(load(mix_with)) if no_negatives else load(mix_with)
        return [part for benchmark in benchmarks for part in mixed(benchmark, other)]
    return benchmarks


def _plan(options: dict[str, Any]) -> Plan:
    by_model = bool(_BY_MODEL.intersection(options["readers"]))
    columns: tuple[Column, ...] = options["columns"] or COLUMNS
    if by_model and not options["columns"]:
        # A model reads slowly: no tail. The raw history tells whether it reads this set at all.
        columns = ("raw", "none") if options["setting"] == "direct" else ("own", "other", "none", "raw")
    return Plan(
        setting=options["setting"],
        step=options["step"],
        budgets=tuple(sorted(set(options["budgets"]))),
        after=tuple(sorted(set(options["after"]))),
        columns=columns,
        controls=options["controls"] or (1 if by_model else 3),
        seed=options["seed"],
        people=options["people"],
        concurrency=options["concurrency"],
    )


async def _run(
    benchmarks: Sequence[Benchmark],
    make_profiler: MakeProfiler,
    plan: Plan,
    out: Path,
    options: dict[str, Any],
) -> list[SetResult]:
    models = _models(options)
    judge = _judge(options, models)
    readers: list[Reader] = []
    for name in dict.fromkeys(options["readers"]):
        if name == "llm":
            readers += [LLMReader(model) for model in models]
        elif name == "letters":
            readers += [LettersReader(model) for model in models]
        elif name == "likelihood":
            readers += [LikelihoodReader(model) for model in models]
        else:
            texts = {text for benchmark in benchmarks for text in benchmark.texts()}
            readers += make_readers([name], corpus=texts, cache=options["embedding_cache"])
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    try:
        with bars:
            return await run_plan(
                benchmarks,
                None if plan.setting == "direct" else make_profiler,
                readers,
                plan,
                out,
                bars,
                Judging(models[0], judge) if judge else None,
            )
    finally:
        for model in {*models, *((judge,) if judge else ())}:
            await model.aclose()


def _models(options: dict[str, Any]) -> list[ChatModel]:
    asked = sorted(_BY_MODEL.intersection(options["readers"]))
    if not asked:
        return []
    if not options["endpoint"] or not options["models"]:
        raise InvalidInputError(f"the {asked[0]} reader needs --endpoint and --model")
    return [_model(options["endpoint"], model, options) for model in options["models"]]


def _judge(options: dict[str, Any], models: Sequence[ChatModel]) -> ChatModel | None:
    if not models:
        return None
    if not options["judge_model"]:
        return models[0]
    return _model(options["judge_endpoint"] or options["endpoint"], options["judge_model"], options)


def _model(endpoint: str, name: str, options: dict[str, Any]) -> ChatModel:
    key = os.environ.get("OPENAI_API_KEY", "none")
    return ChatModel(
        Endpoint(endpoint, name, api_key=key, concurrency=options["requests"], seed=options["seed"])
    )


def _print_beside_published(summary: Summary) -> None:
    headings, rows = beside_published(summary)
    if rows:
        print_table(headings, rows)
