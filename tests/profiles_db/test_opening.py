from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from prosona.profiles_db import (
    Interaction,
    NotAStoreError,
    SQLiteStore,
    StoreBusyError,
    StoreError,
    StoreFullError,
    StoreTooNewError,
)
from prosona.profiles_db.migrations import SCHEMA
from prosona.profiles_db.sqlite import default_path


async def test_folders_are_made_and_only_the_owner_may_read_the_files(path: Path) -> None:
    before = os.umask(0)
    try:
        store = SQLiteStore(path)
        await store.append("ana", [Interaction(chosen="tea")])
    finally:
        os.umask(before)
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["profiles.db", "profiles.db-shm", "profiles.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    await store.close()


async def test_what_was_written_is_there_when_the_file_is_opened_again(path: Path) -> None:
    store = SQLiteStore(str(path))
    await store.append("ana", [Interaction(chosen="tea")])
    await store.close()
    store = SQLiteStore(path)
    assert [i.chosen for i in await store.interactions("ana")] == ["tea"]
    await store.close()


async def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    store = SQLiteStore(path)
    await store.append("ana", [Interaction(chosen="tea")])
    await store.close()


def test_a_file_that_is_up_to_date_opens_without_sqlite_utils(path: Path) -> None:
    program = (
        "import sys, asyncio, prosona.profiles_db as p\n"
        "asyncio.run(p.SQLiteStore(sys.argv[1]).close())\n"
        "print('sqlite_utils' in sys.modules)"
    )
    outcomes = [
        subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [outcome.stdout.strip() for outcome in outcomes] == ["True", "False"]


def test_the_migrations_are_recorded_and_add_up_to_the_schema_number(path: Path) -> None:
    SQLiteStore(path)._close()
    conn = sqlite3.connect(path)
    names = [name for (name,) in conn.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
    (number,) = conn.execute("PRAGMA user_version").fetchone()
    conn.close()
    assert number == SCHEMA == len(names)
    assert [int(name[:4]) for name in names] == [*range(1, SCHEMA + 1)]


def _not_a_database(path: Path) -> None:
    path.write_bytes(b"Dear diary,\n" * 100)


def _short_text(path: Path) -> None:
    path.write_bytes(b"hello")


def _of_another_program(path: Path) -> None:
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE bookmarks (url TEXT)")
    conn.commit()
    conn.close()


def _of_another_program_in_use(path: Path) -> None:
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA application_id = 77")
    conn.execute("CREATE TABLE bookmarks (url TEXT)")
    conn.commit()
    conn.close()


def _newer(path: Path) -> None:
    SQLiteStore(path)._close()
    conn = sqlite3.connect(path)
    conn.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    conn.close()


@pytest.mark.parametrize(
    ("make", "expected", "advice"),
    [
        (_not_a_database, NotAStoreError, "choose another file"),
        (_short_text, NotAStoreError, "choose another file"),
        (_of_another_program, NotAStoreError, "choose another file"),
        (_of_another_program_in_use, NotAStoreError, "choose another file"),
        (_newer, StoreTooNewError, "upgrade"),
    ],
)
def test_a_file_that_is_not_ours_is_refused_and_left_byte_for_byte(
    tmp_path: Path, make: Callable[[Path], None], expected: type[StoreError], advice: str
) -> None:
    path = tmp_path / "some.db"
    make(path)
    before = path.read_bytes(), path.stat().st_mtime_ns
    with pytest.raises(expected, match=advice) as caught:
        SQLiteStore(path)
    assert str(path) in str(caught.value)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [file.name for file in tmp_path.iterdir()] == ["some.db"]


def test_a_newer_schema_that_still_stands_in_the_log_is_refused(path: Path) -> None:
    store = SQLiteStore(path)
    newer = sqlite3.connect(path, isolation_level=None)
    newer.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    with pytest.raises(StoreTooNewError):
        SQLiteStore(path)
    newer.close()
    store._close()


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAStoreError):
        SQLiteStore(tmp_path)


def test_a_file_in_the_place_of_a_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="Choose another file"):
        SQLiteStore(tmp_path / "file" / "profiles.db")


READ_ONLY = """
import os, pathlib, shutil, sys, tempfile
from prosona.profiles_db import SQLiteStore, StoreReadOnlyError
folder = pathlib.Path(tempfile.mkdtemp())
try:
    path = folder / "profiles.db"
    SQLiteStore(path)._close()
    path.chmod(0o444 if sys.argv[1] == "file" else 0o666)
    folder.chmod(0o777 if sys.argv[1] == "file" else 0o555)
    owner = os.geteuid()
    if owner == 0:
        os.seteuid(65534)
    try:
        SQLiteStore(folder / sys.argv[2])
    except StoreReadOnlyError as error:
        print(error)
    if owner == 0:
        os.seteuid(0)
finally:
    folder.chmod(0o700)
    shutil.rmtree(folder)
"""


@pytest.mark.skipif(os.name == "nt", reason="modes are a POSIX matter")
@pytest.mark.parametrize(
    ("what", "name"), [("file", "profiles.db"), ("folder", "profiles.db"), ("folder", "new.db")]
)
def test_a_file_or_folder_that_may_not_be_written_is_a_clear_error(what: str, name: str) -> None:
    outcome = subprocess.run(
        [sys.executable, "-c", READ_ONLY, what, name], capture_output=True, text=True, check=True
    )
    assert "may not be written" in outcome.stdout
    assert "--db" in outcome.stdout


FULL = """
import asyncio, resource, sys
from prosona.profiles_db import Interaction, SQLiteStore, StoreFullError

async def main():
    store = SQLiteStore(sys.argv[1])
    big = Interaction(chosen="x" * 9000)
    small = Interaction(chosen="tea")
    await store.append("ana", [small])
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    accepted = 1
    errors = 0
    while errors < 3:
        writes = [store.append("ana", [big]) for _ in range(4)]
        outcomes = await asyncio.gather(*writes, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, StoreFullError):
                errors += 1
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                accepted += 1
    assert (await store.head("ana")).observed == accepted, "reads go on"
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    (receipt,) = await store.append("ana", [small])
    assert receipt.pending == accepted + 1
    await store.close()
    store = SQLiteStore(sys.argv[1])
    kept = await store.interactions("ana")
    assert [i.seq for i in kept] == list(range(1, accepted + 2))
    await store.close()
    print("accepted", accepted)

asyncio.run(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="file size limits are a POSIX matter")
def test_no_room_left_is_a_clear_error_and_loses_nothing(path: Path) -> None:
    outcome = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True)
    assert outcome.stdout.startswith("accepted "), outcome.stderr
    assert int(outcome.stdout.split()[1]) > 4


async def test_no_room_for_one_write_does_not_fail_those_beside_it(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="tea")])
    limit = "PRAGMA max_page_count = {}"

    def narrow(conn: sqlite3.Connection) -> None:
        (pages,) = conn.execute("PRAGMA page_count").fetchone()
        conn.execute(limit.format(pages + 3))

    store._writer.submit(narrow, alone=True).result(10)
    big, *small = await asyncio.gather(
        store.append("ana", [Interaction(chosen="x" * 20_000) for _ in range(4)]),
        *(store.append("ana", [Interaction(chosen="moss")]) for _ in range(5)),
        return_exceptions=True,
    )
    assert isinstance(big, StoreFullError)
    assert [receipt.status for receipts in small for receipt in receipts] == ["accepted"] * 5  # type: ignore[union-attr]
    assert (await store.head("ana")).observed == 6


async def test_a_lock_held_past_the_limit_is_a_clear_error(path: Path) -> None:
    store = SQLiteStore(path, busy_seconds=0.05)
    await store.append("ana", [Interaction(chosen="tea")])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusyError, match="try again"):
        await store.append("ana", [Interaction(chosen="moss")])
    assert (await store.head("ana")).observed == 1, "reads never wait for a writer"
    assert len((await store.backlog("ana", 5)).interactions) == 1
    other.execute("COMMIT")
    other.close()
    assert (await store.append("ana", [Interaction(chosen="moss")]))[0].pending == 2
    await store.close()


def test_a_new_file_that_stays_locked_is_a_clear_error(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreBusyError):
        SQLiteStore(path, busy_seconds=0.05)
    other.execute("COMMIT")
    other.close()


async def test_a_closed_store_says_so_and_closes_again(path: Path) -> None:
    store = SQLiteStore(path)
    await store.append("ana", [Interaction(chosen="tea")])
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.append("ana", [Interaction(chosen="tea")])
    with pytest.raises(StoreError, match="closed"):
        await store.head("ana")
    with pytest.raises(StoreError, match="closed"):
        await store.users()


async def test_the_writer_syncs_every_commit_and_overwrites_what_it_deletes(store: SQLiteStore) -> None:
    def pragmas(conn: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "secure_delete", "busy_timeout")
        return [conn.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert store._writer.submit(pragmas).result(10) == ["wal", 2, 1, 10_000]


async def test_only_a_commit_of_leases_alone_goes_without_a_sync(store: SQLiteStore) -> None:
    gate = threading.Event()

    def synchronous(conn: sqlite3.Connection) -> int:
        return int(conn.execute("PRAGMA synchronous").fetchone()[0])

    assert store._writer.submit(synchronous, durable=False).result(10) == 1
    store._writer.submit(lambda conn: gate.wait(30), alone=True)
    together = [store._writer.submit(synchronous, durable=durable) for durable in (False, True)]
    gate.set()
    assert [write.result(10) for write in together] == [2, 2]
    assert store._writer.submit(synchronous).result(10) == 2


def test_the_default_place_is_the_platforms_data_folder_or_the_one_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROSONA_DB", str(tmp_path / "mine.db"))
    assert default_path() == tmp_path / "mine.db"
    monkeypatch.delenv("PROSONA_DB")
    assert default_path().name == "profiles.db"
    assert default_path().parent.name == "prosona"
