"""Profiles from a program: the same calls in process or over MCP, sync or async."""

from prosona.client.async_client import AsyncProfileClient
from prosona.client.sync_client import ProfileClient
from prosona.profiles_db import UndeliveredError

__all__ = ["AsyncProfileClient", "ProfileClient", "UndeliveredError"]
