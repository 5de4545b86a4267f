"""Change one member of a JSON text and leave every other byte of it as it is.

Hand-written configurations carry comments, trailing commas and their own indentation, which
reading and dumping again would lose. So the text is only read to find out where to cut. A path
leads through objects by key and into a list by position.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from json.decoder import JSONDecoder

__all__ = ["UnreadableError", "drop", "put", "read"]

_STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_STRING_OR_TRAILING_COMMA = re.compile(r'"(?:\\.|[^"\\\n])*"|,(?=\s*[}\]])')
_REST_OF_LINE = re.compile(r"(?:[ \t]*(?://[^\r\n]*|/\*[^\r\n]*?\*/))*[ \t]*(?=\r?\n)")
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = JSONDecoder()

Steps = Sequence[str | int]


class UnreadableError(ValueError):
    """The text is not what it should be, or holds one key twice; the message says where."""


@dataclass(frozen=True, slots=True)
class _Member:
    key: str | int
    start: int
    value: int
    end: int


def read(text: str) -> dict[str, object]:
    """The object that `text` describes; empty for a blank text. Errors: `UnreadableError`."""
    strict = _readable(text)
    if not strict.strip():
        return {}
    try:
        found = json.loads(strict, object_pairs_hook=_refuse_twins)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"{error.msg} in line {error.lineno}") from error
    except RecursionError as error:
        raise UnreadableError("it is nested too deeply") from error
    if not isinstance(found, dict):
        raise UnreadableError("it is not a JSON object")
    return found


def put(text: str, path: Steps, value: object) -> str:
    """`text` with `value` at `path`, the objects on the way made as needed. Errors: `UnreadableError`.

    The position behind the last element of a list adds one.
    """
    read(text)
    strict = _readable(text)
    if not strict.strip():
        remark = text.strip() and text.rstrip() + "\n"
        return remark + _dump(_nest(path, value), "  ", "", "\n") + "\n"
    indent, newline = _style(text)
    opening = _skip(strict, 0)
    for depth, key in enumerate(path):
        members, closing = _members(strict, opening)
        found = next((member for member in members if member.key == key), None)
        if found is None:
            inner = _nest(path[depth + 1 :], value)
            return _insert(text, opening, members, closing, key, inner, indent, newline)
        if depth == len(path) - 1:
            return _replace(text, found, value, indent, newline)
        if strict[found.value] != ("[" if isinstance(path[depth + 1], int) else "{"):
            kind = "a list" if isinstance(path[depth + 1], int) else "an object"
            raise UnreadableError(f"its {key!r} is not {kind}")
        opening = found.value
    return text


def drop(text: str, path: Steps) -> str:
    """`text` without the member at `path`; unchanged when it holds none. Errors: `UnreadableError`."""
    read(text)
    strict = _readable(text)
    opening = _skip(strict, 0)
    for depth, key in enumerate(path):
        if opening >= len(strict) or strict[opening] != ("[" if isinstance(key, int) else "{"):
            return text
        members, closing = _members(strict, opening)
        index = next((i for i, member in enumerate(members) if member.key == key), None)
        if index is None:
            return text
        if depth == len(path) - 1:
            return _cut(text, members, index, opening, closing)
        opening = members[index].value
    return text


def _blank(match: re.Match[str]) -> str:
    found = match.group()
    return found if found.startswith('"') else re.sub(r"[^\r\n]", " ", found)


def _without_comments(text: str) -> str:
    return _STRING_OR_COMMENT.sub(_blank, text)


def _readable(text: str) -> str:
    """`text` with comments and trailing commas replaced by as many spaces: strict JSON, same positions."""
    return _STRING_OR_TRAILING_COMMA.sub(_blank, _without_comments(text))


def _refuse_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableError("one of its keys stands there twice")
    return found


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _members(strict: str, at: int) -> tuple[list[_Member], int]:
    """The members of the object or list that opens at `at`, and where its closing sign stands."""
    members: list[_Member] = []
    keyed = strict[at] == "{"
    at = _skip(strict, at + 1)
    while strict[at] not in "}]":
        start = value = at
        key: str | int = len(members)
        if keyed:
            key, at = _DECODER.raw_decode(strict, at)
            value = _skip(strict, _skip(strict, at) + 1)
        _, end = _DECODER.raw_decode(strict, value)
        members.append(_Member(key, start, value, end))
        at = _skip(strict, end)
        if strict[at] == ",":
            at = _skip(strict, at + 1)
    return members, at


def _nest(path: Steps, value: object) -> object:
    for key in reversed(path):
        value = [value] if isinstance(key, int) else {key: value}
    return value


def _style(text: str) -> tuple[str, str]:
    """The indentation step and the line ending that the text uses."""
    newline = "\r\n" if "\r\n" in text else "\n"
    first = re.search(r"\n([ \t]+)\S", text)
    return (first.group(1) if first else "  "), newline


def _dump(value: object, indent: str, margin: str, newline: str) -> str:
    """`value` as people write it: one member a line, lists on one line."""
    if not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False)
    inner = margin + indent
    rows = (
        f"{inner}{json.dumps(key, ensure_ascii=False)}: {_dump(member, indent, inner, newline)}"
        for key, member in value.items()
    )
    return "{" + newline + f",{newline}".join(rows) + newline + margin + "}"


def _margin(text: str, at: int) -> str:
    """The white space that the line of `at` begins with."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _replace(text: str, member: _Member, value: object, indent: str, newline: str) -> str:
    inline = "\n" not in text[member.value : member.end] and "\n" in text
    dumped = (
        json.dumps(value, ensure_ascii=False)
        if inline
        else _dump(value, indent, _margin(text, member.start), newline)
    )
    return text[: member.value] + dumped + text[member.end :]


def _insert(
    text: str,
    opening: int,
    members: list[_Member],
    closing: int,
    key: str | int,
    value: object,
    indent: str,
    newline: str,
) -> str:
    name = "" if isinstance(key, int) else json.dumps(key, ensure_ascii=False) + ": "
    if "\n" not in text[opening:closing] and (members or not name):
        own = name + json.dumps(value, ensure_ascii=False)
        end = members[-1].end if members else opening + 1
        return f"{text[:end]}{', ' if members else ''}{own}{text[end:]}"
    margin = _margin(text, members[0].start if members else opening)
    if not members:
        margin += indent
    # An element of a list stays on one line, as lists that are written anew do.
    dumped = _dump(value, indent, margin, newline) if name else json.dumps(value, ensure_ascii=False)
    entry = newline + margin + name + dumped
    if not members:
        tail = text[opening + 1 : closing]
        last = tail if tail.strip() else newline + _margin(text, opening)
        return text[: opening + 1] + entry + last + text[closing:]
    end = members[-1].end
    comma = _without_comments(text).find(",", end, closing)
    # A trailing comma already separates the newcomer, which then gets one of its own.
    separator, own, after = ("", ",", comma + 1) if comma >= 0 else (",", "", end)
    # A comment behind the last member stays on that member's line.
    remark = _REST_OF_LINE.match(text, after)
    place = remark.end() if remark else after
    return text[:after] + separator + text[after:place] + entry + own + text[place:]


def _cut(text: str, members: list[_Member], index: int, opening: int, closing: int) -> str:
    """`text` without one member, its comma and the white space that set it apart; comments stay."""
    bare = _without_comments(text)
    start, end = members[index].start, members[index].end
    last = index + 1 == len(members)
    behind = bare.find(",", end, closing if last else members[index + 1].start)
    before = bare.find(",", members[index - 1].end, start) if index else -1
    if behind >= 0:
        end = behind + 1
    if not last:
        return text[:start] + text[_skip(text, end) :]
    head, tail = text[:start].rstrip(), text[end:]
    if bare[len(head) - 1].isspace() and not tail.lstrip(" \t").startswith(("\n", "\r")):
        head = text[:start]  # It ends in a comment, which must not swallow what follows.
    if behind < 0 and before >= 0:
        head = head[:before] + head[before + 1 :]
    if head.endswith(("{", "[")) and len(head) == opening + 1:
        return head + (tail if text[end:closing].strip() else tail.lstrip())
    return head + tail
