"""What a profile file holds, as a type, and what is said of a file that holds something else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from prosona.core.errors import InvalidInputError
from prosona.core.words import Edit, Line, Revision, Time

__all__ = ["FORMAT", "ID", "MAX_FILE", "PortableProfile", "wrong"]

FORMAT: Literal["prosona-profile/2"] = "prosona-profile/2"

MAX_FILE = 20_000_000
"""Longest file that is read, in characters: more than ten thousand versions of a full profile, and little
enough to be read in memory."""

ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
"""What the id of a line looks like in a file."""

_ID = re.compile(ID)


class PortableProfile(BaseModel):
    """A profile on its way from one place to another."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    format: Literal["prosona-profile/2"] = FORMAT
    user_id: Annotated[str, Field(min_length=1, max_length=128)]
    version: Annotated[int, Field(ge=0)] = 0
    updated_at: Time | None = None
    lines: tuple[Line, ...] = ()
    """Their `support.sample` is not written: it numbers interactions of a log that stays behind."""
    history: tuple[Revision, ...] = ()
    """The revisions, oldest first, the one that led to `lines` included."""
    edits: tuple[Edit, ...] = ()
    """What the owner took out or rewrote. Their `through` is not written, and 0 when read: it names an
    interaction of that log."""

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> PortableProfile:
        _check_ids(self.lines)
        for revision in self.history:
            _check_ids(revision.lines)
        versions = [revision.version for revision in self.history]
        if any(later <= earlier for earlier, later in pairwise(versions)):
            raise ValueError("the versions of the history must rise")
        return self


def _check_ids(lines: Iterable[Line]) -> None:
    seen = set[str]()
    for line in lines:
        if not _ID.fullmatch(line.id):
            raise ValueError(f"{line.id!r} is no id of a line")
        if line.id in seen:
            raise ValueError(f"two lines have the id {line.id}")
        seen.add(line.id)


def wrong(number: int, problem: str, name: str = FORMAT) -> InvalidInputError:
    """The error for a file that is wrong at a line, numbered from 1."""
    return InvalidInputError(f"This is not a {name} file: line {number}: {problem}.")
