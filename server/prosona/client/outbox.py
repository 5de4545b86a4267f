"""What an agent does when profiles cannot be had: it goes on, and what it observed is not lost.

The policy of everything that personalizes an agent without being asked to: a read that finds no
store or server gives no profile; an observation is kept, in memory and in order, and delivered by
the next call that gets through. One that is refused then is set aside, so that the others go on.
What is still here when the client is closed gets one more try and is then raised. Nothing is written to
a second place, where a forget would not find it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from hashlib import sha256
from uuid import uuid4

from prosona.client.calls import Fields, ProfileCalls
from prosona.client.feedback import CHAT
from prosona.core.errors import (
    ProsonaError,
    StoreError,
    StoreForkedError,
    UnavailableError,
    UndeliveredError,
)
from prosona.core.framing import framed
from prosona.core.requests import Receipt
from prosona.core.words import MAX_TEXT

__all__ = ["MOST_KEPT", "Outbox"]

logger = logging.getLogger(__name__)

MOST_KEPT = 1000
"""Observations kept for later; with so many waiting, the next failure is raised to the agent."""

_SLOW_SECONDS = 0.5
"""From here on a failing call was slow enough to hold up a chat."""

_LONGEST_PAUSE_SECONDS = 60.0


class Outbox:
    """Reads and observes for an agent that must not fail with its store. Belongs to one event loop."""

    def __init__(self, calls: ProfileCalls) -> None:
        self._calls = calls
        self._kept: deque[tuple[str | None, Fields]] = deque()
        self._refused: list[tuple[str | None, Fields]] = []
        self._in_order = asyncio.Lock()
        self._not_before = 0.0

    def __len__(self) -> int:
        return len(self._kept) + len(self._refused)

    async def context(self, user_id: str | None) -> str:
        """The profile framed as data; empty when nothing is known, or when it cannot be had."""
        if self._pausing():
            return ""
        began = time.monotonic()
        try:
            await self._deliver()
            profile = await self._calls.get(user_id, max_tokens=None, fresh=False, lines=False)
            return framed(profile.text)
        except ProsonaError as error:
            if not _is_down(error) and type(error) is not ProsonaError:
                raise
            self._failed(began)
            logger.warning("the agent goes on without the profile: %s", error)
            return ""

    async def observe_turn(
        self, user_id: str | None, said: str, answering: str | None, turn_id: str | None
    ) -> Receipt | None:
        """Observes one turn; None when it was kept. The same turn again is a duplicate."""
        words = _storable(said)
        digest = sha256(f"{turn_id or uuid4()}\n{words}".encode()).hexdigest()
        interaction = {
            **CHAT,
            "chosen": words,
            "query": _storable(answering) if answering else None,
            "idempotency_key": f"turn-{digest[:40]}",
        }
        if self._pausing():
            self._keep(user_id, interaction, None)
            return None
        began = time.monotonic()
        try:
            await self._deliver()
            return await self._calls.observe(user_id, interaction)
        except ProsonaError as error:
            if not _is_down(error):
                raise
            self._failed(began)
            self._keep(user_id, interaction, error)
            return None

    async def close(self) -> None:
        """Delivers what is kept. Raises `UndeliveredError` with what nobody took."""
        cause: ProsonaError | None = None
        try:
            await self._deliver()
        except ProsonaError as error:
            cause = error
        left = [*self._refused, *self._kept]
        self._refused.clear()
        self._kept.clear()
        if left:
            raise UndeliveredError(left) from cause

    async def _deliver(self) -> None:
        async with self._in_order:
            while self._kept:
                user_id, interaction = self._kept[0]
                try:
                    await self._calls.observe(user_id, interaction)
                except ProsonaError as error:
                    if _is_down(error):
                        raise
                    # Whatever is wrong with it, it must not stand in the way of all that comes after it.
                    logger.error("an observation that was kept is refused and set aside: %s", error)
                    self._refused.append((user_id, interaction))
                self._kept.popleft()

    def _keep(self, user_id: str | None, interaction: Fields, error: Exception | None) -> None:
        if len(self) >= MOST_KEPT:
            raise error or UnavailableError(f"{MOST_KEPT} observations wait for the profiles to come back")
        self._kept.append((user_id, interaction))
        logger.warning("an observation is kept for later (%d waiting)", len(self._kept))

    def _pausing(self) -> bool:
        return time.monotonic() < self._not_before

    def _failed(self, began: float) -> None:
        """After a failure that took long, calls fail at once for a while: an agent must not hang."""
        took = time.monotonic() - began
        if took > _SLOW_SECONDS:
            self._not_before = time.monotonic() + min(_LONGEST_PAUSE_SECONDS, 10 * took)


def _is_down(error: ProsonaError) -> bool:
    """Whether the store or the server cannot be had just now, whatever is asked of it."""
    return isinstance(error, UnavailableError | StoreError) and not isinstance(error, StoreForkedError)


def _storable(text: str) -> str:
    """`text` as a store takes it: whole characters, and not more than it holds."""
    return text.encode("utf-8", "replace").decode()[:MAX_TEXT]
