"""The bytes of a database file, read past SQLite: to recognise a file, and to prove a forget.

On POSIX systems closing any descriptor of a file drops every lock that the process holds on it, and
SQLite relies on such locks. So one descriptor a file is shared by all readers in the process and
closed after the last of them: each reader must outlive its own SQLite connections.
"""

from __future__ import annotations

import os
import stat
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"SQLite format 3\x00"
_CHUNK_BYTES = 1 << 20
# The first byte of a b-tree page, and how long the header is that follows.
_PAGE_HEADER_BYTES = {0x02: 12, 0x05: 12, 0x0A: 8, 0x0D: 8}


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes of a file say; a file that SQLite did not write has zeros."""

    empty: bool
    is_sqlite: bool = False
    page_bytes: int = 0
    user_version: int = 0
    application_id: int = 0


@dataclass(slots=True)
class _Shared:
    descriptor: int
    readers: int = 0


_shared: dict[tuple[int, int], _Shared] = {}
_shared_lock = threading.Lock()


class RawFile:
    """A view of the bytes of one file, which is made (mode 0600) when it does not exist.

    Raises `OSError` when the file may not be read and written, or is no regular file.
    """

    def __init__(self, path: Path) -> None:
        with _shared_lock:
            key = _key(path)
            if key is None or key not in _shared:
                descriptor = _open(path)
                status = os.fstat(descriptor)
                key = (status.st_dev, status.st_ino)
                _shared[key] = _Shared(descriptor)
            _shared[key].readers += 1
            self._key = key
            self._descriptor = _shared[key].descriptor
        self._closed = False

    def header(self) -> Header:
        """What the file is, judged by its first 100 bytes."""
        first = self._read(100, 0)
        if len(first) < 100 or not first.startswith(_MAGIC):
            return Header(empty=not first)
        page_bytes, user_version, application_id = struct.unpack_from(">16xH42xI4xI", first)
        return Header(
            empty=False,
            is_sqlite=True,
            # 65,536 does not fit the field and is written as 1.
            page_bytes=65_536 if page_bytes == 1 else page_bytes,
            user_version=user_version,
            application_id=application_id,
        )

    def residue(self, fragments: Sequence[bytes]) -> bool:
        """Whether any of `fragments` still stands in the unused part of a page.

        SQLite overwrites what is deleted (`secure_delete`), but a page that was split keeps, between
        its live cells, a stale copy of the cells that moved to its neighbour.
        """
        page_bytes = self.header().page_bytes
        if not page_bytes:
            return False
        chunk_bytes = max(_CHUNK_BYTES, page_bytes)
        offset = 0
        while chunk := self._read(chunk_bytes, offset):
            unused = b"\x00".join(
                part
                for start in range(0, len(chunk), page_bytes)
                for part in _unused(chunk[start : start + page_bytes], 100 if offset + start == 0 else 0)
            )
            if any(fragment in unused for fragment in fragments):
                return True
            offset += len(chunk)
        return False

    def close(self) -> None:
        """Let go of the file. Closes the descriptor when no other reader is left."""
        if self._closed:
            return
        self._closed = True
        with _shared_lock:
            shared = _shared[self._key]
            shared.readers -= 1
            if not shared.readers:
                del _shared[self._key]
                os.close(shared.descriptor)

    def _read(self, length: int, offset: int) -> bytes:
        # Not `pread`, which Windows lacks; the lock keeps the position and the read together.
        with _shared_lock:
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            return os.read(self._descriptor, length)


def _key(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise IsADirectoryError(f"{path} is not a regular file")
    return status.st_dev, status.st_ino


def _open(path: Path) -> int:
    flags = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags)
    # A strange umask may have taken bits away; SQLite gives its -wal and -shm the same mode.
    path.chmod(0o600)
    return descriptor


def _unused(page: bytes, start: int) -> list[bytes]:
    """The bytes of a b-tree page that belong to no cell; nothing for other kinds of page."""
    header_bytes = _PAGE_HEADER_BYTES.get(page[start]) if len(page) > start else None
    if header_bytes is None:
        return []
    freeblock, cells, content = struct.unpack_from(">HHH", page, start + 1)
    parts = [page[start + header_bytes + 2 * cells : content or 65_536]]
    while 0 < freeblock <= len(page) - 4 and len(parts) <= len(page) // 4:
        following, length = struct.unpack_from(">HH", page, freeblock)
        parts.append(page[freeblock : freeblock + length])
        freeblock = following
    return [part for part in parts if part.strip(b"\x00")]
