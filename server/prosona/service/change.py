"""What callers hand in, checked, with messages that say what to send instead."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from prosona.core.errors import InvalidInputError
from prosona.core.names import WrongIdError, user_key
from prosona.core.words import MAX_TEXT, Interaction, clean_text

__all__ = [
    "EVERYTHING",
    "NO_END",
    "ProfileChange",
    "explain",
    "parse_actor",
    "parse_change",
    "parse_interaction",
    "parse_user_id",
]

EVERYTHING = "*"
"""The value of `forget` that erases a user."""

_KINDS = ("statement", "forget", "text", "rollback_to", "line", "remove", "pin")


NO_END = date.max
"""What `until` of "" comes to: the line's end is taken away."""


def _day(value: object) -> object:
    if isinstance(value, str):
        if not value.strip():
            return NO_END
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("not a day: write it like 2026-03-01") from None
    return value


class ProfileChange(BaseModel):
    """One revision asked for: exactly one of the kinds below, or none of them to fold now.

    `statement` pins a sentence; `until` may give its last day. `forget` erases a topic, a line or (`*`)
    everything; `confirm` repeats the word of a preview. `text` replaces the whole text. `rollback_to`
    restores a version. `line` names a line (by id, number or part of its text) that gets a new `text` or
    `until`, or both (`until` of "" takes the end away); `remove` and `pin` name one that goes or stays.
    """

    # Built on first use: a server starts before it needs this.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    statement: Annotated[str, Field(max_length=MAX_TEXT)] | None = None
    forget: Annotated[str, Field(max_length=MAX_TEXT)] | None = None
    confirm: Annotated[str, Field(max_length=64)] | None = None
    text: Annotated[str, Field(max_length=MAX_TEXT)] | None = None
    rollback_to: Annotated[int, Field(ge=1)] | None = None
    line: Annotated[str, Field(max_length=MAX_TEXT)] | None = None
    remove: Annotated[str, Field(max_length=MAX_TEXT)] | None = None
    pin: Annotated[str, Field(max_length=MAX_TEXT)] | None = None
    until: Annotated[date | None, BeforeValidator(_day)] = None
    base_version: Annotated[int, Field(ge=0)] | None = None
    folded_through: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        given = [name for name in _KINDS if getattr(self, name) is not None]
        if "line" in given and "text" in given:
            given.remove("text")
        if len(given) > 1:
            raise ValueError(f"give only one of {', '.join(_KINDS)}; got {' and '.join(given)}")
        for name in (*given, "text"):
            value = getattr(self, name)
            # A model that was handed work may find that nothing is worth a line.
            may_be_empty = name == "text" and self.folded_through is not None
            if isinstance(value, str) and not value.strip() and not may_be_empty:
                raise ValueError(f"{name} is empty")
        if self.line is not None and self.text is None and self.until is None:
            raise ValueError("line needs text or until: what becomes of the line")
        if self.text is not None and self.line is None and self.base_version is None:
            raise ValueError("text needs base_version: the version that the text was written from")
        if self.folded_through is not None and (self.text is None or self.line is not None):
            raise ValueError("folded_through goes with text only")
        if self.until is not None and not {"statement", "line", "pin"} & set(given):
            raise ValueError("until goes with statement, line or pin")
        if self.until == NO_END and self.line is None:
            raise ValueError(
                "until of nothing goes with line, whose end it takes away; what has no end needs no until"
            )
        if self.confirm is not None and self.forget is None:
            raise ValueError("confirm goes with forget")
        return self


def parse_change(**fields: object) -> ProfileChange:
    """A `ProfileChange`, or `InvalidInputError` saying what to send instead."""
    try:
        return ProfileChange.model_validate(fields)
    except ValidationError as error:
        raise InvalidInputError(explain(error)) from None


def parse_interaction(**fields: object) -> Interaction:
    """An `Interaction`, or `InvalidInputError` saying what to send instead."""
    try:
        return Interaction.model_validate(fields)
    except ValidationError as error:
        raise InvalidInputError(explain(error)) from None


def explain(error: ValidationError) -> str:
    """The errors of a validation in one line, without the offending values: they may be huge or private."""
    parts = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        where = ".".join(str(part) for part in item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        parts.append(f"{where}: {message}" if where else message)
    return "; ".join(parts)


def parse_actor(value: str) -> str:
    """Who makes a change, as an agent's name is kept: on one line, with nothing hidden in it."""
    return " ".join(clean_text(value).split())


def parse_user_id(value: str) -> str:
    """The user id in its one spelling, or `InvalidInputError`; see `prosona.core.names`."""
    try:
        return user_key(value)
    except WrongIdError as error:
        raise InvalidInputError(str(error)) from None
