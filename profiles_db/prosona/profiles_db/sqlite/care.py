"""The care of an open file, on a thread of its own: what is owed is paid, the structure is looked over, and
a reserve of room is kept, so that forgetting works on a full disk too."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

from prosona.core.errors import StoreFullError
from prosona.profiles_db.sqlite.errors import is_damage
from prosona.profiles_db.sqlite.forgetting import delete_some
from prosona.profiles_db.sqlite.scrubbing import Scrubber
from prosona.profiles_db.sqlite.writer import Writer

__all__ = ["Care", "Reserve", "problems_in"]

_log = logging.getLogger("prosona")

_QUIET_SECONDS = 1.0
"""After opening, before the looking over begins: programs that only ask something are gone by then."""
_LOOK_SECONDS = 2.0
"""Longest looking over after opening; what takes longer is left to `maintain`."""
_AGAIN_SECONDS = 30.0
"""Until a debt that could not be paid is tried again."""
_RESERVE_BYTES = 4 << 20
"""As much as the log of a forget may take: a thousand pages."""
_FREE_TIMES = 8
"""A reserve is taken only of a disk that has this many times as much room."""


class Reserve:
    """Room on the disk, kept in a file beside the database, and given up for a forget."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f"{path.name}-reserve")

    def take(self) -> None:
        """Takes the room, where it is not taken and the disk has plenty."""
        import shutil

        try:
            if self.path.exists() or shutil.disk_usage(self.path.parent).free < _FREE_TIMES * _RESERVE_BYTES:
                return
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
            descriptor = os.open(self.path, flags, 0o600)
            try:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(descriptor, 0, _RESERVE_BYTES)
                else:
                    os.write(descriptor, bytes(_RESERVE_BYTES))
            finally:
                os.close(descriptor)
        except OSError:
            # Without a reserve a forget may need room that is not there; nothing else does.
            return

    def give_up(self) -> bool:
        """Gives the room back to the disk; false if none was kept."""
        try:
            self.path.unlink()
        except OSError:
            return False
        return True


class Care:
    """Runs from the opening of a store until it is closed."""

    def __init__(
        self,
        path: Path,
        writer: Writer,
        scrubber: Scrubber,
        connect: Callable[[float], sqlite3.Connection],
        damaged: Callable[[str], None],
        stop: threading.Event,
        *,
        owed: bool,
    ) -> None:
        self.reserve = Reserve(path)
        self._writer = writer
        self._scrubber = scrubber
        self._connect = connect
        self._damaged = damaged
        self._stop = stop
        self._owed = owed
        self._asked: list[Future[bool]] = []
        self._woken = threading.Condition()
        self._closing = False
        self._looking: sqlite3.Connection | None = None
        self._thread = threading.Thread(target=self._run, name="prosona-care", daemon=True)
        self._thread.start()

    def scrub(self) -> Future[bool]:
        """Deletes what is left of erased users, and clears the bytes; whether it could be done."""
        asked: Future[bool] = Future()
        with self._woken:
            if self._closing:
                asked.set_result(False)  # It is noted in the file, and paid at the next start.
            else:
                self._asked.append(asked)
                self._woken.notify()
        return asked

    def close(self) -> None:
        """Finishes what was asked for, and leaves the rest. Blocks until done."""
        with self._woken:
            self._closing = True
            self._woken.notify()
            if (looking := self._looking) is not None:
                looking.interrupt()
        self._thread.join()

    def _run(self) -> None:
        looked = False
        due: float | None = time.monotonic() + (0.0 if self._owed else _QUIET_SECONDS)
        while True:
            with self._woken:
                while not (self._asked or self._closing) and (due is None or time.monotonic() < due):
                    self._woken.wait(None if due is None else due - time.monotonic())
                asked = [one for one in self._asked if one.set_running_or_notify_cancel()]
                self._asked.clear()
                if self._closing and not asked:
                    return
            if asked or self._owed:
                self._owed = not self._paid()
                for one in asked:
                    one.set_result(not self._owed)
            if not looked and due is not None and time.monotonic() >= due and not self._closing:
                looked = True
                self._look_over()
                self.reserve.take()
            due = time.monotonic() + _AGAIN_SECONDS if self._owed else None if looked else due

    def _paid(self) -> bool:
        """Whether everything owed could be paid."""
        try:
            try:
                self._scrubber.delete(self._delete_some)
            except StoreFullError:
                if not self.reserve.give_up():
                    return False
                self._scrubber.delete(self._delete_some)
            return self._scrubber.scrub()
        except Exception:  # noqa: BLE001 - this thread's boundary: somebody waits, the debt stays noted
            _log.exception("old bytes could not be cleared yet")
            return False

    def _delete_some(self) -> bool:
        return self._writer.submit(delete_some).result()

    def _look_over(self) -> None:
        try:
            with closing(self._connect(0.0)) as conn:
                self._looking = conn
                ends = threading.Timer(_LOOK_SECONDS, conn.interrupt)
                ends.daemon = True
                ends.start()
                try:
                    problems = problems_in(conn, quick=True)
                finally:
                    ends.cancel()
                    ends.join()
                    self._looking = None
        except sqlite3.Error as error:
            problems = [str(error)] if is_damage(error) else []
        if problems:
            self._damaged(problems[0])


def problems_in(conn: sqlite3.Connection, *, quick: bool = False) -> list[str]:
    """What is wrong with the structure of the file; nothing if all is well."""
    # The users first, with their index: by them everything else is found.
    for pragma in ("integrity_check(users)", "quick_check(1)") if quick else ("integrity_check(20)",):
        found = [str(text) for (text,) in conn.execute(f"PRAGMA {pragma}")]
        if found != ["ok"]:
            return found
    return []
