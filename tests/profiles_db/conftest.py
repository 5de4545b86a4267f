from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from prosona.profiles_db.sqlite import SQLiteStore

StartProgram = Callable[..., subprocess.Popen[str]]

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "profiles.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(path)
    yield store
    await store.close()


@pytest.fixture
def file_bytes(path: Path) -> Callable[[], bytes]:
    """All bytes of the database and of the files beside it."""

    def read() -> bytes:
        # By another process: closing a descriptor here would drop the locks of an open store.
        files = [str(file) for file in sorted(path.parent.iterdir()) if file.is_file()]
        script = "import sys\nfor name in sys.argv[1:]: sys.stdout.buffer.write(open(name, 'rb').read())"
        done = subprocess.run([sys.executable, "-c", script, *files], stdout=subprocess.PIPE, check=True)
        return done.stdout

    return read


@pytest.fixture
def start_program() -> Iterator[StartProgram]:
    """Starts Python programs that talk over pipes, and kills those that are left at the end."""
    running: list[subprocess.Popen[str]] = []

    def start(program: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", program, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Callable[[Path], None]]:
    """Makes a file or a folder one that may only be read, for the rest of the test."""
    if os.name == "nt":
        pytest.skip("modes are a POSIX matter")
    changed: list[tuple[Path, int]] = []
    user = os.geteuid()

    def change(place: Path) -> None:
        changed.append((place, place.stat().st_mode))
        for file in place.iterdir() if place.is_dir() else ():
            file.chmod(0o666)
        place.chmod(0o555 if place.is_dir() else 0o444)
        if user == 0:
            # The rules do not bind this user, but those that it can become.
            between = [folder for folder in place.parents if tmp_path in folder.parents]
            for folder in [*between, tmp_path, *tmp_path.parents[:2]]:
                changed.append((folder, folder.stat().st_mode))
                folder.chmod(folder.stat().st_mode | 0o055)
            os.seteuid(NOBODY)

    yield change
    os.seteuid(user)
    for place, mode in reversed(changed):
        place.chmod(mode)
