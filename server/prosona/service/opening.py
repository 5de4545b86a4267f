"""Opening a service on this machine with one call."""

from __future__ import annotations

from pathlib import Path

from prosona.profiler import BuiltinProfiler, Profiler
from prosona.profiles_db import SQLiteStore
from prosona.profiles_db.sqlite import default_path
from prosona.service.policy import FoldPolicy
from prosona.service.service import DEFAULT_BUDGET_TOKENS, ProfileService


def open_service(
    path: Path | str | None = None,
    *,
    profiler: Profiler | None = None,
    policy: FoldPolicy | None = None,
    budget_tokens: int = DEFAULT_BUDGET_TOKENS,
) -> ProfileService:
    """A service on the SQLite file at `path`, made if it is not there, with the builtin profiler.

    Without `path` the file is `$PROSONA_DB`, or lies in the platform's data directory.
    Raises `StoreError` if the file cannot be opened.
    """
    store = SQLiteStore(Path(path) if path is not None else default_path())
    return ProfileService(store, profiler or BuiltinProfiler(), policy=policy, budget_tokens=budget_tokens)
