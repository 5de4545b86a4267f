"""Labelled cases: what somebody typed, which facts a profile of it should hold, and what it must not.

One case a line of JSON: `id`, `lang`, `kind`, `family`, `turns` (each `role`, `text`, `day`), `expect` (each
`fact`, `any`: alternatives, each a list of patterns that must all be found in one line of the profile, and
`stated`: said outright), `forbid` (each `why` and `re`: a pattern that no line may hold), `optional` (keeping
something is allowed where nothing is expected), and `budget` in tokens for long ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from prosona.evaluation.data.records import DataError

__all__ = ["Forbidden", "Said", "Wanted", "WrittenCase", "load_cases"]

USUAL_BUDGET = 600
"""Tokens that a profile may have where a case does not say."""


@dataclass(frozen=True, slots=True)
class Said:
    """One turn. What the assistant said is heard, and is not the user's."""

    role: str
    text: str
    day: date


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fact that should be kept: it is if all patterns of one alternative stand in one line."""

    fact: str
    alternatives: tuple[tuple[re.Pattern[str], ...], ...]
    stated: bool
    """Whether it was said outright and is vital or lasting."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """What no line may hold, and why."""

    pattern: re.Pattern[str]
    why: str


@dataclass(frozen=True, slots=True)
class WrittenCase:
    """One case. `family` is the scenario that several cases share: the unit of intervals."""

    id: str
    language: str
    kind: str
    family: str
    turns: tuple[Said, ...]
    expect: tuple[Wanted, ...]
    forbid: tuple[Forbidden, ...]
    optional: bool
    budget: int
    is_stream: bool
    """Whether it is weeks of use, whose text is held to its budget."""

    @property
    def should_be_empty(self) -> bool:
        """Whether nothing at all should be kept."""
        return not self.expect and not self.optional


def load_cases(path: Path) -> list[WrittenCase]:
    """The cases of a file. Errors: `DataError` with the line that is wrong."""
    cases = []
    try:
        rows = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    for number, row in enumerate(rows, 1):
        if row.strip():
            try:
                cases.append(_case(json.loads(row)))
            except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
                raise DataError(f"{path}, line {number}: not a labelled case: {error!r}") from error
    if not cases:
        raise DataError(f"{path}: holds no case")
    return cases


def _case(row: Mapping[str, Any]) -> WrittenCase:
    return WrittenCase(
        id=row["id"],
        language=row["lang"],
        kind=row["kind"],
        family=row.get("family", row["id"]),
        turns=tuple(
            Said(turn["role"], turn["text"], date.fromisoformat(turn["day"])) for turn in row["turns"]
        ),
        expect=tuple(
            Wanted(
                fact["fact"],
                tuple(tuple(_pattern(each) for each in alternative) for alternative in fact["any"]),
                bool(fact.get("stated")),
            )
            for fact in row["expect"]
        ),
        forbid=tuple(Forbidden(_pattern(item["re"]), item["why"]) for item in row["forbid"]),
        optional=bool(row.get("optional")),
        budget=row.get("budget", USUAL_BUDGET),
        is_stream="budget" in row,
    )


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)
