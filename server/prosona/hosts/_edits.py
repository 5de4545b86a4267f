"""What is ours in a configuration's text: put in, kept up to date, and taken out again.

Each function takes a text and returns the new one, with everything else in it as it was. Errors:
`UnreadableError` for a text in which that cannot be done.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from prosona.hosts import _json_text
from prosona.hosts._json_text import UnreadableError
from prosona.hosts.check import entry_of, format_of, is_ours, settings_of
from prosona.hosts.table import ENTRY, Hooks, Host, Permission, Scope

__all__ = ["snippet", "with_entry", "with_hooks", "with_rules", "without_entry", "without_rules"]


def snippet(host: Host, argv: list[str], scope: Scope) -> str:
    """The whole text of a new configuration file that holds only our entry."""
    return format_of(host).put("", (host.server.container, ENTRY), host.server.entry(argv, scope))


def with_entry(text: str, host: Host, argv: list[str], scope: Scope) -> str:
    """`text` with our entry; what its owner added to an older one stays."""
    old = settings_of(host, text)
    entry = _merged(entry_of(host, old) or {}, host.server.entry(argv, scope))
    if entry_of(host, old) == entry:
        return text
    path = (host.server.container, ENTRY)
    after = format_of(host).put(text, path, entry)
    expected = copy.deepcopy(old)
    servers: Any = expected.setdefault(host.server.container, {})
    servers[ENTRY] = entry
    return _checked(after, settings_of(host, after), expected)


def without_entry(text: str, host: Host) -> str:
    """`text` without our entry."""
    old = settings_of(host, text)
    if entry_of(host, old) is None:
        return text
    after = format_of(host).drop(text, (host.server.container, ENTRY))
    expected = copy.deepcopy(old)
    servers: Any = expected[host.server.container]
    del servers[ENTRY]
    found = settings_of(host, after)
    if not servers and not found.get(host.server.container):
        # Whether an empty list of servers is left does not matter.
        expected[host.server.container] = found[host.server.container] = {}
    return _checked(after, found, expected)


def _merged(old: dict[str, object], new: dict[str, object]) -> dict[str, object]:
    merged: dict[str, object] = {**old, **new}
    for key, value in new.items():
        kept = old.get(key)
        if isinstance(kept, dict) and isinstance(value, dict):
            merged[key] = {**kept, **value}
    return merged


def with_hooks(text: str, hooks: Hooks, lines: Mapping[str, str]) -> str:
    """`text` with our element in the list of each event, and without for events that have no line."""
    before = _json_text.read(text)
    if not isinstance(before.get("hooks", {}), dict):
        raise UnreadableError("its hooks are not an object")
    expected: dict[str, Any] = copy.deepcopy(before)
    for event in hooks.events:
        wanted = [hooks.entry(lines[event])] if event in lines else []
        text = _with_own(text, ("hooks", event), is_ours, wanted)
        events = expected.setdefault("hooks", {})
        others = [element for element in events.pop(event, []) if not is_ours(element)]
        if others or wanted:
            events[event] = others + wanted
    if not expected["hooks"]:
        del expected["hooks"]
        if "hooks" in before:
            text = _json_text.drop(text, ("hooks",))
    elif hooks.version is not None and "version" not in expected:
        text = _json_text.put(text, ("version",), hooks.version)
        expected["version"] = hooks.version
    return _checked(text, _json_text.read(text), expected)


def with_rules(text: str, permission: Permission) -> str:
    """`text` with the rules that allow our tools."""
    if not permission.path:
        block = _block(permission)
        return text if block in text else text + ("\n" if text and not text.endswith("\n") else "") + block
    found = _list_at(_json_text.read(text), permission.path)
    if set(permission.wider) & set(map(str, found)) or set(permission.rules) <= set(map(str, found)):
        return text
    return _with_own(text, permission.path, permission.rules.__contains__, permission.rules)


def without_rules(text: str, permission: Permission) -> str | None:
    """`text` without the rules that allow our tools; None for a file that held nothing else."""
    if not permission.path:
        rest = text.replace(_block(permission), "")
        return rest if rest.strip() or rest == text else None
    before = text
    text = _with_own(text, permission.path, permission.rules.__contains__, ())
    for depth in range(len(permission.path) - 1, 0, -1):
        path = permission.path[:depth]
        if text != before and _value_at(_json_text.read(text), path) == {}:
            text = _json_text.drop(text, path)
    return text


def _block(permission: Permission) -> str:
    return "\n".join(permission.rules) + "\n"


def _with_own(text: str, path: tuple[str, ...], own: Callable[[Any], bool], wanted: Sequence[object]) -> str:
    """`text` with `wanted` behind the others in the list at `path`, and without other elements of our `own`.

    A list that is left empty goes.
    """
    old = _list_at(_json_text.read(text), path)
    others = [element for element in old if not own(element)]
    if old == [*others, *wanted]:
        return text
    if not others:
        return _json_text.put(text, path, list(wanted)) if wanted else _json_text.drop(text, path)
    for at in reversed(range(len(old))):
        if own(old[at]):
            text = _json_text.drop(text, (*path, at))
    for at, element in enumerate(wanted, start=len(others)):
        text = _json_text.put(text, (*path, at), element)
    return text


def _value_at(settings: object, path: Sequence[str]) -> object:
    for key in path:
        settings = settings.get(key) if isinstance(settings, dict) else None
    return settings


def _list_at(settings: Mapping[str, object], path: Sequence[str]) -> list[object]:
    found = _value_at(settings, path)
    if found is not None and not isinstance(found, list):
        raise UnreadableError(f"its {'.'.join(path)} is not a list")
    return found or []


def _checked(text: str, found: dict[str, object], expected: dict[str, object]) -> str:
    """Refuses an edit that changed anything but what is ours, whatever odd form the file has."""
    if found != expected:
        raise UnreadableError("it is written in a form that cannot be changed safely")
    return text
