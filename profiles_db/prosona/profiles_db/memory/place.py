"""The place that several stores in memory share, as several processes share a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

from pydantic import BaseModel, ConfigDict, ValidationError

from prosona.core.errors import NotAStoreError, StoreError
from prosona.core.requests import Claim
from prosona.profiles_db.memory._user import User

__all__ = ["Held", "MemoryPlace"]


@dataclass(frozen=True, slots=True)
class Held:
    """A claim, who holds it, and from when until when."""

    claim: Claim
    holder: object
    taken: datetime
    until: datetime


class _Copy(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    users: dict[str, User]
    incarnations: int


class MemoryPlace:
    """What stores in memory keep, and their clock.

    `now` sets the clock, which then stands until it is set again; None, as at first, lets it run.
    """

    def __init__(self, *, now: datetime | None = None) -> None:
        self.now = now
        self.users: dict[str, User] = {}
        self.claims: dict[str, Held] = {}
        self.holders = set[object]()
        """The stores that have not crashed: what others have claimed is free."""
        self.lock = RLock()
        self.changes = 0
        self._incarnations = 0
        self._tokens = 0

    @classmethod
    def restored(cls, copy: Path) -> MemoryPlace:
        """A place that holds what `backup` wrote. Raises `StoreError`."""
        try:
            read = _Copy.model_validate_json(copy.read_bytes())
        except OSError as error:
            raise StoreError(f"{copy} cannot be read: {error.strerror}") from error
        except ValidationError as error:
            raise NotAStoreError(f"{copy} is not a copy of a store in memory") from error
        place = cls()
        place.users, place._incarnations = read.users, read.incarnations
        return place

    def write_copy(self, target: Path) -> None:
        """Writes everything but claims to a new file. Raises `StoreError`, also if it exists."""
        copy = _Copy.model_construct(users=self.users, incarnations=self._incarnations)
        try:
            # Nobody else may read what is in a profile.
            target.touch(mode=0o600, exist_ok=False)
            target.write_text(copy.model_dump_json(), encoding="utf-8")
        except FileExistsError:
            raise StoreError(f"{target} exists already; name a file that does not") from None
        except OSError as error:
            raise StoreError(f"{target} cannot be written: {error.strerror}") from error

    def time(self) -> datetime:
        """What the clock shows."""
        return self.now or datetime.now(UTC)

    def keep(self, user_id: str, user: User) -> None:
        """Keeps a user, a new one under an incarnation that none had before."""
        if not user.incarnation:
            self._incarnations += 1
            user.incarnation = self._incarnations
            self.users[user_id] = user

    def held(self, user_id: str) -> Held | None:
        """The claim on a user that nobody may take over.

        One that was taken in the future tells that the clock was set back: how long it lasts says nothing.
        """
        held, now = self.claims.get(user_id), self.time()
        if held is None or held.holder not in self.holders or not held.taken <= now < held.until:
            return None
        return held

    def new_token(self) -> str:
        """A token that no claim had before."""
        self._tokens += 1
        return str(self._tokens)
