"""The seam between a client and where the profiles are: in this process, or behind a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from prosona.profiles_db import Profile, Receipt, Revised, Revision

Fields = Mapping[str, object]
"""Arguments of one call by name; None stands for left out."""


class ProfileCalls(Protocol):
    """What a client asks for. A `user_id` of None leaves it to a connection bound to one user."""

    async def observe(self, user_id: str | None, interaction: Fields) -> Receipt:
        """Appends one interaction."""
        ...

    async def get(self, user_id: str | None, *, max_tokens: int | None, fresh: bool) -> Profile:
        """The profile as it stands."""
        ...

    async def revise(self, user_id: str | None, change: Fields) -> Revised:
        """One revision."""
        ...

    async def history(self, user_id: str | None, *, limit: int) -> list[Revision]:
        """Revisions, newest first."""
        ...

    async def aclose(self) -> None:
        """Ends the connection. May be called twice."""
        ...
