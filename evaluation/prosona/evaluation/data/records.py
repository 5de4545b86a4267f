"""What every benchmark is brought to: people with a history of choices, and choices held out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from prosona.core.errors import InvalidInputError
from prosona.core.words import Origin

__all__ = ["Ask", "Benchmark", "Choice", "DataError", "Person", "Target", "Task"]

Task = Literal["recommendation", "selection", "generation"]
"""`recommendation` sets hold out the last third of a history in the published settings."""


class DataError(InvalidInputError):
    """A data file is not what it was said to be. The message names the file, the line and the reason."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: what was chosen for a query and what was turned down; at least one of the two."""

    query: str
    chosen: str | None
    rejected: str | None
    occurred_at: datetime | None = None
    domain: str | None = None
    kind: str | None = None
    """The signal, as interactions have it; "chat" where `chosen` is what the user wrote."""
    origin: Origin = "user"


@dataclass(frozen=True, slots=True)
class Target:
    """A choice to predict. Both texts are there, and no profiler ever sees it."""

    query: str
    chosen: str
    rejected: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to answer in words, with the answer that was written for this person."""

    query: str
    reference: str


@dataclass(frozen=True, slots=True)
class Person:
    """One user of a benchmark, the history oldest first."""

    user_id: str
    history: tuple[Choice, ...]
    targets: tuple[Target, ...] = ()
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One set: a name for the tables, what it asks, and its people."""

    name: str
    task: Task
    people: tuple[Person, ...] = field(repr=False)

    def texts(self) -> set[str]:
        """Every candidate and every past item, chosen and rejected alike, unmarked."""
        past = {text for p in self.people for c in p.history for text in (c.chosen, c.rejected) if text}
        return past | {text for p in self.people for t in p.targets for text in (t.chosen, t.rejected)}
