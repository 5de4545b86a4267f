"""Whether the file at the path still is the one that was opened, with all that was written to it.

A file may be removed or exchanged under a running program, and SQLite does not notice: it writes on into a
file that nobody can open any more, or mixes two. Every batch of writes counts the epoch in `meta` up by one.
So three things hold, and are looked at before anything is acknowledged: the path leads to the file that
is open; the epoch in the bytes of the file never goes back; and the log beside it goes on from that epoch,
not from a later one.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prosona.profiles_db.sqlite.bytes import RawFile, mark_in, read_at
from prosona.profiles_db.sqlite.errors import replaced
from prosona.profiles_db.sqlite.schema import APPLICATION_ID, SCHEMA

__all__ = ["Guard", "check_log"]

_TRIES = 3
"""Others move the log into the file while it is looked at; what is wrong is wrong at every look."""
_LOG_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_FIRST_FRAMES = 64
"""A log begins with a batch, and every batch holds the page of `meta`: it is among its first frames."""
_LONGEST_LOG = 64 << 20
"""Bytes of a log that are looked through at opening: more than a log grows to unless a read stays open."""
_SET_BACK = "was set back to an older copy while it was open"


class Guard:
    """Looks after one open file. Usable from every thread."""

    def __init__(self, path: Path, raw: RawFile) -> None:
        self._path = path
        self._raw = raw
        self._log_path = log_path(path)
        self._name: bytes | None = None
        self._highest = 0
        self._log: _OpenLog | None = None
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raises `StoreReplacedError` if the file is not what it was. Takes some microseconds."""
        problem = None
        with self._lock:
            for _ in range(_TRIES):
                problem = self._problem()
                if problem is None:
                    return
        raise replaced(self._path, problem or "")

    def written(self) -> None:
        """Tells that a commit has just been made: so there is a log, and it must stay."""
        if self._log is None:
            try:
                self._log = _OpenLog(self._log_path)
            except FileNotFoundError:
                raise replaced(self._path, "lost its -wal file while it was open") from None

    def close(self) -> None:
        """Lets go of the log."""
        if self._log is not None:
            self._log.close()
            self._log = None

    def _problem(self) -> str | None:
        try:
            status = os.stat(self._path)  # noqa: PTH116 - on the path of every write
        except FileNotFoundError:
            return "was removed while it was open"
        if (status.st_dev, status.st_ino) != self._raw.identity:
            return "was replaced by another file while it was open"
        mark = self._raw.mark()
        if mark is None:
            return self._unmarked() if self._highest else None
        if not self._raw.header().is_sqlite:
            return "was overwritten while it was open"
        name, epoch = mark
        if epoch < self._highest:
            return _SET_BACK
        if self._name not in (None, name):
            return "was overwritten by another store while it was open"
        self._name, self._highest = name, epoch
        if self._log is not None:
            if not self._log.stands():
                return "lost its -wal file while it was open"
            first = self._log.first_epoch()
            if first is not None and first - 1 > epoch:
                return _SET_BACK
        return None

    def _unmarked(self) -> str | None:
        """What became of a file that held the mark; while others rebuild it, that may be away a moment."""
        header = self._raw.header()
        if not header.is_sqlite or header.application_id != APPLICATION_ID:
            return "was overwritten while it was open"
        return _SET_BACK if header.user_version < SCHEMA else None


class _OpenLog:
    """The write-ahead log that our commits go to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(
            path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        )
        status = os.fstat(self._descriptor)
        self._identity = status.st_dev, status.st_ino
        self._header = b""
        self._first: int | None = None

    def stands(self) -> bool:
        """Whether the path leads to it."""
        try:
            status = os.stat(self._path)  # noqa: PTH116 - on the path of every write
        except FileNotFoundError:
            return False
        return (status.st_dev, status.st_ino) == self._identity

    def first_epoch(self) -> int | None:
        """The epoch of the first batch in it; None if it cannot be told."""
        header = read_at(self._descriptor, _LOG_HEADER_BYTES, 0)
        # Whenever a log begins anew, its header is another.
        if header != self._header or self._first is None:
            self._header = header
            self._first = next((mark[1] for mark in _marks(self._descriptor, _FIRST_FRAMES)), None)
        return self._first

    def close(self) -> None:
        os.close(self._descriptor)


def log_path(path: Path) -> Path:
    """Where the write-ahead log of a file lies."""
    return path.with_name(f"{path.name}-wal")


def check_log(path: Path, raw: RawFile) -> None:
    """Raises `StoreReplacedError` if the log beside a file that is about to be opened is not its own.

    SQLite would take it for its own, and damage the file.
    """
    for _ in range(_TRIES):
        mark = raw.mark()
        if mark is None:
            return
        span = _span_of_log(log_path(path))
        if span is None or (span.name == mark[0] and span.first - 1 <= mark[1] <= span.last):
            return
    raise replaced(
        path, "was exchanged, and the -wal file beside it belongs to the one that lay there before"
    )


@dataclass(frozen=True, slots=True)
class _Span:
    name: bytes
    first: int
    last: int


def _span_of_log(path: Path) -> _Span | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        size = os.fstat(descriptor).st_size
        marks = list(_marks(descriptor, None)) if _LOG_HEADER_BYTES < size <= _LONGEST_LOG else []
    finally:
        os.close(descriptor)
    return _Span(marks[0][0], marks[0][1], marks[-1][1]) if marks else None


def _marks(descriptor: int, most: int | None) -> Iterator[tuple[bytes, int]]:
    """The marks in the frames of a log, in order; in the first `most` of them."""
    header = read_at(descriptor, _LOG_HEADER_BYTES, 0)
    if len(header) < _LOG_HEADER_BYTES or header[:3] != b"\x37\x7f\x06":
        return
    (page_bytes,) = struct.unpack_from(">I", header, 8)
    salts = header[16:24]
    frame_bytes = _FRAME_HEADER_BYTES + page_bytes
    together = max(1, (1 << 20) // frame_bytes) if most is None else 8
    offset, left = _LOG_HEADER_BYTES, most if most is not None else _LONGEST_LOG
    while left > 0 and (chunk := read_at(descriptor, frame_bytes * together, offset)):
        for at in range(0, len(chunk) - frame_bytes + 1, frame_bytes):
            # Behind the last frame old ones may follow, from before the log began anew.
            if left <= 0 or chunk[at + 8 : at + 16] != salts:
                return
            left -= 1
            if mark := mark_in(chunk[at + _FRAME_HEADER_BYTES : at + frame_bytes]):
                yield mark
        if len(chunk) < frame_bytes * together:
            return
        offset += len(chunk)
