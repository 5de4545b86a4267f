"""A model endpoint on loopback that answers every host in its own protocol."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["ANSWER", "CALLED", "TOOLS", "Model", "served"]

ANSWER = "Noted."
CALLED = {"chosen": "I moved to Oslo last year.", "kind": "message"}
"""What the model observes, where it is to call the tool."""

TOOLS = re.compile(r'"(?:name|[\w-]+)":\s*"([\w-]*(?:get_user_profile|observe_interaction))"')
_OBSERVE = re.compile(r'"name":\s*"([\w-]*observe_interaction)"')
_NAMESPACE = re.compile(r'"type":\s*"namespace",\s*"name":\s*"(mcp__prosona)"')
_RESULTS = ('"tool_result"', "function_call_output", '"role":"tool"', "functionResponse")

Call = tuple[str, str | None]
"""The name of a tool in a request, and the namespace it stands in."""


def _events(*events: dict[str, Any]) -> bytes:
    return "".join(f"event: {data['type']}\ndata: {json.dumps(data)}\n\n" for data in events).encode()


def _anthropic(call: Call | None) -> bytes:
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
    if call:
        block: dict[str, Any] = {"type": "tool_use", "id": "toolu_1", "name": call[0], "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(CALLED)}
    else:
        block = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": ANSWER}
    stop = {"stop_reason": "tool_use" if call else "end_turn"}
    return _events(
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": stop, "usage": usage},
        {"type": "message_stop"},
    )


def _responses(call: Call | None) -> bytes:
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    if call:
        item: dict[str, Any] = {"type": "function_call", "id": "f", "call_id": "c", "name": call[0]}
        item |= {"namespace": call[1], "arguments": json.dumps(CALLED)}
    else:
        content = [{"type": "output_text", "text": ANSWER}]
        item = {"type": "message", "id": "i", "role": "assistant", "content": content}
    return _events(
        {"type": "response.created", "response": {"id": "r"}},
        {"type": "response.output_item.done", "item": item},
        {"type": "response.completed", "response": {"id": "r", "usage": usage}},
    )


def _completions(call: Call | None) -> bytes:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    delta: dict[str, Any] = {"role": "assistant", "content": ANSWER}
    if call:
        function = {"name": call[0], "arguments": json.dumps(CALLED)}
        delta = {
            "role": "assistant",
            "tool_calls": [{"index": 0, "id": "c", "type": "function", "function": function}],
        }
    said = {"index": 0, "delta": delta, "finish_reason": None}
    ended = {"index": 0, "delta": {}, "finish_reason": "tool_calls" if call else "stop"}
    lines = [json.dumps({**chunk, "choices": [choice]}) for choice in (said, ended)]
    return "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"]).encode()


def _gemini(call: Call | None) -> bytes:
    part: dict[str, Any] = {"functionCall": {"name": call[0], "args": CALLED}} if call else {"text": ANSWER}
    whole = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    return f"data: {json.dumps({'candidates': [whole]})}\n\n".encode()


_SCRIPTS = {
    "/messages": _anthropic,
    "/responses": _responses,
    "/chat/completions": _completions,
    ":streamGenerateContent": _gemini,
}


class Model:
    """What the endpoint was asked, and whether it calls `observe_interaction` when it is offered."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.observes = False

    def answer(self, path: str, body: str) -> bytes | None:
        script = next((made for end, made in _SCRIPTS.items() if path.endswith(end)), None)
        if script is None:
            return None
        self.asked.append(body)
        offered = _OBSERVE.search(body)
        if not self.observes or offered is None or any(result in body for result in _RESULTS):
            return script(None)
        space = _NAMESPACE.search(body)
        return script((offered[1], space and space[1]))


@contextmanager
def served() -> Iterator[Model]:
    """A model that listens on a loopback port."""
    model = Model()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            """Nothing: the test's output is its own."""

        def do_GET(self) -> None:
            self._send(b"{}", "application/json")

        def do_HEAD(self) -> None:
            self._send(b"", "application/json")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            answer = model.answer(self.path.split("?")[0], body.decode("utf-8", "replace"))
            if answer is None:
                self._send(b"{}", "application/json")
            else:
                self._send(answer, "text/event-stream")

        def _send(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    model.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
