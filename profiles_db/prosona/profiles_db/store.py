"""The seam behind which profiles are kept. SQLite and any other database look like this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from prosona.profiles_db.models import (
    Backlog,
    Draft,
    Forgotten,
    Head,
    Interaction,
    Receipt,
    RecordedInteraction,
    Revision,
    UserEntry,
)


class ProfileStore(Protocol):
    """Durable when it returns; compare-and-swap where two writers could meet. Errors: `StoreError`."""

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
    async def release(self, user_id: str, holder: str, problem: str | None = None) -> None: ...
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
