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

from prosona.core.errors import (
    InvalidInputError,
    NotAStoreError,
    StoreBusyError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
    StoreTooNewError,
)
from prosona.core.words import Interaction
from prosona.profiles_db.opening import default_path, open_store
from prosona.profiles_db.sqlite import SQLiteStore
from prosona.profiles_db.sqlite.schema import SCHEMA


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
        "import sys, asyncio, prosona.profiles_db.sqlite as p\n"
        "asyncio.run(p.SQLiteStore(sys.argv[1]).close())\n"
        "print('sqlite_utils' in sys.modules)"
    )
    outcomes = [
        subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [outcome.stdout.strip() for outcome in outcomes] == ["True", "False"]


def test_the_migrations_are_recorded_and_add_up_to_the_schema_number(path: Path) -> None:
    SQLiteStore(path)._file._close()
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
    SQLiteStore(path)._file._close()
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
    store._file._close()


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAStoreError):
        SQLiteStore(tmp_path)


def test_a_file_in_the_place_of_a_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="Choose another file"):
        SQLiteStore(tmp_path / "file" / "profiles.db")


async def test_a_file_that_may_not_be_written_is_read(path: Path, read_only: Callable[[Path], None]) -> None:
    await written(path)
    read_only(path)
    await reads_only(path)


async def test_a_file_in_a_folder_that_may_not_be_written_is_read_and_nothing_is_left_beside_it(
    path: Path, read_only: Callable[[Path], None]
) -> None:
    await written(path)
    before = sorted(path.parent.iterdir())
    read_only(path.parent)
    await reads_only(path)
    assert sorted(path.parent.iterdir()) == before


async def test_a_file_that_others_write_is_read_as_it_changes(
    path: Path, start_program: Callable[..., subprocess.Popen[str]], read_only: Callable[[Path], None]
) -> None:
    await written(path)
    writer = start_program(WRITE_A_LINE_EACH, path)
    assert writer.stdin is not None
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    read_only(path.parent)
    store = SQLiteStore(path)
    for n in range(2, 5):
        writer.stdin.write("more\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == "written\n"
        assert (await store.head("ana")).observed == n
    with pytest.raises(StoreReadOnlyError):
        await store.append("ana", [Interaction(chosen="tea")])
    await store.close()


WRITE_A_LINE_EACH = """
import asyncio, sys
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore

async def main():
    store = SQLiteStore(sys.argv[1])
    print("ready", flush=True)
    for line in sys.stdin:
        await store.append("ana", [Interaction(chosen="more")])
        print("written", flush=True)

asyncio.run(main())
"""


async def test_a_file_on_a_read_only_place_that_was_not_closed_says_what_to_do(
    path: Path, read_only: Callable[[Path], None]
) -> None:
    await written(path)
    store = SQLiteStore(path)
    await store.append("ana", [Interaction(chosen="late")])
    copy = path.parent / "copy"
    copy.mkdir()
    copied_by_another(path, copy)
    await store.close()
    read_only(copy)
    with pytest.raises(StoreReadOnlyError, match=r"Copy it together with profiles\.db-wal"):
        SQLiteStore(copy / "profiles.db")


def copied_by_another(path: Path, folder: Path) -> None:
    for name in (path.name, f"{path.name}-wal"):
        subprocess.run(["cp", str(path.with_name(name)), str(folder)], check=True)


async def test_a_new_file_where_none_may_be_made_is_a_clear_error(
    path: Path, read_only: Callable[[Path], None]
) -> None:
    await written(path)
    read_only(path.parent)
    with pytest.raises(StoreReadOnlyError, match="--db"):
        SQLiteStore(path.with_name("new.db"))


async def written(path: Path) -> None:
    store = SQLiteStore(path)
    await store.append("ana", [Interaction(chosen="tea")])
    await store.close()


async def reads_only(path: Path) -> None:
    store = SQLiteStore(path)
    assert (await store.head("ana")).observed == 1
    assert (await store.standing("ana")).lines == ()
    assert [i.chosen for i in await store.interactions("ana")] == ["tea"]
    assert await store.revisions("ana") == []
    assert len(await store.users()) == 1
    assert await store.changed()
    assert await store.maintain() == []
    for write in (
        store.append("ana", [Interaction(chosen="moss")]),
        store.claim("ana", 60),
        store.erase("ana"),
        store.drop("ana", [1]),
    ):
        with pytest.raises(StoreReadOnlyError, match="may not be written"):
            await write
    await store.close()


FULL = """
import asyncio, resource, sys
from prosona.core.errors import StoreFullError
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore

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

    narrow(store._file._writer.connections()[0])
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
        names = ("journal_mode", "synchronous", "secure_delete")
        return [conn.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert store._file._writer.submit(pragmas).result(10) == ["wal", 2, 1]


async def test_only_a_commit_of_claims_alone_goes_without_a_sync(store: SQLiteStore) -> None:
    gate, inside = threading.Event(), threading.Event()

    def synchronous(conn: sqlite3.Connection) -> int:
        return int(conn.execute("PRAGMA synchronous").fetchone()[0])

    def hold(conn: sqlite3.Connection) -> None:
        inside.set()
        gate.wait(30)

    writer = store._file._writer
    assert writer.submit(synchronous, durable=False).result(10) == 1
    writer.submit(hold)
    assert await asyncio.to_thread(inside.wait, 30)
    together = [writer.submit(synchronous, durable=durable) for durable in (False, True)]
    gate.set()
    assert [write.result(10) for write in together] == [2, 2]
    assert writer.submit(synchronous).result(10) == 2


def test_the_default_place_is_the_platforms_data_folder_or_the_one_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROSONA_DB", str(tmp_path / "mine.db"))
    assert default_path() == tmp_path / "mine.db"
    monkeypatch.delenv("PROSONA_DB")
    assert default_path().name == "profiles.db"
    assert default_path().parent.name == "prosona"


async def test_a_store_is_opened_by_path_or_url(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store(f"sqlite:///{path}")
    await store.append("ana", [Interaction(chosen="tea")])
    await store.close()
    monkeypatch.setenv("PROSONA_DB", str(path))
    for place in (
        path,
        str(path),
        f"SQLite:///{path}",
        "sqlite:///data/profiles.db",
        "data/profiles.db",
        None,
    ):
        store = open_store(place)
        assert (await store.head("ana")).observed == 1, place
        await store.close()
    store = open_store(f"sqlite:///{tmp_path}/with%20space%3F.db")
    await store.close()
    assert (tmp_path / "with space?.db").exists()


@pytest.mark.parametrize(
    "place",
    [
        "postgres://host/db",
        "mysql+x://h",
        "http://h/profiles.db",
        "sqlite://",
        "sqlite:///",
        "sqlite://host/x.db",
        "sqlite:x.db",
    ],
)
def test_a_url_of_no_store_says_what_to_write(place: str) -> None:
    with pytest.raises(InvalidInputError, match=r"sqlite:///name\.db"):
        open_store(place)
