"""What callers hand in, checked, with messages that say what to send instead."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from prosona.profiles_db import Interaction, InvalidInputError
from prosona.profiles_db.models import MAX_TEXT

EVERYTHING = "*"
"""The value of `forget` that erases a user."""

_KINDS = ("statement", "forget", "text", "rollback_to")


class ProfileChange(BaseModel):
    """One revision asked for: exactly one of the first four, or none of them to fold now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statement: Annotated[str, Field(max_length=500)] | None = None
    forget: Annotated[str, Field(max_length=500)] | None = None
    text: Annotated[str, Field(max_length=MAX_TEXT)] | None = None
    rollback_to: Annotated[int, Field(ge=1)] | None = None
    base_version: Annotated[int, Field(ge=0)] | None = None
    folded_through: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        given = [name for name in _KINDS if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"give only one of {', '.join(_KINDS)}; got {' and '.join(given)}")
        for name in given:
            value = getattr(self, name)
            if isinstance(value, str) and not value.strip():
                raise ValueError(f"{name} is empty")
        if self.text is not None and self.base_version is None:
            raise ValueError("text needs base_version: the version that the text was written from")
        if self.folded_through is not None and self.text is None:
            raise ValueError("folded_through goes with text only")
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


def parse_user_id(value: str) -> str:
    """The user id in its one spelling (NFC, trimmed), or `InvalidInputError`."""
    name = unicodedata.normalize("NFC", value).strip()
    if not 1 <= len(name) <= 128 or any(
        unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in name
    ):
        raise InvalidInputError("user_id must be 1 to 128 visible characters")
    return name


def explain(error: ValidationError) -> str:
    """The errors of a validation in one line, without the offending values: they may be huge or private."""
    parts = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        where = ".".join(str(part) for part in item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        parts.append(f"{where}: {message}" if where else message)
    return "; ".join(parts)
