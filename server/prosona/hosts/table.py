"""The hosts that Prosona knows, one row each: where their configuration lies and how they speak.

A host is a program that starts MCP servers. To add one, add a row; nothing else knows a host by name.
Standard library only, and little of it: a host waits for its hooks, and they read this table.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from prosona.hosts._row import Files, Hooks, Host, Permission, Places, Scope, Server

__all__ = ["ALLOWED", "ENTRY", "HOSTS", "Hooks", "Host", "Permission", "Places", "Scope", "Server"]

ENTRY = "prosona"
"""The name under which a host lists the server."""

ALLOWED = ("get_user_profile", "observe_interaction")
"""The tools that a host may be told to run without asking. `revise_profile` can erase: it asks on."""

_ENV = {"PYTHONUTF8": "1"}
_SECONDS = 5
"""How long a host waits for a hook at most. It takes a twentieth of one."""


def _stdio(argv: list[str], scope: Scope) -> dict[str, object]:
    return {"command": argv[0], "args": argv[1:], "env": dict(_ENV)}


def _typed(argv: list[str], scope: Scope) -> dict[str, object]:
    return {"type": "stdio", **_stdio(argv, scope)}


def _claude_code(argv: list[str], scope: Scope) -> dict[str, object]:
    # Without alwaysLoad the model sees only the names of the tools until it searches for them.
    return {**_typed(argv, scope), "alwaysLoad": True}


def _codex(argv: list[str], scope: Scope) -> dict[str, object]:
    # Codex sends its first request without the tools of servers that are still starting, unless required.
    return {**_stdio(argv, scope), "required": True}


def _copilot(argv: list[str], scope: Scope) -> dict[str, object]:
    # The project's file is shared with other hosts, which know this transport as "stdio".
    kind = "local" if scope == "user" else "stdio"
    return {"type": kind, **_stdio(argv, scope), "tools": ["*"]}


def _opencode(argv: list[str], scope: Scope) -> dict[str, object]:
    return {"type": "local", "command": argv, "environment": dict(_ENV), "enabled": True}


def _opencode_file(folder: Path) -> Path:
    with_comments = folder / "opencode.jsonc"
    return with_comments if with_comments.exists() else folder / "opencode.json"


def _nested(limit: int) -> Callable[[str], dict[str, object]]:
    return lambda command: {"hooks": [{"type": "command", "command": command, "timeout": limit}]}


def _copilot_hook(command: str) -> dict[str, object]:
    return {"type": "command", "bash": command, "powershell": command, "timeoutSec": _SECONDS}


_CLAUDE_SETTINGS: Files = {
    "user": lambda p: p.folder("CLAUDE_CONFIG_DIR", p.home / ".claude") / "settings.json",
    "project": lambda p: p.project / ".claude" / "settings.local.json",
}
_GEMINI_SETTINGS: Files = {
    "user": lambda p: p.home / ".gemini" / "settings.json",
    "project": lambda p: p.project / ".gemini" / "settings.json",
}

_ROWS = (
    Host(
        "claude-code",
        "Claude Code",
        Server(
            "mcpServers",
            {
                "user": lambda p: p.folder("CLAUDE_CONFIG_DIR", p.home) / ".claude.json",
                "project": lambda p: p.project / ".mcp.json",
            },
            _claude_code,
        ),
        "Start a new session; /mcp lists the server.",
        Hooks(
            {"SessionStart": "session-start", "UserPromptSubmit": "prompt"},
            _CLAUDE_SETTINGS,
            _nested(_SECONDS),
            session="session_id",
            turn="prompt_id",
            nested="SessionStart",
            notice="systemMessage",
        ),
        Permission(
            _CLAUDE_SETTINGS,
            tuple(f"mcp__{ENTRY}__{tool}" for tool in ALLOWED),
            ("permissions", "allow"),
            wider=(f"mcp__{ENTRY}", f"mcp__{ENTRY}__*"),
        ),
    ),
    Host(
        "claude-desktop",
        "Claude Desktop",
        Server(
            "mcpServers",
            {"user": lambda p: p.applications / "Claude" / "claude_desktop_config.json"},
            _stdio,
        ),
        "Quit Claude Desktop completely and start it again.",
    ),
    Host(
        "codex",
        "Codex",
        Server(
            "mcp_servers",
            {
                "user": lambda p: p.folder("CODEX_HOME", p.home / ".codex") / "config.toml",
                "project": lambda p: p.project / ".codex" / "config.toml",
            },
            _codex,
            toml=True,
        ),
        "Start a new session; /mcp lists the server. A project's file is read in trusted projects only.",
        Hooks(
            {"SessionStart": "session-start", "UserPromptSubmit": "prompt"},
            {
                "user": lambda p: p.folder("CODEX_HOME", p.home / ".codex") / "hooks.json",
                "project": lambda p: p.project / ".codex" / "hooks.json",
            },
            _nested(_SECONDS),
            session="session_id",
            turn="turn_id",
            nested="SessionStart",
            notice="systemMessage",
            then="Codex runs them once you have trusted them: start it and enter /hooks.",
        ),
    ),
    Host(
        "gemini-cli",
        "Gemini CLI",
        Server("mcpServers", _GEMINI_SETTINGS, _stdio),
        "Start a new session in a trusted folder; /mcp lists the server.",
        Hooks(
            {"SessionStart": "session-start", "BeforeAgent": "prompt"},
            _GEMINI_SETTINGS,
            _nested(_SECONDS * 1000),
            session="session_id",
            turn="timestamp",
            nested="SessionStart",
            notice="systemMessage",
        ),
        # It reads no policies of a project.
        Permission(
            {"user": lambda p: p.home / ".gemini" / "policies" / "prosona.toml"},
            (
                "[[rule]]",
                f'mcpName = "{ENTRY}"',
                f"toolName = {json.dumps(ALLOWED)}",
                'decision = "allow"',
                "priority = 100",
            ),
        ),
    ),
    Host(
        "copilot-cli",
        "Copilot CLI",
        Server(
            "mcpServers",
            {
                "user": lambda p: p.folder("COPILOT_HOME", p.home / ".copilot") / "mcp-config.json",
                "project": lambda p: p.project / ".mcp.json",
            },
            _copilot,
        ),
        "Start a new session; /mcp show lists it. A project's file is read in trusted folders only.",
        Hooks(
            {"sessionStart": "session-start", "userPromptSubmitted": "prompt"},
            {
                "user": lambda p: p.folder("COPILOT_HOME", p.home / ".copilot") / "hooks" / "prosona.json",
                "project": lambda p: p.project / ".github" / "hooks" / "prosona.json",
            },
            _copilot_hook,
            session="sessionId",
            turn="timestamp",
            version=1,
        ),
    ),
    Host(
        "cursor",
        "Cursor",
        Server(
            "mcpServers",
            {
                "user": lambda p: p.home / ".cursor" / "mcp.json",
                "project": lambda p: p.project / ".cursor" / "mcp.json",
            },
            _stdio,
        ),
        "Open Settings > MCP and switch the server on.",
        Hooks(
            {"sessionStart": "session-start", "beforeSubmitPrompt": "prompt"},
            {
                "user": lambda p: p.home / ".cursor" / "hooks.json",
                "project": lambda p: p.project / ".cursor" / "hooks.json",
            },
            lambda command: {"command": command, "timeout": _SECONDS},
            session="conversation_id",
            turn="generation_id",
            context="additional_context",
            go_on='{"continue": true}',
            version=1,
        ),
    ),
    Host(
        "vscode",
        "VS Code",
        Server(
            "servers",
            {
                "user": lambda p: p.applications / "Code" / "User" / "mcp.json",
                "project": lambda p: p.project / ".vscode" / "mcp.json",
            },
            _typed,
        ),
        "Open the file in VS Code and press Start above the entry.",
    ),
    Host(
        "opencode",
        "opencode",
        Server(
            "mcp",
            {
                "user": lambda p: _opencode_file(p.xdg / "opencode"),
                "project": lambda p: _opencode_file(p.project),
            },
            _opencode,
        ),
        "Start a new session.",
    ),
)

HOSTS: dict[str, Host] = {host.name: host for host in _ROWS}
"""By the name that the command line uses."""
