"""Answering what cannot be read.

The SDK drops a line that it cannot parse, which leaves the client waiting for ever. One way to such
a line is a lone surrogate in a string: JSON may spell it, and no text can hold it.
"""

from __future__ import annotations

import contextvars
import json
from types import TracebackType
from typing import Self

import anyio
from mcp.shared._context_streams import ContextReceiveStream
from mcp.shared._stream_protocols import WriteStream
from mcp.shared.message import SessionMessage
from mcp.types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError
from pydantic import ValidationError

Incoming = ContextReceiveStream[SessionMessage | Exception]


class AnsweredStream:
    """A client's messages; each line that is no message gets an error in answer and is skipped."""

    def __init__(self, incoming: Incoming, outgoing: WriteStream[SessionMessage]) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    @property
    def last_context(self) -> contextvars.Context | None:
        """The context in which the last message was sent."""
        return self._incoming.last_context

    async def receive(self) -> SessionMessage | Exception:
        """The next message that can be read."""
        while True:
            item = await self._incoming.receive()
            if not isinstance(item, Exception):
                return item
            error = error_for(item)
            if error is not None:
                await self._outgoing.send(SessionMessage(error))

    async def aclose(self) -> None:
        """Closes the stream of messages."""
        await self._incoming.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await self.aclose()


def error_for(problem: Exception) -> JSONRPCError | None:
    """The answer to a line that `problem` was raised for, with the id it asks under if that can be read.

    None for a blank line, which asks nothing.
    """
    if not isinstance(problem, ValidationError):
        return _error(None, PARSE_ERROR, "not readable; nothing was done")
    details = problem.errors(include_url=False, include_context=False)[0]
    seen = details["input"]
    if details["type"] != "json_invalid":
        return _error(_id_of(seen), INVALID_REQUEST, "not a JSON-RPC 2.0 message; nothing was done")
    if not seen.strip():
        return None
    try:
        # Python reads what stricter parsers refuse, such as lone surrogates: enough to find the id.
        message = json.loads(seen)
        is_text = _is_text(json.dumps(message, ensure_ascii=False))
    except (ValueError, RecursionError):
        return _error(None, PARSE_ERROR, "not JSON; nothing was done")
    if is_text:
        return _error(_id_of(message), INVALID_REQUEST, "not a JSON-RPC 2.0 message; nothing was done")
    return _error(
        _id_of(message), PARSE_ERROR, "a string holds a lone surrogate, which is no text; nothing was done"
    )


def _id_of(message: object) -> str | int | None:
    asked = message.get("id") if isinstance(message, dict) else None
    if isinstance(asked, bool) or not isinstance(asked, str | int):
        return None
    return asked if isinstance(asked, int) or _is_text(asked) else None


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _error(asked: str | int | None, code: int, message: str) -> JSONRPCError:
    return JSONRPCError(jsonrpc="2.0", id=asked, error=ErrorData(code=code, message=message))
