"""What SQLite's errors mean to the person who made the call."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

from prosona.core.errors import (
    NotAStoreError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
    StoreReplacedError,
    StoreTooNewError,
)

__all__ = [
    "closed",
    "descriptors_spent",
    "full",
    "is_busy",
    "is_damage",
    "not_a_store",
    "out_of_descriptors",
    "primary_code",
    "read_only",
    "replaced",
    "too_new",
    "translated",
    "unopenable",
]

# A quota or a size limit shows as a failed write, not as a full disk.
_NO_ROOM = {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}


def primary_code(error: sqlite3.Error) -> int:
    """The SQLite result code of `error` without its extension; 0 when it carries none."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection was in the way, so that the same call may succeed later."""
    return primary_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file was found to be other than SQLite left it."""
    return primary_code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


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
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_IOERR if out_of_descriptors():
            return descriptors_spent(path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return read_only(path)
        case sqlite3.SQLITE_NOTADB:
            return not_a_store(path)
        case sqlite3.SQLITE_CORRUPT:
            return StoreDamagedError(f"{path} is damaged ({error}). Restore it from a backup.")
        case _:
            return StoreError(f"{path} could not be used: {error}. Nothing was half-written; try again.")


def unopenable(error: OSError, path: Path) -> StoreError:
    """The error for a file that the operating system does not open."""
    match error.errno:
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return read_only(path)
        case errno.ENOSPC | errno.EDQUOT:
            return full(path)
        case errno.EMFILE | errno.ENFILE:
            return descriptors_spent(path)
        case _ if isinstance(error, IsADirectoryError):
            return not_a_store(path)
        case _:
            return StoreError(f"{path} cannot be opened: {error.strerror or error}. Choose another file.")


def out_of_descriptors() -> bool:
    """Whether this process, or the machine, can open no more files."""
    # SQLite has one code for this and for a file that may not be opened.
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno in {errno.EMFILE, errno.ENFILE}
    return False


def descriptors_spent(path: Path) -> StoreError:
    """The error for a process that can open no more files."""
    return StoreError(
        f"{path} could not be used: this process can open no more files. Nothing was written; close some"
        " connections, or raise the limit (ulimit -n), then try again."
    )


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


def too_new(path: Path, number: int, known: int) -> StoreTooNewError:
    """The error for a file that a newer program has written or migrated."""
    return StoreTooNewError(
        f"{path} was written by a newer Prosona (schema {number}; this one knows {known}). "
        "It was left as it is; upgrade prosona to open it."
    )


def replaced(path: Path, what: str) -> StoreReplacedError:
    """The error for a file that was taken away or exchanged; `what` says how."""
    return StoreReplacedError(
        f"{path} {what}. Nothing is written any more: stop every program that uses it, put back the file"
        " that should be there (`prosona restore` does it safely), and start again."
    )


def closed(path: Path) -> StoreError:
    """The error for a call after `close`."""
    return StoreError(f"The store of {path} is closed.")
