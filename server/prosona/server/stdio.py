"""Serving one client over stdin and stdout."""

from __future__ import annotations

import asyncio
import os
import signal
from types import FrameType

from prosona.server.app import ProsonaServer, build_server
from prosona.server.logs import log_to_stderr
from prosona.server.wire import open_wire
from prosona.service import ProfileService

__all__ = ["run_stdio", "serve_stdio"]


def serve_stdio(service: ProfileService, user_id: str | None = None) -> None:
    """Serves `service` on stdin and stdout until stdin ends; then the service is closed.

    SIGINT and SIGTERM close the service and end the process at once, by that same signal.
    Raises `InvalidInputError` for a bad `user_id` and `StoreError` if the store does not answer,
    both before anything is read or written.
    """
    log_to_stderr()
    asyncio.run(_serve(service, user_id))


async def _serve(service: ProfileService, user_id: str | None) -> None:
    try:
        await service.users(limit=1)
        service.start()
        server = build_server(service, user_id=user_id)
        ending = asyncio.create_task(_end_by_signal(service))
        await run_stdio(server)
        ending.cancel()
    finally:
        await service.aclose()


async def run_stdio(server: ProsonaServer) -> None:
    """Serves one client on this process's stdin and stdout until stdin ends or nobody reads stdout."""
    lowlevel = server._lowlevel_server
    incoming, outgoing = open_wire()
    await lowlevel.run(incoming, outgoing, lowlevel.create_initialization_options())


async def _end_by_signal(service: ProfileService) -> None:
    """Waits for SIGINT or SIGTERM, closes the service and lets the signal end the process."""
    loop = asyncio.get_running_loop()
    received = asyncio.Event()
    numbers: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        numbers.append(number)
        loop.call_soon_threadsafe(received.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    await received.wait()
    try:
        await service.aclose()
    finally:
        # The thread that reads stdin cannot be woken, and an orderly exit would wait for it.
        signal.signal(numbers[0], signal.SIG_DFL)
        os.kill(os.getpid(), numbers[0])
