"""Interactions and folds for the tests of the builtin profiler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from prosona.core.lines import rendered
from prosona.core.words import Edit, Line, Origin, RecordedInteraction
from prosona.profiler import BuiltinProfiler, FoldRequest

NOW = datetime(2026, 3, 20, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Person:
    """One user whose interactions are folded eight at a time, and who may take lines out."""

    own: tuple[Line, ...] = ()
    edits: list[Edit] = field(default_factory=list)
    memory: bytes | None = None
    max_tokens: int = 600
    at_once: int = 8
    log: list[RecordedInteraction] = field(default_factory=list)
    lines: tuple[Line, ...] = ()
    folded_through: int = 0

    def did(
        self,
        chosen: str | None = None,
        rejected: str | None = None,
        *,
        query: str | None = None,
        domain: str | None = None,
        kind: str | None = None,
        origin: Origin = "user",
        day: int | None = None,
    ) -> None:
        """One interaction, on a day counted from the start of 2026; else in February."""
        self.log.append(
            RecordedInteraction(
                seq=len(self.log) + 1,
                observed_at=NOW,
                occurred_at=NOW - timedelta(days=40) if day is None else START + timedelta(days=day),
                query=query,
                chosen=chosen,
                rejected=rejected,
                domain=domain,
                kind=kind,
                origin=origin,
            )
        )

    def said(
        self, text: str, *, query: str | None = None, origin: Origin = "user", day: int | None = None
    ) -> None:
        """One thing said in a chat."""
        self.did(text, query=query, kind="chat", domain="chat", origin=origin, day=day)

    async def folded(self) -> list[str]:
        """The lines as they read when all that is pending is folded."""
        while self.folded_through < len(self.log):
            await self.fold(self.at_once)
        return self.read

    async def told(self) -> str:
        """The text when all that is pending is folded."""
        await self.folded()
        return self.text

    async def refolded(self, at_once: int = 8) -> list[str]:
        """The lines as they read when the whole log is folded anew."""
        self.memory, self.folded_through = None, 0
        while self.folded_through < len(self.log):
            await self.fold(at_once)
        return self.read

    async def fold(self, count: int) -> None:
        """Folds the next `count` interactions."""
        part = tuple(self.log[self.folded_through : self.folded_through + count])
        result = await BuiltinProfiler().fold(
            FoldRequest((*self.own, *self.lines), tuple(self.edits), part, self.memory, self.max_tokens, NOW)
        )
        assert result.folded == len(part)
        self.memory, self.lines = result.memory, result.lines
        self.folded_through += len(part)

    @property
    def read(self) -> list[str]:
        """The inferred lines as they stand, their evidence behind them."""
        return [rendered(line, NOW.date()) for line in self.lines]

    @property
    def text(self) -> str:
        """The inferred lines as one text."""
        return "\n".join(self.read)

    def line(self, *words: str) -> Line:
        """The one line that holds all of `words`."""
        [found] = [line for line in self.lines if all(word in line.text for word in words)]
        return found

    def took_out(self, line: Line, how: Literal["removed", "rewritten", "rolled back"] = "removed") -> None:
        """The owner takes a line out, or rewrites it, when all that is in the log was observed."""
        self.lines = tuple(other for other in self.lines if other != line)
        self.edits.append(
            Edit(
                line=f"b{len(self.edits):05}",
                text=line.text,
                topic=line.topic,
                facts=line.facts,
                through=len(self.log),
                how=how,
                at=NOW,
            )
        )

    def wrote(self, text: str, facts: Sequence[str] = (), kind: Literal["owned", "stated"] = "owned") -> None:
        """The owner writes a line, or states one."""
        self.own += (Line(id=f"d{len(self.own):05}", kind=kind, text=text, facts=tuple(facts)),)


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def another() -> Person:
    return Person()


@pytest.fixture(scope="session")
def make_person() -> type[Person]:
    """For tests that need many persons."""
    return Person
