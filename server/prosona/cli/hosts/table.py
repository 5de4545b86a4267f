"""The hosts that `prosona install` knows: where each keeps its servers, and in which shape."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Scope = Literal["user", "project"]
"""Whose agents see the server: all of one person's, or those that work in one folder."""

ENTRY = "prosona"
"""The name under which a host lists the server."""

_ENV = {"PYTHONUTF8": "1"}


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that host configurations hang from."""

    home: Path
    project: Path
    env: Mapping[str, str]

    @classmethod
    def here(cls) -> Places:
        """Those of the running user, the current folder and environment."""
        return cls(Path.home(), Path.cwd(), os.environ)

    @property
    def applications(self) -> Path:
        """Where desktop applications keep their settings on this platform."""
        if sys.platform == "darwin":
            return self.home / "Library" / "Application Support"
        if sys.platform == "win32":
            return self.folder("APPDATA", self.home / "AppData" / "Roaming")
        return self.xdg

    @property
    def xdg(self) -> Path:
        """Where command-line programs keep their settings."""
        return self.folder("XDG_CONFIG_HOME", self.home / ".config")

    def folder(self, variable: str, default: Path) -> Path:
        """The folder that an environment variable names, or `default`."""
        value = self.env.get(variable)
        return Path(value) if value else default


@dataclass(frozen=True, slots=True)
class Host:
    """One program that starts MCP servers."""

    name: str
    title: str
    container: str
    """The key that holds the servers."""
    files: Mapping[Scope, Callable[[Places], Path]]
    entry: Callable[[list[str], Scope], dict[str, object]]
    """The configuration for a command line."""
    then: str
    """What its owner does next."""
    toml: bool = False


def _stdio(argv: list[str], scope: Scope) -> dict[str, object]:
    return {"command": argv[0], "args": argv[1:], "env": dict(_ENV)}


def _typed(argv: list[str], scope: Scope) -> dict[str, object]:
    return {"type": "stdio", **_stdio(argv, scope)}


def _claude_code(argv: list[str], scope: Scope) -> dict[str, object]:
    # Without alwaysLoad the model sees only the names of the tools until it searches for them.
    return {**_typed(argv, scope), "alwaysLoad": True}


def _copilot(argv: list[str], scope: Scope) -> dict[str, object]:
    # The project's file is shared with other hosts, which know this transport as "stdio".
    kind = "local" if scope == "user" else "stdio"
    return {"type": kind, **_stdio(argv, scope), "tools": ["*"]}


def _opencode(argv: list[str], scope: Scope) -> dict[str, object]:
    return {"type": "local", "command": argv, "environment": dict(_ENV), "enabled": True}


def _opencode_file(folder: Path) -> Path:
    with_comments = folder / "opencode.jsonc"
    return with_comments if with_comments.exists() else folder / "opencode.json"


HOSTS: dict[str, Host] = {
    host.name: host
    for host in (
        Host(
            "claude-code",
            "Claude Code",
            "mcpServers",
            {
                "user": lambda p: p.folder("CLAUDE_CONFIG_DIR", p.home) / ".claude.json",
                "project": lambda p: p.project / ".mcp.json",
            },
            _claude_code,
            "Start a new session; /mcp lists the server.",
        ),
        Host(
            "claude-desktop",
            "Claude Desktop",
            "mcpServers",
            {"user": lambda p: p.applications / "Claude" / "claude_desktop_config.json"},
            _stdio,
            "Quit Claude Desktop completely and start it again.",
        ),
        Host(
            "codex",
            "Codex",
            "mcp_servers",
            {
                "user": lambda p: p.folder("CODEX_HOME", p.home / ".codex") / "config.toml",
                "project": lambda p: p.project / ".codex" / "config.toml",
            },
            _stdio,
            "Start a new session; /mcp lists the server. A project's file is read in trusted projects only.",
            toml=True,
        ),
        Host(
            "gemini-cli",
            "Gemini CLI",
            "mcpServers",
            {
                "user": lambda p: p.home / ".gemini" / "settings.json",
                "project": lambda p: p.project / ".gemini" / "settings.json",
            },
            _stdio,
            "Start a new session in a trusted folder; /mcp lists the server.",
        ),
        Host(
            "copilot-cli",
            "Copilot CLI",
            "mcpServers",
            {
                "user": lambda p: p.folder("COPILOT_HOME", p.home / ".copilot") / "mcp-config.json",
                "project": lambda p: p.project / ".mcp.json",
            },
            _copilot,
            "Start a new session; /mcp show lists it. A project's file is read in trusted folders only.",
        ),
        Host(
            "cursor",
            "Cursor",
            "mcpServers",
            {
                "user": lambda p: p.home / ".cursor" / "mcp.json",
                "project": lambda p: p.project / ".cursor" / "mcp.json",
            },
            _stdio,
            "Open Settings > MCP and switch the server on.",
        ),
        Host(
            "vscode",
            "VS Code",
            "servers",
            {
                "user": lambda p: p.applications / "Code" / "User" / "mcp.json",
                "project": lambda p: p.project / ".vscode" / "mcp.json",
            },
            _typed,
            "Open the file in VS Code and press Start above the entry.",
        ),
        Host(
            "opencode",
            "opencode",
            "mcp",
            {
                "user": lambda p: _opencode_file(p.xdg / "opencode"),
                "project": lambda p: _opencode_file(p.project),
            },
            _opencode,
            "Start a new session.",
        ),
    )
}
"""By the name that the command line uses."""
