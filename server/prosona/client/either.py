"""One adapter for both clients: a blocking client serves async agents too, without blocking them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from prosona.client.async_client import AsyncProfileClient
from prosona.client.sync_client import ProfileClient
from prosona.profiles_db import InvalidInputError

T = TypeVar("T")

AnyClient = ProfileClient | AsyncProfileClient
"""What an adapter takes. A `ProfileClient` works everywhere; an `AsyncProfileClient` on one event loop."""


def blocking(client: AnyClient) -> ProfileClient:
    """The client, to be called without an event loop. Errors: `InvalidInputError` for an async one."""
    if isinstance(client, AsyncProfileClient):
        raise InvalidInputError("this agent was called without await: give its adapter a ProfileClient")
    return client


async def awaited(client: AnyClient, call: Callable[[AnyClient], T | Awaitable[T]]) -> T:
    """The outcome of `call(client)`; a blocking client is called on a thread."""
    if isinstance(client, AsyncProfileClient):
        return await cast(Awaitable[T], call(client))
    return cast(T, await asyncio.to_thread(call, client))
