"""A profile as one Markdown file: what its owner carries from one place to another.

The file starts with front matter between two lines of three dashes, one `key: value` a line, each
value written as JSON; what follows is the summary. `statement` stands once for each statement::

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
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prosona.profiles_db.errors import InvalidInputError
from prosona.profiles_db.models import Revision, Statement, Time

FORMAT: Literal["prosona-profile/1"] = "prosona-profile/1"

_FENCE = "---"


class PortableProfile(BaseModel):
    """What a profile file holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["prosona-profile/1"] = FORMAT
    user_id: Annotated[str, Field(min_length=1, max_length=128)]
    version: int = 0
    updated_at: Time | None = None
    statements: tuple[Statement, ...] = ()
    summary: str = ""


def to_markdown(user_id: str, revision: Revision) -> str:
    """The file for one revision of a user's profile; `from_markdown` gives back what went in."""
    lines = [
        _FENCE,
        _line("format", FORMAT),
        _line("user_id", user_id),
        _line("version", revision.version),
        _line("updated_at", revision.created_at.isoformat()),
        *(_line("statement", statement.model_dump(mode="json")) for statement in revision.statements),
        _FENCE,
        "",
        revision.summary,
        "",
    ]
    return "\n".join(lines)


def from_markdown(text: str) -> PortableProfile:
    """The profile in a file's text. A wrong file is an `InvalidInputError` that names the line."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[0].rstrip() != _FENCE:
        raise _wrong(1, f"a profile file starts with a line of {_FENCE}")
    values: dict[str, Any] = {"statements": []}
    at: dict[str, int] = {}
    end = 0
    for number, line in enumerate(lines[1:], start=2):
        if line.rstrip() == _FENCE:
            end = number
            break
        key, value = _parsed(line, number)
        if key == "statement":
            at[f"statements.{len(values['statements'])}"] = number
            values["statements"].append(value)
        elif key in at:
            raise _wrong(number, f"{key} is given twice")
        elif key in {"format", "user_id", "version", "updated_at"}:
            at[key] = number
            values[key] = value
        else:
            raise _wrong(number, f"{key!r} is no key of this format")
    if not end:
        raise _wrong(len(lines), f"a line of {_FENCE} must end the front matter")
    for key in ("format", "user_id"):
        if key not in at:
            raise _wrong(end, f"{key} is missing above")
    values["summary"] = "\n".join(lines[end:]).removeprefix("\n").removesuffix("\n")
    try:
        return PortableProfile.model_validate(values)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = [str(part) for part in problem["loc"]]
        number = at.get(place[0]) or at.get(".".join(place[:2])) or end + 1
        raise _wrong(number, f"{'.'.join(place)}: {problem['msg']}") from error


def _line(key: str, value: object) -> str:
    return f"{key}: {json.dumps(value, ensure_ascii=False)}"


def _parsed(line: str, number: int) -> tuple[str, Any]:
    key, colon, value = line.partition(":")
    if not colon:
        raise _wrong(number, "expected `key: value`")
    try:
        return key.strip(), json.loads(value)
    except (ValueError, RecursionError):
        raise _wrong(number, f"the value of {key.strip()} must be JSON; put texts in double quotes") from None


def _wrong(number: int, problem: str) -> InvalidInputError:
    return InvalidInputError(f"This is not a {FORMAT} file: line {number}: {problem}.")
