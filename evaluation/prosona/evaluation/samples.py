"""Users of sets folded through the service, with their lines and what those rest on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from prosona.evaluation.data import Person
from prosona.evaluation.lines import Told
from prosona.evaluation.profiles import Meter, build, open_for_evaluation
from prosona.profiler import Profiler

__all__ = ["Sampled", "sampled"]

_STEP = 8
"""Choices folded at once, as in a run."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """One user with their profile."""

    person: Person
    text: str
    tokens: int
    told: tuple[Told, ...]
    """The inferred lines."""


async def sampled(
    people: Sequence[Person],
    profiler: Profiler,
    *,
    budget: int,
    done: Callable[[], None] = lambda: None,
) -> list[Sampled]:
    """A profile of each, after the whole history."""
    found = []
    with TemporaryDirectory(prefix="prosona-eval-") as folder:
        service = open_for_evaluation(
            Path(folder) / "profiles.sqlite", profiler, longest_fold=_STEP, budget=budget
        )
        meter = Meter(service)
        try:
            for person in people:
                history = person.history
                portions = [history[at : at + _STEP] for at in range(0, len(history), _STEP)]
                text, tokens = "", 0
                async for stage in build(service, person.user_id, portions, meter=meter, budgets=(budget,)):
                    text, tokens = stage.text, stage.tokens
                lines = [line for line in await service.lines(person.user_id) if line.kind == "inferred"]
                told = []
                for line in lines:
                    reasons = await service.why(person.user_id, line.id)
                    told.append(Told(person.user_id, line, reasons.interactions))
                found.append(Sampled(person, text, tokens, tuple(told)))
                done()
        finally:
            await service.aclose()
    return found
