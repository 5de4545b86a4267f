"""Configuring the programs that start MCP servers, without harm to what they already hold."""

from __future__ import annotations

from prosona.cli.hosts.change import Change, ConfigurationError, added, configured, removed, snippet
from prosona.cli.hosts.hooks import HOOKS, hooked, unhooked
from prosona.cli.hosts.table import ENTRY, HOSTS, Host, Places, Scope

__all__ = [
    "ENTRY",
    "HOOKS",
    "HOSTS",
    "Change",
    "ConfigurationError",
    "Host",
    "Places",
    "Scope",
    "added",
    "configured",
    "hooked",
    "removed",
    "snippet",
    "unhooked",
]
