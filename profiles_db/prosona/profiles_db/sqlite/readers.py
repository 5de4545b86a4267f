"""Connections for reading: one on the caller's own thread, and a few on threads beside it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from prosona.core.errors import StoreError
from prosona.profiles_db.sqlite.errors import is_busy

__all__ = ["Readers"]

T = TypeVar("T")
Read = Callable[[sqlite3.Connection], T]

_THREADS = 4


class Readers:
    """Runs reads. Usable from every thread and event loop; a read never takes the write lock."""

    def __init__(
        self,
        connect: Callable[[float], sqlite3.Connection],
        busy_seconds: float,
        closed: Callable[[], StoreError],
    ) -> None:
        self._connect = connect
        self._busy_seconds = busy_seconds
        self._closed = closed
        # Opening may wait for another process; reading on the caller's thread may not.
        inline = connect(busy_seconds)
        inline.execute("SELECT count(*) FROM sqlite_master").fetchone()
        inline.execute("PRAGMA busy_timeout = 0")
        self._inline: sqlite3.Connection | None = inline
        self._inline_lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._threads: ThreadPoolExecutor | None = None

    async def quick(self, read: Read[T]) -> T:
        """Run a read of a few rows right here, or on a thread when it would have to wait."""
        if self._inline_lock.acquire(blocking=False):
            try:
                if self._inline is None:
                    raise self._closed()
                return read(self._inline)
            except sqlite3.OperationalError as error:
                if not is_busy(error):
                    raise
            finally:
                self._inline_lock.release()
        return await self.on_thread(read)

    async def on_thread(self, read: Read[T]) -> T:
        """Run a read on a thread, so that the event loop goes on meanwhile."""
        # Under the lock, so that `close` cannot end the threads in between.
        with self._inline_lock:
            if self._inline is None:
                raise self._closed()
            if self._threads is None:
                self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="prosona-reader")
            reading = self._threads.submit(self._read, read)
        return await asyncio.wrap_future(reading)

    def connections(self) -> Iterator[sqlite3.Connection]:
        """Those that are open and not in use just now."""
        if self._inline is not None:
            yield self._inline
        yield from self._idle

    def close(self, dispose: Callable[[sqlite3.Connection], None]) -> None:
        """Finish the reads that run, then `dispose` of the connections. Blocks until done."""
        with self._inline_lock:
            inline, self._inline = self._inline, None
        if inline is not None:
            dispose(inline)
            if self._threads is not None:
                self._threads.shutdown()
            while self._idle:
                dispose(self._idle.pop())

    def _read(self, read: Read[T]) -> T:
        try:
            conn = self._idle.pop()
        except IndexError:
            conn = self._connect(self._busy_seconds)
        try:
            return read(conn)
        finally:
            self._idle.append(conn)
