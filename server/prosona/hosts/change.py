"""A change to a host's configuration: planned, shown, then written without harm.

Three parts of it are ours: the server's entry, the hooks, and the permission to run tools without
asking. Everything else in the files stays as it is, comments and order included.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prosona.core.errors import InvalidInputError
from prosona.core.names import WrongIdError, user_key
from prosona.hosts._edits import snippet, with_entry, with_hooks, with_rules, without_entry, without_rules
from prosona.hosts._files import ConfigurationError, FileChange, text_of
from prosona.hosts._json_text import UnreadableError
from prosona.hosts.check import disagreement, parts
from prosona.hosts.table import ALLOWED, HOSTS, Host, Places, Scope

__all__ = [
    "ConfigurationError",
    "FileChange",
    "Plan",
    "Wanted",
    "apply",
    "offer",
    "plan",
    "printed",
    "program",
    "snippet",
]

_TOOLS = " and ".join(ALLOWED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to stand in a host's configuration."""

    program: Sequence[str]
    """The `prosona` command: see `program`."""
    user_id: str | None = None
    """Whom the server is bound to; None leaves it to the agent to name a user."""
    db: Path | None = None
    """The database; None for the platform's default."""
    profiler: str = "host"
    """What reads: `host`, the host's own model beside the builtin, or `builtin` alone."""
    hooks: bool = False
    """Also the hooks. Without, those that stand there are left as they are."""
    allow_tools: bool = False
    """Also the permission to run `ALLOWED` without asking. Without, what stands there is left as it is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be written, and what to say of it."""

    changes: tuple[FileChange, ...]
    """The files that would change; empty when all is as wanted."""
    sentences: tuple[str, ...]
    """What to tell when it is done."""
    notes: tuple[str, ...] = ()
    """What to tell beside that."""


def program() -> list[str]:
    """The `prosona` command of this installation, with an absolute path: hosts have a PATH of their own."""
    beside = shutil.which("prosona", path=sysconfig.get_path("scripts")) or shutil.which("prosona")
    return [str(Path(beside).absolute())] if beside else [sys.executable, "-m", "prosona.cli"]


def plan(host: Host, scope: Scope, places: Places, wanted: Wanted | None) -> Plan:
    """The change that brings a host's configuration to what is `wanted`; None takes all of ours out.

    Errors: `InvalidInputError` for what the host does not have, for a wrong user id, and where the server
    and the hooks would then serve two people; `ConfigurationError` for a file that cannot be changed.
    """
    _refuse(host, scope, wanted)
    if wanted is None:
        return _uninstall(host, scope, places)
    desk = _Desk()
    said: list[str] = []
    notes: list[str] = []
    file = host.server.files[scope](places)
    try:
        changed = desk.edit(file, lambda text: with_entry(text, host, _server_argv(wanted), scope))
    except ConfigurationError as error:
        by_hand = f"Add this to {file} by hand:\n\n{snippet(host, _server_argv(wanted), scope)}"
        raise ConfigurationError(str(error), by_hand=by_hand) from error
    if changed:
        said.append(f"{host.title} will start Prosona. {host.then}")
        if wanted.user_id is None:
            notes.append("Without --user the agent has to name a user in each call.")
    else:
        said.append(f"{host.title} is configured already in {file}")
    if wanted.hooks and (hooks := host.hooks):
        place = hooks.files[scope](places)
        if desk.edit(place, lambda text: with_hooks(text, hooks, _hook_lines(host, wanted))):
            said.append(
                f"{host.title} will show the profile and have prompts observed. {hooks.then}".rstrip()
            )
        else:
            said.append(f"{host.title} calls its hooks already, by {place}")
    if wanted.allow_tools and (permission := host.permission):
        place = permission.files[scope](places)
        if desk.edit(place, lambda text: with_rules(text, permission)):
            said.append(f"{host.title} will run {_TOOLS} without asking.")
        else:
            said.append(f"{host.title} runs {_TOOLS} without asking already, by {place}")
    _refuse_two_people(desk, host, scope, places)
    return Plan(desk.changes(), tuple(said), tuple(notes))


def apply(planned: Plan, now: datetime) -> list[Path]:
    """Writes all files of a plan or none; the backups of those that were there before.

    Errors: `ConfigurationError` when a file was changed since it was read; `OSError`.
    """
    for change in planned.changes:
        change.check_unchanged()
    backups: list[Path] = []
    written: list[FileChange] = []
    try:
        for change in planned.changes:
            backup = change.write(now)
            written.append(change)
            if backup:
                backups.append(backup)
    except (ConfigurationError, OSError):
        for change in reversed(written):
            change.undone().write(now)
        raise
    return backups


def printed(host: Host, scope: Scope, places: Places, wanted: Wanted) -> str:
    """What `plan` would write into files that are not there yet, for who adds it by hand.

    Errors: `InvalidInputError`.
    """
    _refuse(host, scope, wanted)
    text = snippet(host, _server_argv(wanted), scope)
    if wanted.hooks and host.hooks:
        whole = with_hooks("", host.hooks, _hook_lines(host, wanted))
        text += f"\n{host.hooks.files[scope](places)}:\n{whole}"
    if wanted.allow_tools and host.permission:
        text += f"\n{host.permission.files[scope](places)}:\n{with_rules('', host.permission)}"
    return text


def offer(host: Host, scope: Scope, places: Places) -> str | None:
    """What to ask the owner before `allow_tools` is wanted; None where there is nothing to ask."""
    if host.permission is None or scope not in host.permission.files:
        return None
    try:
        text = text_of(host.permission.files[scope](places)) or ""
        if with_rules(text, host.permission) == text:
            return None
    except (UnreadableError, ConfigurationError, OSError):
        return None
    return f"{host.title} asks before it runs a tool. Let it run {_TOOLS} without asking?"


class _Desk:
    """Files as they are and as they would become."""

    def __init__(self) -> None:
        self.before: dict[Path, str | None] = {}
        self.after: dict[Path, str | None] = {}

    def read(self, file: Path) -> str | None:
        """The text as it would become. Errors: `ConfigurationError`, `OSError`."""
        if file not in self.after:
            self.before[file] = self.after[file] = text_of(file)
        return self.after[file]

    def edit(self, file: Path, how: Callable[[str], str | None]) -> bool:
        """Changes a text; whether that made a difference. Errors: `ConfigurationError`, `OSError`."""
        old = self.read(file)
        try:
            new = how(old or "")
        except UnreadableError as error:
            raise ConfigurationError(f"{file} was left as it is: {error}") from error
        if (new or "") == (old or ""):
            return False
        self.after[file] = new
        return True

    def changes(self) -> tuple[FileChange, ...]:
        return tuple(
            FileChange(file, self.before[file], after)
            for file, after in self.after.items()
            if after != self.before[file]
        )


def _refuse(host: Host, scope: Scope, wanted: Wanted | None) -> None:
    if scope not in host.server.files:
        raise InvalidInputError(f"{host.title} has no project configuration: leave --scope out")
    if wanted is None:
        return
    if wanted.user_id is not None:
        _named(wanted.user_id)
    if wanted.hooks and host.hooks is None:
        raise InvalidInputError(f"{host.title} has no hooks: leave --hooks out")
    if wanted.hooks and wanted.user_id is None:
        raise InvalidInputError("--hooks needs --user: a hook cannot be told whose prompts it hears")
    if wanted.allow_tools and (host.permission is None or scope not in host.permission.files):
        where = "" if host.permission is None else " for a project"
        raise InvalidInputError(
            f"{host.title} takes no permission from a file{where}: leave --allow-tools out, and allow the"
            " tools when it asks"
        )


def _refuse_two_people(desk: _Desk, host: Host, scope: Scope, places: Places) -> None:
    """What would be written must serve one person, with what stands beside it; hosts may share a file."""
    written = {change.file for change in desk.changes()}
    for other in HOSTS.values():
        found = parts(other, places, desk.read)
        if other is not host and not any(part.file in written for part in found):
            continue
        if wrong := disagreement(other, found):
            raise InvalidInputError(f"nothing was written: {wrong}")


def _uninstall(host: Host, scope: Scope, places: Places) -> Plan:
    desk = _Desk()
    said: list[str] = []
    notes: list[str] = []
    file = host.server.files[scope](places)
    if desk.edit(file, lambda text: without_entry(text, host)):
        said.append(f"{host.title} will not start Prosona any more.")
    else:
        said.append(f"{host.title} is not configured in {file}")
    try:
        if (hooks := host.hooks) and desk.edit(
            hooks.files[scope](places), lambda text: with_hooks(text, hooks, {})
        ):
            said.append(f"{host.title} will not call its hooks any more.")
        if (permission := host.permission) and scope in permission.files:
            place = permission.files[scope](places)
            if desk.edit(place, lambda text: without_rules(text, permission)):
                said.append(f"{host.title} has no permission to run our tools any more.")
    except ConfigurationError as error:
        # One file that cannot be read does not keep the server where it is.
        notes.append(f"{error}; what is ours in it must be taken out by hand")
    return Plan(desk.changes(), tuple(said), tuple(notes))


def _named(user_id: str) -> str:
    try:
        return user_key(user_id)
    except WrongIdError as error:
        raise InvalidInputError(str(error)) from error


def _server_argv(wanted: Wanted) -> list[str]:
    argv = [*wanted.program, "serve"]
    if wanted.user_id is not None:
        argv += ["--user", _named(wanted.user_id)]
    if wanted.db is not None:
        argv += ["--db", str(wanted.db.absolute())]
    return argv + _profiler(wanted)


def _hook_lines(host: Host, wanted: Wanted) -> dict[str, str]:
    """The command line for each of a host's events."""
    from prosona.profiles_db import default_path

    db = (wanted.db or default_path()).absolute()
    options = ["--host", host.name, "--user", _named(wanted.user_id or ""), "--db", str(db)]
    options += _profiler(wanted)
    events = host.hooks.events if host.hooks else {}
    return {event: _line([*wanted.program, "hook", ours, *options]) for event, ours in events.items()}


def _profiler(wanted: Wanted) -> list[str]:
    return [] if wanted.profiler == "builtin" else ["--profiler", wanted.profiler]


def _line(argv: Sequence[str]) -> str:
    """`argv` as one line for the shell of this platform."""
    return subprocess.list2cmdline(argv) if sys.platform == "win32" else shlex.join(argv)
