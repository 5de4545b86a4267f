"""Opening a file: whether it is ours and of our schema, whether it may be written, and connections to it."""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from prosona.core.errors import ProsonaError, StoreError, StoreReadOnlyError
from prosona.profiles_db.sqlite.bytes import RawFile
from prosona.profiles_db.sqlite.errors import is_busy, not_a_store, read_only, too_new, translated, unopenable
from prosona.profiles_db.sqlite.guard import check_log, log_path
from prosona.profiles_db.sqlite.schema import APPLICATION_ID, SCHEMA, migrate, schema_number

__all__ = ["Mode", "Opened", "connect", "open_file"]

Mode = Literal["rw", "ro", "immutable"]
"""`ro`: may not be written by us. `immutable`: nor does anybody write, so that SQLite needs no files beside
it."""

_RETRY_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is a store."""

    raw: RawFile
    """Its bytes, to be closed after its connections."""
    mode: Mode
    owed: bool = False
    """Whether something deleted still has to be cleared from its bytes."""


def open_file(path: Path, busy_seconds: float) -> Opened:
    """Make sure that `path` is a store of this schema, making or migrating it if need be.

    Errors: `StoreError`; a file of another program, or of a newer Prosona, is left byte for byte as it is.
    """
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        raw = RawFile(path)
    except OSError as error:
        raise unopenable(error, path) from error
    try:
        _check_header(raw, path)
        if not raw.writable or not _may_write(path.parent):
            return Opened(raw, _reading_mode(path, busy_seconds))
        check_log(path, raw)
        return Opened(raw, "rw", owed=_check_schema(path, busy_seconds))
    except sqlite3.Error as error:
        raw.close()
        raise translated(error, path) from error
    except OSError as error:
        raw.close()
        raise unopenable(error, path) from error
    except ProsonaError:
        raw.close()
        raise


def connect(path: Path, mode: Mode, busy_seconds: float) -> sqlite3.Connection:
    """A connection that may pass between threads, commits to disk, and overwrites what it deletes.

    It never makes a file.
    """
    how = "mode=ro&immutable=1" if mode == "immutable" else f"mode={mode}"
    conn = sqlite3.connect(
        f"{path.as_uri()}?{how}",
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        uri=True,
    )
    if mode == "rw":
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute("PRAGMA secure_delete = ON")
    return conn


def _may_write(folder: Path) -> bool:
    asked = os.W_OK | os.X_OK
    if os.access in os.supports_effective_ids:
        return os.access(folder, asked, effective_ids=True)
    return os.access(folder, asked)


def _check_header(raw: RawFile, path: Path) -> None:
    header = raw.header()
    if header.empty:
        return
    if not header.is_sqlite or header.application_id != APPLICATION_ID:
        raise not_a_store(path)
    if header.user_version > SCHEMA:
        raise too_new(path, header.user_version, SCHEMA)


def _reading_mode(path: Path, busy_seconds: float) -> Mode:
    """How a file is read that may not be written."""
    log = log_path(path)
    mode: Mode = "immutable"
    if log.exists():
        try:
            number = _schema_number_by(path, "ro", busy_seconds)
            mode = "ro"
        except sqlite3.OperationalError as error:
            if is_busy(error):
                raise
            if log.stat().st_size:
                raise StoreReadOnlyError(
                    f"{path} was not closed cleanly, and where it lies it may not be put in order."
                    f" Copy it together with {log.name} to another folder and open it there."
                ) from error
    if mode == "immutable":
        number = _schema_number_by(path, mode, busy_seconds)
    if number > SCHEMA:
        raise too_new(path, number, SCHEMA)
    if number < SCHEMA:
        raise StoreReadOnlyError(
            f"{path} was written by an earlier Prosona and may not be written, so not be brought up to date."
            " Open it once where it may be written, or change the permissions."
            if number
            else str(read_only(path))
        )
    return mode


def _schema_number_by(path: Path, mode: Mode, busy_seconds: float) -> int:
    conn = connect(path, mode, busy_seconds)
    try:
        return schema_number(conn)
    finally:
        conn.close()


def _check_schema(path: Path, busy_seconds: float) -> bool:
    """Brings the file up to date; whether something is owed."""
    conn = connect(path, "rw", busy_seconds)
    try:
        # Asked again through SQLite: a log beside the file may hold a newer header.
        number = schema_number(conn)
        if number > SCHEMA:
            raise too_new(path, number, SCHEMA)
        migrated = number < SCHEMA and migrate(conn)
        _use_wal(conn, path, time.monotonic() + busy_seconds)
        if migrated and number:
            _rebuild(conn)
        if path.with_name(f"{path.name}-heard").is_dir():
            from prosona.profiles_db.sqlite.upgrade import take_in_heard_files

            take_in_heard_files(conn, path)
        (owed,) = conn.execute(
            "SELECT EXISTS (SELECT 1 FROM scrubs_owed) OR EXISTS (SELECT 1 FROM erasing)"
        ).fetchone()
        return bool(owed)
    finally:
        conn.close()


def _rebuild(conn: sqlite3.Connection) -> None:
    """After a migration: the old tables leave the bytes of the file, and the new ones begin in front."""
    try:
        conn.execute("VACUUM")
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError:
        # No room, or a program of the release before has it open: all works without.
        return


def _use_wal(conn: sqlite3.Connection, path: Path, deadline: float) -> None:
    while True:
        try:
            (mode,) = conn.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            # The switch needs the file alone and, unlike other statements, does not wait for that.
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
            continue
        if mode != "wal":
            raise StoreError(f"{path} lies on a file system without shared memory; choose a local disk.")
        return
