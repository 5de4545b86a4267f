from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


class HttpServers:
    """Starts HTTP servers on free ports and stops them."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[str]] = []

    def __call__(self, db: Path, *options: str) -> str:
        """Starts one; returns its URL."""
        process = subprocess.Popen(
            serve_command(db, "--transport", "http", "--port", "0", *options),
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        self._running.append(process)
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"http://[\w.:\[\]]+/mcp", line):
                return found.group(0)
        raise AssertionError(f"the server ended with {process.wait(5)} before it served")

    def stop(self) -> None:
        """Stops all of them."""
        for process in self._running:
            process.terminate()
            process.wait(10)
            if process.stderr is not None:
                process.stderr.close()
        self._running.clear()


def serve_command(db: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "prosona.cli", "serve", "--db", str(db), *options]


@pytest.fixture
def serve_stdio() -> Callable[..., list[str]]:
    """The command line of a stdio server."""
    return serve_command


@pytest.fixture
def serve_http() -> Iterator[HttpServers]:
    """Starts HTTP servers on free ports; returns the URL of each."""
    servers = HttpServers()
    yield servers
    servers.stop()
