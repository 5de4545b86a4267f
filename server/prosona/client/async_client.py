"""`AsyncProfileClient`: profiles from a program, in process or over MCP, by the same calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from prosona.client.calls import LocalCalls, ProfileCalls
from prosona.client.feedback import AsyncFeedback
from prosona.client.outbox import Outbox
from prosona.client.remote import RemoteCalls
from prosona.core.requests import Receipt
from prosona.core.words import Line, Profile
from prosona.service import open_service
from prosona.service.answers import Preview, Reasons, Revised
from prosona.service.steps import Step

__all__ = ["AsyncProfileClient"]


class AsyncProfileClient(AsyncFeedback):
    """Reads, feeds and revises profiles. Use it with `async with`, or call `aclose` in the end.

    Every method raises the errors of `prosona.core.errors`, the same ones in process and over
    MCP. A client made with `user_id` is bound to that user; otherwise each call names one.
    """

    def __init__(self, calls: ProfileCalls, *, user_id: str | None = None) -> None:
        self._calls = calls
        self._user_id = user_id
        self._outbox = Outbox(calls)

    @classmethod
    def local(
        cls, path: Path | str | None = None, *, user_id: str | None = None, agent: str = "python"
    ) -> Self:
        """A client on the SQLite file at `path` (default: as the `prosona` command finds it).

        `agent` is the name that revisions and interactions made here carry.
        """
        return cls(LocalCalls(open_service(path), agent), user_id=user_id)

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
        """A client of the server at a URL (`http://127.0.0.1:8000/mcp`) or started by a command.

        Connects on the first call and again after the server went away; a call that finds no server
        or gets no answer within `timeout` seconds raises `UnavailableError`.
        """
        return cls(RemoteCalls(target, agent=agent, token=token, timeout=timeout), user_id=user_id)

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
        """Records one interaction; on disk when this returns. Give `chosen`, `rejected` or both."""
        when = occurred_at.isoformat() if isinstance(occurred_at, datetime) else occurred_at
        fields = {
            "chosen": chosen,
            "query": query,
            "rejected": rejected,
            "kind": kind,
            "domain": domain,
            "occurred_at": when,
            "idempotency_key": idempotency_key,
        }
        return await self._calls.observe(self._user(user_id), fields)

    async def get(
        self,
        user_id: str | None = None,
        *,
        max_tokens: int | None = None,
        fresh: bool = False,
        lines: bool = False,
    ) -> Profile:
        """The profile: its text, version and how fresh it is. `fresh` folds first, in bounded time;
        `lines` fills `Profile.lines` with the lines of the text."""
        return await self._calls.get(self._user(user_id), max_tokens=max_tokens, fresh=fresh, lines=lines)

    async def lines(self, user_id: str | None = None) -> tuple[Line, ...]:
        """The lines of the profile in their order: the number of a line is its place here, from 1.

        Each has its id, kind, text, topic, last day and support; what it rests on is told by `why`.
        """
        profile = await self._calls.get(self._user(user_id), max_tokens=None, fresh=False, lines=True)
        return profile.lines or ()

    async def why(self, line: str, user_id: str | None = None) -> Reasons:
        """Why a line is there: the interactions that it rests on, and how it read before.

        `line` is its id, its number or a part of its text. Raises `NotFoundError` for none, and
        `InvalidInputError` where several have these words.
        """
        return await self._calls.why(self._user(user_id), line)

    async def preview(self, what: str, user_id: str | None = None) -> Preview:
        """What forgetting a topic or a line would take away; nothing is changed."""
        return await self._calls.preview(self._user(user_id), what)

    async def revise(
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
        """One revision: a `statement` to pin, a topic or line to `forget` ("*": everything), a `line` that
        gets a new `text` or a last day (`until`), a line to `remove` or to `pin`, a whole new `text` (with
        `base_version`), or a version to roll back to; none: fold now.

        Raises `ConflictError`, which carries both texts, if `base_version` is no longer current;
        `BroadForgetError` if a topic names much: its `word`, given as `confirm`, goes on;
        `NotForgottenError` if nothing names it.
        """
        change = {
            "statement": statement,
            "forget": forget,
            "confirm": confirm,
            "line": line,
            "remove": remove,
            "pin": pin,
            "text": text,
            "until": until,
            "rollback_to": rollback_to,
            "base_version": base_version,
            "folded_through": folded_through,
        }
        return await self._calls.revise(self._user(user_id), change)

    async def history(self, user_id: str | None = None, *, limit: int = 20) -> list[Step]:
        """What the last revisions added, changed and retired, newest first."""
        return await self._calls.history(self._user(user_id), limit=limit)

    async def context(self, user_id: str | None = None) -> str:
        """The profile for a prompt: framed as data about the user; empty when nothing is known.

        Also empty, with a warning in the log, when the store or server cannot be reached: the agent
        goes on without the profile.
        """
        return await self._outbox.context(self._user(user_id))

    async def observe_turn(
        self,
        said: str,
        *,
        answering: str | None = None,
        turn_id: str | None = None,
        user_id: str | None = None,
    ) -> Receipt | None:
        """Observes what the user said in one turn of a chat, in answer to what, if anything.

        The same `turn_id` and words again are a duplicate. When the store or server cannot be
        reached, the observation is kept in memory and None is returned; the next call delivers it,
        or `aclose` raises `UndeliveredError`. Text beyond what an interaction holds is cut.
        """
        return await self._outbox.observe_turn(self._user(user_id), said, answering, turn_id)

    @property
    def undelivered(self) -> int:
        """How many observed turns nobody has: they wait for the store or server to come back, or it
        refused them."""
        return len(self._outbox)

    async def aclose(self) -> None:
        """Closes the file or the connection. May be called twice.

        Raises `UndeliveredError` if observed turns that were kept still cannot be delivered, or were
        refused when they were.
        """
        try:
            await self._outbox.close()
        finally:
            await self._calls.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _user(self, user_id: str | None) -> str | None:
        return user_id if user_id is not None else self._user_id
