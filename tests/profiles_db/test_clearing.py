"""That deleted bytes are gone: cleared at once, owed where that cannot be, and paid."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore
from prosona.profiles_db.sqlite.bytes import RawFile

StartProgram = Callable[..., subprocess.Popen[str]]


def _soundness(path: Path) -> str:
    conn = sqlite3.connect(path)
    (answer,) = conn.execute("PRAGMA integrity_check").fetchone()
    conn.close()
    return str(answer)


@pytest.mark.parametrize("auto_vacuum", ["NONE", "FULL"])
@pytest.mark.parametrize("page_bytes", [512, 4096, 65536])
def test_old_copies_between_live_rows_are_found_and_cleared_and_live_rows_are_left(
    tmp_path: Path, page_bytes: int, auto_vacuum: str
) -> None:
    path = tmp_path / "split.db"
    raw = RawFile(path)
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute(f"PRAGMA page_size = {page_bytes}")
    conn.execute(f"PRAGMA auto_vacuum = {auto_vacuum}")
    conn.execute("PRAGMA secure_delete = OFF")
    conn.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
    conn.execute("CREATE INDEX by_text ON t (text)")
    conn.execute("INSERT INTO t VALUES (1, 'a live xylophone')")
    assert list(raw.soiled()) == [], "a live row, as that of another user, is not soiled"
    conn.execute("BEGIN")
    conn.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"zither {n} " * (n % 40)) for n in range(2, 3000)])
    conn.execute("COMMIT")
    conn.execute("DELETE FROM t WHERE id % 7 = 0")
    conn.execute("DELETE FROM t WHERE id > 1500")
    conn.execute("DELETE FROM t WHERE id > 2 AND id % 3 = 0")
    left = conn.execute("SELECT id, text FROM t ORDER BY id").fetchall()
    assert path.read_bytes().count(b"zither 2999 ")
    soiled = list(raw.soiled())
    assert soiled
    conn.execute("BEGIN IMMEDIATE")
    raw.clear(soiled)
    conn.execute("COMMIT")
    conn.close()
    assert list(raw.soiled()) == []
    assert not path.read_bytes().count(b"zither 2999 ")
    raw.close()
    conn = sqlite3.connect(path)
    assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert conn.execute("SELECT id, text FROM t ORDER BY id").fetchall() == left
    conn.close()


async def test_old_copies_that_escaped_overwriting_are_cleared(
    store: SQLiteStore, path: Path, file_bytes: Callable[[], bytes]
) -> None:
    await store.append(
        "ana", [Interaction(chosen=f"zither {n} " * 40 if n % 6 == 0 else "tea") for n in range(500)]
    )
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA secure_delete = OFF")
    other.execute("DELETE FROM interactions WHERE chosen LIKE 'zither%'")
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    assert b"zither" in file_bytes()
    await store.append("bo", [Interaction(chosen="tea")])
    assert (await store.erase("bo")).scrubbed
    assert b"zither" not in file_bytes()
    await store.close()
    assert _soundness(path) == "ok"


async def test_no_byte_of_a_user_is_left_in_a_file_with_split_pages(
    store: SQLiteStore, path: Path, file_bytes: Callable[[], bytes]
) -> None:
    chance = random.Random(5)
    for _ in range(60):
        for user in chance.sample(["ana", "bo", "cy", "di"], 4):
            word = "xylophone" if user == "ana" else "moss"
            items = [
                Interaction(
                    chosen=f"{word} " * chance.randrange(1, 30),
                    idempotency_key=f"{word}-{chance.random()}",
                )
                for _ in range(chance.randrange(1, 6))
            ]
            await store.append(user, items)
    assert b"xylophone" in file_bytes()
    kept = await store.interactions("bo", limit=1000)
    assert (await store.erase("ana")).scrubbed
    assert b"xylophone" not in file_bytes()
    assert await store.interactions("bo", limit=1000) == kept
    await store.close()
    assert _soundness(path) == "ok"


async def test_others_write_on_while_pages_are_cleared_and_lose_nothing(
    path: Path, start_program: StartProgram, file_bytes: Callable[[], bytes]
) -> None:
    store = SQLiteStore(path)
    writers = [start_program(WRITE_AND_CHECK, path, name) for name in ("bo", "cy")]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for n in range(8):
        items = [Interaction(chosen=f"xylophone {n} " * 30, idempotency_key=f"{n}-{m}") for m in range(150)]
        await store.append("ana", items)
        assert (await store.erase("ana")).scrubbed
    for writer in writers:
        out, errors = writer.communicate("stop\n", timeout=60)
        assert writer.returncode == 0, errors
        assert int(out) > 10
    assert b"xylophone" not in file_bytes()
    await store.close()
    assert _soundness(path) == "ok"


WRITE_AND_CHECK = """
import asyncio, sys
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore

async def main(path, name):
    store = SQLiteStore(path)
    print("ready", flush=True)
    stop = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    count = 0
    while not stop.done():
        await store.append(name, [Interaction(chosen=f"{name} {count} " * (count % 50 + 1))])
        count += 1
    kept = await store.interactions(name, limit=100_000)
    assert [i.chosen for i in kept] == [(f"{name} {n} " * (n % 50 + 1)).strip() for n in range(count)]
    await store.close()
    print(count)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_an_open_read_delays_the_clearing_and_maintaining_makes_up_for_it(
    store: SQLiteStore, path: Path, file_bytes: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prosona.profiles_db.sqlite.scrubbing._PATIENCE_SECONDS", 0.05)
    await store.append("ana", [Interaction(chosen="xylophone")])
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM users").fetchone()
    assert not (await store.erase("ana")).scrubbed
    assert b"xylophone" in file_bytes()
    (problem,) = await store.maintain()
    assert "read open" in problem
    reader.execute("ROLLBACK")
    reader.close()
    assert await store.maintain() == []
    assert b"xylophone" not in file_bytes()


async def test_what_is_owed_is_paid_when_the_read_ends(
    path: Path, file_bytes: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prosona.profiles_db.sqlite.scrubbing._PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr("prosona.profiles_db.sqlite.care._AGAIN_SECONDS", 0.02)
    store = SQLiteStore(path)
    await store.append("ana", [Interaction(chosen="xylophone")])
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM users").fetchone()
    assert not (await store.erase("ana")).scrubbed
    reader.execute("ROLLBACK")
    reader.close()
    await until_nothing_is_owed(path)
    assert b"xylophone" not in file_bytes()
    await store.close()


async def test_a_debt_is_never_taken_for_an_older_one_that_somebody_still_pays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two programs pay the same debt; the first is done, a new one is made, and then the second is done."""
    monkeypatch.setattr("prosona.profiles_db.sqlite.scrubbing._PATIENCE_SECONDS", 0.01)
    store = SQLiteStore(path)
    numbers = []
    for _ in range(2):
        await store.append("ana", [Interaction(chosen="xylophone")])
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM users").fetchone()
            assert not (await store.erase("ana")).scrubbed
            reader.execute("ROLLBACK")
            numbers += reader.execute("SELECT max(id) FROM scrubs_owed").fetchone()
        assert await store.maintain() == []
        await until_nothing_is_owed(path)
    assert numbers[0] < numbers[1]
    await store.close()


async def until_nothing_is_owed(path: Path) -> None:
    conn = sqlite3.connect(path, isolation_level=None)
    deadline = time.monotonic() + 30
    while conn.execute("SELECT count(*) FROM scrubs_owed").fetchone() != (0,):
        assert time.monotonic() < deadline
        await asyncio.to_thread(os.stat, path)
    conn.close()


KILLED_IN_ERASING = """
import asyncio, os, signal, sys
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore, forgetting, file
from prosona.profiles_db.sqlite import care

parts = int(sys.argv[2])
whole = care.delete_some

def some(conn):
    global parts
    if not parts:
        os.kill(os.getpid(), signal.SIGKILL)
    parts -= 1
    return whole(conn)

care.delete_some = some

async def main():
    store = SQLiteStore(sys.argv[1])
    await store.append("ana", [Interaction(chosen=f"xylophone {n}") for n in range(900)])
    await store.append("bo", [Interaction(chosen="tea")])
    await store.erase("ana")

asyncio.run(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="kills")
@pytest.mark.parametrize("parts", [0, 1, 3])
async def test_an_erasing_that_was_killed_is_finished_at_the_next_start(
    path: Path, file_bytes: Callable[[], bytes], start_program: StartProgram, parts: int
) -> None:
    killed = start_program(KILLED_IN_ERASING, path, parts)
    killed.communicate(timeout=60)
    assert killed.returncode == -9
    assert b"xylophone" in file_bytes()
    store = SQLiteStore(path)
    assert [user.user_id for user in await store.users()] == ["bo"]
    await until_nothing_is_owed(path)
    assert b"xylophone" not in file_bytes()
    await store.close()


async def test_a_short_program_pays_what_is_owed_before_it_ends(
    path: Path, file_bytes: Callable[[], bytes], start_program: StartProgram
) -> None:
    killed = start_program(KILLED_IN_ERASING, path, 1)
    killed.communicate(timeout=60)
    program = (
        "import asyncio, sys\nfrom prosona.profiles_db.sqlite import SQLiteStore\n"
        "asyncio.run(SQLiteStore(sys.argv[1]).close())"
    )
    short = start_program(program, path)
    short.communicate(timeout=60)
    assert short.returncode == 0
    assert b"xylophone" not in file_bytes()


async def test_free_room_is_given_back_by_maintaining(store: SQLiteStore, path: Path) -> None:
    await store.append("ana", [Interaction(chosen="x" * 20_000) for _ in range(60)])
    await store.append("bo", [Interaction(chosen="tea")])
    await store.erase("ana")
    before = path.stat().st_size
    steps: list[str] = []
    assert await store.maintain(steps.append) == []
    assert "giving back free room" in steps
    assert path.stat().st_size < before / 4
    await store.append("bo", [Interaction(chosen="more")])
    assert (await store.head("bo")).observed == 2
    (sound,) = [await store.maintain(steps.append)]
    assert sound == []
