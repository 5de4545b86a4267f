"""The store on one SQLite file, shared by many processes on one machine."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

from prosona.profiles_db import sqlite_folds as folds
from prosona.profiles_db import sqlite_reads as reads
from prosona.profiles_db import sqlite_writes as writes
from prosona.profiles_db.errors import InvalidInputError
from prosona.profiles_db.models import (
    Backlog,
    Draft,
    Forgotten,
    Head,
    Interaction,
    PendingTotals,
    Receipt,
    RecordedInteraction,
    Revision,
    Spending,
    UserEntry,
)
from prosona.profiles_db.sqlite_errors import translated
from prosona.profiles_db.sqlite_forget import Removal, erase, forget
from prosona.profiles_db.sqlite_open import connect, default_path, open_file
from prosona.profiles_db.sqlite_readers import Readers
from prosona.profiles_db.sqlite_scrub import scrub
from prosona.profiles_db.sqlite_writer import Writer

__all__ = ["SQLiteStore", "default_path"]

T = TypeVar("T")


class SQLiteStore:
    """A `ProfileStore` in one file, made when it does not exist; `default_path()` when none is named.

    What is written is on disk when a call returns, and stays through a crash of the machine; only
    leases, and what a fold left as its problem, may be lost in one. Any number of threads, event loops
    and processes may share the file. `busy_seconds` is how long a write waits for other processes
    before it gives up with `StoreBusyError`. Opening is quick and synchronous, and raises `StoreError`;
    close the store with `close`.
    """

    def __init__(self, path: Path | str | None = None, *, busy_seconds: float = 10.0) -> None:
        self.path = (default_path() if path is None else Path(path)).absolute()
        self._raw = open_file(self.path, busy_seconds)
        try:
            with self._errors():
                self._readers = Readers(self.path, partial(connect, self.path), busy_seconds)
        except BaseException:
            self._raw.close()
            raise
        self._writer = Writer(self.path, partial(connect, self.path, busy_seconds))

    async def append(self, user_id: str, interactions: Sequence[Interaction]) -> list[Receipt]:
        """Add interactions to the log of a user, all or none; one receipt each, in order.

        An `idempotency_key` seen before makes a duplicate when the content is the same, and an
        `InvalidInputError` when it is not.
        """
        return await self._write(lambda conn: writes.append(conn, user_id, interactions))

    async def head(self, user_id: str) -> Head:
        """Where a user stands; an empty head for a user who is not known."""
        with self._errors():
            return await self._readers.quick(lambda conn: reads.read_head(conn, user_id))

    async def backlog(self, user_id: str, limit: int) -> Backlog:
        """The head, the oldest `limit` interactions to fold, and the profiler's state, as of one moment."""
        return await self._read(lambda conn: reads.read_backlog(conn, user_id, limit))

    async def commit(
        self,
        user_id: str,
        draft: Draft,
        *,
        base_version: int,
        folded_from: int | None = None,
        state: bytes | None = None,
    ) -> Revision | None:
        """Write the revision after `base_version`, or return None when that is no longer the current one.

        `folded_from` marks a fold: the watermark must still stand there, and moves to
        `draft.last_seq`. `state` replaces the profiler's state; None keeps it, empty bytes clear it.
        """
        return await self._write(
            lambda conn: writes.commit(conn, user_id, draft, base_version, folded_from, state)
        )

    async def claim(self, user_id: str, holder: str, seconds: float) -> bool:
        """Take the lease of a user for `seconds`, or prolong it; false while somebody else holds it."""
        return await self._write(lambda conn: folds.claim(conn, user_id, holder, seconds), durable=False)

    async def claim_due(
        self, holder: str, seconds: float, *, pending: int, idle_seconds: float, limit: int
    ) -> list[str]:
        """Take the leases of up to `limit` users who are due and whom nobody holds, longest waiting first.

        Due is who has `pending` interactions or more waiting, or any and none new for `idle_seconds`.
        """
        return await self._write(
            lambda conn: folds.claim_due(conn, holder, seconds, pending, idle_seconds, limit), durable=False
        )

    async def release(
        self, user_id: str, holder: str, problem: str | None = None, retry_seconds: float = 0.0
    ) -> None:
        """Give the lease back. A `problem` stands in the head until the next fold succeeds.

        With a problem the user is not due again for `retry_seconds`.
        """
        await self._write(
            lambda conn: folds.release(conn, user_id, holder, problem, retry_seconds), durable=False
        )

    async def pending_totals(self) -> PendingTotals:
        """How many users and interactions wait to be folded, and since when."""
        return await self._read(folds.read_pending_totals)

    async def spent(self, user_id: str, day: date) -> Spending:
        """What folding a user has cost on `day`."""
        return await self._read(lambda conn: folds.read_spending(conn, user_id, day))

    async def spend(self, user_id: str, day: date, *, calls: int, tokens: int) -> Spending:
        """Add to what folding a user has cost on `day`, and return the sum. Only the last day is kept."""
        return await self._write(lambda conn: folds.spend(conn, user_id, day, calls, tokens))

    async def revisions(self, user_id: str, *, limit: int = 50, before: int | None = None) -> list[Revision]:
        """Revisions with a version below `before`, newest first."""
        return await self._read(lambda conn: reads.read_revisions(conn, user_id, limit, before))

    async def interactions(
        self, user_id: str, *, after: int = 0, limit: int = 500
    ) -> list[RecordedInteraction]:
        """Interactions with a seq above `after`, oldest first, quarantined ones included."""
        return await self._read(lambda conn: reads.read_interactions(conn, user_id, after, limit))

    async def users(self, *, prefix: str = "", after: str = "", limit: int = 100) -> list[UserEntry]:
        """Users whose id starts with `prefix` and sorts behind `after`, sorted by id."""
        return await self._read(lambda conn: reads.read_users(conn, prefix, after, limit))

    async def forget(
        self, user_id: str, matches: Callable[[str], bool], *, actor: str, refold: bool
    ) -> Forgotten:
        """Remove everything of a user that `matches`, in all versions, from the bytes of the file too.

        `matches` runs on another thread and must not call the store. With `refold` what is left of
        the log counts as pending again. Anything removed makes a new version.
        """
        return await self._remove(lambda conn: forget(conn, user_id, matches, actor, refold))

    async def erase(self, user_id: str) -> Forgotten:
        """Remove every trace of a user, from the bytes of the file too."""
        return await self._remove(lambda conn: erase(conn, user_id))

    async def close(self) -> None:
        """Finish the calls that run, then let go of the file. Closing twice is fine."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.stop()
        self._readers.close()
        self._raw.close()

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        with self._errors():
            return await self._readers.on_thread(read)

    async def _write(self, job: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> T:
        with self._errors():
            return await asyncio.wrap_future(self._writer.submit(job, durable=durable))

    async def _remove(self, job: Callable[[sqlite3.Connection], Removal]) -> Forgotten:
        removal = await self._write(job)
        scrubbed = await asyncio.wrap_future(
            self._writer.submit(lambda conn: scrub(conn, self._raw, removal), alone=True)
        )
        return removal.forgotten.model_copy(update={"scrubbed": scrubbed})

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise translated(error, self.path) from error
        except UnicodeEncodeError as error:
            raise InvalidInputError("A text holds half of a surrogate pair; send valid Unicode.") from error
        except OverflowError as error:
            raise InvalidInputError("A number is too large to be a version or a seq.") from error
