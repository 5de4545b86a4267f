"""What SQLite's errors mean to the person who made the call."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from prosona.profiles_db.errors import (
    NotAStoreError,
    StoreBusyError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
)

# A quota or a size limit shows as a failed write, not as a full disk.
_NO_ROOM = {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}


def primary_code(error: sqlite3.Error) -> int:
    """The SQLite result code of `error` without its extension; 0 when it carries none."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection was in the way, so that the same call may succeed later."""
    return primary_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def translated(error: sqlite3.Error, path: Path) -> StoreError:
    """The error of our own that says what happened to the file at `path` and what to do."""
    if is_busy(error):
        return StoreBusyError(
            f"{path} stayed locked by another program past the time limit. Nothing was written; try again."
        )
    if getattr(error, "sqlite_errorcode", 0) in _NO_ROOM:
        return full(path)
    match primary_code(error):
        case sqlite3.SQLITE_FULL:
            return full(path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return read_only(path)
        case sqlite3.SQLITE_NOTADB:
            return not_a_store(path)
        case sqlite3.SQLITE_CORRUPT:
            return StoreError(f"{path} is damaged ({error}). Restore it from a backup.")
        case _:
            return StoreError(f"{path} could not be used: {error}. Nothing was half-written.")


def full(path: Path) -> StoreFullError:
    """The error for a disk, or a quota, that is used up."""
    return StoreFullError(f"No space left for {path}. Nothing was written; free some space, then try again.")


def read_only(path: Path) -> StoreReadOnlyError:
    """The error for a file, or a folder around it, that may not be written."""
    return StoreReadOnlyError(
        f"{path} or its folder may not be written. "
        "Change the permissions, or choose another file with --db or PROSONA_DB."
    )


def not_a_store(path: Path) -> NotAStoreError:
    """The error for a file of some other program."""
    return NotAStoreError(
        f"{path} is not a Prosona database. It was left as it is; "
        "choose another file with --db or PROSONA_DB."
    )
