"""`ProfileClient`: the calls of `AsyncProfileClient` for programs without an event loop.

`awaited` and `blocking` let an adapter take either client.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from prosona.client.async_client import AsyncProfileClient
from prosona.client.feedback import Feedback
from prosona.core.errors import InvalidInputError, StoreForkedError
from prosona.core.requests import Receipt
from prosona.core.words import Line, Profile
from prosona.service.answers import Preview, Reasons, Revised
from prosona.service.steps import Step

__all__ = ["AnyClient", "ProfileClient", "awaited", "blocking"]

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

        self._thread = _LoopThread()
        try:
            self._client = self._thread.run(on_the_loop)
        except BaseException:
            self._thread.stop()
            raise
        self._closed = False
        self._forgotten = weakref.finalize(self, _tell_of_loss, self._client, os.getpid())

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
        self,
        user_id: str | None = None,
        *,
        max_tokens: int | None = None,
        fresh: bool = False,
        lines: bool = False,
    ) -> Profile:
        """The profile: its text, version and how fresh it is. `fresh` folds first, in bounded time;
        `lines` fills `Profile.lines` with the lines of the text."""
        return self._run(lambda: self._client.get(user_id, max_tokens=max_tokens, fresh=fresh, lines=lines))

    def lines(self, user_id: str | None = None) -> tuple[Line, ...]:
        """The lines of the profile in their order; see `AsyncProfileClient.lines`."""
        return self._run(lambda: self._client.lines(user_id))

    def why(self, line: str, user_id: str | None = None) -> Reasons:
        """Why a line is there; see `AsyncProfileClient.why`."""
        return self._run(lambda: self._client.why(line, user_id))

    def preview(self, what: str, user_id: str | None = None) -> Preview:
        """What forgetting a topic or a line would take away; nothing is changed."""
        return self._run(lambda: self._client.preview(what, user_id))

    def revise(
        self,
        user_id: str | None = None,
        *,
        statement: str | None = None,
        forget: str | None = None,
        confirm: str | None = None,
        line: str | None = None,
        remove: str | None = None,
        pin: str | None = None,
        text: str | None = None,
        until: date | str | None = None,
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
                confirm=confirm,
                line=line,
                remove=remove,
                pin=pin,
                text=text,
                until=until,
                rollback_to=rollback_to,
                base_version=base_version,
                folded_through=folded_through,
            )
        )

    def history(self, user_id: str | None = None, *, limit: int = 20) -> list[Step]:
        """What the last revisions added, changed and retired, newest first."""
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
        """How many observed turns nobody has; see `AsyncProfileClient.undelivered`."""
        return self._client.undelivered

    def close(self) -> None:
        """Closes the file or the connection. May be called twice; see `AsyncProfileClient.aclose`.

        In a process that was forked off since, nothing is done: all of it is still the parent's.
        """
        if not self._closed:
            self._closed = True
            self._forgotten.detach()
            if self._thread.left_behind:
                return
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


AnyClient = ProfileClient | AsyncProfileClient
"""What an adapter takes. A `ProfileClient` works everywhere; an `AsyncProfileClient` on one event loop."""


def blocking(client: AnyClient) -> ProfileClient:
    """The client, to be called without an event loop. Errors: `InvalidInputError` for an async one."""
    if isinstance(client, AsyncProfileClient):
        raise InvalidInputError("this agent was called without await: give its adapter a ProfileClient")
    return client


async def awaited(client: AnyClient, call: Callable[[AnyClient], _T | Awaitable[_T]]) -> _T:
    """The outcome of `call(client)`; a blocking client is called on a thread."""
    if isinstance(client, AsyncProfileClient):
        return await cast(Awaitable[_T], call(client))
    return cast(_T, await asyncio.to_thread(call, client))


class _LoopThread:
    """Runs coroutines for any thread. A daemon: a program that forgets to stop it can still end."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="prosona-client", daemon=True)
        self._thread.start()

    def run(self, call: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """The outcome of `call()`, awaited on the loop.

        Raises `RuntimeError` once stopped, and `StoreForkedError` in a process that was forked off since:
        the thread stayed behind, and nothing would ever answer.
        """
        if self.left_behind:
            raise StoreForkedError(
                "this client was made before this process was forked; make another one in the child"
            )
        if self._loop.is_closed():
            raise RuntimeError("this client is closed")
        future = asyncio.run_coroutine_threadsafe(call(), self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # Of use when it was the wait that was interrupted.
            raise

    @property
    def left_behind(self) -> bool:
        """Whether this is a process forked off since."""
        return os.getpid() != self._process

    def stop(self) -> None:
        """Ends the loop and waits for its thread. May be called twice."""
        if not self._loop.is_closed() and not self.left_behind:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.get_loop().run_forever()


def _tell_of_loss(client: AsyncProfileClient, process: int) -> None:
    """Says so when a client that nobody closed takes observations with it."""
    # What a forked process inherited is its parent's to deliver.
    if client.undelivered and os.getpid() == process:
        logger.error("a client was not closed: %d observations are lost", client.undelivered)
