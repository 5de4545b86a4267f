"""Both stores are held to the seam by the suite that ships; what only the fake can show comes after it."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from prosona.core.errors import NotAStoreError, StoreError
from prosona.core.words import Interaction
from prosona.profiles_db.conformance import StoreConformance
from prosona.profiles_db.memory import MemoryPlace, MemoryStore
from prosona.profiles_db.sqlite import SQLiteStore
from prosona.profiles_db.store import Store

PLACES: defaultdict[Path, MemoryPlace] = defaultdict(MemoryPlace)


class TestMemoryStore(StoreConformance):
    async def open_store(self, folder: Path) -> Store:
        return MemoryStore(PLACES[folder])

    async def open_copy(self, copy: Path) -> Store:
        return MemoryStore(MemoryPlace.restored(copy))


class TestSQLiteStore(StoreConformance):
    async def open_store(self, folder: Path) -> Store:
        return SQLiteStore(folder / "profiles.db")

    async def open_copy(self, copy: Path) -> Store:
        return SQLiteStore(copy)


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def place_with_ana() -> MemoryPlace:
    place = MemoryPlace(now=NOON)
    await MemoryStore(place).append("ana", [Interaction(chosen="a")])
    return place


async def test_the_clock_stands_where_it_is_put() -> None:
    place = await place_with_ana()
    store = MemoryStore(place)
    assert await store.now() == NOON
    place.now = NOON + HOUR
    await store.append("ana", [Interaction(chosen="b")])
    assert [i.observed_at for i in await store.interactions("ana")] == [NOON, NOON + HOUR]
    place.now = None
    assert await store.now() > NOON + HOUR


async def test_a_claim_runs_out_with_the_clock() -> None:
    place = await place_with_ana()
    store, other = MemoryStore(place), MemoryStore(place)
    assert await store.claim("ana", 60)
    place.now = NOON + timedelta(seconds=59)
    assert not await other.claim("ana", 60)
    place.now = NOON + timedelta(seconds=60)
    assert await other.claim("ana", 60)


async def test_a_claim_that_was_taken_before_the_clock_was_set_back_is_taken_over_at_once() -> None:
    place = await place_with_ana()
    store, other = MemoryStore(place), MemoryStore(place)
    place.now = NOON + timedelta(days=365)
    claim = await store.claim("ana", 60)
    place.now = NOON
    taken = await other.claim("ana", 60)
    assert claim
    assert taken
    await store.renew([claim], 60)
    await store.release(claim, problem="Too late.")
    assert (await store.head("ana")).problem is None
    assert not await store.claim("ana", 60)


async def test_what_a_crashed_process_had_claimed_is_free_at_once_and_what_it_wrote_is_there() -> None:
    place = await place_with_ana()
    store, other = MemoryStore(place), MemoryStore(place)
    assert await store.claim("ana", 3600)
    await store.append("ana", [Interaction(chosen="b")])
    store.crash()
    assert (await other.head("ana")).observed == 2
    claims = await other.claim_due(60, pending=1, idle_seconds=0, limit=1)
    assert [claim.user_id for claim in claims] == ["ana"]
    with pytest.raises(StoreError, match="closed"):
        await store.head("ana")


async def test_what_is_no_copy_is_not_restored(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        MemoryPlace.restored(tmp_path / "nothing")
    (tmp_path / "text").write_text("hello")
    with pytest.raises(NotAStoreError, match="not a copy"):
        MemoryPlace.restored(tmp_path / "text")


def test_stores_are_opened_without_pytest() -> None:
    script = "import sys, prosona.profiles_db, prosona.profiles_db.memory; assert 'pytest' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
