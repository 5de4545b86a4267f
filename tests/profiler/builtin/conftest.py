"""Interactions and folds for the tests of the builtin profiler."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from prosona.profiler import BuiltinProfiler, FoldRequest
from prosona.profiles_db import Origin, RecordedInteraction

NOW = datetime(2026, 3, 20, tzinfo=UTC)


@dataclass
class Person:
    """One user whose interactions are folded eight at a time."""

    summary: str = ""
    state: bytes | None = None
    statements: tuple[str, ...] = ()
    max_tokens: int = 600
    seq: int = 0
    pending: list[RecordedInteraction] = field(default_factory=list)

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
        self.seq += 1
        when = (
            NOW - timedelta(days=40)
            if day is None
            else datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
        )
        self.pending.append(
            RecordedInteraction(
                seq=self.seq,
                observed_at=NOW,
                occurred_at=when,
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
        self.did(text, query=query, kind="chat", domain="chat", origin=origin, day=day)

    async def folded(self) -> str:
        profiler = BuiltinProfiler()
        while self.pending:
            part, self.pending = self.pending[:8], self.pending[8:]
            request = FoldRequest(
                self.summary, self.statements, tuple(part), self.state, self.max_tokens, NOW
            )
            result = await profiler.fold(request)
            assert result.folded == len(part)
            self.summary, self.state = result.summary, result.state
        return self.summary


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def another() -> Person:
    return Person()


@pytest.fixture
def lines_with() -> Callable[[str, str], Sequence[str]]:
    """The lines of a summary that hold a word."""
    return lambda summary, word: [line for line in summary.splitlines() if word.lower() in line.lower()]
