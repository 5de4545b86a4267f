"""Group commit: one thread writes, and all writes that wait share one transaction and one fsync."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from prosona.profiles_db.errors import StoreError
from prosona.profiles_db.sqlite_errors import is_busy, translated

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]

_MOST_TOGETHER = 256


@dataclass(slots=True)
class _Write:
    job: Job[Any]
    alone: bool
    durable: bool
    future: Future[Any] = field(default_factory=Future)

    def fail(self, error: BaseException, path: Path) -> None:
        if isinstance(error, sqlite3.Error):
            shown = translated(error, path)
            shown.__cause__ = error
            self.future.set_exception(shown)
        else:
            self.future.set_exception(error)


class Writer:
    """Runs jobs on its own thread and connection, each all-or-nothing, in the order they came.

    A job may run twice when the transaction it shared was lost, so it must not change anything but
    the database. Its future is resolved only after the commit is on disk.
    """

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._path = path
        self._connect = connect
        self._waiting: deque[_Write] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopped = False

    def submit(self, job: Job[T], *, alone: bool = False, durable: bool = True) -> Future[T]:
        """Run `job` in a transaction; with `alone`, outside of any. Usable from every thread.

        What is not `durable` survives the end of the process but maybe not that of the machine, and
        costs no fsync.
        """
        write = _Write(job, alone, durable)
        with self._changed:
            if self._stopped:
                raise StoreError(f"The store of {self._path} is closed.")
            self._waiting.append(write)
            if self._thread is None:
                # A daemon, so that a program that forgets to close the store can still end.
                self._thread = threading.Thread(target=self._run, name="prosona-writer", daemon=True)
                self._thread.start()
            self._changed.notify()
        return write.future

    def stop(self) -> None:
        """Finish what was submitted, then close the connection. Blocks until done."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        conn: sqlite3.Connection | None = None
        try:
            while batch := self._next_batch():
                try:
                    conn = conn or self._connect()
                except sqlite3.Error as error:
                    for write in batch:
                        write.fail(error, self._path)
                    continue
                if batch[0].alone:
                    self._run_alone(conn, batch[0])
                elif not self._commit(conn, batch):
                    for write in batch:
                        self._commit(conn, [write])
        finally:
            if conn is not None:
                conn.close()

    def _next_batch(self) -> list[_Write]:
        """What waits, up to a job that must run alone. Empty when stopped and all is done."""
        batch: list[_Write] = []
        with self._changed:
            while not batch:
                while not self._waiting:
                    if self._stopped:
                        return []
                    self._changed.wait()
                while self._waiting and len(batch) < _MOST_TOGETHER:
                    if batch and (batch[0].alone or self._waiting[0].alone):
                        break
                    write = self._waiting.popleft()
                    if write.future.set_running_or_notify_cancel():
                        batch.append(write)
        return batch

    def _run_alone(self, conn: sqlite3.Connection, write: _Write) -> None:
        try:
            value = write.job(conn)
        except Exception as error:  # noqa: BLE001 - it belongs to the caller, who gets it
            write.fail(error, self._path)
        else:
            write.future.set_result(value)

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
            conn.execute("BEGIN IMMEDIATE")
            for write in batch:
                outcomes.append((write, *_run_within(conn, write.job)))
            conn.execute("COMMIT")
        except sqlite3.Error as error:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            if len(batch) > 1 and not is_busy(error):
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


def _run_within(conn: sqlite3.Connection, job: Job[Any]) -> tuple[Any, BaseException | None]:
    """The result of `job` or its error, which undoes that job only. Raises if all was undone."""
    conn.execute("SAVEPOINT job")
    try:
        value = job(conn)
    except Exception as error:
        if not conn.in_transaction:
            # SQLite gave up the whole transaction, as it does on a full disk.
            raise
        conn.execute("ROLLBACK TO job")
        conn.execute("RELEASE job")
        return None, error
    conn.execute("RELEASE job")
    return value, None
