"""Loading benchmark files: the published lines, and the common form with several targets.

Published: ``{"userid", "history": [{"query", "chosen", "rejected"}...], "target": {...}}``, where a
history may also be a conversation, ``[{"role", "content"}...]``. Common: ``{"user_id", "domain",
"history": [... "timestamp"], "targets": [...]}``. A target with a `reference` is also a question to
answer in words. Whatever else a line holds (`meta`, a persona, ...) is for scoring elsewhere and is
never read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from prosona.evaluation.data.conversation import choices_of_turns, turn_of
from prosona.evaluation.data.lines import Row, at_line, json_rows, optional_text, rows_of, text_of, time_of
from prosona.evaluation.data.records import Ask, Benchmark, Choice, DataError, Person, Target, Task

__all__ = ["load"]

_RECOMMENDATION = ("mind", "amazon", "movielens")


def load(path: Path, *, task: Task | None = None) -> Benchmark:
    """The benchmark in a file, named after it. Without `task` it follows from the name and the lines.

    Lines of one user with the same history become one person with several targets.
    """
    people: dict[tuple[str, tuple[Choice, ...]], Person] = {}
    names: set[str] = set()
    for number, row in json_rows(path):
        person = at_line(path, number, _person, row, number)
        key = (person.user_id, person.history)
        if key in people:
            known = people[key]
            people[key] = replace(
                known, targets=known.targets + person.targets, asks=known.asks + person.asks
            )
            continue
        if person.user_id in names:  # the same user at another time is another profile
            person = replace(person, user_id=f"{person.user_id}#{number}")
        names.add(person.user_id)
        people[key] = person
    if not people:
        raise DataError(f"{path}: holds no line")
    found = tuple(people.values())
    return Benchmark(_name(path), task or _task(path, found), found)


def _name(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".jsonl").removesuffix(".dev").removesuffix("_upi")


def _task(path: Path, people: Sequence[Person]) -> Task:
    if any(person.asks for person in people):
        return "generation"
    return "recommendation" if any(word in path.name.lower() for word in _RECOMMENDATION) else "selection"


def _person(row: Row, number: int) -> Person:
    user_id = row.get("userid", row.get("user_id"))
    if user_id is None:
        user_id = f"line-{number}"
    if isinstance(user_id, int) and not isinstance(user_id, bool):
        user_id = str(user_id)
    if not isinstance(user_id, str) or not user_id.strip():
        raise ValueError("`userid` (or `user_id`) must be a non-empty text")
    history = _history(rows_of(row, "history"), optional_text(row, "domain"))
    if not history:
        raise ValueError("`history` is empty")
    if "target" in row and "targets" not in row:
        row = {**row, "targets": [row["target"]]}
    rows = rows_of(row, "targets")
    if not rows:
        raise ValueError("`targets` is empty")
    targets, asks = [], []
    for index, target in enumerate(rows):
        try:
            targets += [_target(target)] if "chosen" in target or "reference" not in target else []
            asks += (
                [Ask(text_of(target, "query"), text_of(target, "reference"))] if "reference" in target else []
            )
        except ValueError as error:
            raise ValueError(f"target {index}: {error}") from error
    return Person(user_id, history, tuple(targets), tuple(asks))


def _history(rows: Sequence[Row], domain: str | None) -> tuple[Choice, ...]:
    if rows and all("role" in row for row in rows):
        return choices_of_turns(turn_of(row) for row in rows)
    return tuple(_numbered(rows, domain))


def _numbered(rows: Sequence[Row], domain: str | None) -> Iterator[Choice]:
    for index, row in enumerate(rows):
        try:
            choice = Choice(
                optional_text(row, "query") or "",
                optional_text(row, "chosen"),
                optional_text(row, "rejected"),
                time_of(row, "timestamp"),
                optional_text(row, "domain") or domain,
                optional_text(row, "kind"),
            )
            if choice.chosen is None and choice.rejected is None:
                raise ValueError("neither `chosen` nor `rejected` is there")
        except ValueError as error:
            raise ValueError(f"`history` entry {index}: {error}") from error
        yield choice


def _target(row: Row) -> Target:
    target = Target(optional_text(row, "query") or "", text_of(row, "chosen"), text_of(row, "rejected"))
    if target.chosen == target.rejected:
        raise ValueError("`chosen` and `rejected` are the same text")
    return target
