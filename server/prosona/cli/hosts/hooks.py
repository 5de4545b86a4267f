"""The hooks that hosts call by themselves: where each keeps them, and in which shape."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prosona.cli.hosts import json_text
from prosona.cli.hosts.change import Change, text_of, unreadable
from prosona.cli.hosts.json_text import UnreadableError
from prosona.cli.hosts.table import Places, Scope

_SECONDS = 5
"""How long a host waits for a hook at most. It takes a twentieth of one."""

_OURS = re.compile(r"\bhook(?:['\"],?)? ['\"]?(?:session-start|prompt)['\"]? ['\"]?--host\b")


@dataclass(frozen=True, slots=True)
class Hooks:
    """The hooks of one host."""

    events: Mapping[str, str]
    """Which of the host's events brings about which of our hooks."""
    files: Mapping[Scope, Callable[[Places], Path]]
    entry: Callable[[str], dict[str, object]]
    """One element of an event's list, for a command line."""
    version: int | None = None
    """What the file has to say of its own format."""
    then: str = ""
    """What its owner does next."""


def _nested(limit: int) -> Callable[[str], dict[str, object]]:
    return lambda command: {"hooks": [{"type": "command", "command": command, "timeout": limit}]}


def _copilot(command: str) -> dict[str, object]:
    return {"type": "command", "bash": command, "powershell": command, "timeoutSec": _SECONDS}


HOOKS: dict[str, Hooks] = {
    "claude-code": Hooks(
        {"SessionStart": "session-start", "UserPromptSubmit": "prompt"},
        {
            "user": lambda p: p.folder("CLAUDE_CONFIG_DIR", p.home / ".claude") / "settings.json",
            "project": lambda p: p.project / ".claude" / "settings.local.json",
        },
        _nested(_SECONDS),
    ),
    "codex": Hooks(
        {"SessionStart": "session-start", "UserPromptSubmit": "prompt"},
        {
            "user": lambda p: p.folder("CODEX_HOME", p.home / ".codex") / "hooks.json",
            "project": lambda p: p.project / ".codex" / "hooks.json",
        },
        _nested(_SECONDS),
        then="Codex runs them once you have trusted them: start it and enter /hooks.",
    ),
    "gemini-cli": Hooks(
        {"SessionStart": "session-start", "BeforeAgent": "prompt"},
        {
            "user": lambda p: p.home / ".gemini" / "settings.json",
            "project": lambda p: p.project / ".gemini" / "settings.json",
        },
        _nested(_SECONDS * 1000),
    ),
    "copilot-cli": Hooks(
        {"sessionStart": "session-start", "userPromptSubmitted": "prompt"},
        {
            "user": lambda p: p.folder("COPILOT_HOME", p.home / ".copilot") / "hooks" / "prosona.json",
            "project": lambda p: p.project / ".github" / "hooks" / "prosona.json",
        },
        _copilot,
        version=1,
    ),
    "cursor": Hooks(
        {"sessionStart": "session-start", "beforeSubmitPrompt": "prompt"},
        {
            "user": lambda p: p.home / ".cursor" / "hooks.json",
            "project": lambda p: p.project / ".cursor" / "hooks.json",
        },
        lambda command: {"command": command, "timeout": _SECONDS},
        version=1,
    ),
}
"""By the name of the host; a host that is missing has no hooks."""


def hooked(name: str, file: Path, program: Sequence[str], user_id: str, db: Path) -> Change:
    """The change that makes a host call our hooks. Hooks of others stay. Errors: `ConfigurationError`."""
    hooks = HOOKS[name]
    options = ["--host", name, "--user", user_id, "--db", str(db)]
    entries = {
        event: hooks.entry(command_line([*program, "hook", ours, *options]))
        for event, ours in hooks.events.items()
    }
    return _changed(file, entries, hooks)


def unhooked(name: str, file: Path) -> Change:
    """The change that takes our hooks out again. Errors: `ConfigurationError`."""
    return _changed(file, dict.fromkeys(HOOKS[name].events), HOOKS[name])


def command_line(argv: Sequence[str]) -> str:
    """`argv` as one line for the shell of this platform."""
    return subprocess.list2cmdline(argv) if sys.platform == "win32" else shlex.join(argv)


def _changed(file: Path, entries: Mapping[str, dict[str, object] | None], hooks: Hooks) -> Change:
    before = text_of(file)
    after = before or ""
    try:
        for event, entry in entries.items():
            after = _with(after, event, entry)
        settings = json_text.read(after)
        if settings.get("hooks") == {}:
            after = json_text.drop(after, ("hooks",))
        if hooks.version is not None and "hooks" in settings and "version" not in settings:
            after = json_text.put(after, ("version",), hooks.version)
    except UnreadableError as error:
        raise unreadable(file, error) from error
    return Change(file, before, after)


def _with(text: str, event: str, entry: dict[str, object] | None) -> str:
    """`text` with our element of an event's list put in, replaced, or taken out for None."""
    events = json_text.read(text).get("hooks", {})
    old = events.get(event, []) if isinstance(events, dict) else None
    if not isinstance(old, list):
        raise UnreadableError(f"its hooks for {event} are not a list")
    new = [element for element in old if not _OURS.search(json.dumps(element))]
    if entry is not None:
        new.append(entry)
    if new == old:
        return text
    return json_text.put(text, ("hooks", event), new) if new else json_text.drop(text, ("hooks", event))
