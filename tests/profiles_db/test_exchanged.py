"""The file is taken away, or another put in its place, while it is open: noticed before anything is
acknowledged, and nothing is made worse."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from prosona.core.errors import StoreReplacedError, StoreTooNewError
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore
from prosona.profiles_db.sqlite.schema import SCHEMA

pytestmark = pytest.mark.skipif(os.name == "nt", reason="an open file cannot be taken away there")

TEA = Interaction(chosen="tea")

OBSERVE = """
import asyncio, sys
from prosona.core.errors import StoreError
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore

async def main():
    store = SQLiteStore(sys.argv[1])
    for line in sys.stdin:
        try:
            for n in range(int(line)):
                await store.append("ana", [Interaction(chosen=f"tea {n} " * 30)])
            print("accepted", flush=True)
        except StoreError as error:
            print(type(error).__name__, flush=True)
    await store.close()

asyncio.run(main())
"""


def soundness(path: Path) -> str:
    conn = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        (answer,) = conn.execute("PRAGMA integrity_check").fetchone()
    finally:
        conn.close()
    return str(answer)


def copied_by_another(source: Path, target: Path) -> None:
    """As `cp` does, over what is there. In another process: this one must not close a descriptor of it."""
    subprocess.run(["cp", str(source), str(target)], check=True)


async def filled(path: Path, count: int = 20) -> SQLiteStore:
    store = SQLiteStore(path)
    for n in range(count):
        await store.append("ana", [Interaction(chosen=f"c{n} " * 50)])
    return store


async def older_copy(path: Path) -> Path:
    """A copy of the file as it stood after ten interactions; the file itself then has thirty."""
    store = await filled(path, 10)
    await store.close()
    copy = path.with_name("older.db")
    shutil.copyfile(path, copy)
    store = await filled(path)
    await store.close()
    return copy


async def refused(store: SQLiteStore) -> None:
    with pytest.raises(StoreReplacedError, match="restore"):
        await store.append("ana", [TEA])
    with pytest.raises(StoreReplacedError):
        await store.head("ana")
    with pytest.raises(StoreReplacedError):
        await store.append("ana", [TEA])


async def test_a_removed_file_is_noticed(path: Path) -> None:
    store = await filled(path)
    for file in path.parent.iterdir():
        file.unlink()
    await refused(store)
    await store.close()
    assert list(path.parent.iterdir()) == [], "nothing is made in the place of it"


async def test_a_removed_log_is_noticed(path: Path) -> None:
    store = await filled(path)
    path.with_name("profiles.db-wal").unlink()
    await refused(store)
    await store.close()


async def test_a_moved_file_is_noticed(path: Path) -> None:
    store = await filled(path)
    path.rename(path.with_name("elsewhere.db"))
    await refused(store)
    await store.close()


async def test_a_file_moved_over_it_is_noticed_and_left_as_it_is(path: Path) -> None:
    copy = await older_copy(path)
    before = copy.read_bytes()
    store = await filled(path)
    copy.rename(path)
    await refused(store)
    await store.close()
    assert path.read_bytes() == before


async def test_an_older_copy_written_over_it_is_noticed_and_left_as_it_is(path: Path) -> None:
    copy = await older_copy(path)
    store = await filled(path)
    copied_by_another(copy, path)
    await refused(store)
    await store.close()
    del store
    assert path.read_bytes() == copy.read_bytes()


async def test_an_older_copy_is_noticed_when_the_log_is_empty(path: Path) -> None:
    copy = await older_copy(path)
    store = await filled(path)
    conn = sqlite3.connect(path)
    assert conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    conn.close()
    # Looked at since: else nothing is lost that this program was told of.
    await store.changed()
    copied_by_another(copy, path)
    await refused(store)
    await store.close()


@pytest.mark.parametrize("unseen", [1, 3000], ids=["a few writes", "a log that began anew"])
async def test_an_older_copy_is_noticed_by_a_program_that_slept_meanwhile(
    path: Path, start_program: Callable[..., subprocess.Popen[str]], unseen: int
) -> None:
    store = await filled(path)
    sleeper, other = start_program(OBSERVE, path), start_program(OBSERVE, path)
    assert say(sleeper, 1) == "accepted"
    await store.close()
    copy = path.with_name("older.db")
    copied_by_another(path, copy)
    assert say(other, unseen) == "accepted"
    copied_by_another(copy, path)
    if unseen > 1:
        assert say(sleeper, 1) == "StoreReplacedError"
        assert say(other, 1) == "StoreReplacedError"
    else:
        # All that came after the copy still stands in the log: nothing is lost.
        assert {say(sleeper, 1), say(other, 1)} == {"accepted"}
    for program in (sleeper, other):
        program.communicate(timeout=60)
    if unseen > 1:
        assert soundness(path) == "ok"
        assert path.read_bytes() == copy.read_bytes()
    else:
        store = SQLiteStore(path)
        assert (await store.head("ana")).observed == 24
        await store.close()


def say(program: subprocess.Popen[str], count: int) -> str:
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(f"{count}\n")
    program.stdin.flush()
    return program.stdout.readline().strip()


async def test_another_store_written_over_it_is_noticed(path: Path, tmp_path: Path) -> None:
    other = await filled(tmp_path / "other.db", 200)
    await other.close()
    store = await filled(path)
    copied_by_another(tmp_path / "other.db", path)
    await refused(store)
    await store.close()


@pytest.mark.parametrize("content", [b"", b"Dear diary,\n" * 1000], ids=["nothing", "a text"])
async def test_anything_else_written_over_it_is_noticed(path: Path, tmp_path: Path, content: bytes) -> None:
    store = await filled(path)
    await store.close()
    store = await filled(path)
    (tmp_path / "other").write_bytes(content)
    copied_by_another(tmp_path / "other", path)
    with pytest.raises(StoreReplacedError):
        await store.append("ana", [TEA])
    await store.close()


async def test_a_file_of_the_release_before_put_over_it_is_noticed(path: Path) -> None:
    store = await filled(path)
    copied_by_another(Path(__file__).parent / "files" / "schema2.db", path)
    await refused(store)
    await store.close()


async def test_those_who_watch_for_changes_hear_of_it(path: Path) -> None:
    store = await filled(path)
    await store.changed()
    path.unlink()
    with pytest.raises(StoreReplacedError):
        await store.changed()
    await store.close()


async def test_all_writes_that_wait_hear_of_it(path: Path) -> None:
    store = await filled(path)
    path.unlink()
    outcomes = await asyncio.gather(*(store.append("ana", [TEA]) for _ in range(50)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {StoreReplacedError}
    await store.close()


async def test_a_log_that_belongs_to_another_file_is_not_played_into_this_one(path: Path) -> None:
    copy = await older_copy(path)
    before = copy.read_bytes()
    killed_after_five(path)
    assert path.with_name("profiles.db-wal").stat().st_size
    copy.rename(path)
    with pytest.raises(StoreReplacedError, match="-wal"):
        SQLiteStore(path)
    assert path.read_bytes() == before
    path.with_name("profiles.db-wal").unlink()
    store = SQLiteStore(path)
    assert (await store.head("ana")).observed == 10
    await store.close()


KILLED = """
import asyncio, os, signal, sys
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore

async def main():
    store = SQLiteStore(sys.argv[1])
    for n in range(5):
        await store.append("ana", [Interaction(chosen=f"late {n}")])
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def killed_after_five(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], capture_output=True, check=False)
    assert done.returncode == -9, done.stderr


async def test_the_log_of_a_killed_program_is_its_files_own(path: Path) -> None:
    store = await filled(path)
    await store.close()
    for _ in range(3):
        killed_after_five(path)
    store = SQLiteStore(path)
    assert (await store.head("ana")).observed == 35
    await store.close()


async def test_what_looks_like_the_mark_in_somebodys_words_is_none(path: Path) -> None:
    store = await filled(path)
    conn = sqlite3.connect(path)
    (mark,) = conn.execute("SELECT mark FROM meta").fetchone()
    conn.close()
    for forged in (mark, mark + "\x7f" * 8, mark[:-1] + "0" + "A" * 60):
        await store.append(forged[:128], [Interaction(chosen=forged, query=forged, agent=forged)])
    for n in range(300):
        await store.append("ana", [Interaction(chosen=f"{mark}{n}")])
    await store.close()
    store = await filled(path)
    await store.close()


async def test_a_file_that_a_newer_program_migrated_is_written_no_more(path: Path) -> None:
    store = await filled(path)
    newer = sqlite3.connect(path, isolation_level=None)
    newer.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    with pytest.raises(StoreTooNewError, match="upgrade"):
        await store.append("ana", [TEA])
    with pytest.raises(StoreTooNewError):
        await store.claim("ana", 60)
    newer.execute("ALTER TABLE texts RENAME COLUMN text TO words")
    newer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with pytest.raises(StoreTooNewError):
        await store.head("ana")
    newer.close()
    await store.close()
