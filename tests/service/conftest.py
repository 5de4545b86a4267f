from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.service.ground import FAST_RETRY, ON_REQUEST, InMemory, OpenService

from prosona.profiler import Profiler
from prosona.profiles_db.memory import MemoryPlace, MemoryStore
from prosona.service import FoldPolicy, ProfileService, open_service


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[OpenService]:
    """Opens services on one file of this test; closes them after it."""
    async with AsyncExitStack() as stack:

        def open_one(
            profiler: Profiler | None = None, policy: FoldPolicy = FAST_RETRY, *, budget_tokens: int = 600
        ) -> ProfileService:
            service = open_service(
                tmp_path / "profiles.db", profiler=profiler, policy=policy, budget_tokens=budget_tokens
            )
            stack.push_async_callback(service.aclose)
            return service

        yield open_one


@pytest.fixture
def place() -> MemoryPlace:
    """A place in memory, on a Monday; its clock stands until it is set."""
    return MemoryPlace(now=datetime(2026, 3, 2, 12, tzinfo=UTC))


@pytest.fixture
async def in_memory(place: MemoryPlace) -> AsyncIterator[InMemory]:
    """Opens services on `place`; closes them after the test."""
    async with AsyncExitStack() as stack:

        def open_one(
            profiler: Profiler, policy: FoldPolicy = ON_REQUEST, *, budget_tokens: int = 600
        ) -> ProfileService:
            service = ProfileService(MemoryStore(place), profiler, policy=policy, budget_tokens=budget_tokens)
            stack.push_async_callback(service.aclose)
            return service

        yield open_one
