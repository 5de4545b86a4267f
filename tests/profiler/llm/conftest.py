from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from prosona.core.words import Edit, Line, RecordedInteraction
from prosona.profiler.llm import LLMProfiler, LLMSettings
from prosona.profiler.seam import FoldRequest
from prosona.profiler.testing import ScriptedEndpoint
from prosona.profiler.testing.endpoint import Step

NOW = datetime(2026, 3, 1, tzinfo=UTC)

MakeRequest = Callable[..., FoldRequest]
MakeProfiler = Callable[..., Any]


@pytest.fixture
def make_request() -> MakeRequest:
    """A fold request of interactions given as dictionaries of their fields, numbered from `first_seq`; of
    past lines given as one text; of statements and removed lines given as texts."""

    def make(
        *interactions: dict[str, Any],
        summary: str = "",
        statements: tuple[str, ...] = (),
        removed: tuple[str, ...] = (),
        first_seq: int = 1,
        max_tokens: int = 600,
    ) -> FoldRequest:
        given = interactions or ({"query": "A film?", "chosen": "Solaris", "rejected": "Saw"},)
        stated = [Line(id=f"s{n}", kind="stated", text=text) for n, text in enumerate(statements)]
        inferred = [Line(id=f"p{n}", text=text) for n, text in enumerate(summary.splitlines())]
        return FoldRequest(
            lines=(*stated, *inferred),
            edits=tuple(
                Edit(line=f"r{n}", text=text, through=first_seq - 1, how="removed", at=NOW)
                for n, text in enumerate(removed)
            ),
            interactions=tuple(
                RecordedInteraction(seq=n, observed_at=NOW, **fields)
                for n, fields in enumerate(given, first_seq)
            ),
            memory=None,
            max_tokens=max_tokens,
            now=NOW,
        )

    return make


@pytest.fixture
async def make_profiler() -> AsyncIterator[MakeProfiler]:
    """Starts a scripted endpoint and a profiler that asks it; both end with the test."""
    async with AsyncExitStack() as stack:

        async def make(
            *script: Step, endpoint: dict[str, Any] | None = None, **settings: object
        ) -> tuple[LLMProfiler, ScriptedEndpoint]:
            served = await stack.enter_async_context(ScriptedEndpoint(*script, **(endpoint or {})))
            quick: dict[str, Any] = {
                "template": "alignxplore",
                "first_wait_seconds": 0.01,
                "longest_wait_seconds": 0.5,
                **settings,
            }
            profiler = LLMProfiler(LLMSettings(url=served.url, **quick))
            stack.push_async_callback(profiler.aclose)
            return profiler, served

        yield make
