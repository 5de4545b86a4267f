"""What breaks beside the store: threads, disks, descriptors, processes that fork."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from prosona.core.errors import StoreDamagedError, StoreError
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore
from prosona.profiles_db.sqlite.bytes import RawFile
from prosona.profiles_db.sqlite.errors import out_of_descriptors

TEA = Interaction(chosen="tea")
POSIX = pytest.mark.skipif(os.name == "nt", reason="a POSIX matter")


class Broken:
    """A connection to a disk that fails, at statements that begin with a word."""

    def __init__(self, conn: sqlite3.Connection, word: str, error: BaseException) -> None:
        self._conn, self._word, self._error = conn, word, error

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        if statement.startswith(self._word):
            raise self._error
        return self._conn.execute(statement, values)

    def __getattr__(self, name: str) -> object:
        return getattr(self._conn, name)


@pytest.mark.parametrize("word", ["PRAGMA synchronous", "BEGIN", "PRAGMA user", "SAVEPOINT", "COMMIT"])
@pytest.mark.parametrize("error", [sqlite3.OperationalError("disk error"), MemoryError(), OSError(5, "I/O")])
async def test_an_error_outside_of_a_job_fails_all_that_wait_and_the_next_write_succeeds(
    store: SQLiteStore, word: str, error: BaseException
) -> None:
    await store.append("ana", [TEA])
    writer = store._file._writer
    conn = writer._conn
    assert conn is not None
    writer._conn = Broken(conn, word, error)  # type: ignore[assignment]
    # A commit of claims alone is another than that of observations.
    calls = [store.append("ana", [TEA]) for _ in range(0 if word == "PRAGMA synchronous" else 40)]
    claims = [store.claim(f"user {n}", 60) for n in range(5)]
    outcomes = await asyncio.wait_for(asyncio.gather(*calls, *claims, return_exceptions=True), 10)
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert failed
    assert all(isinstance(outcome, StoreError) and "try again" in str(outcome) for outcome in failed)
    if isinstance(writer._conn, Broken):
        writer._conn = conn
    before = (await store.head("ana")).observed
    assert before == 1 + sum(isinstance(outcome, list) for outcome in outcomes)
    (receipt,) = await store.append("ana", [TEA])
    assert receipt.pending == before + 1


FORK = """
import asyncio, os, sys, threading
from prosona.core.errors import StoreForkedError
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore

TEA = Interaction(chosen="tea")
store = SQLiteStore(sys.argv[1])
runner = asyncio.Runner()
for _ in range(5):
    runner.run(store.append("ana", [TEA]))
runner.close()
read, write = os.pipe()
child = os.fork()
if not child:
    async def in_child():
        calls = [store.append("ana", [TEA]), store.head("ana"), store.users(), store.claim("ana", 1)]
        for call in [*calls, store.changed(), store.maintain(), store.erase("ana")]:
            try:
                await call
                print("answered", flush=True)
            except StoreForkedError as error:
                assert "forked" in str(error)
        await store.close()
        own = SQLiteStore(sys.argv[1])
        await own.append("bo", [TEA])
        await own.close()
    asyncio.run(in_child())
    print("child done", flush=True)
    sys.exit(0)
_, status = os.waitpid(child, 0)
print("status", status, flush=True)

async def in_parent():
    for n in range(5):
        await store.append("ana", [TEA])
    print("observed", (await store.head("ana")).observed, (await store.head("bo")).observed)
    await store.close()

asyncio.run(in_parent())
"""


@POSIX
def test_a_store_cannot_be_used_in_a_forked_child_and_says_so_and_the_parent_goes_on(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, str(path)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split("\n") == ["child done", "status 0", "observed 10 1", ""], done.stderr
    conn = sqlite3.connect(path)
    assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    conn.close()


async def grown(path: Path) -> None:
    store = SQLiteStore(path)
    for n in range(60):
        await store.append(f"user number {n} of many", [Interaction(chosen=f"c{n} " * 40)] * 3)
    await store.close()


def flip(path: Path, word: bytes) -> None:
    data = bytearray(path.read_bytes())
    at = data.rfind(word)
    data[at : at + 3] = b"zzz"
    path.write_bytes(data)


async def until_damaged(store: SQLiteStore) -> str:
    for _ in range(2000):
        try:
            await store.head("ana")
        except StoreDamagedError as error:
            return str(error)
        await asyncio.to_thread(os.stat, store.path)
    return "never"


async def test_a_damaged_index_is_noticed_after_opening_and_nothing_is_said_to_be_unknown(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prosona.profiles_db.sqlite.care._QUIET_SECONDS", 0.0)
    await grown(path)
    flip(path, b"user number 7 of")
    store = SQLiteStore(path)
    assert "Restore it from a backup" in await until_damaged(store)
    with pytest.raises(StoreDamagedError):
        await store.append("ana", [TEA])
    assert await store.maintain() != []
    await store.close()


async def test_pages_of_rubbish_are_an_error_of_damage(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prosona.profiles_db.sqlite.care._QUIET_SECONDS", 0.0)
    await grown(path)
    data = bytearray(path.read_bytes())
    data[-8 * 4096 :] = os.urandom(8 * 4096)
    path.write_bytes(data)
    store = SQLiteStore(path)
    assert "Restore it from a backup" in await until_damaged(store)
    await store.close()


async def test_maintaining_finds_damage_that_a_quick_look_does_not(store: SQLiteStore, path: Path) -> None:
    assert await store.maintain() == []
    await store.append("ana", [Interaction(chosen="tea", idempotency_key="the key")])
    await store.close()
    flip(path, b"the key")
    store = SQLiteStore(path)
    problems = await store.maintain()
    assert problems
    with pytest.raises(StoreDamagedError):
        await store.head("ana")
    await store.close()


DESCRIPTORS = """
import asyncio, os, resource, sys
from prosona.core.errors import StoreError, StoreReadOnlyError
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore

async def main():
    store = SQLiteStore(sys.argv[1])
    await store.head("ana")
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    taken = []
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
    def append():
        return store.append("ana", [Interaction(chosen="tea")])
    for call in (append, store.users, lambda: SQLiteStore(sys.argv[1] + "2")):
        try:
            answer = call()
            if asyncio.iscoroutine(answer):
                await answer
            print("answered")
        except StoreReadOnlyError:
            print("read only")
        except StoreError as error:
            print("no more files" if "no more files" in str(error) else error)
    print((await store.head("ana")).observed)
    for descriptor in taken:
        os.close(descriptor)
    await store.append("ana", [Interaction(chosen="tea")])
    print(len(await store.users()))
    await store.close()

asyncio.run(main())
"""


@POSIX
def test_running_out_of_descriptors_is_told_as_what_it_is(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DESCRIPTORS, str(path)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split("\n") == ["no more files"] * 3 + ["0", "1", ""], done.stderr
    assert not out_of_descriptors()


async def test_forgetting_needs_no_new_room_in_the_file(
    store: SQLiteStore, file_bytes: Callable[[], bytes]
) -> None:
    await store.append("ana", [Interaction(chosen=f"xylophone {n} " * 20) for n in range(200)])
    await store.append("bo", [TEA])
    conn = store._file._writer._conn
    assert conn is not None
    (pages,) = conn.execute("PRAGMA page_count").fetchone()
    conn.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError):
        await store.append("bo", [Interaction(chosen="x" * 20_000)] * 5)
    assert (await store.erase("ana")).scrubbed
    assert b"xylophone" not in file_bytes()


FULL_DISK = """
import asyncio, sys
from pathlib import Path
from prosona.core.errors import StoreFullError
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore
from prosona.profiles_db.sqlite import care

care._QUIET_SECONDS, care._FREE_TIMES = 0.0, 1

async def main(path):
    store = SQLiteStore(path)
    while not store._file._care.reserve.path.exists():
        await asyncio.sleep(0)
    for n in range(40):
        await store.append("ana", [Interaction(chosen=f"xylophone {n} " * 10)] * 10)
    await store.append("bo", [Interaction(chosen="tea")])
    # The log is cut to nothing, and what room there is is used up by others.
    await store.drop("bo", [1])
    await store.maintain()
    with open(path.with_name("others"), "wb", buffering=0) as others:
        try:
            while True:
                others.write(bytes(4096))
        except OSError:
            pass
    try:
        for _ in range(200):
            await store.append("bo", [Interaction(chosen="x" * 20_000)])
        print("never full")
    except StoreFullError:
        print("full", flush=True)
    print((await store.erase("ana")).scrubbed, len(await store.interactions("ana")))
    await store.close()
    print(any(b"xylophone" in file.read_bytes() for file in path.parent.iterdir()))

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs a small disk of its own")
def test_forgetting_works_on_a_full_disk(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        done = subprocess.run(
            [sys.executable, "-c", FULL_DISK, str(small / "profiles.db")],
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert done.stdout.split("\n") == ["full", "True 0", "False", ""], done.stderr


def test_the_bytes_of_a_file_are_read_through_one_descriptor(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    one, two = RawFile(path), RawFile(path)
    assert one._descriptor == two._descriptor
    one.close()
    one.close()
    assert two.header().empty
    two.close()
