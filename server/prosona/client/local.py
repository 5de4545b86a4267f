"""Profiles in this process, on a file of this machine."""

from __future__ import annotations

from prosona.client.calls import Fields
from prosona.profiles_db import InvalidInputError, Profile, Receipt, Revised, Revision
from prosona.service import ProfileService, parse_change, parse_interaction


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

    async def get(self, user_id: str | None, *, max_tokens: int | None, fresh: bool) -> Profile:
        """The profile as it stands."""
        return await self._service.get(_named(user_id), max_tokens=max_tokens, fresh=fresh)

    async def revise(self, user_id: str | None, change: Fields) -> Revised:
        """One revision."""
        return await self._service.revise(_named(user_id), parse_change(**change), actor=self._agent)

    async def history(self, user_id: str | None, *, limit: int) -> list[Revision]:
        """Revisions, newest first."""
        return await self._service.history(_named(user_id), limit=limit)

    async def aclose(self) -> None:
        """Closes the service and its store."""
        if not self._closed:
            self._closed = True
            await self._service.aclose()


def _named(user_id: str | None) -> str:
    if user_id is None:
        raise InvalidInputError("give user_id: this client is not bound to one user")
    return user_id
