"""A stdio server that reads no faster than its answers are taken, and alters nothing that it reads."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.server.conftest import ServeCommand, StartStdio

MEBIBYTE = 1 << 20
SECONDS = 3.0
MOST_GROWTH = 60 * MEBIBYTE
TIME_LIMIT = 30.0


def resident(pid: int) -> int:
    """Bytes of memory that a process has in use."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the process has ended")


def request(number: int, **arguments: str) -> bytes:
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"name": "observe_interaction", "arguments": arguments, "_meta": meta}
    message = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
    return json.dumps(message).encode() + b"\n"


@pytest.fixture
def unread(serve_command: ServeCommand, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server whose stdout nobody reads."""
    command = serve_command(tmp_path / "p.db", "--user", "ana")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as process:
        yield process
        process.kill()


def write_until(process: subprocess.Popen[bytes], data: Iterator[bytes], seconds: float) -> list[bytes]:
    """Writes what is taken within `seconds`, never waiting longer; the whole lines among it."""
    assert process.stdin is not None
    fd = process.stdin.fileno()
    os.set_blocking(fd, False)
    written: list[bytes] = []
    end = time.monotonic() + seconds
    rest = b""
    while time.monotonic() < end:
        rest = rest or next(data)
        if select.select([], [fd], [], 0.05)[1]:
            count = os.write(fd, rest)
            written.append(rest[:count])
            rest = rest[count:]
    os.set_blocking(fd, True)
    # The line that was begun is ended, so that all that was sent can be answered.
    return [line for line in b"".join(written).split(b"\n") if line]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("size", [10, 15_000])
def test_a_client_that_never_reads_is_read_no_more_and_costs_no_memory(
    unread: subprocess.Popen[bytes], size: int
) -> None:
    assert unread.stdin is not None
    assert unread.stdout is not None
    unread.stdin.write(request(0, chosen="tea"))
    unread.stdout.readline()
    before = resident(unread.pid)
    lines = (request(n, query="q" * size, chosen=f"{n}") for n in range(1, 10_000_000))
    written = write_until(unread, lines, SECONDS)
    grown = resident(unread.pid) - before
    assert grown < MOST_GROWTH, f"{grown / MEBIBYTE:.0f} MiB after {len(written)} lines"
    # What was read is answered once somebody listens: nothing was thrown away.
    missing = {json.loads(line)["id"] for line in written[:-1]}
    while missing:
        missing.discard(json.loads(unread.stdout.readline())["id"])


def test_requests_sent_together_are_all_answered(start_stdio: StartStdio, tmp_path: Path) -> None:
    server = start_stdio(tmp_path / "p.db", "--user", "ana")
    asked = [server.start_call("observe_interaction", {"chosen": f"film {n}"}) for n in range(600)]
    for number in asked:
        assert server.answer(number)["result"]["structuredContent"]["status"] == "accepted"
    assert server.result("get_user_profile", {})["interactions"] == 600
    assert server.end() == 0


def test_a_line_may_come_in_pieces_and_the_last_one_without_an_end(
    serve_command: ServeCommand, tmp_path: Path
) -> None:
    command = serve_command(tmp_path / "p.db", "--user", "ana")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        line = request(1, chosen="Tee \u2615 im Zug")
        for cut in (line[:5], line[5:-20], line[-20:]):
            process.stdin.write(cut)
        assert json.loads(process.stdout.readline())["id"] == 1
        process.stdin.write(b"no message")
        process.stdin.close()
        assert json.loads(process.stdout.readline())["error"]["code"] == -32700
        assert process.wait(TIME_LIMIT) == 0


def test_many_requests_that_wait_leave_room_for_what_they_wait_for(
    start_stdio: StartStdio, tmp_path: Path
) -> None:
    server = start_stdio(tmp_path / "p.db", "--user", "ana")
    watch = {"notifications": {"resourceSubscriptions": ["profile://ana"]}}
    for _ in range(200):
        server.request("subscriptions/listen", watch)
    for _ in range(200):
        server.unasked()
    server.result("revise_profile", {"statement": "I am vegetarian."})
    assert server.unasked()["method"] == "notifications/resources/updated"
    assert server.end() == 0
