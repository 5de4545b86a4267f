"""The laws on every store that ships, with every kind of profiler; see `machine`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from tests.laws.machine import Laws

from prosona.profiles_db import SQLiteStore, Store
from prosona.profiles_db.memory import MemoryPlace, MemoryStore

_SETTINGS = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class LawsInMemory(Laws):
    def __init__(self) -> None:
        self.place = MemoryPlace()
        super().__init__()

    def make_store(self) -> Store:
        return MemoryStore(self.place)


class LawsOnSQLite(Laws):
    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        super().__init__()

    def make_store(self) -> Store:
        return SQLiteStore(Path(self.folder.name) / "profiles.db")

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


TestLawsInMemory = LawsInMemory.TestCase
TestLawsInMemory.settings = _SETTINGS
TestLawsOnSQLite = LawsOnSQLite.TestCase
TestLawsOnSQLite.settings = settings(_SETTINGS, max_examples=12)
