"""Streamable HTTP: on this machine only, for any number of clients, and quick to stop."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from prosona.core.errors import InvalidInputError
from prosona.server.http import address_of, open_listener
from prosona.service import open_service

if TYPE_CHECKING:
    from tests.server.conftest import Era, HttpServer, StartHttp

TIME_LIMIT = 30.0
WRITERS = 32
EACH = 10


@pytest.fixture(scope="module")
def server(start_http: StartHttp, tmp_path_factory: pytest.TempPathFactory) -> HttpServer:
    return start_http(tmp_path_factory.mktemp("http") / "p.db")


async def test_clients_of_either_era_share_one_profile(server: HttpServer, era: Era) -> None:
    async with Client(server.url, mode=era) as first, Client(server.url, mode=era) as second:
        user = {"user_id": f"shared {era}"}
        await first.call_tool("observe_interaction", {**user, "chosen": "Alien", "domain": "films"})
        result = await second.call_tool("get_user_profile", {**user, "fresh": True})
        assert result.structured_content["interactions"] == 1


async def test_concurrent_writers_all_succeed_and_nothing_is_lost(
    start_http: StartHttp, tmp_path: Path
) -> None:
    server = start_http(tmp_path / "p.db")

    async def write(number: int) -> int:
        async with Client(server.url, mode="auto" if number % 2 else "legacy") as client:
            for n in range(EACH):
                result = await client.call_tool(
                    "observe_interaction",
                    {"user_id": f"user {number % 4}", "chosen": f"writer {number} item {n}"},
                )
                assert not result.is_error, result.content
            return EACH

    written = await asyncio.gather(*(write(number) for number in range(WRITERS)))
    assert sum(written) == WRITERS * EACH
    assert server.stop() == 0
    service = open_service(tmp_path / "p.db")
    kept = [i.chosen for n in range(4) for i in await service.interactions(f"user {n}", limit=WRITERS * EACH)]
    await service.aclose()
    assert sorted(map(str, kept)) == sorted(
        f"writer {number} item {n}" for number in range(WRITERS) for n in range(EACH)
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_the_server_in_3_seconds_with_streams_open_and_the_service_closed(
    start_http: StartHttp, tmp_path: Path, number: signal.Signals
) -> None:
    server = start_http(tmp_path / "p.db", "--user", "ana")
    watch = ["profile://ana"]
    async with (
        Client(server.url) as first,
        Client(server.url) as second,
        Client(server.url, mode="legacy") as legacy,
        first.listen(resource_subscriptions=watch),
        second.listen(resource_subscriptions=watch),
    ):
        await legacy.call_tool("observe_interaction", {"chosen": "tea"})
        begun = time.monotonic()
        code = await asyncio.to_thread(server.stop, number)
        took = time.monotonic() - begun
    assert code == 0
    assert took < 3.0
    assert not (tmp_path / "p.db-wal").exists(), "the store was closed"
    assert not any("Traceback" in line for line in server.log)


async def test_answers_are_sent_at_once(server: HttpServer) -> None:
    fastest = TIME_LIMIT
    async with Client(server.url) as client:
        for _ in range(30):
            begun = time.monotonic()
            await client.call_tool("get_user_profile", {"user_id": "quick"})
            fastest = min(fastest, time.monotonic() - begun)
    assert fastest < 0.035, "an answer that waits for the client's delayed acknowledgement takes 0.04 s"


async def test_healthz_answers_and_says_the_version(server: HttpServer) -> None:
    async with httpx2.AsyncClient() as http:
        answer = await http.get(server.url.removesuffix("/mcp") + "/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["version"][0].isdigit()


async def test_healthz_says_so_when_the_store_does_not_answer(start_http: StartHttp, tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    server = start_http(db)
    for file in tmp_path.iterdir():
        # What a failing disk looks like from here: the pages are no longer those of a database.
        file.write_bytes(b"\0" * max(65536, file.stat().st_size))
    async with httpx2.AsyncClient() as http:
        answer = await http.get(server.url.removesuffix("/mcp") + "/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "failing"
    assert answer.json()["reason"]


@pytest.mark.parametrize("path", ["/mcp", "/healthz"])
@pytest.mark.parametrize(
    ("headers", "status"), [({"host": "evil.example"}, 421), ({"origin": "https://evil.example"}, 403)]
)
async def test_requests_that_a_web_page_could_send_are_refused(
    server: HttpServer, path: str, headers: dict[str, str], status: int
) -> None:
    url = server.url.removesuffix("/mcp") + path
    async with httpx2.AsyncClient() as http:
        if path == "/mcp":
            answer = await http.post(
                url, json={}, headers={**headers, "accept": "application/json, text/event-stream"}
            )
        else:
            answer = await http.get(url, headers=headers)
    assert answer.status_code == status


async def test_the_name_localhost_and_its_origins_are_accepted(server: HttpServer) -> None:
    headers = {
        "host": f"localhost:{urlsplit(server.url).port}",
        "origin": "http://localhost:3000",
    }
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(server.url, http_client=http)) as client,
    ):
        assert len((await client.list_tools()).tools) == 3


async def test_a_server_on_another_loopback_address_answers_to_it(
    start_http: StartHttp, tmp_path: Path
) -> None:
    server = start_http(tmp_path / "p.db", "--host", "127.0.0.2")
    assert server.url.startswith("http://127.0.0.2:")
    async with Client(server.url) as client:
        assert len((await client.list_tools()).tools) == 3


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org", "", "127.0.0.1.example.org"])
def test_an_address_that_other_machines_could_reach_is_refused(host: str) -> None:
    with pytest.raises(InvalidInputError, match=r"127\.0\.0\.1, ::1 or localhost"):
        open_listener(host, 0)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("::1", "[::1]")],
)
def test_every_loopback_address_is_served(host: str, shown: str) -> None:
    with open_listener(host, 0) as listener:
        port = listener.getsockname()[1]
        assert address_of(listener) == f"http://{shown}:{port}"


def test_a_port_in_use_is_a_clear_error() -> None:
    with open_listener("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InvalidInputError, match="choose another port"):
            open_listener("127.0.0.1", port)


async def test_a_body_that_cannot_be_read_gets_an_error_and_the_server_lives_on(
    server: HttpServer,
) -> None:
    bodies: list[Callable[[], bytes]] = [
        lambda: b"no JSON",
        lambda: b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"x":"\\ud800"}}',
        lambda: b"[" * 100_000,
        lambda: b"x" * 5_000_000,
    ]
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    async with httpx2.AsyncClient() as http:
        for body in bodies:
            assert 400 <= (await http.post(server.url, content=body(), headers=headers)).status_code < 500
    async with Client(server.url) as client:
        assert len((await client.list_tools()).tools) == 3
