"""The checks that `prosona doctor` runs, each with what it found and what to do about it."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from prosona.cli.hosts import HOSTS, ConfigurationError, Host, Places, Scope, configured
from prosona.cli.installing import program
from prosona.profiles_db import ProsonaError

if TYPE_CHECKING:
    from prosona.service import ProfilerChoice

_TIGHT = 200 * 2**20
_FULL = 20 * 2**20
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found."""

    check: str
    status: Literal["ok", "warn", "fail"]
    detail: str


def run_checks(db: Path, choice: ProfilerChoice) -> list[Result]:
    """All checks, in the order in which one thing builds on another. Never raises `ProsonaError`."""
    return [_python(), *_database(db), _space(db), _profiler(choice), _round_trip(), _hosts()]


def _profiler(choice: ProfilerChoice) -> Result:
    from prosona.cli.profiler_check import check_profiler

    return Result("profiler", *check_profiler(choice))


def _python() -> Result:
    running = (
        f"Prosona {version('prosona')} on Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"
    )
    return Result("python", "ok", f"{running}, {sys.executable}")


def _database(db: Path) -> Iterator[Result]:
    if not db.exists():
        yield Result("file", "ok", f"{db} is not there yet; the first observe makes it")
        yield _folder(db)
        return
    yield _mode(db)
    yield _guarded("schema", lambda: _schema(db))
    yield _guarded("journal", lambda: _journal(db))
    yield _guarded("write", lambda: _write(db))


def _guarded(check: str, look: Callable[[], Result]) -> Result:
    try:
        return look()
    except (ProsonaError, sqlite3.Error, OSError) as error:
        return Result(check, "fail", str(error))


def _folder(db: Path) -> Result:
    folder = next(parent for parent in db.absolute().parents if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"prosona")
    except OSError as error:
        return Result("write", "fail", f"{folder}: {error.strerror}; choose another place with --db")
    return Result("write", "ok", f"{folder} can be written")


def _mode(db: Path) -> Result:
    info = db.stat()
    size = f"{db}, {info.st_size / 2**20:.1f} MB"
    if sys.platform != "win32" and info.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(info.st_mode)
        return Result("file", "warn", f"{size}: others may read it (mode {mode:04o}); run chmod 600 on it")
    return Result("file", "ok", size)


def _schema(db: Path) -> Result:
    from prosona.service import open_service

    async def first_user() -> int:
        service = open_service(db)
        try:
            return len(await service.users(limit=1))
        finally:
            await service.aclose()

    asyncio.run(first_user())
    with closing(_read_only(db)) as connection:
        (number,) = connection.execute("PRAGMA user_version").fetchone()
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        return Result("schema", "fail", f"the file is damaged: {verdict}; restore a backup or an export")
    return Result("schema", "ok", f"version {number}, the file is sound")


def _journal(db: Path) -> Result:
    with closing(_read_only(db)) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode != "wal":
        return Result("journal", "warn", f"{mode} instead of wal: agents will wait for each other")
    return Result("journal", "ok", "write-ahead log")


def _write(db: Path) -> Result:
    with closing(sqlite3.connect(db, timeout=5, isolation_level=None)) as connection:
        begun = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE prosona_doctor (probe)")
        connection.execute("ROLLBACK")
        took = (time.perf_counter() - begun) * 1000
    return Result("write", "ok", f"a transaction was begun and taken back in {took:.1f} ms")


def _read_only(db: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{db.absolute().as_uri()}?mode=ro", uri=True)


def _space(db: Path) -> Result:
    folder = next(parent for parent in db.absolute().parents if parent.exists())
    free = shutil.disk_usage(folder).free
    detail = f"{free / 2**30:.1f} GB free where the database lies"
    if free < _FULL:
        return Result("space", "fail", detail)
    return Result("space", "warn" if free < _TIGHT else "ok", detail)


def _round_trip() -> Result:
    begun = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_converse(Path(folder) / "doctor.db"))
    except ProsonaError as error:
        return Result("server", "fail", f"a stdio server did not answer as it should: {error}")
    except TimeoutError:
        return Result("server", "fail", f"a stdio server did not answer within {_SECONDS:.0f} s")
    took = time.perf_counter() - begun
    return Result("server", "ok", f"started over stdio, observed, handed out a profile in {took:.1f} s")


async def _converse(db: Path) -> None:
    from prosona.client import AsyncProfileClient
    from prosona.profiles_db import UnavailableError

    command = [*program(), "serve", "--user", "doctor", "--db", str(db)]
    async with asyncio.timeout(_SECONDS), AsyncProfileClient.connect(command) as client:
        await client.observe(chosen="a long walk in the rain", domain="leisure")
        profile = await client.get()
        if profile.interactions != 1:
            raise UnavailableError(f"{profile.interactions} interactions after one was observed")


def _hosts() -> Result:
    found: list[str] = []
    broken: list[str] = []
    for host in HOSTS.values():
        for scope in host.files:
            problem = _entry_problem(host, scope)
            if problem is None:
                continue
            found.append(f"{host.name} ({scope})")
            if problem:
                broken.append(f"{host.name}: {problem}")
    if broken:
        return Result("hosts", "warn", "; ".join(broken))
    if not found:
        return Result("hosts", "warn", "none is configured; run prosona install HOST")
    return Result("hosts", "ok", ", ".join(found))


def _entry_problem(host: Host, scope: Scope) -> str | None:
    """What is wrong with a host's entry: None if there is none, "" if it is in order."""
    file = host.files[scope](Places.here())
    try:
        entry = configured(host, file)
    except ConfigurationError as error:
        return str(error)
    except OSError as error:
        return f"{file}: {error.strerror}"
    if entry is None:
        return None
    command = entry.get("command")
    executable = command[0] if isinstance(command, list) and command else command
    if not isinstance(executable, str) or shutil.which(executable) is None:
        return f"{file} starts {executable}, which is not there; run prosona install {host.name} again"
    return ""
