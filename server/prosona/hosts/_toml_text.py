"""Change one table of a TOML text and leave every other byte of it as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from prosona.hosts._json_text import UnreadableError

__all__ = ["drop", "put", "read"]

_ANY_HEADER = re.compile(r"\s*\[")
_NO_CONTENT = re.compile(r"\s*(#.*)?$")


def read(text: str) -> dict[str, object]:
    """What `text` describes. Errors: `UnreadableError`."""
    return cast("dict[str, object]", _parse(text).unwrap())


def put(text: str, path: Sequence[str], value: Mapping[str, object]) -> str:
    """`text` with the keys of `value` in the table at `path`. Errors: `UnreadableError`."""
    document = _parse(text)
    found = _find(document, path)
    if isinstance(found, Mapping):
        _update(cast("dict[str, object]", found), value)
        return document.as_string()
    table = tomlkit.table()
    for key, inner in value.items():
        table.add(key, _on_one_line(inner))
    newline = "\r\n" if "\r\n" in text else "\n"
    if text and not text.endswith("\n"):
        text += newline
    if text.strip():
        text += newline
    header = "[" + ".".join(tomlkit.key(part).as_string() for part in path) + "]"
    return text + header + newline + table.as_string().replace("\n", newline)


def drop(text: str, path: Sequence[str]) -> str:
    """`text` without the table at `path`; unchanged when it holds none. Errors: `UnreadableError`."""
    if _find(_parse(text), path) is None:
        return text
    lines = text.splitlines(keepends=True)
    name = r"\s*\.\s*".join(rf"[\"']?{re.escape(part)}[\"']?" for part in path)
    ours = re.compile(rf"\s*\[\s*{name}\s*(\.[^\]]*)?\]")
    kept: list[str] = []
    at = 0
    while at < len(lines):
        if not ours.match(lines[at]):
            kept.append(lines[at])
            at += 1
            continue
        end = at + 1
        while end < len(lines) and not _ANY_HEADER.match(lines[end]):
            end += 1
        # Remarks behind the table's last key belong to what follows it.
        while end - 1 > at and _NO_CONTENT.match(lines[end - 1]):
            end -= 1
        at = end
        if kept and not kept[-1].strip() and not "".join(lines[at : at + 1]).strip():
            kept.pop()
    return "".join(kept)


def _parse(text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise UnreadableError(str(error)) from error


def _find(document: Mapping[str, object], path: Sequence[str]) -> object:
    found: object = document
    for key in path:
        if isinstance(found, InlineTable):
            raise UnreadableError(f"the table that should hold {key!r} is written on one line")
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _update(table: dict[str, object], value: Mapping[str, object]) -> None:
    for key, inner in value.items():
        found = table.get(key)
        if isinstance(found, dict) and isinstance(inner, Mapping):
            _update(found, inner)
        elif found != inner:
            table[key] = _on_one_line(inner)


def _on_one_line(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    row = tomlkit.inline_table()
    row.update(value)
    return row
