"""A profile carried from one place to another: what an export holds, and what an import makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from prosona.service.door import admit_line

from prosona.core.errors import InvalidInputError
from prosona.core.lines import fit, in_order, new_id
from prosona.core.portable import PortableProfile
from prosona.core.requests import Standing
from prosona.core.words import Line, Revision
from prosona.profiler.alignment import align

__all__ = ["Taken", "exported", "history_of", "taken_in"]


class Taken:
    """What an import makes of a profile."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.added = 0
        self.known = 0
        self.refused: list[str] = []


def exported(standing: Standing, history: Sequence[Revision]) -> PortableProfile:
    """The portable profile of a user, with the history that led to it."""
    return PortableProfile(
        user_id=standing.head.user_id,
        version=standing.head.version,
        updated_at=standing.head.updated_at,
        lines=standing.lines,
        history=tuple(history),
    )


def history_of(profile: PortableProfile) -> tuple[Revision, ...]:
    """The history that a profile brings along; its inferred lines rest on nothing here."""
    return tuple(
        revision.model_copy(update={"lines": tuple(map(_from_elsewhere, revision.lines))})
        for revision in profile.history
    )


def taken_in(
    standing: Standing, profile: PortableProfile, actor: str, *, now: datetime, budget: int
) -> Taken:
    """The standing lines and, beside them, those of `profile` that are not known yet.

    The owner's lines keep their words, writer and day; inferred ones stand as carried, since what they
    rest on is where the profile was made. Every text passes the door; what it refuses is told.
    """
    taken = Taken()
    admitted: list[Line] = []
    for line in profile.lines:
        try:
            text = admit_line(line.text, by="file").text
        except InvalidInputError as error:
            taken.refused.append(f"{line.text[:60]!r}: {error}")
            continue
        admitted.append(line.model_copy(update={"text": text}))
    words = {line.text.casefold() for line in standing.lines if line.kind != "inferred"}
    own = [line for line in admitted if line.kind != "inferred"]
    new = [line for line in own if line.text.casefold() not in words]
    past = [line for line in standing.lines if line.kind == "inferred"]
    inferred = [line.model_copy(update={"id": ""}) for line in admitted if line.kind == "inferred"]
    matches = align(past, inferred)
    ids = [line.id for line in admitted if line.kind == "inferred"]
    new += [
        line.model_copy(update={"id": line_id})
        for line, line_id in zip(matches, ids, strict=True)
        if not line.id
    ]
    ids_taken = {line.id for line in standing.lines}
    joined = list(standing.lines)
    for line in new:
        line = _carried(line, ids_taken, actor, now)
        ids_taken.add(line.id)
        joined.append(line)
    taken.added, taken.known = len(new), len(admitted) - len(new)
    room = {line.id for line in fit(joined, budget, now.date())}
    taken.lines = in_order(line for line in joined if line.kind != "inferred" or line.id in room)
    taken.refused += [
        f"{line.text[:60]!r}: no room in {budget} tokens"
        for line in joined
        if line.kind == "inferred" and line.id not in room and line not in standing.lines
    ]
    return taken


def _carried(line: Line, taken: set[str], actor: str, now: datetime) -> Line:
    line_id = line.id if line.id and line.id not in taken else new_id(line.text, taken)
    return _from_elsewhere(line).model_copy(
        update={"id": line_id, "actor": line.actor or actor, "since": line.since or now}
    )


def _from_elsewhere(line: Line) -> Line:
    # The numbers of its interactions mean others here.
    update: dict[str, object] = {"sample": ()}
    if line.kind == "inferred":
        update["carried"] = "import"
    return line.model_copy(update={"support": line.support.model_copy(update=update)})
