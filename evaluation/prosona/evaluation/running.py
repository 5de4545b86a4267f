"""A run: profiles are built, readers read them, and every figure keeps the credits it rests on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.progress import Progress

from prosona.evaluation import controls
from prosona.evaluation.chat import ChatModel
from prosona.evaluation.data import Benchmark, Person
from prosona.evaluation.generation import Comparisons, compare
from prosona.evaluation.journal import Journal, Row, digest
from prosona.evaluation.plan import Column, Plan
from prosona.evaluation.profilers import MakeProfiler
from prosona.evaluation.profiles import Built, Meter, build, open_for_evaluation
from prosona.evaluation.readers import Reader
from prosona.evaluation.reading import Case, cases, read_all
from prosona.evaluation.settings import folds
from prosona.evaluation.together import together
from prosona.profiler import Profiler

__all__ = ["Cell", "Credits", "Judging", "SetResult", "run"]

Credits = dict[str, list[float]]
"""Credits by user id."""


@dataclass(slots=True)
class Cell:
    """One figure: what a reader earned on a set in one column, and how its readings ended."""

    credits: Credits = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    margins: list[float] = field(default_factory=list)
    """Score of the first candidate shown minus that of the second."""
    first_right: list[bool] = field(default_factory=list)
    tokens: int = 0

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Cell:
        """Adds up the journal's rows."""
        cell = cls()
        values: Any
        for values in rows:
            cell.credits.setdefault(values["user"], []).append(values["credit"])
            cell.outcomes[values["outcome"]] += 1
            cell.tokens += values["tokens"]
            cell.margins.append(values["scores"][0] - values["scores"][1])
            cell.first_right.append(values["right"] == 0)
        return cell


@dataclass(frozen=True, slots=True)
class Judging:
    """Who answers questions in words, and who compares the answers."""

    writer: ChatModel
    judge: ChatModel


@dataclass(slots=True)
class SetResult:
    """All figures of one set. `curve` is by (choices folded, token budget), the own column only."""

    name: str
    people: int
    cells: dict[str, dict[Column, Cell]] = field(default_factory=dict)
    curve: dict[str, dict[tuple[int, int], Cell]] = field(default_factory=dict)
    without_profile: dict[str, Credits] = field(default_factory=dict)
    built: list[Built] = field(default_factory=list)
    generation: Comparisons | None = None


async def run(
    benchmarks: Sequence[Benchmark],
    make_profiler: MakeProfiler | None,
    readers: Sequence[Reader],
    plan: Plan,
    folder: Path,
    progress: Progress,
    judging: Judging | None = None,
) -> list[SetResult]:
    """Runs the plan and returns a result for each set, in order.

    `folder` keeps `profiles.jsonl`, `readings.jsonl` and `answers.jsonl`; a run started again there asks
    nothing twice. Without a profiler there are no profiles: the direct setting. Questions to answer in
    words are put only where `judging` says by whom.
    """
    results = []
    with Journal(folder / "profiles.jsonl") as made, Journal(folder / "readings.jsonl") as readings:
        for benchmark in benchmarks:
            chosen = benchmark if plan.people is None else _first(benchmark, plan.people)
            built = await _profiles(chosen, make_profiler(), plan, made, progress) if make_profiler else []
            result = await _read_set(chosen, built, readers, plan, readings, progress)
            if judging and any(person.asks for person in chosen.people):
                result.generation = await _generate(chosen, built, judging, folder, progress)
            results.append(result)
    return results


def _first(benchmark: Benchmark, count: int) -> Benchmark:
    return Benchmark(benchmark.name, benchmark.task, benchmark.people[:count])


async def _profiles(
    benchmark: Benchmark, profiler: Profiler, plan: Plan, made: Journal, progress: Progress
) -> list[Built]:
    bar = progress.add_task(f"{benchmark.name}: profiles", total=len(benchmark.people))
    places = asyncio.Semaphore(plan.concurrency)
    longest = max((len(person.history) for person in benchmark.people), default=1)
    with TemporaryDirectory(prefix="prosona-eval-") as folder:
        service = open_for_evaluation(
            Path(folder) / "profiles.sqlite",
            profiler,
            longest_fold=plan.step if plan.setting == "incremental" else longest,
            budget=max(plan.budgets),
        )

        meter = Meter(service)

        async def one(person: Person) -> list[Built]:
            how = (profiler.name, plan.setting, plan.step, plan.budgets, plan.after)
            key = digest(benchmark.name, how, asdict(person))
            known: Any = made.get(key)
            if known:
                progress.advance(bar)
                return [Built(**text) for text in known["texts"]]
            portions = folds(person.history, plan.setting, benchmark.task, plan.step)
            stages = build(
                service, person.user_id, portions, meter=meter, budgets=plan.budgets, after=plan.after
            )
            async with places:
                built = [stage async for stage in stages]
            # What is incomplete is not kept, so that a run taken up again makes it anew.
            if not any(stage.problem for stage in built):
                whose = {"set": benchmark.name, "profiler": profiler.name, "user": person.user_id}
                made.add(key, {**whose, "texts": [asdict(stage) for stage in built]})
            progress.advance(bar)
            return built

        try:
            stages = await together(one(person) for person in benchmark.people)
        finally:
            await service.aclose()
    return [stage for person in stages for stage in person]


async def _generate(
    benchmark: Benchmark, built: Sequence[Built], judging: Judging, folder: Path, progress: Progress
) -> Comparisons:
    bar = progress.add_task(f"{benchmark.name}: answers", total=sum(len(p.asks) for p in benchmark.people))
    texts = {stage.user_id: stage.text for stage in sorted(built, key=lambda s: (s.after, s.budget))}
    with Journal(folder / "answers.jsonl") as answers:
        return await compare(
            benchmark,
            texts,
            judging.writer,
            judging.judge,
            answers,
            lambda done: progress.advance(bar, done),
        )


async def _read_set(
    benchmark: Benchmark,
    built: Sequence[Built],
    readers: Sequence[Reader],
    plan: Plan,
    journal: Journal,
    progress: Progress,
) -> SetResult:
    result = SetResult(benchmark.name, len(benchmark.people), built=list(built))
    final, largest = _final(built), max(plan.budgets)
    texts = {user: stages[largest].text for user, stages in final.items()}
    asked_in = {
        column: list(cases(benchmark, texts, column, plan))
        for column in plan.columns
        if built or column not in ("own", "other")
    }
    # A set may have no pairs at all, and a single person has nobody for a control.
    columns: dict[Column, list[Case]] = {column: asked for column, asked in asked_in.items() if asked}
    points: dict[tuple[int, int], list[Case]] = {}
    for budget in plan.budgets if built and len(plan.budgets) > 1 else ():
        at_budget = {user: stages[budget].text for user, stages in final.items()}
        points[0, budget] = list(cases(benchmark, at_budget, "own", plan))
    for count in plan.after if built else ():
        points[count, largest] = list(cases(benchmark, _after(built, count), "own", plan))
    total = sum(map(len, [*columns.values(), *points.values()]))
    for reader in readers if columns else ():
        bar = progress.add_task(f"{benchmark.name}: {reader.name}", total=total)
        advance = partial(progress.advance, bar)
        result.cells[reader.name] = {
            column: Cell.of(await read_all(benchmark, reader, column, asked, journal, advance))
            for column, asked in columns.items()
        }
        result.curve[reader.name] = {
            point: Cell.of(await read_all(benchmark, reader, "own", asked, journal, advance))
            for point, asked in points.items()
        }
    if columns:
        result.without_profile = {
            "longer": {p.user_id: [controls.longer(t) for t in p.targets] for p in benchmark.people},
            "popularity": controls.popularity(benchmark),
            "text alone": controls.text_alone(benchmark),
        }
    return result


def _final(built: Sequence[Built]) -> dict[str, dict[int, Built]]:
    """By user and budget, the profile after the whole history."""
    final: dict[str, dict[int, Built]] = {}
    for stage in built:
        final.setdefault(stage.user_id, {})[stage.budget] = stage
    return final


def _after(built: Sequence[Built], count: int) -> dict[str, str]:
    """By user, the largest profile made after at least `count` choices, or the last there is."""
    texts: dict[str, str] = {}
    largest = max(stage.budget for stage in built)
    for stage in sorted((s for s in built if s.budget == largest), key=lambda s: -s.after):
        if stage.after >= count or stage.user_id not in texts:
            texts[stage.user_id] = stage.text
    return texts
