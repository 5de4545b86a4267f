"""What happened, by name: shorter ways to observe, the same for both clients.

Each takes the text first; the user, where the client is not bound to one, by `user_id`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from prosona.core.requests import Receipt

__all__ = ["CHAT", "AsyncFeedback", "Feedback"]

CHAT = {"kind": "message", "domain": "chat"}
"""How the user's own words are labelled."""


class AsyncFeedback(ABC):
    """`chose`, `corrected`, `rated` and `said` for a client that can `observe`."""

    @abstractmethod
    async def observe(
        self,
        user_id: str | None = None,
        *,
        chosen: str | None = None,
        query: str | None = None,
        rejected: str | None = None,
        kind: str | None = None,
        domain: str | None = None,
        occurred_at: datetime | str | None = None,
        idempotency_key: str | None = None,
    ) -> Receipt:
        """Records one interaction."""

    async def chose(
        self,
        picked: str,
        *,
        over: Sequence[str] = (),
        query: str | None = None,
        domain: str | None = None,
        user_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Receipt:
        """The user picked one candidate, `over` the others they were shown for `query`."""
        return await self.observe(
            user_id,
            chosen=picked,
            query=query,
            rejected="\n".join(over) or None,
            kind="choice",
            domain=domain,
            idempotency_key=idempotency_key,
        )

    async def corrected(
        self,
        answer: str,
        correction: str,
        *,
        query: str | None = None,
        domain: str | None = None,
        user_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Receipt:
        """The user replaced an `answer` to `query` by their own `correction`."""
        return await self.observe(
            user_id,
            chosen=correction,
            query=query,
            rejected=answer,
            kind="correction",
            domain=domain,
            idempotency_key=idempotency_key,
        )

    async def rated(
        self,
        item: str,
        *,
        liked: bool,
        query: str | None = None,
        domain: str | None = None,
        user_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Receipt:
        """The user gave `item`, an answer or a thing, a thumbs up (`liked`) or a thumbs down."""
        return await self.observe(
            user_id,
            chosen=item if liked else None,
            query=query,
            rejected=None if liked else item,
            kind="rating",
            domain=domain,
            idempotency_key=idempotency_key,
        )

    async def said(
        self,
        words: str,
        *,
        answering: str | None = None,
        user_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Receipt:
        """The user said `words`, in answer to what they were told or asked, if anything."""
        return await self.observe(
            user_id, chosen=words, query=answering, idempotency_key=idempotency_key, **CHAT
        )


class Feedback(ABC):
    """`AsyncFeedback` for a client whose `observe` blocks until done."""

    @abstractmethod
    def observe(
        self,
        user_id: str | None = None,
        *,
        chosen: str | None = None,
        query: str | None = None,
        rejected: str | None = None,
        kind: str | None = None,
        domain: str | None = None,
        occurred_at: datetime | str | None = None,
        idempotency_key: str | None = None,
    ) -> Receipt:
        """Records one interaction."""

    def chose(
        self,
        picked: str,
        *,
        over: Sequence[str] = (),
        query: str | None = None,
        domain: str | None = None,
        user_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Receipt:
        """The user picked one candidate, `over` the others they were shown for `query`."""
        return self.observe(
            user_id,
            chosen=picked,
            query=query,
            rejected="\n".join(over) or None,
            kind="choice",
            domain=domain,
            idempotency_key=idempotency_key,
        )

    def corrected(
        self,
        answer: str,
        correction: str,
        *,
        query: str | None = None,
        domain: str | None = None,
        user_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Receipt:
        """The user replaced an `answer` to `query` by their own `correction`."""
        return self.observe(
            user_id,
            chosen=correction,
            query=query,
            rejected=answer,
            kind="correction",
            domain=domain,
            idempotency_key=idempotency_key,
        )

    def rated(
        self,
        item: str,
        *,
        liked: bool,
        query: str | None = None,
        domain: str | None = None,
        user_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Receipt:
        """The user gave `item`, an answer or a thing, a thumbs up (`liked`) or a thumbs down."""
        return self.observe(
            user_id,
            chosen=item if liked else None,
            query=query,
            rejected=None if liked else item,
            kind="rating",
            domain=domain,
            idempotency_key=idempotency_key,
        )

    def said(
        self,
        words: str,
        *,
        answering: str | None = None,
        user_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Receipt:
        """The user said `words`, in answer to what they were told or asked, if anything."""
        return self.observe(user_id, chosen=words, query=answering, idempotency_key=idempotency_key, **CHAT)
