"""A home of its own, hooks as processes of their own, and what stands in the database."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from prosona.hosts.table import Places

from .scripted_model import Model, served

if TYPE_CHECKING:
    from prosona.core.words import RecordedInteraction
    from prosona.service import ProfileService

T = TypeVar("T")
SECONDS = 60


class Profiles:
    """A database, and what stands in it."""

    def __init__(self, db: Path) -> None:
        self.db = db

    def run(self, work: Callable[[ProfileService], Awaitable[T]]) -> T:
        """Does some work with a service on the database."""
        from prosona.service import open_service

        async def whole() -> T:
            service = open_service(self.db)
            try:
                return await work(service)
            finally:
                await service.aclose()

        return asyncio.run(whole())

    def state(self, statement: str, user_id: str = "ana") -> None:
        from prosona.service.change import ProfileChange

        self.run(lambda service: service.revise(user_id, ProfileChange(statement=statement)))

    def text(self, user_id: str = "ana") -> str:
        async def read(service: ProfileService) -> str:
            return (await service.get(user_id)).text

        return self.run(read)

    def interactions(self, user_id: str = "ana") -> list[RecordedInteraction]:
        return self.run(lambda service: service.interactions(user_id))

    def said(self, user_id: str = "ana") -> list[str | None]:
        return [item.chosen for item in self.interactions(user_id)]

    def deliver(self) -> None:
        """Delivers what waits now, whatever other deliveries do."""
        from prosona.hosts.deliver import deliver

        asyncio.run(deliver(self.db, "ana"))

    def waiting(self) -> int:
        """How many prompts wait to be stored."""
        with closing(sqlite3.connect(self.db, timeout=5)) as conn:
            (number,) = conn.execute("SELECT count(*) FROM heard").fetchone()
        return int(number)

    def settle(self) -> None:
        """Waits until the deliveries that hooks started have stored everything."""
        until = time.monotonic() + SECONDS
        while self.waiting():
            assert time.monotonic() < until, "nobody delivered"
            threading.Event().wait(0.02)


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    return Profiles(tmp_path / "profiles.db")


Hook = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def hook(profiles: Profiles) -> Hook:
    """Runs `prosona hook` as a host does."""

    def run(
        event: str, payload: object, *options: str, host: str = "claude-code", user: str = "ana"
    ) -> subprocess.CompletedProcess[str]:
        given = options or ("--host", host, "--user", user, "--db", str(profiles.db))
        text = payload if isinstance(payload, str) else json.dumps(payload)
        return subprocess.run(
            [sys.executable, "-m", "prosona.cli", "hook", event, *given],
            input=text,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    return run


@pytest.fixture
def seconds_of_cpu() -> Callable[[list[str], str], float]:
    """Runs a command and returns the processor time it took: a busy machine does not change it."""

    def run(command: list[str], text: str) -> float:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert process.stdin is not None
        process.stdin.write(text.encode())
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return usage.ru_utime + usage.ru_stime

    return run


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """An empty home with an empty project in it, which is the current folder."""
    home = tmp_path / "home"
    (home / "project").mkdir(parents=True)
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "COPILOT_HOME", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("PROSONA_DB", str(home / "profiles of ana.db"))
    monkeypatch.chdir(home / "project")
    return Places.here()


@pytest.fixture
def model() -> Iterator[Model]:
    with served() as model:
        yield model
