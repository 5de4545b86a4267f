"""An OpenAI-compatible HTTP server on a real socket that is slow, fails, cuts off or lies as scripted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

from prosona.core.tokens import count_tokens

__all__ = ["Answer", "Failure", "Hangup", "Raw", "Said", "ScriptedEndpoint", "Step"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished completion. Its reasoning goes where engines differ in putting it."""

    text: str | None = "Likes what was chosen."
    reasoning: str | None = "The choices agree."
    where: Literal["reasoning", "reasoning_content", "inline"] = "reasoning"
    finish_reason: str = "stop"
    seconds: float = 0.0
    """How long it takes."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error in the words of the protocol."""

    status: int
    message: str = "scripted failure"
    retry_after: str | None = None
    code: str | None = None
    param: str | None = None


@dataclass(frozen=True, slots=True)
class Hangup:
    """The connection ends in the middle of the answer."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Any bytes in place of an answer."""

    body: bytes
    content_type: str = "application/json"


Said = Answer | Failure | Hangup | Raw
Step = Said | Callable[[dict[str, Any]], Said]
"""What to say, or a function of the request's body that decides."""


class ScriptedEndpoint:
    """Serves `/v1/models`, `/v1/chat/completions` and `/tokenize` on a free port of this machine.

    Takes one step of its script for each completion and repeats the last one. `requests` holds the
    bodies it was sent. While `gate` is cleared, completions wait for it.
    """

    def __init__(
        self,
        *script: Step,
        model: str = "scripted",
        context_tokens: int | None = 16_384,
        tokenizes: bool = True,
    ) -> None:
        self._script: list[Step] = list(script) or [Answer()]
        self._model = model
        self._context_tokens = context_tokens
        self._tokenizes = tokenizes
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self._port = 0
        self.requests: list[dict[str, Any]] = []
        self.tokenized = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.started = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def url(self) -> str:
        """Where it is; the same after a stop and a start."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listens, on the same port as before if there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Drops every connection and listens no more, as an engine that was killed."""
        if self._server is None:
            return
        self._server.close()
        for writer in list(self._connections):
            writer.transport.abort()
        await self._server.wait_closed()
        self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gate.set()
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while await self._serve_one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # The client left, which is its right.
        finally:
            self._connections.discard(writer)
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        path = head.split(" ", 2)[1]
        length = next(
            (
                int(line.split(":", 1)[1])
                for line in head.split("\r\n")
                if line.lower().startswith("content-length")
            ),
            0,
        )
        body = json.loads(await reader.readexactly(length)) if length else {}
        said = await self._answer(path, body)
        if isinstance(said, Hangup):
            writer.write(
                b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"id"'
            )
            await writer.drain()
            return False
        status, headers, content = said
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", *headers, "", ""]
        writer.write("\r\n".join(lines).encode() + content)
        await writer.drain()
        return True

    async def _answer(self, path: str, body: dict[str, Any]) -> tuple[int, list[str], bytes] | Hangup:
        if path == "/v1/models":
            length = {} if self._context_tokens is None else {"max_model_len": self._context_tokens}
            entry = {"id": self._model, "object": "model", "created": 0, "owned_by": "test", **length}
            return _json(200, {"object": "list", "data": [entry]})
        if path == "/tokenize" and self._tokenizes:
            self.tokenized += 1
            return _json(200, {"count": _tokens(body), "max_model_len": self._context_tokens})
        if path != "/v1/chat/completions":
            return _json(404, {"detail": "Not Found"})
        self.requests.append(body)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self.started.set()
        try:
            await self.gate.wait()
            return await self._complete(body)
        finally:
            self.in_flight -= 1

    async def _complete(self, body: dict[str, Any]) -> tuple[int, list[str], bytes] | Hangup:
        step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        said = step(body) if callable(step) else step
        match said:
            case Hangup():
                return said
            case Raw(content, content_type):
                return 200, [f"Content-Type: {content_type}"], content
            case Failure(status, message, retry_after, code, param):
                error = {"error": {"message": message, "type": "scripted", "code": code, "param": param}}
                headers = [f"Retry-After: {retry_after}"] if retry_after is not None else []
                kind, more, content = _json(status, error)
                return kind, more + headers, content
            case Answer():
                await asyncio.sleep(said.seconds)
                return _json(200, self._completion(said, body))

    def _completion(self, said: Answer, body: dict[str, Any]) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": said.text}
        if said.reasoning is not None and said.where == "inline":
            message["content"] = f"<think>\n{said.reasoning}\n</think>\n\n{said.text or ''}"
        elif said.reasoning is not None:
            message[said.where] = said.reasoning
        read, written = _tokens(body), count_tokens(f"{said.text or ''} {said.reasoning or ''}")
        return {
            "id": "cmpl",
            "object": "chat.completion",
            "created": 0,
            "model": self._model,
            "choices": [{"index": 0, "message": message, "finish_reason": said.finish_reason}],
            "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
        }


def _tokens(body: dict[str, Any]) -> int:
    return 16 + count_tokens("\n".join(m["content"] for m in body.get("messages", [])))


def _json(status: int, value: object) -> tuple[int, list[str], bytes]:
    return status, ["Content-Type: application/json"], json.dumps(value).encode()
