"""Group commit: one thread writes, and all writes that wait share one transaction and one fsync."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from prosona.core.errors import StoreError, StoreReplacedError
from prosona.profiles_db.sqlite.errors import closed, is_busy, replaced, too_new, translated
from prosona.profiles_db.sqlite.guard import Guard
from prosona.profiles_db.sqlite.schema import SCHEMA, schema_number

__all__ = ["COUNT_UP", "Job", "Writer", "begin"]

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]

COUNT_UP = "UPDATE meta SET epoch = epoch + 1"
"""Part of every transaction that writes."""

_MOST_TOGETHER = 256
_LOOK_AGAIN_SECONDS = 0.001


@dataclass(slots=True)
class _Write:
    job: Job[Any]
    durable: bool
    future: Future[Any] = field(default_factory=Future)

    def fail(self, error: BaseException, path: Path) -> None:
        if self.future.done():
            return
        if isinstance(error, sqlite3.Error):
            shown = translated(error, path)
            shown.__cause__ = error
            self.future.set_exception(shown)
        else:
            self.future.set_exception(error)


class Writer:
    """Runs jobs on its own thread and connection, each all-or-nothing, in the order they came.

    A job may run twice when the transaction it shared was lost, so it must not change anything but
    the database. Its future is resolved only after the commit is on disk, and the file was looked at. Once
    the file was found to be exchanged, `dispose` gets the connection instead of its being closed.
    """

    def __init__(
        self,
        path: Path,
        connect: Callable[[float], sqlite3.Connection],
        busy_seconds: float,
        guard: Guard,
        dispose: Callable[[sqlite3.Connection], None],
    ) -> None:
        self._path = path
        self._connect = connect
        self._busy_seconds = busy_seconds
        self._guard = guard
        self._dispose = dispose
        self._conn: sqlite3.Connection | None = None
        self._waiting: deque[_Write] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopped = False

    def submit(self, job: Job[T], *, durable: bool = True) -> Future[T]:
        """Run `job` in a transaction. Usable from every thread.

        What is not `durable` survives the end of the process but maybe not that of the machine, and
        costs no fsync.
        """
        write = _Write(job, durable)
        with self._changed:
            if self._stopped:
                raise closed(self._path)
            self._waiting.append(write)
            if self._thread is None:
                # A daemon, so that a program that forgets to close the store can still end.
                self._thread = threading.Thread(target=self._run, name="prosona-writer", daemon=True)
                self._thread.start()
            self._changed.notify()
        return write.future

    def stop(self) -> None:
        """Finish what was submitted, then let go of the connection. Blocks until done."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def connections(self) -> list[sqlite3.Connection]:
        """The one that is open, if one is."""
        return [] if self._conn is None else [self._conn]

    def _run(self) -> None:
        batch: list[_Write] = []
        while True:
            try:
                batch = self._next_batch()
                if not batch:
                    break
                self._write(batch)
            except BaseException as error:  # noqa: BLE001 - whoever waits must hear of it
                self._give_up(batch, error)
        self._let_go()

    def _give_up(self, batch: list[_Write], error: BaseException) -> None:
        """Something broke outside of a job: nobody shall wait, and the next write begins afresh."""
        with self._changed:
            waiting = [write for write in self._waiting if write.future.set_running_or_notify_cancel()]
            self._waiting.clear()
        self._let_go()
        if not isinstance(error, (StoreError, sqlite3.Error)):
            shown = StoreError(
                f"Writing to {self._path} broke off: {type(error).__name__}: {error}. Nothing of this call is"
                " certain to be kept; try again."
            )
            shown.__cause__ = error
            error = shown
        for write in (*batch, *waiting):
            write.fail(error, self._path)

    def _let_go(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            with suppress(sqlite3.Error):
                self._dispose(conn)

    def _next_batch(self) -> list[_Write]:
        """What waits. Empty when stopped and all is done."""
        batch: list[_Write] = []
        with self._changed:
            while not batch:
                while not self._waiting:
                    if self._stopped:
                        return []
                    self._changed.wait()
                while self._waiting and len(batch) < _MOST_TOGETHER:
                    write = self._waiting.popleft()
                    if write.future.set_running_or_notify_cancel():
                        batch.append(write)
        return batch

    def _write(self, batch: list[_Write]) -> None:
        try:
            self._guard.check()
        except StoreReplacedError as error:
            for write in batch:
                write.fail(error, self._path)
            return
        if self._conn is None:
            try:
                self._conn = self._connect(self._busy_seconds)
                self._conn.execute("PRAGMA busy_timeout = 0")
            except sqlite3.Error as error:
                for write in batch:
                    write.fail(error, self._path)
                return
        if not self._commit(self._conn, batch):
            for write in batch:
                self._commit(self._conn, [write])

    def _commit(self, conn: sqlite3.Connection, batch: list[_Write]) -> bool:
        """Commit `batch` as one transaction. False when it was lost and each should go alone."""
        if any(write.durable for write in batch):
            return self._transact(conn, batch)
        conn.execute("PRAGMA synchronous = NORMAL")
        try:
            return self._transact(conn, batch)
        finally:
            conn.execute("PRAGMA synchronous = FULL")

    def _transact(self, conn: sqlite3.Connection, batch: list[_Write]) -> bool:
        outcomes: list[tuple[_Write, Any, BaseException | None]] = []
        try:
            begin(conn, self._busy_seconds)
            number = schema_number(conn)
            if number > SCHEMA:
                raise too_new(self._path, number, SCHEMA)
            if number < SCHEMA:
                raise replaced(self._path, "was set back to an older copy while it was open")
            for write in batch:
                outcomes.append((write, *_run_within(conn, write.job)))
            conn.execute(COUNT_UP)
            conn.execute("COMMIT")
            self._guard.written()
            self._guard.check()
        except (sqlite3.Error, StoreError) as error:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            if len(batch) > 1 and isinstance(error, sqlite3.Error) and not is_busy(error):
                return False
            for write in batch:
                write.fail(error, self._path)
            return True
        for write, value, failure in outcomes:
            if failure is None:
                write.future.set_result(value)
            else:
                write.fail(failure, self._path)
        return True


def begin(conn: sqlite3.Connection, seconds: float) -> None:
    """Takes the write lock, for which it waits up to `seconds`.

    SQLite's own waiting sleeps longer and longer, up to a tenth of a second, and misses the moments in which
    the lock is free.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return


def _run_within(conn: sqlite3.Connection, job: Job[Any]) -> tuple[Any, BaseException | None]:
    """The result of `job` or its error, which undoes that job only. Raises if all was undone."""
    conn.execute("SAVEPOINT job")
    try:
        value = job(conn)
    except Exception as error:
        # Whatever one caller's job raises goes to that caller; the jobs of others beside it are committed.
        if not conn.in_transaction:
            # SQLite gave up the whole transaction, as it does on a full disk.
            raise
        conn.execute("ROLLBACK TO job")
        conn.execute("RELEASE job")
        return None, error
    conn.execute("RELEASE job")
    return value, None
