"""The seam between a client and where the profiles are, and the side of it that is in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from prosona.core.errors import InvalidInputError
from prosona.core.requests import Receipt
from prosona.core.words import Line, Profile, Support
from prosona.service import ProfileService, parse_change, parse_interaction
from prosona.service.answers import Preview, Reasons, Revised
from prosona.service.steps import Step, steps

__all__ = ["Fields", "LocalCalls", "ProfileCalls", "as_told"]

Fields = Mapping[str, object]
"""Arguments of one call by name; None stands for left out."""


class ProfileCalls(Protocol):
    """What a client asks for. A `user_id` of None leaves it to a connection bound to one user."""

    async def observe(self, user_id: str | None, interaction: Fields) -> Receipt:
        """Appends one interaction."""
        ...

    async def get(self, user_id: str | None, *, max_tokens: int | None, fresh: bool, lines: bool) -> Profile:
        """The profile as it stands; with `lines`, those of the text, as `as_told` says."""
        ...

    async def revise(self, user_id: str | None, change: Fields) -> Revised:
        """One revision."""
        ...

    async def why(self, user_id: str | None, line: str) -> Reasons:
        """Why a line is there."""
        ...

    async def preview(self, user_id: str | None, what: str) -> Preview:
        """What a forget would take away."""
        ...

    async def history(self, user_id: str | None, *, limit: int) -> list[Step]:
        """What the last revisions changed, newest first."""
        ...

    async def aclose(self) -> None:
        """Ends the connection. May be called twice."""
        ...


class LocalCalls:
    """Calls a `ProfileService` directly. Closes it in the end."""

    def __init__(self, service: ProfileService, agent: str) -> None:
        self._service = service
        self._agent = agent
        self._closed = False

    async def observe(self, user_id: str | None, interaction: Fields) -> Receipt:
        """Appends one interaction."""
        receipts = await self._service.observe(
            _named(user_id), [parse_interaction(**interaction, agent=self._agent)]
        )
        return receipts[0]

    async def get(self, user_id: str | None, *, max_tokens: int | None, fresh: bool, lines: bool) -> Profile:
        """The profile as it stands."""
        profile = await self._service.get(_named(user_id), max_tokens=max_tokens, fresh=fresh, lines=lines)
        if profile.lines is None:
            return profile
        return profile.model_copy(update={"lines": tuple(as_told(line) for line in profile.lines)})

    async def revise(self, user_id: str | None, change: Fields) -> Revised:
        """One revision."""
        return await self._service.revise(_named(user_id), parse_change(**change), actor=self._agent)

    async def why(self, user_id: str | None, line: str) -> Reasons:
        """Why a line is there."""
        return await self._service.why(_named(user_id), line)

    async def preview(self, user_id: str | None, what: str) -> Preview:
        """What a forget would take away."""
        return await self._service.preview(_named(user_id), what)

    async def history(self, user_id: str | None, *, limit: int) -> list[Step]:
        """What the last revisions changed, newest first."""
        # One more, to compare the last one with.
        return steps(await self._service.history(_named(user_id), limit=limit + 1))[:limit]

    async def aclose(self) -> None:
        """Closes the service and its store."""
        if not self._closed:
            self._closed = True
            await self._service.aclose()


def as_told(line: Line) -> Line:
    """`line` with what a client is told of it, in process as over MCP: its id, kind, text, topic, end,
    counts, days and agents. The interactions that it rests on are what `why` is for."""
    support = line.support
    return Line(
        id=line.id,
        kind=line.kind,
        text=line.text,
        topic=line.topic,
        until=line.until,
        support=Support(
            times=support.times, of=support.of, first=support.first, last=support.last, agents=support.agents
        ),
    )


def _named(user_id: str | None) -> str:
    if user_id is None:
        raise InvalidInputError("give user_id: this client is not bound to one user")
    return user_id
