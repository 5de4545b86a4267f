"""How a history reaches the profiler: the published settings, ours, and the variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from prosona.evaluation.data import Benchmark, Choice, DataError, Person, Task

__all__ = ["Setting", "folds", "mixed", "seen", "transferred", "without_rejected"]

Setting = Literal["incremental", "full", "streaming", "direct"]
"""`incremental` folds the whole history a few choices at a time, as the product does. The others are
the published ones: `full` one fold, `streaming` two folds, `direct` no profile but the raw history.
"""


def folds(history: Sequence[Choice], setting: Setting, task: Task, step: int) -> list[Sequence[Choice]]:
    """The history in the portions that are folded, oldest first.

    The published settings give recommendation sets only the first two thirds of a history.
    """
    if setting == "incremental":
        return [history[start : start + step] for start in range(0, len(history), step)]
    third, half = len(history) // 3, len(history) // 2
    if task == "recommendation":
        parts = [history[:third], history[third : 2 * third]]
    else:
        parts = [history[:half], history[half:]]
    if setting != "streaming":
        parts = [[*parts[0], *parts[1]]]
    return [part for part in parts if part]


def seen(history: Sequence[Choice], setting: Setting, task: Task) -> tuple[Choice, ...]:
    """The part of a history that a setting makes use of."""
    return tuple(choice for part in folds(history, setting, task, max(1, len(history))) for choice in part)


def without_rejected(benchmark: Benchmark) -> Benchmark:
    """No negatives: what was rejected is taken out of every history; choices of nothing else go."""
    people = (
        replace(person, history=tuple(replace(c, rejected=None) for c in person.history if c.chosen))
        for person in benchmark.people
    )
    return replace(benchmark, people=tuple(person for person in people if person.history))


def mixed(benchmark: Benchmark, other: Benchmark) -> tuple[Benchmark, Benchmark]:
    """Mixed domains: person i of one set and person i of the other become one user.

    Their histories are interleaved evenly, each in its own order. The same users come back twice: with
    the targets of the first set, and with those of the second.
    """
    pairs = list(zip(benchmark.people, other.people, strict=False))
    name = f"{benchmark.name}+{other.name}"
    first, second = [], []
    for left, right in pairs:
        user_id = f"{left.user_id} & {right.user_id}"
        history = _interleaved(left.history, right.history)
        first.append(Person(user_id, history, left.targets, left.asks))
        second.append(Person(user_id, history, right.targets, right.asks))
    return (
        Benchmark(f"{name}:{benchmark.name}", "selection", tuple(first)),
        Benchmark(f"{name}:{other.name}", "selection", tuple(second)),
    )


def transferred(benchmark: Benchmark, to: Benchmark) -> Benchmark:
    """Cross-task: histories of one set, targets of the same users in another."""
    histories = {person.user_id: person.history for person in benchmark.people}
    people = tuple(
        replace(person, history=histories[person.user_id])
        for person in to.people
        if person.user_id in histories
    )
    if not people:
        raise DataError(f"{benchmark.name} and {to.name} have no user in common")
    return Benchmark(f"{benchmark.name}>{to.name}", benchmark.task, people)


def _interleaved(left: Sequence[Choice], right: Sequence[Choice]) -> tuple[Choice, ...]:
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    merged: list[Choice] = []
    taken = 0
    for index, choice in enumerate(longer, start=1):
        merged.append(choice)
        due = index * len(shorter) // len(longer)
        merged += shorter[taken:due]
        taken = due
    return tuple(merged)
