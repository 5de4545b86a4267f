"""What of ours stands in the configurations of hosts, and whether it fits together."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from prosona.core.names import WrongIdError, user_key
from prosona.hosts import _json_text, _toml_text
from prosona.hosts._files import ConfigurationError, text_of
from prosona.hosts._json_text import UnreadableError
from prosona.hosts.table import ENTRY, HOSTS, Host, Places, Scope

__all__ = [
    "Part",
    "Standing",
    "check",
    "disagreement",
    "entry_of",
    "format_of",
    "is_ours",
    "parts",
    "settings_of",
]

# Our hooks in a list of a host's, whatever program and options they were installed with.
_OURS = re.compile(r"\bhook(?:['\"],?)? ['\"]?(?:session-start|prompt)['\"]? ['\"]?--host\b")

Read = Callable[[Path], "str | None"]


class Part(NamedTuple):
    """A command line of ours in a host's configuration: for whom it works, and on which database."""

    kind: Literal["server", "hooks"]
    scope: Scope
    file: Path
    argv: tuple[str, ...]

    @property
    def user(self) -> str | None:
        """Whom it is bound to, in normal form; None for whomever the agent names."""
        name = _option(self.argv, "--user")
        try:
            return name and user_key(name)
        except WrongIdError:
            return name

    @property
    def profiler(self) -> str:
        """What reads there."""
        return _option(self.argv, "--profiler") or "builtin"

    @property
    def db(self) -> Path:
        """The database that it works on."""
        named = _option(self.argv, "--db")
        if named is not None:
            return Path(named).expanduser().absolute()
        from prosona.profiles_db import default_path

        path: Path = default_path()
        return path.absolute()


@dataclass(frozen=True, slots=True)
class Standing:
    """A host and scope where something of ours stands."""

    host: Host
    scope: Scope
    problems: tuple[str, ...]
    """What is wrong with it and what to do; empty when it is in order."""


def check(places: Places | None = None) -> list[Standing]:
    """Each host and scope where something of ours stands, seen from the current folder. Never raises."""
    here = places or Places.here()
    return [
        found
        for host in HOSTS.values()
        for scope in host.server.files
        if (found := _standing(host, scope, here)) is not None
    ]


def parts(host: Host, places: Places, read: Read = text_of) -> list[Part]:
    """Our command lines in a host's configuration, of all scopes. Files that cannot be read have none."""
    return [part for scope in host.server.files for part in _parts(host, scope, places, read)]


def disagreement(host: Host, found: list[Part]) -> str | None:
    """Why these parts of one host do not serve one person on one database, and what to do; None when they do.

    Only hooks make it matter: they run beside every server, and beside each other.
    """
    for hooks in (part for part in found if part.kind == "hooks"):
        for other in found:
            if other.user != hooks.user:
                mine, theirs = f"for {other.user or 'whomever the agent names'}", f"for {hooks.user}"
            elif other.db != hooks.db:
                mine, theirs = f"on the database {other.db}", f"on {hooks.db}"
            else:
                continue
            are = "is" if other.kind == "server" else "are"
            if other.scope == hooks.scope:
                where = "" if other.scope == "user" else " --scope project"
                remedy = f"run prosona install {host.name}{where} --user NAME --hooks for both"
            else:
                remedy = f"take one of them out: prosona uninstall {host.name}, or with --scope project"
            return (
                f"the {other.kind} in {other.file} {are} {mine}, the hooks in {hooks.file} {theirs}; {remedy}"
            )
    return None


class Format(Protocol):
    """A way to write settings down, of which one member can be changed. Errors: `UnreadableError`."""

    def read(self, text: str) -> dict[str, object]:
        """What a text says."""
        ...

    def put(self, text: str, path: tuple[str, ...], value: dict[str, object]) -> str:
        """The text with a value at a path."""
        ...

    def drop(self, text: str, path: tuple[str, ...]) -> str:
        """The text without what stands at a path."""
        ...


def format_of(host: Host) -> Format:
    """The format of the file that lists a host's servers."""
    return _toml_text if host.server.toml else _json_text


def settings_of(host: Host, text: str | None) -> dict[str, object]:
    """What the configuration of a host's servers says. Errors: `UnreadableError`."""
    return format_of(host).read(text or "")


def entry_of(host: Host, settings: Mapping[str, object]) -> dict[str, object] | None:
    """Our entry among the servers of a host."""
    servers = settings.get(host.server.container)
    entry = servers.get(ENTRY) if isinstance(servers, dict) else None
    return entry if isinstance(entry, dict) else None


def is_ours(element: object) -> bool:
    """Whether an element of an event's list calls our hooks."""
    return bool(_OURS.search(json.dumps(element)))


def _standing(host: Host, scope: Scope, places: Places) -> Standing | None:
    file = host.server.files[scope](places)
    try:
        entry = entry_of(host, settings_of(host, text_of(file)))
    except (UnreadableError, ConfigurationError) as error:
        return Standing(host, scope, (f"{file} cannot be read: {error}",))
    except OSError as error:
        return Standing(host, scope, (f"{file}: {error.strerror}",))
    ours = list(_parts(host, scope, places, text_of))
    if entry is None and not ours:
        return None
    again = f"run prosona install {host.name}{'' if scope == 'user' else ' --scope project'}"
    problems = [
        f"{part.file} starts {part.argv[0]}, which is not there; {again} again"
        for part in ours
        if shutil.which(part.argv[0]) is None
    ]
    if entry is not None and "command" in entry:
        wanted = host.server.entry(["prosona"], scope)
        if missing := [key for key in wanted if key not in entry]:
            problems.append(f"{file} lacks {', '.join(missing)}; {again} again")
    if wrong := disagreement(host, parts(host, places)):
        problems.append(wrong)
    if any(part.kind == "server" for part in ours) and len({part.profiler for part in ours}) > 1:
        problems.append(
            "the hooks ask the agent to read, and the server has nothing for it to read, or the other way round;"
            f" {again} with --hooks for both"
        )
    return Standing(host, scope, tuple(dict.fromkeys(problems)))


def _parts(host: Host, scope: Scope, places: Places, read: Read) -> Iterator[Part]:
    file = host.server.files[scope](places)
    try:
        entry = entry_of(host, settings_of(host, read(file)))
        if entry is not None and (argv := _command(entry)):
            yield Part("server", scope, file, argv)
    except (UnreadableError, ConfigurationError, OSError):
        pass
    if host.hooks is None:
        return
    file = host.hooks.files[scope](places)
    try:
        events = _json_text.read(read(file) or "").get("hooks")
    except (UnreadableError, ConfigurationError, OSError):
        return
    for event in host.hooks.events:
        elements = events.get(event) if isinstance(events, dict) else None
        for element in elements if isinstance(elements, list) else []:
            for command in dict.fromkeys(_strings(element)):
                if _OURS.search(command):
                    yield Part("hooks", scope, file, _split(command))


def _command(entry: Mapping[str, object]) -> tuple[str, ...]:
    """The command line of an entry; empty where it names none, as with a URL."""
    command, rest = entry.get("command"), entry.get("args", [])
    whole = command if isinstance(command, list) else [command, *(rest if isinstance(rest, list) else [])]
    return tuple(str(word) for word in whole) if whole and isinstance(whole[0], str) else ()


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _split(command: str) -> tuple[str, ...]:
    try:
        words = shlex.split(command, posix=sys.platform != "win32")
    except ValueError:
        words = command.split()
    return tuple(word.strip('"') for word in words)


def _option(argv: tuple[str, ...], name: str) -> str | None:
    for at, word in enumerate(argv):
        if word == name and at + 1 < len(argv):
            return argv[at + 1]
        if word.startswith(f"{name}="):
            return word.removeprefix(f"{name}=")
    return None
