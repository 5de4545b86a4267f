"""What keeps one HTTP client from harming the others: time limits, a bound on connections, whole requests.

uvicorn waits for ever for the rest of a request, and takes connections until no descriptor is left; the
store then cannot open its file, and asyncio's loop tells so without end.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, ClassVar

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from prosona.server.messages import MAX_MESSAGE, has_wrong_id, wrong_id

__all__ = ["ACCEPTED_AT_ONCE", "GuardedProtocol", "WholeRequests", "most_connections"]

ACCEPTED_AT_ONCE = 16
"""Connections that asyncio takes in one turn, before any of them can be closed again."""

_KEPT_BACK = 64
"""Descriptors that the store, the log and libraries may need at once."""

_FEWEST = 8
_USUAL = 960
"""Connections where the system tells no limit: what its usual one of 1024 descriptors leaves."""

_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def most_connections() -> int:
    """How many connections the descriptors of this process allow, the store's own left aside."""
    if sys.platform == "win32":
        return _USUAL
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _USUAL
    return max(_FEWEST, min(soft, 1 << 16) - _KEPT_BACK - ACCEPTED_AT_ONCE)


class GuardedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with a time limit for whole requests and a bound on connections.

    With too many connections the one that has been sending its request for longest goes first: whoever
    sends halves of requests keeps nobody else out.
    """

    patience_seconds: ClassVar[float] = 20.0
    """How long the headers and the body of one request may take together, however they trickle in."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes a connection; where there are too many, the oldest half-sent one is closed for it."""
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > _FEWEST and len(self.connections) > most_connections():
            # This one is among them: nothing has come of its request yet.
            half_sent = [c for c in self.connections if isinstance(c, GuardedProtocol) and c._deadline]
            min(half_sent, key=lambda connection: connection._ends_at())._refuse(_FULL)
            self.logger.warning("too many connections at once: the oldest without a request is closed")

    def data_received(self, data: bytes) -> None:
        """Takes a part of a request."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Lets go of a connection."""
        self._unwatch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY) and not self.transport.is_closing():
            if self._deadline is None:
                self._deadline = self.loop.call_later(self.patience_seconds, self._refuse, _TIMED_OUT)
        else:
            self._unwatch()

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _ends_at(self) -> float:
        return self._deadline.when() if self._deadline is not None else float("inf")

    def _refuse(self, answer: bytes) -> None:
        self._unwatch()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(answer)
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # What it does not read is not waited for.
        else:
            self.transport.close()
        # Counted no more from now on: it is closed in the loop's next turn.
        self.connections.discard(self)


class WholeRequests:
    """Hands on requests whose body has come whole, and refuses those whose id cannot be one.

    The SDK takes a request with such an id for a notification, which nobody answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        kept: list[Message] = []
        body = bytearray()
        # A longer one is left to the SDK, which refuses it.
        while len(body) <= MAX_MESSAGE:
            message = await receive()
            kept.append(message)
            body += message.get("body", b"")
            if message["type"] != "http.request" or not message.get("more_body", False):
                break
        if has_wrong_id(bytes(body)):
            await _refused(send)
            return
        kept.reverse()

        async def again() -> Message:
            return kept.pop() if kept else await receive()

        await self._app(scope, again, send)


async def _refused(send: Send) -> None:
    content = wrong_id().model_dump_json(by_alias=True, exclude_unset=True).encode()
    headers: Any = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": content})
