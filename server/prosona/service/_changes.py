"""Who is told when a profile gets another version, whichever process made it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from prosona.core.errors import ProsonaError
from prosona.profiles_db.store import Store

__all__ = ["Changes"]

_log = logging.getLogger("prosona")

_LOOK_SECONDS = 0.25
"""How often the store is asked whether anything changed: soon for a person, and free for the machine."""


class Changes:
    """Tells subscribers of versions made here at once, and of watched users' made elsewhere soon after."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listeners: list[Callable[[str, int], None]] = []
        self._watched: dict[str, tuple[int, int]] = {}
        self._looking: asyncio.Task[None] | None = None

    def subscribe(self, callback: Callable[[str, int], None]) -> Callable[[], None]:
        """Calls back with (user_id, version) from now on; returns the way to stop."""
        self._listeners.append(callback)

        def stop() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(callback)
            if not self._listeners:
                # Nobody is told of anything any more.
                self._watched.clear()

        return stop

    def tell(self, user_id: str, version: int) -> None:
        """Tells of a version made here; 0 for a user who was erased."""
        if user_id in self._watched:
            # The incarnation is not known here; the next look compares what stands with this version.
            self._watched[user_id] = (-1, version)
        for callback in list(self._listeners):
            callback(user_id, version)

    async def watch(self, user_id: str) -> None:
        """Has other processes' versions of a user told, too."""
        if user_id not in self._watched:
            self._watched |= await self._store.versions([user_id])
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="prosona changes")

    async def aclose(self) -> None:
        """Looks no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look(self) -> None:
        # What changed between the first reading of the versions and the first look is told with it.
        seen: int | None = None
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                now = await self._store.changed()
                if now == seen:
                    continue
                seen = now
                standing = await self._store.versions(list(self._watched))
            except ProsonaError as error:
                _log.warning("looking for changes of other processes failed: %s", error)
                continue
            for user_id, (incarnation, version) in standing.items():
                known = self._watched.get(user_id)
                self._watched[user_id] = (incarnation, version)
                if known is None or (incarnation, version) == known:
                    continue
                if known[1] == version == 0:
                    # A user who was observed for the first time has no profile yet.
                    continue
                if known[0] == -1 and known[1] == version:
                    continue
                for callback in list(self._listeners):
                    callback(user_id, version)
