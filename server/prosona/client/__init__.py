"""Profiles from a program: the same calls in process or over MCP, sync or async."""

from prosona.client.async_client import AsyncProfileClient
from prosona.client.outbox import UndeliveredError
from prosona.client.sync_client import ProfileClient

__all__ = ["AsyncProfileClient", "ProfileClient", "UndeliveredError"]
