"""A hook as a process of its own, and a model endpoint on loopback for real hosts."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from prosona.hooks import spool
from prosona.hooks.deliver import deliver
from prosona.profiles_db import RecordedInteraction
from prosona.service import open_service

ANSWER = "Noted."


class Profiles:
    """A database, and what stands in it."""

    def __init__(self, db: Path) -> None:
        self.db = db

    def interactions(self, user_id: str = "ana") -> list[RecordedInteraction]:
        async def read() -> list[RecordedInteraction]:
            service = open_service(self.db)
            try:
                return await service.interactions(user_id)
            finally:
                await service.aclose()

        return asyncio.run(read())

    def said(self, user_id: str = "ana") -> list[str | None]:
        return [item.chosen for item in self.interactions(user_id)]

    def deliver(self) -> None:
        """Delivers what waits now, whatever other deliveries do."""
        asyncio.run(deliver(self.db, "ana"))

    def settle(self) -> None:
        """Waits until the deliveries that hooks started have stored everything."""
        until = time.monotonic() + 30
        while any(spool.waiting(self.db)):
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
        event: str, payload: object, *options: str, host: str = "claude-code"
    ) -> subprocess.CompletedProcess[str]:
        given = options or ("--host", host, "--user", "ana", "--db", str(profiles.db))
        text = payload if isinstance(payload, str) else json.dumps(payload)
        return subprocess.run(
            [sys.executable, "-m", "prosona.cli", "hook", event, *given],
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
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


def _events(*events: tuple[str, dict[str, Any]]) -> bytes:
    return "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events).encode()


def _anthropic() -> bytes:
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
    return _events(
        ("message_start", {"type": "message_start", "message": message}),
        (
            "content_block_start",
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        ),
        (
            "content_block_delta",
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ANSWER}},
        ),
        ("content_block_stop", {"type": "content_block_stop", "index": 0}),
        ("message_delta", {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage}),
        ("message_stop", {"type": "message_stop"}),
    )


def _responses() -> bytes:
    item = {
        "type": "message",
        "id": "i",
        "role": "assistant",
        "content": [{"type": "output_text", "text": ANSWER}],
    }
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    return _events(
        ("response.created", {"type": "response.created", "response": {"id": "r"}}),
        ("response.output_item.done", {"type": "response.output_item.done", "item": item}),
        ("response.completed", {"type": "response.completed", "response": {"id": "r", "usage": usage}}),
    )


def _completions() -> bytes:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    said = {"index": 0, "delta": {"role": "assistant", "content": ANSWER}, "finish_reason": None}
    ended = {"index": 0, "delta": {}, "finish_reason": "stop"}
    lines = [json.dumps({**chunk, "choices": [choice]}) for choice in (said, ended)]
    return "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"]).encode()


def _gemini() -> bytes:
    part = {"content": {"role": "model", "parts": [{"text": ANSWER}]}, "finishReason": "STOP", "index": 0}
    return f"data: {json.dumps({'candidates': [part]})}\n\n".encode()


_SCRIPTS = {
    "/messages": _anthropic,
    "/responses": _responses,
    "/chat/completions": _completions,
    ":streamGenerateContent": _gemini,
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[str]

    def log_message(self, *args: object) -> None:
        """Nothing: the test's output is its own."""

    def do_GET(self) -> None:
        self._send(b"{}", "application/json")

    def do_HEAD(self) -> None:
        self._send(b"", "application/json")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.split("?")[0]
        script = next((made for end, made in _SCRIPTS.items() if path.endswith(end)), None)
        if script is None:
            self._send(b"{}", "application/json")
        else:
            self.asked.append(body.decode("utf-8", "replace"))
            self._send(script(), "text/event-stream")

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Model:
    """A model endpoint that answers every host in its own protocol, and what it was asked."""

    def __init__(self, url: str, asked: list[str]) -> None:
        self.url = url
        self.asked = asked


@pytest.fixture
def model() -> Iterator[Model]:
    asked: list[str] = []
    handler = type("Handler", (_Handler,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Model(f"http://127.0.0.1:{server.server_port}", asked)
    server.shutdown()
    thread.join()
    server.server_close()
