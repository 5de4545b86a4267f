from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from prosona.profiles_db import SQLiteStore

StartProgram = Callable[..., subprocess.Popen[str]]


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
        files = [str(file) for file in sorted(path.parent.iterdir())]
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
