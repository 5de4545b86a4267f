"""After a deletion: that the bytes of the file, and of its log, hold nothing of what was deleted.

SQLite overwrites deleted rows itself (`secure_delete`). What it leaves are copies in the unused part of
pages that were split, and pages in the log. The log is moved into the file and cut to nothing; unused bytes
are set to zero where they lie, a few pages at a time under the write lock, so that nobody waits for long
however large the file is. Nothing is rebuilt, and no room is needed.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing

from prosona.profiles_db.sqlite.bytes import RawFile
from prosona.profiles_db.sqlite.errors import is_busy
from prosona.profiles_db.sqlite.writer import COUNT_UP, begin

__all__ = ["Scrubber"]

_PATIENCE_SECONDS = 2.0
"""How long to try against reads that stay open."""
_HOLD_SECONDS = 0.02
"""How long to wait for readers while writers wait for us."""
_PAUSE_SECONDS = 0.01
"""Between two holds of the write lock, so that those who wait get it."""
_PAGES_AT_ONCE = 64
"""Reading and clearing so many takes a few milliseconds, less than putting the log in the file before it."""


class Scrubber:
    """Clears one file. `stop` set makes it give up soon; the debt stays noted then."""

    def __init__(
        self, raw: RawFile, connect: Callable[[float], sqlite3.Connection], stop: threading.Event
    ) -> None:
        self._raw = raw
        self._connect = connect
        self._stop = stop

    def delete(self, delete_some: Callable[[], bool]) -> None:
        """Calls for a part of what is to be deleted, until there is no more."""
        with closing(self._connect(_HOLD_SECONDS)) as aside:
            while delete_some():
                # Else the log grows until somebody's commit has to move all of it into the file.
                aside.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                self._stop.wait(_PAUSE_SECONDS)

    def scrub(self) -> bool:
        """Pays what is owed. False when another program's open read or write prevented it."""
        with (
            closing(self._connect(0.0)) as conn,
            closing(self._connect(_HOLD_SECONDS)) as aside,
        ):
            (through,) = conn.execute("SELECT max(id) FROM scrubs_owed").fetchone()
            if through is None:
                return True
            # No sync while others wait: what is cleared is synced before the debt is crossed out.
            conn.execute("PRAGMA synchronous = NORMAL")
            try:
                done = self._cut_log(aside) and self._clear(conn, aside) and self._cut_log(aside)
                if done:
                    conn.execute("PRAGMA synchronous = FULL")
                    self._change(conn, "DELETE FROM scrubs_owed WHERE id <= ?", through)
            except sqlite3.OperationalError as error:
                if not is_busy(error):
                    raise
                return False
            return done

    def _cut_log(self, aside: sqlite3.Connection) -> bool:
        """Move all of the log into the file and cut it to nothing; false if a reader needs it."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            # First what needs no lock, so that little is left to do while writers wait.
            aside.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            (blocked, _, _) = aside.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not blocked:
                return True
            if time.monotonic() > deadline or self._stop.wait(_PAUSE_SECONDS):
                return False

    def _clear(self, conn: sqlite3.Connection, aside: sqlite3.Connection) -> bool:
        soiled = list(self._raw.soiled())
        for start in range(0, len(soiled), _PAGES_AT_ONCE):
            if not self._clear_some(conn, aside, soiled[start : start + _PAGES_AT_ONCE]):
                return False
            # While nobody waits: else the next hold would put these pages on the disk, and writers with it.
            self._raw.sync()
            self._stop.wait(_PAUSE_SECONDS)
        return True

    def _clear_some(self, conn: sqlite3.Connection, aside: sqlite3.Connection, numbers: list[int]) -> bool:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            aside.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            begin(conn, _PATIENCE_SECONDS)
            try:
                # Nobody writes now. When the log is in the file, nobody moves it there either, and the file
                # holds the pages as they stand.
                blocked, logged, moved = aside.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if not blocked and logged == moved:
                    self._raw.clear(numbers)
                    # A commit, so that every connection reads its pages anew before it changes them.
                    conn.execute(COUNT_UP)
                    conn.execute("COMMIT")
                    return True
            finally:
                if conn.in_transaction:
                    conn.execute("ROLLBACK")
            if time.monotonic() > deadline or self._stop.wait(_PAUSE_SECONDS):
                return False

    def _change(self, conn: sqlite3.Connection, statement: str, value: int) -> None:
        begin(conn, _PATIENCE_SECONDS)
        try:
            conn.execute(statement, (value,))
            conn.execute(COUNT_UP)
            conn.execute("COMMIT")
        finally:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
