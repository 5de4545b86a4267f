"""The seam behind which profiles are kept: SQLite, the shipped fake and any other database look like this.

Every call is durable when it returns, and all of it happened or none. Errors: `StoreError`. Claims, and
what a fold left as its problem, may be lost when the machine itself goes down; nothing else may.
`prosona.profiles_db.conformance` holds a store to all that is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from prosona.core.requests import (
    Backlog,
    Claim,
    Commit,
    Forgetting,
    Forgotten,
    Head,
    PendingTotals,
    Receipt,
    Spending,
    Standing,
    UserEntry,
)
from prosona.core.words import Interaction, RecordedInteraction, Revision

__all__ = ["Folds", "Log", "Profiles", "Store"]


class Log(Protocol):
    """What was observed, in order."""

    async def append(
        self, user_id: str, interactions: Sequence[Interaction], *, echo_seconds: float = 0.0
    ) -> list[Receipt]:
        """Numbers the interactions of a user from 1 and adds them, all or none; one receipt each.

        An idempotency key seen before with the same content makes a duplicate; with other content it is
        an `InvalidInputError`, and nothing is stored. With `echo_seconds` an interaction that rejects
        nothing and whose `chosen` was reported within that time is an echo, a duplicate too, if another
        agent reported it, or the same one with a key where this has none (or the other way), or both
        without keys under another kind or domain.
        """
        ...

    async def interactions(
        self, user_id: str, *, after: int = 0, limit: int = 500
    ) -> list[RecordedInteraction]:
        """Interactions with a seq above `after`, oldest first, quarantined ones included."""
        ...

    async def interactions_at(self, user_id: str, seqs: Collection[int]) -> list[RecordedInteraction]:
        """Those of the interactions with these seqs that are still there, in order."""
        ...

    async def quarantined(
        self, user_id: str, *, after: int = 0, limit: int = 500
    ) -> list[RecordedInteraction]:
        """The quarantined interactions of a user, oldest first."""
        ...

    async def set_aside(self, user_id: str, seqs: Collection[int], reason: str) -> int:
        """Quarantines interactions that a profiler cannot read; how many there were."""
        ...

    async def let_in(self, user_id: str, seqs: Collection[int]) -> int:
        """Releases quarantined interactions: each gets a new seq at the end of the log, keeping the day on
        which it happened, and is pending. How many there were."""
        ...

    async def drop(self, user_id: str, seqs: Collection[int]) -> Forgotten:
        """Deletes quarantined interactions, from the bytes of the file too."""
        ...


class Profiles(Protocol):
    """Where each profile stands and how it got there."""

    async def head(self, user_id: str) -> Head:
        """One indexed read that never waits for a writer; version 0 for a user never seen."""
        ...

    async def standing(self, user_id: str) -> Standing:
        """The head, its lines and its owner's edits, as of one moment."""
        ...

    async def revisions(self, user_id: str, *, limit: int = 50, before: int | None = None) -> list[Revision]:
        """Revisions with a version below `before`, newest first."""
        ...

    async def users(self, *, prefix: str = "", after: str = "", limit: int = 100) -> list[UserEntry]:
        """Users whose id starts with `prefix` and sorts behind `after`, in the order of their ids."""
        ...

    async def commit(self, user_id: str, commit: Commit) -> int | None:
        """Writes the step and returns the version then current; None, and nothing written, when the
        incarnation, the version, the watermark or the token is another by now.

        A step with `counters_only` keeps the version and brings its lines up to date. A user never seen
        has incarnation 0 and begins with the commit.
        """
        ...

    async def forget(self, user_id: str, forgetting: Forgetting) -> Forgotten | None:
        """Deletes what `forgetting` says from the log and from every version, and writes its commit as
        the next version; None, and nothing done, when incarnation or version is another by now.

        What must be looked for is looked for outside the write lock. The bytes are gone when this returns,
        or `scrubbed` is false.
        """
        ...

    async def erase(self, user_id: str) -> Forgotten:
        """Deletes the user, from the bytes of the file too. Nothing claimed or read before can commit."""
        ...

    async def changed(self) -> int:
        """A number that is another one whenever any process may have changed a profile; cheap to ask."""
        ...

    async def versions(self, user_ids: Collection[str]) -> dict[str, tuple[int, int]]:
        """Incarnation and version of each of these users; (0, 0) for one not known."""
        ...


class Folds(Protocol):
    """Who is due to be folded, who folds, and what it costs."""

    async def backlog(self, user_id: str, limit: int) -> Backlog:
        """What a fold needs, all as of one moment: the oldest `limit` pending interactions among it."""
        ...

    async def claim(self, user_id: str, seconds: float) -> Claim | None:
        """The right to fold a user for `seconds`; None while somebody alive holds it.

        A claim whose holder's process has died, or that lasts longer than any could (a clock was set
        back), is taken over at once.
        """
        ...

    async def claim_due(
        self, seconds: float, *, pending: int, idle_seconds: float, limit: int
    ) -> list[Claim]:
        """Claims on up to `limit` users who are due and free, longest waiting first.

        Due is who has `pending` interactions or more waiting, or any and none new for `idle_seconds`, and
        whose time to retry has come.
        """
        ...

    async def renew(self, claims: Collection[Claim], seconds: float) -> None:
        """Prolongs the claims that are still held."""
        ...

    async def release(self, claim: Claim, *, problem: str | None = None, retry_seconds: float = 0.0) -> None:
        """Gives a claim back. A `problem` stands in the head until a fold succeeds, and the user is not due
        again for `retry_seconds`. A claim no longer held changes nothing."""
        ...

    async def pending_totals(self) -> PendingTotals:
        """How many users and interactions wait to be folded, and since when."""
        ...

    async def spent(self, user_id: str, day: date) -> Spending:
        """What folding a user has cost on `day`."""
        ...

    async def spend(self, user_id: str, day: date, *, calls: int, tokens: int) -> Spending:
        """Adds to what folding a user has cost on `day`, and returns the sum. Only the last day is kept."""
        ...


class Store(Log, Profiles, Folds, Protocol):
    """All of it, and the care of the place where it lies."""

    async def now(self) -> datetime:
        """The store's time, in UTC: the one clock by which days are told."""
        ...

    async def maintain(self, progress: Callable[[str], None] = lambda step: None) -> list[str]:
        """Pays what is owed (old bytes, a rebuild) and checks the structure; what is wrong, if anything."""
        ...

    async def backup(self, target: Path) -> None:
        """Writes a consistent copy to `target`, which must not exist yet, while others go on."""
        ...

    async def close(self) -> None:
        """Finishes the calls that run, then lets go. Closing twice is fine."""
        ...
