"""What a row of the table of hosts holds. Standard library only: hooks read it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

__all__ = ["Files", "Hooks", "Host", "Permission", "Places", "Scope", "Server"]

Scope = Literal["user", "project"]
"""Whose agents see the server: all of one person's, or those that work in one folder."""


class Places(NamedTuple):
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


Files = Mapping[Scope, Callable[[Places], Path]]
"""The file of each scope that a host has."""


class Server(NamedTuple):
    """Where a host lists its servers, and in which shape."""

    container: str
    """The key that holds the servers."""
    files: Files
    entry: Callable[[list[str], Scope], dict[str, object]]
    """The configuration for a command line."""
    toml: bool = False


class Hooks(NamedTuple):
    """The hooks of a host: where it keeps them, what it writes to them and what it wants back."""

    events: Mapping[str, Literal["session-start", "prompt"]]
    """Which of the host's events brings about which of our hooks."""
    files: Files
    entry: Callable[[str], dict[str, object]]
    """One element of an event's list, for a command line."""
    session: str
    """The key of the session in the JSON that the host writes. The prompt stands under `prompt`."""
    turn: str
    """The key of what tells one prompt of a session from the next, and is the same when a hook runs twice."""
    nested: str | None = None
    """The event that the context belongs to, for hosts that want it inside an object."""
    context: str = "additionalContext"
    """The key of what is put in front of the model, in the answer to the start of a session."""
    go_on: str = "{}"
    """The answer to a prompt that changes nothing."""
    notice: str | None = None
    """The key of what the host shows to its user; None where it shows nothing that a hook says."""
    version: int | None = None
    """What the file has to say of its own format."""
    then: str = ""
    """What its owner does next."""


class Permission(NamedTuple):
    """How a host is told to run our tools without asking each time."""

    files: Files
    rules: tuple[str, ...]
    """The elements of a JSON list that allow them."""
    path: tuple[str, ...] = ()
    """Where that list stands; empty where the rules are a file of our own."""
    wider: tuple[str, ...] = ()
    """What its owner may have written already and allows them, too."""


class Host(NamedTuple):
    """One program that starts MCP servers."""

    name: str
    """As the command line calls it."""
    title: str
    server: Server
    then: str
    """What its owner does next."""
    hooks: Hooks | None = None
    permission: Permission | None = None
