"""A service on a real file, servers as real subprocesses, and a client that sees every byte of stdout."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from mcp import Client
from mcp.types import Implementation

from prosona.server import build_server
from prosona.service import ProfileService, open_service

Era = Literal["auto", "legacy"]
MODERN = "2026-07-28"
TIME_LIMIT = 30.0


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[ProfileService]:
    opened = open_service(tmp_path / "profiles.db")
    yield opened
    await opened.aclose()


@pytest.fixture(params=["auto", "legacy"])
def era(request: pytest.FixtureRequest) -> Era:
    """Both protocol eras: 2026-07-28, and the handshake before it."""
    chosen: Era = request.param
    return chosen


class Connect(Protocol):
    """Opens an in-process client."""

    def __call__(self, user_id: str | None = None, agent: str = "tester", **options: Any) -> Client: ...  # noqa: ANN401


@pytest.fixture
def connect(service: ProfileService, era: Era) -> Connect:
    """Clients of servers over `service`, in the era under test."""

    def open_client(user_id: str | None = None, agent: str = "tester", **options: Any) -> Client:  # noqa: ANN401
        server = build_server(service, user_id=user_id)
        return Client(server, mode=era, client_info=Implementation(name=agent, version="1"), **options)

    return open_client


ServeCommand = Callable[..., list[str]]


@pytest.fixture(scope="session")
def serve_command() -> ServeCommand:
    """The command line of `prosona serve` on a file."""

    def command(db: Path, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "prosona.cli", "--db", str(db), "serve", *arguments]

    return command


class StdioServer:
    """A stdio server spoken to line by line. Calls may be in flight together; `lines` is all of stdout."""

    def __init__(self, command: list[str], stderr: Path) -> None:
        self.stderr = stderr
        self.lines: list[bytes] = []
        self.spoke = threading.Event()
        self._ids = itertools.count(1)
        self._answers: dict[object, queue.SimpleQueue[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._orphans: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        with stderr.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, bufsize=0
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, line: str | bytes) -> None:
        assert self.process.stdin is not None
        with self._lock:
            self.process.stdin.write((line.encode() if isinstance(line, str) else line) + b"\n")

    def request(self, method: str, params: dict[str, Any]) -> int:
        """Sends a request in the modern era and returns its id."""
        number = next(self._ids)
        self._answers[number] = queue.SimpleQueue()
        meta = {
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
        }
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": {**params, "_meta": meta}}
        self.send(json.dumps(message))
        return number

    def answer(self, number: int, timeout: float = TIME_LIMIT) -> dict[str, Any]:
        """The response to one request; `queue.Empty` if it does not come in time."""
        return self._answers[number].get(timeout=timeout)

    def unasked(self, timeout: float = TIME_LIMIT) -> dict[str, Any]:
        """The next message that answers no request of ours."""
        return self._orphans.get(timeout=timeout)

    def start_call(self, tool: str, arguments: dict[str, Any]) -> int:
        return self.request("tools/call", {"name": tool, "arguments": arguments})

    def call(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """One tool call; the whole response message."""
        return self.answer(self.start_call(tool, arguments))

    def result(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """One tool call that must succeed; its structured content."""
        response = self.call(tool, arguments)
        assert not response["result"].get("isError"), response
        content: dict[str, Any] = response["result"]["structuredContent"]
        return content

    def end(self) -> int:
        """Closes stdin, waits for the exit and returns its code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(TIME_LIMIT)
        self._close()
        return code

    def stop(self, number: int) -> int:
        """Sends a signal, waits for the exit and returns its code."""
        self.process.send_signal(number)
        code = self.process.wait(TIME_LIMIT)
        self._close()
        return code

    def _close(self) -> None:
        self._reader.join(TIME_LIMIT)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        rest = b""
        while chunk := os.read(self.process.stdout.fileno(), 1 << 20):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self.lines.append(line)
                self.spoke.set()
                message = json.loads(line)
                self._answers.get(message.get("id"), self._orphans).put(message)
        if rest:
            self.lines.append(rest)


class StartStdio(Protocol):
    """Starts a stdio server on a file."""

    def __call__(self, db: Path, *arguments: str) -> StdioServer: ...


@pytest.fixture(scope="session")
def start_stdio(
    serve_command: ServeCommand, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartStdio]:
    """Starts stdio servers; those still running at the end are killed."""
    started: list[StdioServer] = []
    logs = tmp_path_factory.mktemp("stdio")

    def start(db: Path, *arguments: str) -> StdioServer:
        server = StdioServer(serve_command(db, *arguments), logs / f"{len(started)}.log")
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)


class HttpServer:
    """An HTTP server as a subprocess; `url` is where it speaks MCP."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self.process.stderr is not None
        self.log: list[str] = []
        self._ready: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self._ready.get(timeout=TIME_LIMIT)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Sends a signal, waits for the exit and returns its code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(TIME_LIMIT)
        self._reader.join(TIME_LIMIT)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        assert self.process.stdout.read() == b"", "an HTTP server writes nothing to stdout"
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def _read(self) -> None:
        assert self.process.stderr is not None
        for raw in self.process.stderr:
            line = raw.decode()
            self.log.append(line)
            if found := re.search(r"http://\S+", line):
                self._ready.put(found[0])
        self._ready.put("the server ended: " + "".join(self.log))


class StartHttp(Protocol):
    """Starts an HTTP server on a file and a free port."""

    def __call__(self, db: Path, *arguments: str) -> HttpServer: ...


@pytest.fixture(scope="session")
def start_http(serve_command: ServeCommand) -> Iterator[StartHttp]:
    """Starts HTTP servers; those still running at the end are stopped."""
    started: list[HttpServer] = []

    def start(db: Path, *arguments: str) -> HttpServer:
        server = HttpServer(serve_command(db, "--transport", "http", "--port", "0", *arguments))
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop()
