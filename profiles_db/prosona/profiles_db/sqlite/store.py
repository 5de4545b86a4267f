"""The store on one SQLite file, shared by many processes on one machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

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
from prosona.profiles_db.opening import default_path
from prosona.profiles_db.sqlite import folds, heard, log, profiles
from prosona.profiles_db.sqlite.file import OpenFile
from prosona.profiles_db.sqlite.forgetting import delete_user, find, owe, remove
from prosona.profiles_db.sqlite.heard import Heard

__all__ = ["SQLiteStore"]


class SQLiteStore:
    """A `Store` in one file, made when it does not exist; `default_path()` when none is named.

    What is written is on disk when a call returns, and stays through a crash of the machine; only
    claims, and what a fold left as its problem, may be lost in one. Any number of threads, event loops
    and processes may share the file. `busy_seconds` is how long a write waits for other processes
    before it gives up with `StoreBusyError`. A file that may not be written is read. Opening is quick and
    synchronous, and raises `StoreError`; close the store with `close`.
    """

    def __init__(self, path: Path | str | None = None, *, busy_seconds: float = 10.0) -> None:
        self.path = (default_path() if path is None else Path(path)).absolute()
        self._file = OpenFile(self.path, busy_seconds)

    # The log

    async def append(
        self, user_id: str, interactions: Sequence[Interaction], *, echo_seconds: float = 0.0
    ) -> list[Receipt]:
        """Adds to a user's log, all or none; see `Log.append`."""
        micros = folds.to_micro_span(echo_seconds)
        return await self._file.write(lambda conn: log.append(conn, user_id, interactions, micros))

    async def interactions(
        self, user_id: str, *, after: int = 0, limit: int = 500
    ) -> list[RecordedInteraction]:
        """Interactions with a seq above `after`, oldest first, quarantined ones included."""
        return await self._file.read(lambda conn: log.read_interactions(conn, user_id, after, limit))

    async def interactions_at(self, user_id: str, seqs: Collection[int]) -> list[RecordedInteraction]:
        """Those of the interactions with these seqs that are still there, in order."""
        return await self._file.read(lambda conn: log.read_interactions_at(conn, user_id, seqs))

    async def quarantined(
        self, user_id: str, *, after: int = 0, limit: int = 500
    ) -> list[RecordedInteraction]:
        """The quarantined interactions of a user, oldest first."""
        return await self._file.read(lambda conn: log.read_quarantined(conn, user_id, after, limit))

    async def set_aside(self, user_id: str, seqs: Collection[int], reason: str) -> int:
        """Quarantines interactions; how many there were."""
        return await self._file.write(lambda conn: log.set_aside(conn, user_id, seqs, reason))

    async def let_in(self, user_id: str, seqs: Collection[int]) -> int:
        """Releases quarantined interactions, to the end of the log; how many there were."""
        return await self._file.write(lambda conn: log.let_in(conn, user_id, seqs))

    async def drop(self, user_id: str, seqs: Collection[int]) -> Forgotten:
        """Deletes quarantined interactions, from the bytes of the file too."""

        def job(conn: sqlite3.Connection) -> Forgotten:
            gone = log.delete_quarantined(conn, user_id, seqs)
            if gone:
                owe(conn)
            return Forgotten(interactions=gone)

        forgotten = await self._file.write_in_reserve(job)
        return await self._file.scrubbed(forgotten) if forgotten.interactions else forgotten

    async def heard(self, *, limit: int = 100) -> list[Heard]:
        """Prompts that hooks wrote into `heard` and nobody has stored yet, oldest first."""
        return await self._file.read(lambda conn: heard.read_heard(conn, limit))

    async def receive(
        self, user_id: str, said: Sequence[tuple[str, Interaction | None]], *, echo_seconds: float = 0.0
    ) -> list[Receipt | None]:
        """Stores prompts of one user that `heard` named, and takes them out of it, in one transaction.

        `said` pairs the `key` of each with the interaction that is made of it, or None for one that is not
        kept. What was taken by another delivery meanwhile, or forgotten, is not stored again: None stands in
        the place of its receipt. So each prompt is in the log exactly once, whoever delivers and is killed.
        Words that are not kept, such as a secret that was taken out, are cleared from the bytes too.
        """
        micros = folds.to_micro_span(echo_seconds)

        def job(conn: sqlite3.Connection) -> tuple[list[Receipt | None], bool]:
            receipts, lost = heard.receive(conn, user_id, said, micros)
            if lost:
                owe(conn)
            return receipts, lost

        receipts, lost = await self._file.write(job)
        if lost:
            await self._file.scrubbed(Forgotten())
        return receipts

    # Profiles

    async def head(self, user_id: str) -> Head:
        """Where a user stands; an empty head for a user who is not known."""
        return await self._file.quick(lambda conn: profiles.read_head(conn, user_id))

    async def standing(self, user_id: str) -> Standing:
        """The head, its lines and its owner's edits, as of one moment."""
        return await self._file.read(lambda conn: profiles.read_standing(conn, user_id))

    async def revisions(self, user_id: str, *, limit: int = 50, before: int | None = None) -> list[Revision]:
        """Revisions with a version below `before`, newest first."""
        return await self._file.read(lambda conn: profiles.read_revisions(conn, user_id, limit, before))

    async def users(self, *, prefix: str = "", after: str = "", limit: int = 100) -> list[UserEntry]:
        """Users whose id starts with `prefix` and sorts behind `after`, sorted by id."""
        return await self._file.read(lambda conn: profiles.read_users(conn, prefix, after, limit))

    async def commit(self, user_id: str, commit: Commit) -> int | None:
        """Writes the step and returns the version then current; None when the profile was moved."""
        return await self._file.write(lambda conn: profiles.commit(conn, user_id, commit))

    async def forget(self, user_id: str, forgetting: Forgetting) -> Forgotten | None:
        """Deletes what `forgetting` says, in every version; None when the profile was moved."""
        found = await self._file.read(lambda conn: find(conn, user_id, forgetting))
        if found is None:
            return None
        forgotten = await self._file.write_in_reserve(lambda conn: remove(conn, user_id, forgetting, found))
        return forgotten and await self._file.scrubbed(forgotten)

    async def erase(self, user_id: str) -> Forgotten:
        """Deletes the user: for every reader at once; when this returns, from the bytes too."""
        forgotten = await self._file.write_in_reserve(lambda conn: delete_user(conn, user_id))
        return Forgotten() if forgotten is None else await self._file.scrubbed(forgotten)

    async def changed(self) -> int:
        """A number that is another one whenever any process may have changed a profile."""
        return await self._file.changed()

    async def versions(self, user_ids: Collection[str]) -> dict[str, tuple[int, int]]:
        """Incarnation and version of each of these users; (0, 0) for one not known."""
        return await self._file.read(lambda conn: profiles.read_versions(conn, user_ids))

    # Folds

    async def backlog(self, user_id: str, limit: int) -> Backlog:
        """What a fold needs, all as of one moment: the oldest `limit` pending interactions among it."""
        return await self._file.read(lambda conn: profiles.read_backlog(conn, user_id, limit))

    async def claim(self, user_id: str, seconds: float) -> Claim | None:
        """The right to fold a user for `seconds`; None while somebody alive holds it."""
        return await self._file.write(lambda conn: folds.claim(conn, user_id, seconds), durable=False)

    async def claim_due(
        self, seconds: float, *, pending: int, idle_seconds: float, limit: int
    ) -> list[Claim]:
        """Claims on up to `limit` users who are due and free, longest waiting first."""
        return await self._file.write(
            lambda conn: folds.claim_due(conn, seconds, pending, idle_seconds, limit), durable=False
        )

    async def renew(self, claims: Collection[Claim], seconds: float) -> None:
        """Prolongs the claims that are still held."""
        await self._file.write(lambda conn: folds.renew(conn, claims, seconds), durable=False)

    async def release(self, claim: Claim, *, problem: str | None = None, retry_seconds: float = 0.0) -> None:
        """Gives a claim back, and keeps the `problem` with the user until a fold succeeds."""
        await self._file.write(
            lambda conn: folds.release(conn, claim.user_id, claim.token, problem, retry_seconds),
            durable=False,
        )

    async def pending_totals(self) -> PendingTotals:
        """How many users and interactions wait to be folded, and since when."""
        return await self._file.read(folds.read_pending_totals)

    async def spent(self, user_id: str, day: date) -> Spending:
        """What folding a user has cost on `day`."""
        return await self._file.read(lambda conn: folds.read_spending(conn, user_id, day))

    async def spend(self, user_id: str, day: date, *, calls: int, tokens: int) -> Spending:
        """Adds to what folding a user has cost on `day`, and returns the sum. Only the last day is kept."""
        return await self._file.write(lambda conn: folds.spend(conn, user_id, day, calls, tokens))

    # The place

    async def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    async def maintain(self, progress: Callable[[str], None] = lambda step: None) -> list[str]:
        """Pays what is owed, checks the structure, and gives back free room; what is wrong, if anything.

        Writing a file anew that has much free room in it makes other writers wait meanwhile.
        """
        return await self._file.maintain(progress)

    async def backup(self, target: Path) -> None:
        """Writes a consistent copy to `target` while others go on; an error if it exists."""
        await self._file.backup(target)

    async def close(self) -> None:
        """Finish the calls that run, then let go of the file. Closing twice is fine."""
        await self._file.close()
