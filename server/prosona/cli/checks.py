"""What `prosona doctor` finds out about the database. Nothing in it is changed."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from prosona.cli.output import counted, moment
from prosona.core.errors import ProsonaError

if TYPE_CHECKING:
    from prosona.cli.options import Settings
    from prosona.core.requests import PendingTotals

__all__ = ["Result", "check_database"]

_TIGHT_BYTES = 200 * 2**20
_FULL_BYTES = 20 * 2**20
"""Below the first it is time to make room; below the second a fold of many users may not fit."""

_LONG = timedelta(days=1)
"""What waits longer than a day is not waiting for a quiet minute or for a profiler's next try."""

_AHEAD_MICROSECONDS = 60_000_000
"""Clocks of one machine differ by less than a minute."""

_BUSY_SECONDS = 5.0
"""How long to wait for others who write before the database counts as held."""

_SHOWN = 3
"""Most faults of the structure that are told: one is enough to act on."""

_OWED = (
    ("scrubs_owed", "old bytes of what was forgotten"),
    ("erasing", "rows of users who were erased"),
    ("heard", "prompts that hooks heard and nobody has stored yet"),
)
"""Tables that hold what is still to be done, and what that is."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found."""

    check: str
    status: Literal["ok", "warn", "fail"]
    detail: str


def check_database(settings: Settings) -> Iterator[Result]:
    """The checks of the database, in the order in which one thing builds on another."""
    file = settings.file()
    if not file.exists():
        yield Result("file", "ok", f"{file} is not there yet; the first observe makes it")
        yield _folder(file)
        yield _space(file)
    else:
        yield _mode(file)
        yield _guarded("schema", lambda: _schema(settings, file))
        yield _guarded("structure", lambda: _structure(file))
        yield _guarded("journal", lambda: _journal(file))
        yield _guarded("write", lambda: _write(file))
        yield _guarded("owed", lambda: _owed(file))
        yield _guarded("folds", lambda: _folds(settings, file))
        yield _space(file)


def _guarded(check: str, look: Callable[[], Result]) -> Result:
    try:
        return look()
    except (ProsonaError, sqlite3.Error, OSError) as error:
        return Result(check, "fail", str(error))


def _totals(settings: Settings) -> PendingTotals:
    return settings.run(lambda service: service.pending_totals())


def _folder(file: Path) -> Result:
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"prosona")
    except OSError as error:
        return Result("write", "fail", f"{folder}: {error.strerror}; choose another place with --db")
    return Result("write", "ok", f"{folder} can be written")


def _mode(file: Path) -> Result:
    info = file.stat()
    size = f"{file}, {info.st_size / 2**20:.1f} MB"
    if sys.platform != "win32" and info.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(info.st_mode)
        return Result("file", "warn", f"{size}: others may read it (mode {mode:04o}); run chmod 600 on it")
    return Result("file", "ok", size)


def _schema(settings: Settings, file: Path) -> Result:
    _totals(settings)
    with closing(_read_only(file)) as connection:
        (number,) = connection.execute("PRAGMA user_version").fetchone()
    return Result("schema", "ok", f"version {number}")


def _structure(file: Path) -> Result:
    """Reads every page: a flipped byte may hide a user whom no other check misses."""
    from prosona.profiles_db.sqlite.care import problems_in

    with closing(_read_only(file)) as connection:
        problems = problems_in(connection)
    if problems:
        told = "; ".join(problems[:_SHOWN])
        return Result("structure", "fail", f"the file is damaged: {told}; run prosona restore on a backup")
    return Result("structure", "ok", "every page is sound")


def _journal(file: Path) -> Result:
    with closing(_read_only(file)) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode != "wal":
        return Result("journal", "warn", f"{mode} instead of wal: agents will wait for each other")
    return Result("journal", "ok", "write-ahead log")


def _write(file: Path) -> Result:
    with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
        begun = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE prosona_doctor (probe)")
        connection.execute("ROLLBACK")
        took = (time.perf_counter() - begun) * 1000
    return Result("write", "ok", f"a transaction was begun and taken back in {took:.1f} ms")


def _owed(file: Path) -> Result:
    with closing(_read_only(file)) as connection:
        owed = [
            what for table, what in _OWED if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()
        ]
    if owed:
        return Result("owed", "warn", f"still to be done: {', '.join(owed)}; run prosona maintain")
    return Result("owed", "ok", "nothing is left to be done")


def _folds(settings: Settings, file: Path) -> Result:
    """Who waits to be folded, for how long, and whose fold failed."""
    waiting = _totals(settings)
    now = datetime.now(UTC)
    with closing(_read_only(file)) as connection:
        (failed, problem) = connection.execute(
            "SELECT count(*), max(problem) FROM users WHERE pending > 0 AND problem IS NOT NULL"
        ).fetchone()
        (ahead,) = connection.execute(
            "SELECT count(*) FROM claims WHERE taken_at > ?",
            (int(now.timestamp() * 1_000_000) + _AHEAD_MICROSECONDS,),
        ).fetchone()
    if ahead:
        return Result(
            "folds",
            "warn",
            f"{counted(ahead, 'claim')} from the future: a clock was set back; run prosona fold --all",
        )
    if not waiting.users or waiting.since is None:
        return Result("folds", "ok", "nothing waits to be folded")
    told = (
        f"{counted(waiting.interactions, 'interaction')} of {counted(waiting.users, 'user')} wait"
        f" since {moment(waiting.since)}"
    )
    long = now - waiting.since > _LONG
    if failed:
        told += f"; the fold of {counted(failed, 'user')} failed: {problem}"
        return Result("folds", "fail" if long else "warn", f"{told}; see prosona fold --all")
    return Result(
        "folds", "warn" if long else "ok", f"{told}; prosona fold --all folds them" if long else told
    )


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _space(file: Path) -> Result:
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    free = shutil.disk_usage(folder).free
    detail = f"{free / 2**30:.1f} GB free where the database lies"
    if free < _FULL_BYTES:
        return Result("space", "fail", detail)
    return Result("space", "warn" if free < _TIGHT_BYTES else "ok", detail)
