"""What is kept, as the store has it: the log, the history, the quarantine, the users; and its care."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from prosona.core.requests import Forgotten, PendingTotals, UserEntry
from prosona.core.words import RecordedInteraction, Revision
from prosona.profiles_db.store import Store
from prosona.service.change import parse_user_id
from prosona.service.queue import FoldQueue

__all__ = ["Keeping"]


class Keeping:
    """The calls that hand on what the store keeps, by the one spelling of a user's id."""

    _store: Store
    _queue: FoldQueue

    async def history(self, user_id: str, *, limit: int = 20, before: int | None = None) -> list[Revision]:
        """Revisions, newest first, of versions below `before` if given."""
        return await self._store.revisions(parse_user_id(user_id), limit=limit, before=before)

    async def interactions(
        self, user_id: str, *, after: int = 0, limit: int = 500
    ) -> list[RecordedInteraction]:
        """The log in order, quarantined interactions included, of numbers above `after`."""
        return await self._store.interactions(parse_user_id(user_id), after=after, limit=limit)

    async def quarantined(
        self, user_id: str, *, after: int = 0, limit: int = 500
    ) -> list[RecordedInteraction]:
        """What screening, or a profiler that could not read it, has set aside; oldest first."""
        return await self._store.quarantined(parse_user_id(user_id), after=after, limit=limit)

    async def let_in(self, user_id: str, seqs: Collection[int]) -> int:
        """Releases quarantined interactions: they are pending from now on. How many there were."""
        user_id = parse_user_id(user_id)
        count = await self._store.let_in(user_id, seqs)
        self._queue.observed((await self._store.head(user_id)).pending)
        return count

    async def drop(self, user_id: str, seqs: Collection[int]) -> Forgotten:
        """Deletes quarantined interactions for good."""
        return await self._store.drop(parse_user_id(user_id), seqs)

    async def users(self, *, prefix: str = "", after: str = "", limit: int = 100) -> list[UserEntry]:
        """Users in order of id, of ids above `after` that start with `prefix`."""
        return await self._store.users(prefix=prefix, after=after, limit=limit)

    async def pending_totals(self) -> PendingTotals:
        """How much is pending over all users, and since when."""
        return await self._store.pending_totals()

    async def maintain(self, progress: Callable[[str], None] = lambda step: None) -> list[str]:
        """Pays what the store owes and checks it; what is wrong with it, if anything."""
        return await self._store.maintain(progress)

    async def backup(self, target: Path) -> None:
        """Writes a consistent copy of the store to `target` while others go on."""
        await self._store.backup(target)
