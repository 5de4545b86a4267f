from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from prosona.profiler import Profiler
from prosona.service import FoldPolicy, ProfileService, open_service

OpenService = Callable[..., ProfileService]
FAST_RETRY = FoldPolicy(first_backoff_seconds=0.0, longest_backoff_seconds=0.0)


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[OpenService]:
    """Opens services on one file of this test; closes them after it."""
    async with AsyncExitStack() as stack:

        def open_one(profiler: Profiler | None = None, policy: FoldPolicy = FAST_RETRY) -> ProfileService:
            service = open_service(tmp_path / "profiles.db", profiler=profiler, policy=policy)
            stack.push_async_callback(service.aclose)
            return service

        yield open_one
