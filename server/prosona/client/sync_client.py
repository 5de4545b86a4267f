"""`ProfileClient`: the calls of `AsyncProfileClient` for programs without an event loop."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from prosona.client.async_client import AsyncProfileClient
from prosona.client.feedback import Feedback
from prosona.client.loop_thread import LoopThread
from prosona.profiles_db import Profile, Receipt, Revised, Revision

logger = logging.getLogger(__name__)

_T = TypeVar("_T")


class ProfileClient(Feedback):
    """Reads, feeds and revises profiles, blocking until done. Use it with `with`, or call `close`.

    The same methods, results and errors as `AsyncProfileClient`, which runs behind it on a thread of
    its own; safe to share between threads.
    """

    def __init__(self, make: Callable[[], AsyncProfileClient]) -> None:
        async def on_the_loop() -> AsyncProfileClient:
            return make()

        self._thread = LoopThread()
        try:
            self._client = self._thread.run(on_the_loop)
        except BaseException:
            self._thread.stop()
            raise
        self._closed = False
        self._forgotten = weakref.finalize(self, _tell_of_loss, self._client)

    @classmethod
    def local(
        cls, path: Path | str | None = None, *, user_id: str | None = None, agent: str = "python"
    ) -> Self:
        """A client on the SQLite file at `path`; see `AsyncProfileClient.local`."""
        return cls(lambda: AsyncProfileClient.local(path, user_id=user_id, agent=agent))

    @classmethod
    def connect(
        cls,
        target: str | Sequence[str],
        *,
        user_id: str | None = None,
        agent: str = "python",
        token: str | None = None,
        timeout: float = 30.0,
    ) -> Self:
        """A client of a server at a URL or started by a command; see `AsyncProfileClient.connect`."""
        return cls(
            lambda: AsyncProfileClient.connect(
                target, user_id=user_id, agent=agent, token=token, timeout=timeout
            )
        )

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
        """Records one interaction; on disk when this returns. Give `chosen`, `rejected` or both."""
        return self._run(
            lambda: self._client.observe(
                user_id,
                chosen=chosen,
                query=query,
                rejected=rejected,
                kind=kind,
                domain=domain,
                occurred_at=occurred_at,
                idempotency_key=idempotency_key,
            )
        )

    def get(
        self, user_id: str | None = None, *, max_tokens: int | None = None, fresh: bool = False
    ) -> Profile:
        """The profile: its text, version and how fresh it is. `fresh` folds first, in bounded time."""
        return self._run(lambda: self._client.get(user_id, max_tokens=max_tokens, fresh=fresh))

    def revise(
        self,
        user_id: str | None = None,
        *,
        statement: str | None = None,
        forget: str | None = None,
        text: str | None = None,
        rollback_to: int | None = None,
        base_version: int | None = None,
        folded_through: int | None = None,
    ) -> Revised:
        """One revision; see `AsyncProfileClient.revise`."""
        return self._run(
            lambda: self._client.revise(
                user_id,
                statement=statement,
                forget=forget,
                text=text,
                rollback_to=rollback_to,
                base_version=base_version,
                folded_through=folded_through,
            )
        )

    def history(self, user_id: str | None = None, *, limit: int = 20) -> list[Revision]:
        """The last revisions, newest first."""
        return self._run(lambda: self._client.history(user_id, limit=limit))

    def context(self, user_id: str | None = None) -> str:
        """The profile framed for a prompt, or empty; see `AsyncProfileClient.context`."""
        return self._run(lambda: self._client.context(user_id))

    def observe_turn(
        self,
        said: str,
        *,
        answering: str | None = None,
        turn_id: str | None = None,
        user_id: str | None = None,
    ) -> Receipt | None:
        """Observes one turn of a chat, now or later; see `AsyncProfileClient.observe_turn`."""
        return self._run(
            lambda: self._client.observe_turn(said, answering=answering, turn_id=turn_id, user_id=user_id)
        )

    @property
    def undelivered(self) -> int:
        """How many observed turns wait for the store or server to come back."""
        return self._client.undelivered

    def close(self) -> None:
        """Closes the file or the connection. May be called twice; see `AsyncProfileClient.aclose`."""
        if not self._closed:
            self._closed = True
            self._forgotten.detach()
            try:
                self._run(self._client.aclose)
            finally:
                self._thread.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, call: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        return self._thread.run(call)


def _tell_of_loss(client: AsyncProfileClient) -> None:
    """Says so when a client that nobody closed takes observations with it."""
    if client.undelivered:
        logger.error("a client was not closed: %d observations are lost", client.undelivered)
