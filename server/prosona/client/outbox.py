"""What an agent does when profiles cannot be had: it goes on, and what it observed is not lost.

The policy of everything that personalizes an agent without being asked to: a read that finds no
store or server gives no profile; an observation is kept, in memory and in order, and delivered by
the next call that gets through. What is still kept when the client is closed gets one more try and
is then raised. Nothing is written to a second place, where a forget would not find it.
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
from prosona.framing import framed
from prosona.profiles_db import (
    MAX_TEXT,
    InvalidInputError,
    Receipt,
    StoreError,
    UnavailableError,
    UndeliveredError,
)

logger = logging.getLogger(__name__)

MOST_KEPT = 1000
"""Observations kept for later; with so many waiting, the next failure is raised to the agent."""

_SLOW_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 60.0
_DOWN = (UnavailableError, StoreError)


class Outbox:
    """Reads and observes for an agent that must not fail with its store. Belongs to one event loop."""

    def __init__(self, calls: ProfileCalls) -> None:
        self._calls = calls
        self._kept: deque[tuple[str | None, Fields]] = deque()
        self._in_order = asyncio.Lock()
        self._not_before = 0.0

    def __len__(self) -> int:
        return len(self._kept)

    async def context(self, user_id: str | None) -> str:
        """The profile framed as data; empty when nothing is known, or when it cannot be had."""
        if self._pausing():
            return ""
        began = time.monotonic()
        try:
            await self._deliver()
            return framed((await self._calls.get(user_id, max_tokens=None, fresh=False)).text)
        except _DOWN as error:
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
        except _DOWN as error:
            self._failed(began)
            self._keep(user_id, interaction, error)
            return None

    async def close(self) -> None:
        """Delivers what is kept, or raises `UndeliveredError` with it."""
        try:
            await self._deliver()
        except _DOWN as error:
            kept = list(self._kept)
            self._kept.clear()
            raise UndeliveredError(kept) from error

    async def _deliver(self) -> None:
        async with self._in_order:
            while self._kept:
                user_id, interaction = self._kept[0]
                try:
                    await self._calls.observe(user_id, interaction)
                except InvalidInputError as error:
                    logger.error("an observation that was kept is refused and dropped: %s", error)
                self._kept.popleft()

    def _keep(self, user_id: str | None, interaction: Fields, error: Exception | None) -> None:
        if len(self._kept) >= MOST_KEPT:
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


def _storable(text: str) -> str:
    """`text` as a store takes it: whole characters, and not more than it holds."""
    return text.encode("utf-8", "replace").decode()[:MAX_TEXT]
