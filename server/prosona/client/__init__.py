"""Profiles from a program: the same calls in process or over MCP, sync or async."""

from prosona.client.async_client import AsyncProfileClient
from prosona.client.sync_client import AnyClient, ProfileClient, awaited, blocking
from prosona.core.errors import UndeliveredError
from prosona.core.typed import own_block, typed

__all__ = [
    "AnyClient",
    "AsyncProfileClient",
    "ProfileClient",
    "UndeliveredError",
    "awaited",
    "blocking",
    "own_block",
    "typed",
]
