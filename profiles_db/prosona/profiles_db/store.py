"""The seam behind which profiles are kept. SQLite and any other database look like this.

Every call is durable when it returns, and all of it happened or none; leases and the `problem` of a
release may be lost when the machine itself goes down. Errors: `StoreError`.

- `append` numbers interactions per user from 1. An idempotency key seen before with the same content
  gives a duplicate's receipt; with other content, `InvalidInputError`, and nothing is stored.
- `head` is one indexed read that never waits for a writer; a user never seen has a head at version 0.
- `backlog` is one consistent read of the oldest pending interactions, the head and the profiler's state.
- `commit` writes version `base_version + 1` if `base_version` is still current and, for a fold, if
  `folded_from` still is the watermark; None otherwise. A fold moves the watermark to `draft.last_seq`
  in the same transaction. `state` replaces the profiler's memory; None keeps it, empty bytes clear it.
- `claim` takes or renews a lease on folding a user, and takes over an expired one; `release` ends it
  and keeps `problem` in the head until a fold succeeds. `claim_due` finds by index the users with enough
  pending, or pending and quiet for `idle_seconds`, whom nobody holds and whose `retry_seconds` are over,
  longest waiting first, and takes their leases in the same transaction.
- `spend` adds to what folding a user has cost on a day, `spent` reads it; only the last day is kept.
- `forget` deletes the interactions, statements and lines of every revision that match, and the
  profiler's state; `refold` makes what is left pending again. `erase` deletes the user. Neither leaves
  a trace on disk: see `Forgotten.scrubbed`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from prosona.profiles_db.models import (
    Backlog,
    Draft,
    Forgotten,
    Head,
    Interaction,
    PendingTotals,
    Receipt,
    RecordedInteraction,
    Revision,
    Spending,
    UserEntry,
)


class ProfileStore(Protocol):
    """Where profiles are kept; the module says what each call promises."""

    async def append(self, user_id: str, interactions: Sequence[Interaction]) -> list[Receipt]: ...
    async def head(self, user_id: str) -> Head: ...
    async def backlog(self, user_id: str, limit: int) -> Backlog: ...
    async def commit(
        self,
        user_id: str,
        draft: Draft,
        *,
        base_version: int,
        folded_from: int | None = None,
        state: bytes | None = None,
    ) -> Revision | None: ...
    async def claim(self, user_id: str, holder: str, seconds: float) -> bool: ...
    async def claim_due(
        self, holder: str, seconds: float, *, pending: int, idle_seconds: float, limit: int
    ) -> list[str]: ...
    async def release(
        self, user_id: str, holder: str, problem: str | None = None, retry_seconds: float = 0.0
    ) -> None: ...
    async def pending_totals(self) -> PendingTotals: ...
    async def spent(self, user_id: str, day: date) -> Spending: ...
    async def spend(self, user_id: str, day: date, *, calls: int, tokens: int) -> Spending: ...
    async def revisions(
        self, user_id: str, *, limit: int = 50, before: int | None = None
    ) -> list[Revision]: ...
    async def interactions(
        self, user_id: str, *, after: int = 0, limit: int = 500
    ) -> list[RecordedInteraction]: ...
    async def users(self, *, prefix: str = "", after: str = "", limit: int = 100) -> list[UserEntry]: ...
    async def forget(
        self, user_id: str, matches: Callable[[str], bool], *, actor: str, refold: bool
    ) -> Forgotten: ...
    async def erase(self, user_id: str) -> Forgotten: ...
    async def close(self) -> None: ...
