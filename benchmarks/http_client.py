"""A raw HTTP client on keep-alive connections that counts answers in a window of time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.messages import MODERN, check_result, encoded, tool_call
from benchmarks.stdio_client import COMPILED, ROOT

_HEADERS = (
    "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: {era}\r\n"
    "Mcp-Method: tools/call\r\nMcp-Name: {tool}\r\nContent-Length: {length}\r\n\r\n"
)


class HttpLoad:
    """One tool call, sent again and again over several connections to a server on this machine."""

    def __init__(self, port: int, tool: str, arguments: dict[str, Any]) -> None:
        self._port = port
        body = encoded(tool_call(1, tool, arguments, MODERN))
        head = _HEADERS.format(port=port, era=MODERN, tool=tool, length=len(body))
        self._request = head.encode() + body

    async def calls_a_second(self, seconds: float, connections: int) -> float:
        """Answers a second over `seconds`, one call in flight on each connection."""
        started = time.perf_counter()
        counts = await asyncio.gather(*(self._one_connection(started + seconds) for _ in range(connections)))
        return sum(counts) / (time.perf_counter() - started)

    async def _one_connection(self, until: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        count = 0
        try:
            while time.perf_counter() < until:
                writer.write(self._request)
                body = await _response(reader)
                if count == 0:
                    check_result(json.loads(body))
                count += 1
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        return count


async def _response(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(f"the server answered {head!r}")
    if b"transfer-encoding: chunked" not in head:
        start = head.index(b"content-length:") + len(b"content-length:")
        return await reader.readexactly(int(head[start : head.index(b"\r\n", start)]))
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def http_server(command: Sequence[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server as a child process, once it listens on `port`; stopped at the end."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=COMPILED, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_listening(process, port, time.monotonic() + 30)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, deadline: float) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"no server on port {port}: {process.args!r}") from None
            time.sleep(0.02)
        else:
            return
