"""Progress of a call that waits for a fold, told to the client while it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from mcp.server.mcpserver import Context

T = TypeVar("T")

_EVERY_SECONDS = 1.0


async def with_progress(context: Context[Any, Any], work: Awaitable[T], *, within: float) -> T:
    """The result of `work`, which takes at most about `within` seconds; the client hears of each one."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        while not task.done():
            await asyncio.wait([task], timeout=_EVERY_SECONDS)
            if not task.done():
                gone = min(loop.time() - began, within)
                await context.report_progress(gone, within, "folding what is pending")
        return task.result()
    finally:
        task.cancel()
