"""The bytes of a database file, read past SQLite: to recognise a file, to notice that it was exchanged,
and to clear what is left of deleted rows.

On POSIX systems closing any descriptor of a file drops every lock that the process holds on it, and
SQLite relies on such locks. So one descriptor a file is shared by all readers in the process and
closed after the last of them: each reader must outlive its own SQLite connections.
"""

from __future__ import annotations

import os
import stat
import struct
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from prosona.profiles_db.sqlite.schema import MARK

__all__ = ["Header", "RawFile", "mark_in", "read_at"]

_MAGIC = b"SQLite format 3\x00"
_CHUNK_BYTES = 1 << 20
# The first byte of a b-tree page, and how long the header is that follows.
_PAGE_HEADER_BYTES = {0x02: 12, 0x05: 12, 0x0A: 8, 0x0D: 8}
# `meta` has its root among the first pages, where SQLite puts the roots of all tables of a new or a rebuilt
# file; there are about twenty.
_ROOT_PAGES = 64
_SEARCHES = 100
_NAME_BYTES = 32
# The row of `meta` as SQLite writes it: number 1, a header of 6 bytes, the key, a text of 46 bytes, a number
# of eight; the types of two more numbers follow.
_META_ROW = bytes([1, 6, 0, 13 + 2 * (len(MARK) + _NAME_BYTES), 6])


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes of a file say; a file that SQLite did not write has zeros."""

    empty: bool
    is_sqlite: bool = False
    page_bytes: int = 0
    user_version: int = 0
    application_id: int = 0
    first_free: int = 0
    """The first page of the list of free pages; 0 for none."""
    pages_a_map: int = 0
    """From page 2 on every so many pages one is a map of the others (`auto_vacuum`); 0: there are none."""

    def is_map(self, number: int) -> bool:
        """Whether a page is one of the maps, which hold no rows."""
        return bool(self.pages_a_map) and (number - 2) % self.pages_a_map == 0


@dataclass(slots=True)
class _Shared:
    descriptor: int
    writable: bool
    readers: int = 0


_shared: dict[tuple[int, int], _Shared] = {}
_shared_lock = threading.Lock()


def _after_fork() -> None:
    # A thread of the parent may have held the lock; and what the parent opened is the parent's.
    global _shared_lock
    _shared_lock = threading.Lock()
    _shared.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def read_at(descriptor: int, length: int, offset: int) -> bytes:
    """Up to `length` bytes from `offset` on."""
    if hasattr(os, "pread"):
        return os.pread(descriptor, length, offset)
    # On Windows; the lock keeps the position and the read together.
    with _shared_lock:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, length)


def mark_in(page: bytes) -> tuple[bytes, int] | None:
    """The name of the store and the epoch, if `page` is the one of `meta`; None for every other."""
    if page[:1] != b"\x0d" or page[3:5] != b"\x00\x01":
        return None
    cell = int.from_bytes(page[8:10], "big")
    # No other row can look so, whatever texts people write.
    if page[cell + 1 : cell + 6] != _META_ROW or page[cell + 8 : cell + 8 + len(MARK)] != MARK:
        return None
    name = cell + 8 + len(MARK)
    epoch = page[name + _NAME_BYTES : name + _NAME_BYTES + 8]
    return page[name : name + _NAME_BYTES], int.from_bytes(epoch, "big")


class RawFile:
    """A view of the bytes of one file, which is made (mode 0600) when it does not exist.

    Raises `OSError` when the file may not be read, or is no regular file. `writable` is false for a file
    that may only be read.
    """

    def __init__(self, path: Path) -> None:
        with _shared_lock:
            key = _key(path)
            if key is None or key not in _shared:
                descriptor, writable = _open(path)
                status = os.fstat(descriptor)
                key = (status.st_dev, status.st_ino)
                _shared[key] = _Shared(descriptor, writable)
            _shared[key].readers += 1
            self.identity = key
            self.writable = _shared[key].writable
            self._descriptor = _shared[key].descriptor
        self._mark_at = self._page_bytes = self._misses = 0
        self._closed = False

    def header(self) -> Header:
        """What the file is, judged by its first 100 bytes."""
        first = read_at(self._descriptor, 100, 0)
        if len(first) < 100 or not first.startswith(_MAGIC):
            return Header(empty=not first)
        page_bytes, spare, first_free, largest_root, user_version, application_id = struct.unpack_from(
            ">16xH2xB11xI16xI4xI4xI", first
        )
        # 65,536 does not fit the field and is written as 1.
        page_bytes = 65_536 if page_bytes == 1 else page_bytes
        return Header(
            empty=False,
            is_sqlite=True,
            page_bytes=page_bytes,
            user_version=user_version,
            application_id=application_id,
            first_free=first_free,
            # An entry of a map takes five bytes.
            pages_a_map=(page_bytes - spare) // 5 + 1 if largest_root else 0,
        )

    def mark(self) -> tuple[bytes, int] | None:
        """The name of the store and its epoch as of the last checkpoint; None where they cannot be found."""
        if self._mark_at and (found := mark_in(read_at(self._descriptor, self._page_bytes, self._mark_at))):
            return found
        # Not there yet, or the file was rebuilt. Where it stays away, it is not looked for every time.
        self._misses += 1
        if self._misses > _SEARCHES and self._misses % _SEARCHES:
            return None
        self._page_bytes = self.header().page_bytes
        if not self._page_bytes:
            return None
        roots = read_at(self._descriptor, self._page_bytes * _ROOT_PAGES, 0)
        for at in range(self._page_bytes, len(roots), self._page_bytes):
            if found := mark_in(roots[at : at + self._page_bytes]):
                self._mark_at, self._misses = at, 0
                return found
        return None

    def soiled(self) -> Iterator[int]:
        """The numbers of the pages that hold something in bytes which nothing uses.

        SQLite overwrites what is deleted (`secure_delete`), but a page that was split keeps, between
        its live cells, a stale copy of the cells that moved to its neighbour; and other programs delete
        without overwriting.
        """
        header = self.header()
        page_bytes = header.page_bytes
        if not page_bytes:
            return
        free = self._free_pages()
        chunk_bytes = max(_CHUNK_BYTES, page_bytes)
        offset = 0
        while chunk := read_at(self._descriptor, chunk_bytes, offset):
            for start in range(0, len(chunk) - page_bytes + 1, page_bytes):
                number = (offset + start) // page_bytes + 1
                page = chunk[start : start + page_bytes]
                if _unused(page, number, free.get(number)) and not header.is_map(number):
                    yield number
            offset += len(chunk)

    def clear(self, numbers: Collection[int]) -> None:
        """Writes zeros where these pages have bytes that nothing uses. `sync` puts them on disk.

        The caller holds SQLite's write lock and has moved all of the log into the file, so that these are
        the pages as they stand. Readers never look at such bytes; writers must read the pages anew.
        """
        page_bytes = self.header().page_bytes
        free = self._free_pages()
        for number in numbers:
            offset = (number - 1) * page_bytes
            page = read_at(self._descriptor, page_bytes, offset)
            if len(page) == page_bytes:
                for begin, end in _unused(page, number, free.get(number)):
                    self._write(bytes(end - begin), offset + begin)

    def sync(self) -> None:
        """Puts what `clear` wrote on disk."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Let go of the file. Closes the descriptor when no other reader is left."""
        if self._closed:
            return
        self._closed = True
        with _shared_lock:
            shared = _shared.get(self.identity)
            if shared is None or shared.descriptor != self._descriptor:
                return
            shared.readers -= 1
            if not shared.readers:
                del _shared[self.identity]
                os.close(shared.descriptor)

    def _free_pages(self) -> dict[int, int]:
        """The free pages, each with where its unused bytes begin: some hold the list of the others."""
        header = self.header()
        lists, free, trunk = dict[int, int](), dict[int, int](), header.first_free
        while trunk and trunk not in lists:
            page = read_at(self._descriptor, header.page_bytes, (trunk - 1) * header.page_bytes)
            if len(page) < header.page_bytes:
                break
            following, count = struct.unpack_from(">II", page)
            count = min(count, header.page_bytes // 4 - 2)
            lists[trunk] = 8 + 4 * count
            free.update(dict.fromkeys(struct.unpack_from(f">{count}I", page, 8), 0))
            trunk = following
        return free | lists

    def _write(self, data: bytes, offset: int) -> None:
        if hasattr(os, "pwrite"):
            os.pwrite(self._descriptor, data, offset)
            return
        with _shared_lock:
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            os.write(self._descriptor, data)


def _key(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise IsADirectoryError(f"{path} is not a regular file")
    return status.st_dev, status.st_ino


def _open(path: Path) -> tuple[int, bool]:
    more = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.open(path, os.O_RDWR | more), True
    except FileNotFoundError:
        pass
    except OSError:
        # May it be read, at least? If not, that is the error to tell.
        return os.open(path, os.O_RDONLY | more), False
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | more, 0o600)
    except FileExistsError:
        return os.open(path, os.O_RDWR | more), True
    # A strange umask may have taken bits away; SQLite gives its -wal and -shm the same mode.
    path.chmod(0o600)
    return descriptor, True


def _unused(page: bytes, number: int, free: int | None) -> list[tuple[int, int]]:
    """Where the bytes of a page stand that nothing uses, and that are not zero."""
    if free is not None:
        return [(free, len(page))] if page.count(0, free) < len(page) - free else []
    start = 100 if number == 1 else 0
    header_bytes = _PAGE_HEADER_BYTES.get(page[start])
    if header_bytes is None:
        return []
    freeblock, cells, content = struct.unpack_from(">HHH", page, start + 1)
    gap = start + header_bytes + 2 * cells
    content = content or 65_536
    if not gap <= content <= len(page):
        return []  # No page of ours: nothing may be written there.
    spans = [(gap, content)]
    while content <= freeblock <= len(page) - 4 and len(spans) <= len(page) // 4:
        following, length = struct.unpack_from(">HH", page, freeblock)
        if length < 4 or freeblock + length > len(page):
            return []
        spans.append((freeblock + 4, freeblock + length))
        freeblock = following if following > freeblock else 0
    return [(a, b) for a, b in spans if page.count(0, a, b) < b - a]
