"""The stdio server as hosts run it: a subprocess whose stdout belongs to the protocol."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mcp import Client, StdioServerParameters

if TYPE_CHECKING:
    from tests.server.conftest import Era, ServeCommand, StartStdio, StdioServer

TIME_LIMIT = 30


def assert_only_json_rpc(lines: list[bytes]) -> None:
    for line in lines:
        assert json.loads(line)["jsonrpc"] == "2.0", line


async def test_a_client_of_either_era_is_served_through_the_real_command(
    serve_command: ServeCommand, tmp_path: Path, era: Era
) -> None:
    command = serve_command(tmp_path / "p.db", "--user", "ana")
    async with Client(StdioServerParameters(command=command[0], args=command[1:]), mode=era) as client:
        assert client.server_info is not None
        assert client.server_info.name == "prosona"
        assert client.server_info.version[0].isdigit()
        await client.call_tool("observe_interaction", {"chosen": "Alien", "domain": "films"})
        result = await client.call_tool("get_user_profile", {"fresh": True})
        assert result.structured_content["interactions"] == 1
        (contents,) = (await client.read_resource("profile://ana")).contents
        assert contents.mime_type == "text/markdown"


def test_the_end_of_stdin_ends_the_server_and_leaves_nothing_but_json_rpc_on_stdout(
    start_stdio: StartStdio, tmp_path: Path
) -> None:
    server = start_stdio(tmp_path / "p.db")
    server.result("observe_interaction", {"user_id": "ana", "chosen": "tea"})
    server.call("get_user_profile", {"bogus": True})
    assert server.end() == 0
    assert len(server.lines) == 2
    assert_only_json_rpc(server.lines)
    assert server.stderr.read_text() == ""
    assert not (tmp_path / "p.db-wal").exists(), "the store was closed"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_at_once_with_the_service_closed(
    start_stdio: StartStdio, tmp_path: Path, number: signal.Signals
) -> None:
    server = start_stdio(tmp_path / "p.db", "--user", "ana")
    server.result("observe_interaction", {"chosen": "tea"})
    server.request("subscriptions/listen", {"notifications": {"resourceSubscriptions": ["profile://ana"]}})
    server.unasked()
    server.process.send_signal(number)
    assert server.process.wait(2) == -number
    server.stop(number)
    assert not (tmp_path / "p.db-wal").exists(), "the store was closed"
    assert_only_json_rpc(server.lines)


def test_a_client_that_vanishes_in_mid_call_leaves_no_trace_on_stderr(
    serve_command: ServeCommand, tmp_path: Path
) -> None:
    db = tmp_path / "p.db"
    with subprocess.Popen(
        serve_command(db, "--user", "ana"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write("no message\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.stdout.close()
        process.stdin.write("no message\n" * 10)
        process.stdin.close()
        assert process.wait(TIME_LIMIT) == 0
        assert process.stderr.read() == ""
    assert not Path(f"{db}-wal").exists(), "the store was closed"


def a_folder(path: Path) -> None:
    path.mkdir()


def a_text(path: Path) -> None:
    path.write_text("This is no database. " * 500)


def below_a_file(path: Path) -> None:
    path.parent.write_text("")


@pytest.mark.parametrize(
    ("make", "arguments"),
    [
        (a_folder, []),
        (a_text, []),
        (below_a_file, []),
        (None, ["--user", "a\u202eb"]),
        (None, ["--transport", "http", "--host", "0.0.0.0"]),
        (None, ["--transport", "http", "--host", "example.org"]),
        (None, ["--nonsense"]),
    ],
)
def test_a_start_that_fails_says_why_on_stderr_and_nothing_on_stdout(
    serve_command: ServeCommand, tmp_path: Path, make: object, arguments: list[str]
) -> None:
    db = tmp_path / "folder" / "p.db"
    if make is not below_a_file:
        db.parent.mkdir()
    if callable(make):
        make(db)
    ended = subprocess.run(
        serve_command(db, *arguments),
        stdin=subprocess.PIPE,
        capture_output=True,
        timeout=TIME_LIMIT,
        text=True,
    )
    assert ended.returncode != 0
    assert ended.stdout == ""
    assert ended.stderr.startswith("prosona: ")
    assert "Traceback" not in ended.stderr


@pytest.fixture
def server(start_stdio: StartStdio, tmp_path: Path) -> StdioServer:
    return start_stdio(tmp_path / "p.db", "--user", "ana")


@pytest.mark.parametrize(
    ("line", "code", "asked"),
    [
        ("this is no JSON", -32700, None),
        ("[" * 50_000, -32700, None),
        ('{"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {"x": "\\ud800"}}', -32700, 7),
        ('{"jsonrpc": "2.0", "id": "\\ud800", "method": "tools/list"}', -32700, None),
        ('{"id": "seven", "method": "tools/list"}', -32600, "seven"),
        ("[1, 2]", -32600, None),
        ("5", -32600, None),
        ('{"jsonrpc": "2.0", "id": 1.5, "method": "tools/list"}', -32600, None),
        ('{"jsonrpc": "2.0", "id": null, "method": "tools/list"}', -32600, None),
        ('{"jsonrpc": "2.0", "id": true, "method": "tools/list"}', -32600, None),
        ('{"jsonrpc": "2.0", "id": {"a": 1}, "method": "tools/list"}', -32600, None),
        ('{"jsonrpc": "2.0", "method": "tools/list", "params": {}, "id": 1e3}', -32600, None),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {"x": "\xff\xfe"}}', -32700, None),
        (b"\xc3\x28", -32700, None),
        ("x" * (5 << 20), -32600, None),
    ],
)
def test_a_line_that_is_no_message_is_answered_and_the_server_goes_on(
    server: StdioServer, line: str | bytes, code: int, asked: object
) -> None:
    server.send(line)
    answer = server._answers[asked].get(timeout=TIME_LIMIT) if asked in server._answers else server.unasked()
    assert (answer["id"], answer["error"]["code"]) == (asked, code)
    assert server.result("get_user_profile", {})["version"] == 0
    server.end()
    assert_only_json_rpc(server.lines)


def test_a_blank_line_is_passed_over(server: StdioServer) -> None:
    server.send("")
    server.send("   ")
    assert server.result("get_user_profile", {})["version"] == 0
    with pytest.raises(queue.Empty):
        server._orphans.get(block=False)


def test_the_collector_works_again_and_leaves_alone_what_the_start_loaded(
    start_stdio: StartStdio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "looking.py").write_text(
        "import gc\n"
        "from prosona.profiler.builtin import BuiltinProfiler\n"
        "class Looking(BuiltinProfiler):\n"
        "    async def fold(self, request):\n"
        "        with open('seen.txt', 'w') as file:\n"
        "            print(gc.isenabled(), gc.get_freeze_count(), file=file)\n"
        "        return await super().fold(request)\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    server = start_stdio(tmp_path / "p.db", "--user", "ana", "--profiler", "looking:Looking")
    server.result("observe_interaction", {"chosen": "I keep bees behind the house.", "kind": "message"})
    server.result("get_user_profile", {"fresh": True})
    enabled, kept = (tmp_path / "seen.txt").read_text(encoding="utf-8").split()
    assert enabled == "True", "what calls leave behind is collected"
    # Click alone makes some thousands; the server's modules and types are tens of thousands.
    assert int(kept) > 20_000, "a call would wait while they are looked through"
