"""One fold of a user at a time, whoever makes it, and nobody waits for the dead."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.service.ground import MODEL, InMemory, OpenService, Watcher, films

from prosona.profiler.testing import ScriptedProfiler
from prosona.profiles_db import SQLiteStore
from prosona.profiles_db.memory import MemoryPlace, MemoryStore
from prosona.service import ProfileService


async def test_the_claim_of_a_process_that_died_is_taken_over_at_once() -> None:
    place = MemoryPlace()
    dead, living = MemoryStore(place), MemoryStore(place)
    service = ProfileService(living, ScriptedProfiler(), policy=MODEL)
    await dead.append("ana", films(8))
    assert [c.user_id for c in await dead.claim_due(600, pending=8, idle_seconds=9, limit=5)] == ["ana"]
    assert await living.claim_due(600, pending=8, idle_seconds=9, limit=5) == []
    watcher = Watcher(service)
    service.start()
    dead.crash()
    await watcher.until(lambda: watcher.folded() == ["ana"])
    await service.aclose()


async def test_a_claim_taken_while_the_clock_was_a_year_ahead_holds_nobody_up(
    in_memory: InMemory, place: MemoryPlace
) -> None:
    service = in_memory(ScriptedProfiler())
    await service.observe("ana", films(1))
    other = MemoryStore(place)
    right = place.time()
    place.now = right + timedelta(days=365)
    assert await other.claim("ana", 120)
    place.now = right
    assert (await service.get("ana")).pending == 0


async def test_claims_are_renewed_through_a_long_call(opened: OpenService, tmp_path: Path) -> None:
    profiler = ScriptedProfiler()
    profiler.gate.clear()
    service = opened(profiler, replace(MODEL, lease_seconds=0.3))
    service.start()
    await service.observe("ana", films(8))
    await asyncio.wait_for(profiler.started.wait(), 5)
    store = SQLiteStore(tmp_path / "profiles.db")
    waiting = asyncio.Event()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(waiting.wait(), 0.7)
    assert not await store.claim("ana", 1)
    profiler.gate.set()
    await store.close()


async def test_a_claim_renewed_while_its_fold_ends_is_left_to_nobody(
    opened: OpenService, tmp_path: Path
) -> None:
    service = opened(ScriptedProfiler(), replace(MODEL, lease_seconds=0.003))
    store = SQLiteStore(tmp_path / "profiles.db")
    for n in range(40):
        await service.observe("ana", films(1, start=n))
        assert (await service.get("ana", fresh=True)).pending == 0
        claim = await store.claim("ana", 1)
        assert claim is not None
        await store.release(claim)
    await store.close()


async def test_a_stopped_service_gives_its_claims_back(opened: OpenService, tmp_path: Path) -> None:
    stuck = ScriptedProfiler()
    stuck.gate.clear()
    first = opened(stuck, replace(MODEL, in_flight=2))
    await asyncio.gather(*(first.observe(f"user {n}", films(8)) for n in range(6)))
    first.start()
    await asyncio.wait_for(stuck.started.wait(), 5)
    await first.aclose()
    store = SQLiteStore(tmp_path / "profiles.db")
    assert len(await store.claim_due(60, pending=8, idle_seconds=9, limit=10)) == 6
    await store.close()


async def test_a_reader_joins_a_fold_in_another_process(opened: OpenService) -> None:
    slow, other = ScriptedProfiler(), ScriptedProfiler()
    slow.gate.clear()
    first, second = opened(slow, MODEL), opened(other, MODEL)
    await first.observe("ana", films(8))
    await asyncio.wait_for(slow.started.wait(), 5)
    reader = asyncio.create_task(second.get("ana", fresh=True))
    for _ in range(50):
        await asyncio.sleep(0)
    slow.gate.set()
    profile = await asyncio.wait_for(reader, 10)
    assert (profile.version, profile.pending) == (1, 0)
    assert not other.requests
