"""Messages over stdin and stdout: every line that asks is answered, nothing is altered, memory is bounded.

The SDK's own transport drops a line that it cannot parse, which leaves the client waiting for ever; it
puts other characters in the place of bytes that are no UTF-8; and it reads on while nobody takes its
answers, until memory runs out.
"""

from __future__ import annotations

import asyncio
import os
import select
import sys
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

import anyio
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCError, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse

from prosona.core.errors import InvalidInputError
from prosona.server.messages import MAX_MESSAGE, read_message, too_long

__all__ = ["Incoming", "Outgoing", "open_wire"]

_CHUNK = 1 << 16
"""Bytes read at once: what a pipe holds."""

_MOST_WAITING = 16
"""Answers that may wait to be taken before no more requests are read."""

_MOST_OPEN = 128
"""Requests that may be worked on at once before no more are read."""

_MOST_OPEN_BYTES = 8 << 20
"""Bytes that the requests being worked on may have together before no more are read."""


class Flow:
    """What is under way on one connection, and whether there is room for another request."""

    def __init__(self) -> None:
        self.broken = False
        """Whether the client reads no more."""
        self._waiting = 0
        self._open: dict[str | int, int] = {}
        self._bytes = 0
        self._asked = 0
        self._changed = asyncio.Event()

    async def room(self) -> None:
        """Returns when another line may be read, or when there is nobody to answer."""
        while not (self.broken or self._has_room()):
            self._changed.clear()
            await self._changed.wait()

    def came(self, message: object, size: int) -> None:
        """Notes a message of `size` bytes from the client."""
        if isinstance(message, JSONRPCRequest):
            # A stream of notifications is open for as long as the client likes.
            if message.method != "subscriptions/listen":
                self._close(message.id)
                self._open[message.id] = size
                self._bytes += size
        elif isinstance(message, JSONRPCNotification):
            if message.method == "notifications/cancelled":
                # A cancelled request is not answered.
                self._close((message.params or {}).get("requestId"))
        else:
            self._asked = max(0, self._asked - 1)

    def going(self, message: object) -> None:
        """Notes a message that waits for the client to take it."""
        self._waiting += 1
        self._asked += isinstance(message, JSONRPCRequest)

    def gone(self, message: object) -> None:
        """Notes that it was taken, or given up."""
        self._waiting -= 1
        if isinstance(message, JSONRPCResponse | JSONRPCError):
            self._close(message.id)
        self._changed.set()

    def end(self) -> None:
        """Notes that the client reads no more."""
        self.broken = True
        self._changed.set()

    def _has_room(self) -> bool:
        if self._waiting >= _MOST_WAITING:
            return False
        # What the client was asked must be read, whatever else waits: requests may be waiting for it.
        return bool(self._asked) or (len(self._open) < _MOST_OPEN and self._bytes < _MOST_OPEN_BYTES)

    def _close(self, asked: object) -> None:
        if isinstance(asked, str | int):
            self._bytes -= self._open.pop(asked, 0)
            self._changed.set()


class Lines:
    """The lines of a file descriptor, read by a thread of its own when they are asked for.

    The thread is a daemon: nothing can wake it from a read, and the end of the program must not wait
    for it.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._loop = asyncio.get_running_loop()
        self._lines: deque[bytes | None] = deque()
        self._rest = bytearray()
        self._skipping = False
        self._ended = False
        self._came = asyncio.Event()
        self._wanted = threading.Semaphore(0)
        threading.Thread(target=self._read, name="prosona stdin", daemon=True).start()

    async def next(self) -> bytes | None:
        """The next line; None for one longer than `MAX_MESSAGE`. Raises `anyio.EndOfStream`."""
        while not self._lines:
            if self._ended:
                raise anyio.EndOfStream
            self._came.clear()
            self._wanted.release()
            await self._came.wait()
        return self._lines.popleft()

    def end(self) -> None:
        """Makes the rest of the lines unread; whoever waits for one is told of the end."""
        self._lines.clear()
        self._ended = True
        self._came.set()

    def _read(self) -> None:
        chunk = b"\n"
        while chunk:
            self._wanted.acquire()
            try:
                chunk = os.read(self._fd, _CHUNK)
            except OSError:
                chunk = b""
            try:
                self._loop.call_soon_threadsafe(self._take, chunk)
            except RuntimeError:
                return  # The loop is closed: the program ends.

    def _take(self, chunk: bytes) -> None:
        if self._ended:
            return
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            self._grow(line)
            self._lines.append(None if self._skipping else bytes(self._rest))
            self._rest, self._skipping = bytearray(), False
        self._grow(rest)
        if not chunk:
            if self._rest or self._skipping:
                self._lines.append(None if self._skipping else bytes(self._rest))
            self._ended = True
        self._came.set()

    def _grow(self, part: bytes) -> None:
        if len(self._rest) + len(part) > MAX_MESSAGE:
            self._rest, self._skipping = bytearray(), True
        if not self._skipping:
            self._rest += part


class Incoming:
    """A client's messages; a line that is no message is answered with an error and passed over."""

    def __init__(self, lines: Lines, flow: Flow, outgoing: Outgoing) -> None:
        self._lines = lines
        self._flow = flow
        self._outgoing = outgoing

    async def receive(self) -> SessionMessage | Exception:
        """The next message, when there is room for it. Raises `anyio.EndOfStream` after the last."""
        while True:
            await self._flow.room()
            if self._flow.broken:
                raise anyio.EndOfStream
            line = await self._lines.next()
            message, answer = read_message(line) if line is not None else (None, too_long())
            if message is not None:
                self._flow.came(message, len(line or b""))
                return SessionMessage(message)
            if answer is not None:
                try:
                    await self._outgoing.send(SessionMessage(answer))
                except anyio.BrokenResourceError:
                    raise anyio.EndOfStream from None

    async def aclose(self) -> None:
        """Reads no more."""
        self._lines.end()

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
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Outgoing:
    """Messages to the client, each written whole before `send` returns."""

    def __init__(self, fd: int, flow: Flow) -> None:
        self._fd = fd
        self._flow = flow
        self._in_turn = asyncio.Lock()
        self._closed = False
        self.on_end: Callable[[], None] = lambda: None
        """Called once nobody reads."""

    async def send(self, item: SessionMessage) -> None:
        """Writes one message. Raises `anyio.BrokenResourceError` once nobody reads."""
        message = item.message
        data = message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
        self._flow.going(message)
        try:
            async with self._in_turn:
                if self._closed or self._flow.broken:
                    raise anyio.BrokenResourceError
                if self._at_once(len(data)):
                    os.write(self._fd, data)
                else:
                    await anyio.to_thread.run_sync(self._write, data)
        except OSError:
            self._flow.end()
            self.on_end()
            raise anyio.BrokenResourceError from None
        finally:
            self._flow.gone(message)

    async def aclose(self) -> None:
        """Writes no more."""
        self._closed = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _at_once(self, size: int) -> bool:
        """Whether so many bytes can be written without waiting: then no thread is needed."""
        if sys.platform == "win32" or size > select.PIPE_BUF:
            return False
        ready = select.poll()
        ready.register(self._fd, select.POLLOUT)
        return bool(ready.poll(0))

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]


def open_wire() -> tuple[Incoming, Outgoing]:
    """The two ends of this process's stdin and stdout, which are the protocol's from now on.

    For everything else stdin is empty and stdout goes where stderr goes, so that a stray `print` harms
    nothing. Raises `InvalidInputError` where one of the two is closed.
    """
    if sys.stdin is None or sys.stdout is None:
        raise InvalidInputError("a stdio server needs its stdin and stdout open: a host starts it so")
    reading, writing = os.dup(0), os.dup(1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    flow = Flow()
    lines = Lines(reading)
    outgoing = Outgoing(writing, flow)
    outgoing.on_end = lines.end
    return Incoming(lines, flow, outgoing), outgoing
