"""One HTTP client, however it behaves, keeps the others from nothing."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client

from prosona.server import build_server
from prosona.server.guard import GuardedProtocol, most_connections
from prosona.server.http import address_of, open_listener, web_server
from prosona.server.logs import NoFlood
from prosona.service import open_service

if TYPE_CHECKING:
    from tests.server.conftest import HttpServer, StartHttp

TIME_LIMIT = 30.0
DESCRIPTORS = 128
HALF_SENT = [
    b"",
    b"POST /mcp HT",
    b"GET /healthz HTTP/1.1\r\nhost: local",
    b"POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{",
]


class Impatient(GuardedProtocol):
    """The same, for tests that cannot wait."""

    patience_seconds = 0.2


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a server that waits a fifth of a second for the rest of a request."""
    service = open_service(tmp_path / "p.db")
    with open_listener("127.0.0.1", 0) as listener:
        web = web_server(build_server(service), listener, Impatient)
        serving = asyncio.create_task(web.serve(sockets=[listener]))
        yield address_of(listener)
        web.should_exit = True
        await serving
    await service.aclose()


@pytest.mark.parametrize("sent", HALF_SENT)
async def test_a_request_that_is_not_sent_to_its_end_is_given_up(impatient: str, sent: bytes) -> None:
    parts = urlsplit(impatient)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(sent)
    async with asyncio.timeout(TIME_LIMIT):
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 408 ")
    writer.close()


async def test_headers_that_trickle_in_gain_no_time(impatient: str) -> None:
    parts = urlsplit(impatient)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)

    loop = asyncio.get_running_loop()
    letters = iter(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n" + b"x" * 10_000)

    def trickle() -> None:
        if not writer.is_closing():
            writer.write(bytes([next(letters)]))
            loop.call_later(Impatient.patience_seconds / 10, trickle)

    trickle()
    async with asyncio.timeout(TIME_LIMIT):
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
    writer.close()


async def test_an_open_stream_and_a_kept_connection_are_not_half_sent(impatient: str) -> None:
    async with (
        Client(impatient + "/mcp") as client,
        client.listen(resource_subscriptions=["profile://ana"]) as told,
    ):
        began = time.monotonic()
        while time.monotonic() - began < 2 * Impatient.patience_seconds:
            await client.call_tool("get_user_profile", {"user_id": "ana"})
        await client.call_tool("revise_profile", {"user_id": "ana", "statement": "I am vegetarian."})
        async with asyncio.timeout(TIME_LIMIT):
            await anext(aiter(told))


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on descriptors")
async def test_hundreds_of_half_sent_requests_keep_nobody_out_and_fill_no_log(
    start_http: StartHttp, tmp_path: Path
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))
    try:
        server: HttpServer = start_http(tmp_path / "p.db")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    parts = urlsplit(server.url)
    opened = []
    for n in range(500):
        half = socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=TIME_LIMIT)
        half.sendall(HALF_SENT[n % len(HALF_SENT)])
        opened.append(half)
    async with Client(server.url) as client:
        for n in range(20):
            result = await client.call_tool("observe_interaction", {"user_id": "ana", "chosen": f"film {n}"})
            assert not result.is_error, result.content
        result = await client.call_tool("get_user_profile", {"user_id": "ana"})
        assert result.structured_content["interactions"] == 20
    async with httpx2.AsyncClient() as http:
        assert (await http.get(server.url.removesuffix("/mcp") + "/healthz")).status_code == 200
    for half in opened:
        half.close()
    assert server.stop() == 0
    assert len(server.log) < 40, server.log[:50]
    assert not any("Traceback" in line for line in server.log)


def test_the_bound_on_connections_leaves_descriptors_to_the_store() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128));"
        "from prosona.server.guard import most_connections; print(most_connections())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) <= 64
    assert most_connections() >= 8


@pytest.mark.parametrize("asked", ["1.5", "null", "true", "[1]"])
@pytest.mark.parametrize("era", ["modern", "legacy"])
async def test_a_request_with_an_id_that_is_none_is_refused_over_http_too(
    impatient: str, asked: str, era: str
) -> None:
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    if era == "modern":
        headers["mcp-protocol-version"] = "2026-07-28"
        headers["mcp-method"] = "tools/list"
    body = f'{{"jsonrpc": "2.0", "id": {asked}, "method": "tools/list"}}'
    async with httpx2.AsyncClient() as http:
        answer = await http.post(impatient + "/mcp", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["id"] is None
    assert answer.json()["error"]["code"] == -32600


async def test_bytes_that_are_no_utf8_are_refused_over_http(impatient: str) -> None:
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    body = b'{"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {"x": "\xff\xfe"}}'
    async with httpx2.AsyncClient() as http:
        for extra in ({}, {"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list"}):
            answer = await http.post(impatient + "/mcp", content=body, headers={**headers, **extra})
            assert answer.status_code == 400
            assert answer.json()["error"]["code"] == -32700


def test_one_warning_made_without_end_is_written_a_few_times_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr("prosona.server.logs.time.monotonic", lambda: now)
    few = NoFlood()

    def warned(message: str, *figures: object) -> str | None:
        record = logging.LogRecord("store", logging.WARNING, __file__, 1, message, figures, None)
        return record.getMessage() if few.filter(record) else None

    written = [warned("no descriptor left for %d", n) for n in range(1000)]
    assert [w for w in written if w] == [f"no descriptor left for {n}" for n in range(5)]
    assert warned("the disk is full") == "the disk is full"
    now += 61
    assert warned("no descriptor left for %d", 7) == "no descriptor left for 7 (and 995 times more before)"
    assert warned("no descriptor left for %d", 8) == "no descriptor left for 8"
