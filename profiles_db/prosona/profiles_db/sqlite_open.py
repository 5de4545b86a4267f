"""Opening a store: where it lies, whether the file is ours, and the connections to it."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from pathlib import Path

from prosona.profiles_db.errors import ProsonaError, StoreError, StoreTooNewError
from prosona.profiles_db.migrations import APPLICATION_ID, SCHEMA, migrate, schema_number
from prosona.profiles_db.sqlite_errors import full, is_busy, not_a_store, read_only, translated
from prosona.profiles_db.sqlite_raw import RawFile

_RETRY_SECONDS = 0.005


def default_path() -> Path:
    """Where profiles lie unless told otherwise: `PROSONA_DB`, or the platform's data folder."""
    if chosen := os.environ.get("PROSONA_DB"):
        return Path(chosen).expanduser()
    import platformdirs

    return platformdirs.user_data_path("prosona", appauthor=False) / "profiles.db"


def open_file(path: Path, busy_seconds: float) -> RawFile:
    """Make sure that `path` is a store of this schema, making or migrating it if need be.

    The caller gets the file's bytes, to be closed after its connections. Errors: `StoreError`; a file
    of another program, or of a newer Prosona, is left byte for byte as it is.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        raw = RawFile(path)
    except OSError as error:
        raise _unopenable(error, path) from error
    try:
        _check_header(raw, path)
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise read_only(path)
        _check_schema(path, busy_seconds)
    except ProsonaError:
        raw.close()
        raise
    except sqlite3.Error as error:
        raw.close()
        raise translated(error, path) from error
    return raw


def connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """A connection that may pass between threads, commits to disk, and overwrites what it deletes."""
    conn = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA secure_delete = ON")
    return conn


def _check_header(raw: RawFile, path: Path) -> None:
    header = raw.header()
    if header.empty:
        return
    if not header.is_sqlite or header.application_id != APPLICATION_ID:
        raise not_a_store(path)
    _refuse_newer(header.user_version, path)


def _check_schema(path: Path, busy_seconds: float) -> None:
    conn = connect(path, busy_seconds)
    try:
        # Asked again through SQLite: a log beside the file may hold a newer header.
        number = schema_number(conn)
        _refuse_newer(number, path)
        if number < SCHEMA:
            migrate(conn)
        _use_wal(conn, path, time.monotonic() + busy_seconds)
    finally:
        conn.close()


def _refuse_newer(number: int, path: Path) -> None:
    if number > SCHEMA:
        raise StoreTooNewError(
            f"{path} was written by a newer Prosona (schema {number}; this one knows {SCHEMA}). "
            "It was left as it is; upgrade prosona to open it."
        )


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


def _unopenable(error: OSError, path: Path) -> StoreError:
    match error.errno:
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return read_only(path)
        case errno.ENOSPC | errno.EDQUOT:
            return full(path)
        case _ if isinstance(error, IsADirectoryError):
            return not_a_store(path)
        case _:
            return StoreError(f"{path} cannot be opened: {error.strerror or error}. Choose another file.")
