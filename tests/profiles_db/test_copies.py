from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from prosona.core.errors import NotAStoreError, StoreBusyError, StoreDamagedError, StoreError
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore, restore

StartProgram = Callable[..., subprocess.Popen[str]]

WRITE_ON = """
import asyncio, sys
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore

async def main():
    store = SQLiteStore(sys.argv[1])
    print("ready", flush=True)
    stop = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    count = 0
    while not stop.done():
        await store.append("bo", [Interaction(chosen=f"{count}")] * 3)
        count += 3
    await store.close()
    print(count)

asyncio.run(main())
"""


async def filled(path: Path, count: int) -> SQLiteStore:
    store = SQLiteStore(path)
    await store.append("ana", [Interaction(chosen=f"c{n} " * 50) for n in range(count)])
    return store


async def observed(path: Path, user: str = "ana") -> int:
    store = SQLiteStore(path)
    head = await store.head(user)
    await store.close()
    return head.observed


async def test_a_backup_is_whole_while_others_write_on(
    path: Path, tmp_path: Path, start_program: StartProgram
) -> None:
    store = await filled(path, 2000)
    writer = start_program(WRITE_ON, path)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    counts = []
    for n in range(3):
        copy = tmp_path / f"copy{n}.db"
        await store.backup(copy)
        counts.append(await observed(copy, "bo"))
        assert await observed(copy) == 2000
    out, _ = writer.communicate("stop\n", timeout=60)
    await store.close()
    assert counts == sorted(counts)
    assert all(count % 3 == 0 for count in counts), "no write is in it by half"
    assert counts[-1] <= int(out)
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "copy0.db").stat().st_mode) == 0o600
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


async def test_a_backup_holds_nothing_that_was_forgotten(path: Path, tmp_path: Path) -> None:
    store = await filled(path, 10)
    await store.append("bo", [Interaction(chosen="xylophone")])
    await store.erase("bo")
    await store.backup(tmp_path / "copy.db")
    await store.close()
    assert b"xylophone" not in (tmp_path / "copy.db").read_bytes()


async def test_a_backup_over_something_is_refused(path: Path, tmp_path: Path) -> None:
    store = await filled(path, 1)
    (tmp_path / "there").write_text("mine")
    with pytest.raises(StoreError, match="exists already"):
        await store.backup(tmp_path / "there")
    with pytest.raises(StoreError, match="exists already"):
        await store.backup(path)
    await store.close()
    assert (tmp_path / "there").read_text() == "mine"


async def test_a_backup_is_put_back(path: Path, tmp_path: Path) -> None:
    store = await filled(path, 3)
    copy = tmp_path / "copy.db"
    await store.backup(copy)
    before = copy.read_bytes()
    await store.append("ana", [Interaction(chosen="later")])
    await store.close()
    await asyncio.to_thread(restore, copy, path)
    assert await observed(path) == 3
    assert copy.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["copy.db", "data"]


async def test_a_backup_is_put_where_nothing_was(path: Path, tmp_path: Path) -> None:
    store = await filled(path, 3)
    await store.backup(tmp_path / "copy.db")
    await store.close()
    await asyncio.to_thread(restore, tmp_path / "copy.db", tmp_path / "new" / "profiles.db")
    assert await observed(tmp_path / "new" / "profiles.db") == 3


async def test_a_file_that_is_in_use_is_not_replaced(
    path: Path, tmp_path: Path, start_program: StartProgram
) -> None:
    store = await filled(path, 3)
    await store.backup(tmp_path / "copy.db")
    with pytest.raises(StoreBusyError, match="stop the programs"):
        await asyncio.to_thread(restore, tmp_path / "copy.db", path)
    writer = start_program(WRITE_ON, path)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    await store.close()
    with pytest.raises(StoreBusyError):
        await asyncio.to_thread(restore, tmp_path / "copy.db", path)
    out, errors = writer.communicate("stop\n", timeout=60)
    assert writer.returncode == 0, errors
    assert await observed(path, "bo") == int(out)
    await asyncio.to_thread(restore, tmp_path / "copy.db", path)
    assert await observed(path, "bo") == 0


async def test_a_damaged_file_and_what_lies_beside_it_are_replaced(path: Path, tmp_path: Path) -> None:
    store = await filled(path, 3)
    await store.backup(tmp_path / "copy.db")
    await store.close()
    path.write_bytes(b"rubbish" * 1000)
    path.with_name("profiles.db-wal").write_bytes(b"stale" * 1000)
    await asyncio.to_thread(restore, tmp_path / "copy.db", path)
    assert await observed(path) == 3


async def test_what_is_no_sound_backup_is_refused_and_nothing_is_changed(path: Path, tmp_path: Path) -> None:
    store = await filled(path, 300)
    await store.backup(tmp_path / "copy.db")
    await store.close()
    before = path.read_bytes()
    (tmp_path / "text").write_text("hello" * 100)
    data = bytearray((tmp_path / "copy.db").read_bytes())
    data[20 * 4096 : 22 * 4096] = os.urandom(2 * 4096)
    (tmp_path / "broken").write_bytes(data)
    for name, error in (
        ("text", NotAStoreError),
        ("broken", StoreDamagedError),
        ("nothing", StoreError),
        ("data/profiles.db", StoreError),
    ):
        with pytest.raises(error):
            await asyncio.to_thread(restore, tmp_path / name, path)
        assert path.read_bytes() == before


async def test_a_file_of_the_release_before_can_be_put_back(path: Path, tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parent / "files" / "schema2.db", tmp_path / "old.db")
    await asyncio.to_thread(restore, tmp_path / "old.db", path)
    assert await observed(path) == 7
