"""Backups of a store, and putting one back."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path

from prosona.core.errors import NotAStoreError, StoreBusyError, StoreDamagedError, StoreError
from prosona.profiles_db.sqlite.bytes import RawFile
from prosona.profiles_db.sqlite.care import problems_in
from prosona.profiles_db.sqlite.errors import is_busy, not_a_store, too_new, translated, unopenable
from prosona.profiles_db.sqlite.guard import log_path
from prosona.profiles_db.sqlite.opening import Mode, connect
from prosona.profiles_db.sqlite.schema import APPLICATION_ID, SCHEMA

__all__ = ["copy_to", "restore"]

_BUSY_SECONDS = 1.0


def copy_to(conn: sqlite3.Connection, path: Path, target: Path) -> None:
    """Writes what `conn` sees to `target`, as of one moment, while others go on.

    The copy holds rows only: no old bytes go with it. Errors: `StoreError`, also if `target` exists.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        if target.exists():
            raise StoreError(
                f"{target} exists already. Nothing was written; name another file for the backup."
            )
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            # Not SQLite's backup calls: they begin again whenever another process writes, and copy what
            # was deleted.
            conn.execute("VACUUM INTO ?", (str(part),))
            _to_disk(part)
            part.replace(target)
            _to_disk(target.parent)
        finally:
            part.unlink(missing_ok=True)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    except OSError as error:
        raise unopenable(error, target) from error


def restore(source: Path, target: Path) -> None:
    """Puts the backup `source` in the place of the store `target`, whole or not at all.

    `source` stays as it is, and all that `target` held is gone. Errors: `StoreError`, with `target` as it was
    before: when `source` is no sound store, or a program has `target` open (`StoreBusyError`).
    """
    source, target = source.absolute(), target.absolute()
    part = target.with_name(f".{target.name}.restored")
    try:
        if not source.is_file():
            raise StoreError(f"There is no file {source}.")
        if target.exists() and source.samefile(target):
            raise StoreError(f"{source} and {target} are the same file.")
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.unlink(missing_ok=True)
        try:
            _copy_sound(source, part)
            _take_from_others(target)
            for name in (log_path(target), target.with_name(f"{target.name}-shm")):
                name.unlink(missing_ok=True)
            part.replace(target)
            _to_disk(target.parent)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise unopenable(error, target) from error


def _copy_sound(source: Path, part: Path) -> None:
    _check_ours(source)
    try:
        # As a file that nobody writes, so that nothing is left beside it; unless a log says otherwise.
        log = log_path(source)
        mode: Mode = "ro" if log.exists() and log.stat().st_size else "immutable"
        with closing(connect(source, mode, _BUSY_SECONDS)) as conn:
            problems = problems_in(conn)
            if problems:
                raise StoreDamagedError(f"{source} is damaged ({problems[0]}). Use another backup.")
            copy_to(conn, source, part)
    except sqlite3.Error as error:
        raise translated(error, source) from error


def _check_ours(source: Path) -> None:
    raw = RawFile(source)
    try:
        header = raw.header()
    finally:
        raw.close()
    if not header.is_sqlite or header.application_id != APPLICATION_ID:
        raise not_a_store(source)
    if header.user_version > SCHEMA:
        raise too_new(source, header.user_version, SCHEMA)


def _take_from_others(target: Path) -> None:
    """Raises `StoreBusyError` while another connection has the file open."""
    if not target.exists():
        return
    if not stat.S_ISREG(target.stat().st_mode):
        raise NotAStoreError(f"{target} is not a file. Nothing was changed; name the file to be replaced.")
    # A file that is not even a database is replaced all the same: that may be why it is restored.
    with suppress(sqlite3.DatabaseError), closing(connect(target, "rw", 0.0)) as conn:
        try:
            # Leaving the mode in which many may use a file needs it alone.
            conn.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as error:
            if is_busy(error):
                raise StoreBusyError(
                    f"{target} is in use. Nothing was changed; stop the programs that have it open, then try"
                    " again."
                ) from error
            raise


def _to_disk(place: Path) -> None:
    """What was written to a file, or the names in a folder, survive the machine."""
    if os.name == "nt" and place.is_dir():
        return  # Windows opens no folders.
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
