"""A change to one host's configuration: worked out, shown, then written without harm."""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from prosona.cli.hosts import json_text, toml_text
from prosona.cli.hosts.json_text import UnreadableError
from prosona.cli.hosts.table import ENTRY, Host, Scope
from prosona.profiles_db import ProsonaError


class ConfigurationError(ProsonaError):
    """A host's configuration could not be changed; it stands as it was."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one configuration file would become. `before` is None where there is no file yet."""

    file: Path
    before: str | None
    after: str

    @property
    def needed(self) -> bool:
        """Whether writing would change anything."""
        return self.after != (self.before or "")

    def diff(self) -> str:
        """The change as a unified diff."""
        name = str(self.file)
        lines = difflib.unified_diff(
            (self.before or "").splitlines(),
            self.after.splitlines(),
            fromfile=name if self.before is not None else os.devnull,
            tofile=name,
            lineterm="",
        )
        return "\n".join(lines)

    def write(self, now: datetime) -> Path | None:
        """Replace the file in one step and hand out where its backup lies, if there was a file.

        Errors: `ConfigurationError` when somebody else changed the file since it was read.
        """
        target = self.file.resolve()  # A link into a folder of dotfiles stays a link.
        if text_of(target) != self.before:
            raise ConfigurationError(f"{self.file} changed meanwhile; nothing was written, try again")
        target.parent.mkdir(parents=True, exist_ok=True)
        backup = None
        if self.before is not None:
            backup = _free(target.with_name(f"{target.name}.prosona-{now:%Y%m%d-%H%M%S}.bak"))
            shutil.copy2(target, backup)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
                out.write(self.after)
                out.flush()
                os.fsync(out.fileno())
            if self.before is not None:
                shutil.copymode(target, name)
            Path(name).replace(target)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        return backup


def added(host: Host, file: Path, argv: list[str], scope: Scope) -> Change:
    """The change that makes `host` start `argv`. What its owner added to an older entry stays.

    Errors: `ConfigurationError` when the file cannot be read.
    """
    before = text_of(file)
    path = (host.container, ENTRY)
    try:
        old = _format(host).read(before or "")
        entry = _merge(_entry(host, old), host.entry(argv, scope))
        if _entry(host, old) == entry:
            return Change(file, before, before or "")
        after = _format(host).put(before or "", path, entry)
        _check(host, old, after, entry)
    except UnreadableError as error:
        raise unreadable(file, error) from error
    return Change(file, before, after)


def removed(host: Host, file: Path) -> Change:
    """The change that takes the entry out again. Errors: `ConfigurationError`."""
    before = text_of(file)
    try:
        old = _format(host).read(before or "")
        after = _format(host).drop(before or "", (host.container, ENTRY))
        _check(host, old, after, None)
    except UnreadableError as error:
        raise unreadable(file, error) from error
    return Change(file, before, after)


def configured(host: Host, file: Path) -> Mapping[str, object] | None:
    """The entry as it stands in the file; None without one. Errors: `ConfigurationError`."""
    try:
        return _entry(host, _format(host).read(text_of(file) or ""))
    except UnreadableError as error:
        raise unreadable(file, error) from error


def snippet(host: Host, argv: list[str], scope: Scope) -> str:
    """The whole text of a new configuration file that holds only our entry."""
    return _format(host).put("", (host.container, ENTRY), host.entry(argv, scope))


class _Format(Protocol):
    """A way to write settings down, of which one entry can be changed."""

    def read(self, text: str) -> dict[str, object]: ...
    def put(self, text: str, path: Sequence[str], value: Mapping[str, object]) -> str: ...
    def drop(self, text: str, path: Sequence[str]) -> str: ...


def _format(host: Host) -> _Format:
    return toml_text if host.toml else json_text


def _entry(host: Host, settings: Mapping[str, object]) -> dict[str, object] | None:
    servers = settings.get(host.container)
    entry = servers.get(ENTRY) if isinstance(servers, dict) else None
    return entry if isinstance(entry, dict) else None


def _merge(old: dict[str, object] | None, new: dict[str, object]) -> dict[str, object]:
    merged: dict[str, object] = {**(old or {}), **new}
    for key, value in new.items():
        kept = (old or {}).get(key)
        if isinstance(kept, dict) and isinstance(value, dict):
            merged[key] = {**kept, **value}
    return merged


def _check(host: Host, old: dict[str, object], after: str, entry: dict[str, object] | None) -> None:
    """Refuse an edit that changed more than our entry, whatever odd form the file has."""
    new = _format(host).read(after)
    if _entry(host, new) != entry or _others(host, new) != _others(host, old):
        raise UnreadableError("the entry stands there in a form that cannot be changed safely")


def _others(host: Host, settings: Mapping[str, object]) -> dict[str, object]:
    rest = {key: value for key, value in settings.items() if key != host.container}
    servers = settings.get(host.container)
    if isinstance(servers, dict):
        servers = {key: value for key, value in servers.items() if key != ENTRY}
    return {**rest, host.container: servers} if servers else rest


def unreadable(file: Path, error: UnreadableError) -> ConfigurationError:
    """What a caller is told of a file that cannot be changed."""
    return ConfigurationError(f"{file} was left as it is: {error}")


def text_of(file: Path) -> str | None:
    """The text of a configuration file; None where there is none. Errors: `ConfigurationError`."""
    try:
        with file.open(encoding="utf-8", newline="") as source:
            return source.read()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} was left as it is: it is not UTF-8 text") from error


def _free(path: Path) -> Path:
    for n in range(2, 100):
        if not path.exists():
            return path
        path = path.with_name(f"{path.name.removesuffix('.bak')}-{n}.bak")
    return path
