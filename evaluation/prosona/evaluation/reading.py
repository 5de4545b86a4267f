"""Putting every target to a reader, in each column, and keeping what it answered."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from prosona.evaluation.controls import last_tokens, others
from prosona.evaluation.data import Benchmark, Choice, Person
from prosona.evaluation.journal import Journal, Row, digest
from prosona.evaluation.plan import Column, Plan
from prosona.evaluation.readers import Question, Reader, earned
from prosona.evaluation.settings import seen

__all__ = ["Case", "Texts", "cases", "read_all"]

_AT_ONCE = 128

Texts = Mapping[str, str]
"""Profile text by user id."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its place in the table and the index of the right candidate."""

    user_id: str
    target: int
    turn: int
    """Which of several control users it was read with; 0 elsewhere."""
    question: Question
    right: int
    source: str
    """A digest of the profile or history in the question."""

    def key(self, benchmark: str, reader: str, column: str) -> str:
        """Changes whenever anything the reader sees changes."""
        seen = (self.source, self.question.query, self.question.candidates)
        return digest(benchmark, reader, column, self.user_id, self.target, self.turn, seen)


def cases(benchmark: Benchmark, texts: Texts, column: Column, plan: Plan) -> Iterator[Case]:
    """The questions of one column. The order of the candidates is drawn by the seed, the same in all."""
    people = benchmark.people
    swaps = random.Random(plan.seed)
    orders = {p.user_id: [swaps.random() < 0.5 for _ in p.targets] for p in people}
    past = {p.user_id: _past(p, benchmark, column, plan) for p in people} if column.startswith("raw") else {}
    other = others(people, plan.controls) if column in ("other", "raw other") else []
    for index, person in enumerate(people):
        sources = [people[i] for i in other[index]] if other else [person]
        for turn, source in enumerate(sources):
            profile = texts.get(source.user_id, "") if column in ("own", "other") else ""
            history = past.get(source.user_id, ())
            name = digest(profile, [asdict(choice) for choice in history])
            for number, target in enumerate(person.targets):
                swapped = orders[person.user_id][number]
                pair = (target.rejected, target.chosen) if swapped else (target.chosen, target.rejected)
                question = Question(profile, target.query, pair, history)
                yield Case(person.user_id, number, turn, question, int(swapped), name)


async def read_all(
    benchmark: Benchmark,
    reader: Reader,
    column: str,
    asked: Sequence[Case],
    journal: Journal,
    progress: Callable[[int], None],
) -> list[Row]:
    """A row for each case, from the journal where it is known, else from the reader."""
    rows: dict[str, Row] = {}
    keyed = [(case.key(benchmark.name, reader.name, column), case) for case in asked]
    open_cases = []
    for key, case in keyed:
        known = journal.get(key)
        if known is None:
            open_cases.append((key, case))
        else:
            rows[key] = known
            progress(1)
    for start in range(0, len(open_cases), _AT_ONCE):
        part = open_cases[start : start + _AT_ONCE]
        readings = await reader.read([case.question for _, case in part])
        for (key, case), reading in zip(part, readings, strict=True):
            rows[key] = journal.add(
                key,
                {
                    "set": benchmark.name,
                    "reader": reader.name,
                    "column": column,
                    "user": case.user_id,
                    "target": case.target,
                    "right": case.right,
                    "credit": earned(reading, case.right),
                    **asdict(reading),
                },
            )
        progress(len(part))
    return [rows[key] for key, _ in keyed]


def _past(person: Person, benchmark: Benchmark, column: Column, plan: Plan) -> tuple[Choice, ...]:
    history = seen(person.history, plan.setting, benchmark.task)
    return last_tokens(history, max(plan.budgets)) if column == "raw tail" else history
