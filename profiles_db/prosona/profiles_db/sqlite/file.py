"""One open file: reads and writes through its connections, and what is the matter with it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from prosona.core.errors import (
    InvalidInputError,
    StoreDamagedError,
    StoreError,
    StoreForkedError,
    StoreFullError,
    StoreReplacedError,
)
from prosona.core.requests import Forgotten
from prosona.profiles_db.sqlite.care import Care, problems_in
from prosona.profiles_db.sqlite.copies import copy_to
from prosona.profiles_db.sqlite.errors import closed, is_busy, read_only, too_new, translated
from prosona.profiles_db.sqlite.guard import Guard, log_path
from prosona.profiles_db.sqlite.opening import Mode, connect, open_file
from prosona.profiles_db.sqlite.readers import Readers
from prosona.profiles_db.sqlite.schema import SCHEMA
from prosona.profiles_db.sqlite.scrubbing import Scrubber
from prosona.profiles_db.sqlite.writer import Writer

__all__ = ["OpenFile"]

T = TypeVar("T")
Run = Callable[[sqlite3.Connection], T]

_WORTH_A_REBUILD = 4
"""A file of which one page in so many is free is written anew by `maintain`."""
_REBUILD_SECONDS = 10.0
"""How long a rebuild waits for the others to pause."""


class OpenFile:
    """A store's file, open in this process. Usable from every thread and event loop."""

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._trouble: tuple[type[StoreError], str] | None = None
        self._forked = False
        self._stop = threading.Event()
        opened = open_file(path, busy_seconds)
        self._raw = opened.raw
        self._mode: Mode = opened.mode
        self._look = self._appearance()
        self._guard = Guard(path, self._raw)
        try:
            with self._errors():
                self._readers = Readers(self._connect, busy_seconds, lambda: closed(path))
        except BaseException:
            self._raw.close()
            raise
        self._writer = Writer(path, self._connect, busy_seconds, self._guard, self._dispose)
        self._care: Care | None = None
        if self._mode == "rw":
            scrubber = Scrubber(self._raw, self._connect, self._stop)
            self._care = Care(
                path, self._writer, scrubber, self._connect, self._damaged, self._stop, owed=opened.owed
            )
        _open.add(self)

    async def quick(self, run: Run[T]) -> T:
        """A read of a few rows on the caller's own thread."""
        with self._errors():
            return await self._reading().quick(run)

    async def read(self, run: Run[T]) -> T:
        """A read on a thread."""
        with self._errors():
            return await self._reading().on_thread(run)

    async def write(self, run: Run[T], *, durable: bool = True) -> T:
        """A change, on disk when this returns; what is not `durable` may be lost with the machine."""
        with self._errors():
            self._check()
            if self._mode != "rw":
                raise read_only(self._path)
            return await asyncio.wrap_future(self._writer.submit(run, durable=durable))

    async def write_in_reserve(self, run: Run[T]) -> T:
        """A deletion: where the disk is full it gets the room that was kept for it."""
        try:
            return await self.write(run)
        except StoreFullError:
            if self._care is None or not self._care.reserve.give_up():
                raise
            return await self.write(run)

    async def scrubbed(self, forgotten: Forgotten) -> Forgotten:
        """What was forgotten, with whether its bytes are gone; tries to make it so."""
        assert self._care is not None
        done = await asyncio.wrap_future(self._care.scrub())
        return forgotten.model_copy(update={"scrubbed": done})

    async def changed(self) -> int:
        """How often anything was written, by any process."""
        with self._errors():
            if self._mode == "rw":
                self._guard.check()
            return await self._reading().quick(_written)

    async def maintain(self, progress: Callable[[str], None]) -> list[str]:
        """Pays, checks, gives back room; what is wrong."""
        self._check(but=StoreDamagedError)
        problems: list[str] = []
        if self._care is not None:
            progress("clearing what was forgotten")
            if not await asyncio.wrap_future(self._care.scrub()):
                problems.append(
                    "Old bytes could not be cleared: a program keeps a read open, or the disk is full. It is"
                    " tried again."
                )
        progress("checking the structure")
        with self._errors():
            wrong = await asyncio.to_thread(self._with_own, problems_in)
            if wrong:
                self._damaged(wrong[0])
            elif self._care is not None and await asyncio.to_thread(self._with_own, _much_is_free):
                progress("giving back free room")
                await asyncio.to_thread(self._with_own, _rebuild)
        if self._care is not None:
            await asyncio.to_thread(self._care.reserve.take)
        return [*problems, *wrong]

    async def backup(self, target: Path) -> None:
        """A copy as of one moment."""
        self._check()
        with self._errors():
            await asyncio.to_thread(self._with_own, lambda conn: copy_to(conn, self._path, target.absolute()))

    async def close(self) -> None:
        """Lets go of everything."""
        if not self._forked:
            await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._stop.set()
        if self._care is not None:
            self._care.close()
        self._writer.stop()
        self._readers.close(self._dispose)
        self._guard.close()
        if self._trouble is None or self._trouble[0] is not StoreReplacedError:
            self._raw.close()

    def _connect(self, busy_seconds: float) -> sqlite3.Connection:
        return connect(self._path, self._mode, busy_seconds)

    def _with_own(self, run: Run[T]) -> T:
        with closing(self._connect(_REBUILD_SECONDS)) as conn:
            return run(conn)

    def _dispose(self, conn: sqlite3.Connection) -> None:
        try:
            if self._mode == "rw":
                self._guard.check()
        except StoreReplacedError as error:
            # Closing would move a log into a file that it does not belong to, or remove somebody else's.
            self._trouble = StoreReplacedError, str(error)
            _leave_open(conn)
        else:
            conn.close()

    def _damaged(self, what: str) -> None:
        self._trouble = StoreDamagedError, f"{self._path} is damaged ({what}). Restore it from a backup."

    def _check(self, but: type[StoreError] | None = None) -> None:
        if self._trouble is not None and self._trouble[0] is not but:
            kind, message = self._trouble
            raise kind(message)

    def _reading(self) -> Readers:
        self._check()
        if self._mode == "immutable" and (look := self._appearance()) != self._look:
            # Somebody writes, who may: from now on the file is read as one that changes.
            self._look = look
            if look[0]:
                self._mode = "ro"
            old, self._readers = (
                self._readers,
                Readers(self._connect, self._busy_seconds, lambda: closed(self._path)),
            )
            old.close(self._dispose)
        return self._readers

    def _appearance(self) -> tuple[bool, int, int]:
        if self._mode != "immutable":
            return False, 0, 0
        try:
            status = self._path.stat()
            return log_path(self._path).exists(), status.st_mtime_ns, status.st_size
        except FileNotFoundError:
            return False, 0, 0

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._meaning(error) from error
        except StoreReplacedError as error:
            self._trouble = StoreReplacedError, str(error)
            raise
        except UnicodeEncodeError as error:
            raise InvalidInputError("A text holds half of a surrogate pair; send valid Unicode.") from error
        except OverflowError as error:
            raise InvalidInputError("A number is too large to be a version or a seq.") from error

    def _meaning(self, error: sqlite3.Error) -> StoreError:
        """What an error comes from: it may be that of a file that was exchanged, or migrated."""
        if self._mode == "rw" and not is_busy(error):
            try:
                self._guard.check()
            except StoreReplacedError as replaced:
                self._trouble = StoreReplacedError, str(replaced)
                return replaced
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_ERROR:
            number = self._raw.header().user_version
            if number > SCHEMA:
                return too_new(self._path, number, SCHEMA)
        return translated(error, self._path)

    def forked(self) -> None:
        """In a child process: nothing here may be touched again, for the parent's sake."""
        self._forked = True
        self._trouble = (
            StoreForkedError,
            f"The store of {self._path} was opened before this process was forked. Open another one here, or"
            " fork before opening it.",
        )
        for conn in (*self._writer.connections(), *self._readers.connections()):
            _leave_open(conn)


_open: weakref.WeakSet[OpenFile] = weakref.WeakSet()


def _after_fork() -> None:
    for file in list(_open):
        file.forked()
    _open.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _leave_open(conn: sqlite3.Connection) -> None:
    """Keeps a connection from being closed when nothing refers to it any more, at exit too."""
    import ctypes

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(conn))


def _written(conn: sqlite3.Connection) -> int:
    (written,) = conn.execute("SELECT epoch + told FROM meta").fetchone()
    return int(written)


def _much_is_free(conn: sqlite3.Connection) -> bool:
    (pages,) = conn.execute("PRAGMA page_count").fetchone()
    (free,) = conn.execute("PRAGMA freelist_count").fetchone()
    return int(free) * _WORTH_A_REBUILD > int(pages)


def _rebuild(conn: sqlite3.Connection) -> None:
    conn.execute("VACUUM")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
