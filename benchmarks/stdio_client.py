"""A raw client over stdin and stdout: nothing between the stopwatch and the server but JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.messages import INITIALIZE, INITIALIZED, LEGACY, MODERN, Era, check_result, encoded, tool_call

ROOT = Path(__file__).resolve().parent.parent
BARE = [sys.executable, "-m", "benchmarks.bare_server"]


# Both servers start from compiled modules, as pip leaves them: a machine where Python is told to write none would
# compile ours at every start, and never the bare one's.
COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def prosona_command(database: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "prosona.cli", "serve", "--db", str(database), *arguments]


class StdioServer:
    """A server as a child process. Use as a context; `call` returns seconds."""

    def __init__(
        self, command: Sequence[str], *, era: Era = MODERN, env: dict[str, str] | None = None
    ) -> None:
        self.started_at = time.perf_counter()
        self._era = era
        self._number = 0
        self._answered: set[int] = set()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
            cwd=ROOT,
            env={**COMPILED, **(env or {})},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in = self._process.stdin
        self._out = os.fdopen(os.dup(self._process.stdout.fileno()), "rb")
        if era == LEGACY:
            self._send(INITIALIZE)
            self._answer()
            self._send(INITIALIZED)

    def __enter__(self) -> StdioServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._in.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._out.close()
        self._errors.close()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def call(self, tool: str, arguments: dict[str, Any]) -> float:
        """Seconds from sending one call to having read its result."""
        self._number += 1
        message = tool_call(self._number, tool, arguments, self._era)
        before = time.perf_counter()
        self._send(message)
        answer = self._answer()
        seconds = time.perf_counter() - before
        check_result(answer)
        return seconds

    def begin(self, tool: str, arguments: dict[str, Any]) -> int:
        """Sends a call without waiting; its number, for `has_answered` between later calls."""
        self._number += 1
        self._send(tool_call(self._number, tool, arguments, self._era))
        return self._number

    def has_answered(self, number: int) -> bool:
        """Whether the result of an earlier call was read, in front of that of a later one."""
        return number in self._answered

    def resident_megabytes(self) -> float:
        """Physical memory that the server holds."""
        return resident_megabytes(self._process.pid)

    def _send(self, message: dict[str, Any]) -> None:
        self._in.write(encoded(message) + b"\n")

    def _answer(self) -> dict[str, Any]:
        while line := self._out.readline():
            message: dict[str, Any] = json.loads(line)
            if message.get("id") == self._number:
                return message
            if "id" in message and "method" not in message:
                check_result(message)
                self._answered.add(message["id"])
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace")[-2_000:]
        raise RuntimeError(f"the server ended instead of answering. It said:\n{said}")


def resident_megabytes(pid: int) -> float:
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(shown.stdout) * 1024 / 1e6
