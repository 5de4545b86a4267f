"""Loading benchmark files: the published lines, and the common form with several targets.

Published: ``{"userid", "history": [{"query", "chosen", "rejected"}...], "target": {...}}``. Common:
``{"user_id", "domain", "history": [... "timestamp"], "targets": [...]}``. Whatever else a line holds
(`meta`, a persona, ...) is for scoring elsewhere and is never read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from prosona.evaluation.data.lines import Row, at_line, json_rows, optional_text, rows_of, text_of, time_of
from prosona.evaluation.data.records import Ask, Benchmark, Choice, DataError, Person, Target, Task

_RECOMMENDATION = ("mind", "amazon", "movielens", "redial", "feed")


def load(path: Path, *, task: Task | None = None) -> Benchmark:
    """The benchmark in a file, named after it. Without `task` it follows from the name and the lines.

    Lines of one user with different targets become one person; their histories must agree.
    """
    people: dict[str, Person] = {}
    for number, row in json_rows(path):
        person = at_line(path, number, lambda row=row: _person(row))  # type: ignore[misc]
        known = people.get(person.user_id)
        if known and known.history != person.history:
            person = replace(person, user_id=f"{person.user_id}#{number}")
            known = None
        people[person.user_id] = (
            replace(known, targets=known.targets + person.targets, asks=known.asks + person.asks)
            if known
            else person
        )
    if not people:
        raise DataError(f"{path}: holds no line")
    found = tuple(people.values())
    return Benchmark(_name(path), task or _task(path, found), found)


def _name(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".jsonl").removesuffix(".dev")


def _task(path: Path, people: tuple[Person, ...]) -> Task:
    if any(person.asks for person in people):
        return "generation"
    return "recommendation" if any(word in path.name.lower() for word in _RECOMMENDATION) else "selection"


def _person(row: Row) -> Person:
    user_id = row.get("userid", row.get("user_id"))
    if isinstance(user_id, int) and not isinstance(user_id, bool):
        user_id = str(user_id)
    if not isinstance(user_id, str) or not user_id.strip():
        raise ValueError("`userid` (or `user_id`) must be a non-empty text")
    domain = optional_text(row, "domain")
    history = tuple(_numbered(rows_of(row, "history"), "history", domain))
    if not history:
        raise ValueError("`history` is empty")
    if "target" in row and "targets" not in row:
        row = {**row, "targets": [row["target"]]}
    targets = rows_of(row, "targets")
    if not targets:
        raise ValueError("`targets` is empty")
    return Person(
        user_id,
        history,
        tuple(_target(target, index) for index, target in enumerate(targets) if "reference" not in target),
        tuple(
            Ask(text_of(target, "query"), text_of(target, "reference"))
            for target in targets
            if "reference" in target
        ),
    )


def _numbered(rows: list[Row], name: str, domain: str | None) -> Iterator[Choice]:
    for index, row in enumerate(rows):
        try:
            yield choice_of(row, domain)
        except ValueError as error:
            raise ValueError(f"`{name}` entry {index}: {error}") from error


def choice_of(row: Row, domain: str | None = None) -> Choice:
    """One past choice from an object."""
    choice = Choice(
        optional_text(row, "query") or "",
        optional_text(row, "chosen"),
        optional_text(row, "rejected"),
        time_of(row, "timestamp"),
        optional_text(row, "domain") or domain,
    )
    if choice.chosen is None and choice.rejected is None:
        raise ValueError("neither `chosen` nor `rejected` is there")
    return choice


def _target(row: Row, index: int) -> Target:
    try:
        target = Target(optional_text(row, "query") or "", text_of(row, "chosen"), text_of(row, "rejected"))
    except ValueError as error:
        raise ValueError(f"target {index}: {error}") from error
    if target.chosen == target.rejected:
        raise ValueError(f"target {index}: `chosen` and `rejected` are the same text")
    return target
