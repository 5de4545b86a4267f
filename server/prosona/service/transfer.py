"""A profile carried from one place to another: what an export holds, and what an import makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from prosona.core.errors import InvalidInputError
from prosona.core.lines import fit, holds, in_order, new_id
from prosona.core.portable import PortableProfile
from prosona.core.requests import Standing
from prosona.core.words import Edit, Line, Revision
from prosona.profiler.alignment import align
from prosona.service.door import admit_line, admit_name

__all__ = ["Taken", "exported", "history_of", "taken_in"]

_MOST_TAKEN = 2
"""In budgets: an owner may have pinned more lines than a text has room for."""
_SHOWN_CHARACTERS = 60
"""How much a message shows of a line that was left out."""


@dataclass(slots=True)
class Taken:
    """What an import makes of a profile."""

    lines: list[Line] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    lifted: list[str] = field(default_factory=list)
    added: int = 0
    known: int = 0
    refused: list[str] = field(default_factory=list)


def exported(standing: Standing, history: Sequence[Revision]) -> PortableProfile:
    """The portable profile of a user, with its owner's edits and the history that led to it."""
    return PortableProfile(
        user_id=standing.head.user_id,
        version=standing.head.version,
        updated_at=standing.head.updated_at,
        lines=standing.lines,
        edits=standing.edits,
        history=tuple(history),
    )


def history_of(profile: PortableProfile) -> tuple[Revision, ...]:
    """The history that a profile brings along; its inferred lines rest on nothing here.

    What the door refuses is left out of it.
    """
    door = _Door()
    return tuple(
        revision.model_copy(
            update={
                "lines": tuple(_admitted(revision.lines, [], door)),
                "actor": door.name(revision.actor),
                "profiler": door.name(revision.profiler or "") or None,
                "retired": tuple(
                    one.model_copy(update={"why": door.name(one.why)}) for one in revision.retired
                ),
            }
        )
        for revision in profile.history
    )


def taken_in(
    standing: Standing, profile: PortableProfile, actor: str, *, now: datetime, budget: int
) -> Taken:
    """The standing lines and, beside them, those of `profile` that are not known yet.

    The owner's lines keep their words, writer and day; one that they changed in the file takes the place
    of the line with its id, and an older wording never that of a newer one. Inferred ones stand as carried,
    since what they rest on is where the profile was made; those that the owner took out or rewrote here, or
    had taken out there, stay out. Every text passes the door; what it refuses is told.
    """
    taken, door = Taken(), _Door()
    today = now.date()
    admitted = [_not_ahead(line, today) for line in _admitted(profile.lines, taken.refused, door)]
    # Lists of thousands are no profile, and comparing them takes for ever.
    lines = fit(admitted, _MOST_TAKEN * budget, today)
    within = {line.id for line in lines}
    taken.refused += [_left_out(line, budget, today) for line in admitted if line.id not in within]
    joined = {line.id: line for line in standing.lines}
    kept_out = 0
    for line in _unknown(standing, lines):
        before = joined.get(line.id)
        if why := _stays_out(line, before, standing.edits):
            taken.refused.append(f"{line.text[:_SHOWN_CHARACTERS]!r}: {why}")
            kept_out += 1
            continue
        if before is not None and line.kind != "inferred":
            # Written by hand over a line that stands.
            joined[line.id] = line.model_copy(update={"since": before.since or line.since or now})
        else:
            line_id = line.id if line.id and before is None else new_id(line.text, joined)
            joined[line_id] = line.model_copy(
                update={"id": line_id, "actor": line.actor or actor, "since": line.since or now}
            )
        taken.added += 1
    taken.known = len(lines) - taken.added - kept_out
    own_text = {line.text.casefold() for line in joined.values() if line.kind != "inferred"}
    known_edits = {edit.line for edit in standing.edits}
    taken.edits = [
        edit.model_copy(update={"through": standing.head.observed})
        for edit in map(door.edit, profile.edits)
        if edit.line not in joined and edit.line not in known_edits and edit.text.casefold() not in own_text
    ]
    taken.lifted = [edit.line for edit in standing.edits if edit.text.casefold() in own_text]
    room = {line.id for line in fit(list(joined.values()), budget, today)}
    taken.lines = in_order(
        line
        for line in joined.values()
        if holds(line, today) and (line.kind != "inferred" or line.id in room)
    )
    there = {line.id for line in (*standing.lines, *taken.lines)}
    taken.refused += [_left_out(line, budget, today) for line in joined.values() if line.id not in there]
    return taken


def _stays_out(line: Line, before: Line | None, edits: Sequence[Edit]) -> str:
    """Why a line of a file may not stand beside or in place of what its owner did here; empty if it may."""
    if line.kind == "inferred":
        facts = set(line.facts)
        undone = any(
            line.id == edit.line or line.text == edit.text or not facts.isdisjoint(edit.facts)
            for edit in edits
        )
        return "its owner took it out or wrote it anew here" if undone else ""
    if before is None and any(
        edit.how != "rewritten"
        and line.text.casefold() == edit.text.casefold()
        and line.support.last is not None
        and line.support.last <= edit.at.date()
        for edit in edits
    ):
        return "its owner took it out here since; state it again to have it back"
    # A line that was changed by hand in the file bears no day.
    said, stands = line.support.last, before.support.last if before and before.kind != "inferred" else None
    if said is not None and stands is not None and said <= stands:
        return f"it was put in other words here on {stands}"
    return ""


def _not_ahead(line: Line, today: date) -> Line:
    """A line whose days are none to come, give or take a time zone."""
    support = line.support
    if support.last is None or support.last <= today + timedelta(days=1):
        return line
    first = min(support.first or today, today)
    return line.model_copy(update={"support": support.model_copy(update={"first": first, "last": today})})


def _left_out(line: Line, budget: int, today: date) -> str:
    why = f"no room in {budget} tokens" if holds(line, today) else "its last day has passed"
    return f"{line.text[:_SHOWN_CHARACTERS]!r}: {why}"


class _Door:
    """What the door makes of the texts of one file, each looked at once: the revisions repeat them."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._lines: dict[str, str] = {}

    def name(self, text: str) -> str:
        """A label, or who wrote something; empty if it may not stand."""
        if text not in self._names:
            self._names[text] = admit_name(text)
        return self._names[text]

    def line(self, text: str) -> str:
        """A line's text. Raises `InvalidInputError` if it may not stand."""
        if text not in self._lines:
            self._lines[text] = admit_line(text, by="file").text
        return self._lines[text]

    def beside(self, text: str) -> str:
        """What stands beside a line; empty if it may not."""
        try:
            return self.line(text) if text else ""
        except InvalidInputError:
            return ""

    def edit(self, edit: Edit) -> Edit:
        """What its owner took out where the profile was made."""
        return edit.model_copy(update={"text": self.beside(edit.text), "topic": self.name(edit.topic)})


def _admitted(lines: Sequence[Line], refused: list[str], door: _Door) -> list[Line]:
    """The lines that the door lets in, as lines from elsewhere: with all that stands beside them."""
    found = []
    for line in lines:
        try:
            text = door.line(line.text)
        except InvalidInputError as error:
            refused.append(f"{line.text[:_SHOWN_CHARACTERS]!r}: {error}")
            continue
        # The numbers of its interactions mean others here.
        agents = tuple(filter(None, map(door.name, line.support.agents)))
        support: dict[str, object] = {"sample": (), "agents": agents}
        if line.kind == "inferred":
            support["carried"] = "import"
        found.append(
            line.model_copy(
                update={
                    "text": text,
                    "topic": door.name(line.topic),
                    "evidence": door.beside(line.evidence),
                    "actor": door.name(line.actor),
                    "support": line.support.model_copy(update=support),
                }
            )
        )
    return found


def _unknown(standing: Standing, lines: Sequence[Line]) -> list[Line]:
    """Those of `lines` that do not stand already: own ones by their words, inferred ones by their sense."""
    own = {line.text.casefold() for line in standing.lines if line.kind != "inferred"}
    past = [line for line in standing.lines if line.kind == "inferred"]
    matches = iter(
        align(past, [line.model_copy(update={"id": ""}) for line in lines if line.kind == "inferred"])
    )
    found = []
    for line in lines:
        if line.kind == "inferred":
            if not next(matches).id:
                found.append(line)
        elif line.text.casefold() not in own:
            found.append(line)
    return found
