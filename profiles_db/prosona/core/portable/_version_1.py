"""Files of the first release: one `key: value` a line, the value in JSON; what follows is the summary.

`statement` stands once for each statement, so that it is no YAML mapping::

    ---
    format: "prosona-profile/1"
    user_id: "ana"
    version: 7
    updated_at: "2026-11-23T09:30:00+00:00"
    statement: {"text": "I am vegetarian.", "stated_at": "2026-11-02T10:00:00+00:00", "actor": "ana"}
    ---

    Chose 14 of 15 science-fiction films; last in March.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from prosona.core.consequence import consequence_of
from prosona.core.errors import InvalidInputError
from prosona.core.lines import new_id
from prosona.core.portable._profile import PortableProfile, wrong
from prosona.core.words import Line, Support, Time

__all__ = ["read_version_1"]

_NAME = "prosona-profile/1"


class _Statement(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    stated_at: Time
    actor: str


def read_version_1(lines: Sequence[str], end: int) -> PortableProfile:
    """The profile in the lines of a file whose front matter ends at index `end`.

    Its statements are stated lines; each line of its summary is an inferred one that rests on nothing
    here.
    """
    values: dict[str, Any] = {}
    at: dict[str, int] = {}
    found: dict[str, Line] = {}
    for number, line in enumerate(lines[1:end], start=2):
        key, value = _parsed(line, number)
        if key == "statement":
            stated = _stated(value, number, found)
            found[stated.id] = stated
        elif key in at:
            raise _wrong(number, f"{key} is given twice")
        elif key in {"format", "user_id", "version", "updated_at"}:
            at[key] = number
            values[key] = value
        else:
            raise _wrong(number, f"{key[:40]!r} is no key of this format")
    if "user_id" not in at:
        raise _wrong(end + 1, "user_id is missing above")
    for text in lines[end + 1 :]:
        if text.strip():
            inferred = _inferred(text.strip(), found)
            found[inferred.id] = inferred
    del values["format"]
    try:
        return PortableProfile.model_validate({**values, "lines": tuple(found.values())})
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        key = str(problem["loc"][0]) if problem["loc"] else "format"
        raise _wrong(at.get(key, end + 1), f"{key}: {problem['msg']}") from None


def _stated(value: object, number: int, taken: Collection[str]) -> Line:
    try:
        statement = _Statement.model_validate(value)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(["statement", *map(str, problem["loc"])])
        raise _wrong(number, f"{where}: {problem['msg']}") from None
    text = statement.text.strip()
    if not text or "\n" in text or "\r" in text:
        raise _wrong(number, "a statement is one line, and not empty")
    return Line(
        id=new_id(f"stated\n{text}", taken),
        kind="stated",
        text=text,
        consequence=consequence_of(text),
        actor=statement.actor,
        since=statement.stated_at,
    )


def _inferred(text: str, taken: Collection[str]) -> Line:
    return Line(
        id=new_id(f"inferred\n{text}", taken),
        text=text,
        consequence=consequence_of(text, "taste"),
        support=Support(carried="import"),
    )


def _parsed(line: str, number: int) -> tuple[str, Any]:
    key, colon, value = line.partition(":")
    if not colon:
        raise _wrong(number, "expected `key: value`")
    try:
        return key.strip(), json.loads(value)
    except (ValueError, RecursionError):
        raise _wrong(
            number, f"the value of {key.strip()[:40]} must be JSON; put texts in double quotes"
        ) from None


def _wrong(number: int, problem: str) -> InvalidInputError:
    return wrong(number, problem, _NAME)
