"""What each revision by an owner makes of the lines it starts from. Pure functions; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from prosona.core.consequence import consequence_of
from prosona.core.errors import InvalidInputError
from prosona.core.lines import HEADINGS, cost, fit, holds, in_order, new_id, rendered
from prosona.core.requests import Standing
from prosona.core.tokens import count_tokens
from prosona.core.until import until_in
from prosona.core.words import Edit, Line, Retired, Support
from prosona.profiler.alignment import align
from prosona.profiler.checks import ruined
from prosona.service.door import Writer, admit_line

__all__ = ["Change", "confirmed", "edit_of", "edited", "pinned", "removed", "rewritten", "rows_of"]

_BULLET = "- "
_LONGEST_TEXT = 2
"""In budgets: more than every line with its evidence. It bounds the work, too."""


@dataclass(slots=True)
class Change:
    """What becomes of a profile: its lines, and what is noted of the owner's wish."""

    lines: tuple[Line, ...]
    edits: list[Edit] = field(default_factory=list)
    lifted: list[str] = field(default_factory=list)
    retired: list[Retired] = field(default_factory=list)
    line: str | None = None
    """The line that was stated or changed, where it is one."""
    redacted: str | None = None


def pinned(
    standing: Standing,
    statement: str,
    actor: str,
    *,
    until: date | None,
    now: datetime,
    budget: int,
    by: Writer = "owner",
) -> Change | None:
    """The profile with one more statement, or with one confirmed; None if it was made today already."""
    admitted = admit_line(statement, by=by)
    today = now.date()
    until = until or until_in(admitted.text, today)
    for line in standing.lines:
        same = line.kind != "inferred" and line.text.casefold() == admitted.text.casefold()
        if same and holds(line, today):
            # Said again another day, it is confirmed.
            stands = line.support.last == today and until in (None, line.until)
            return None if stands else confirmed(standing, line, actor, until=until, now=now, budget=budget)
    taken = {*(line.id for line in standing.lines), *(edit.line for edit in standing.edits)}
    line = _own_line(admitted.text, "stated", actor, now, taken)
    line = line.model_copy(update={"until": until})
    lines = (*standing.lines, line)
    _hold_budget(lines, budget, today)
    return _making_room(
        Change(lines, lifted=_lifted(standing, [line]), line=line.id, redacted=admitted.redacted), now, budget
    )


def rewritten(
    standing: Standing,
    target: Line,
    text: str | None,
    actor: str,
    *,
    until: date | None,
    ends: bool,
    now: datetime,
    budget: int,
    by: Writer = "owner",
) -> Change | None:
    """The profile with one line in other words, or with another end (`ends`); None if nothing differs."""
    change = Change(standing.lines, line=target.id)
    new = target
    if text is not None:
        admitted = admit_line(text, by=by)
        change.redacted = admitted.redacted
        new = _reworded(standing, target, _without_evidence(admitted.text, target, now.date()), actor, now)
    if ends:
        new = new.model_copy(update={"until": until, "kind": "owned" if new.kind == "inferred" else new.kind})
    if new == target:
        return None
    change.lines = tuple(new if line.id == target.id else line for line in standing.lines)
    if target.kind == "inferred":
        change.edits.append(edit_of(standing, target, "rewritten", now))
    _hold_budget(change.lines, budget, now.date())
    return _making_room(change, now, budget)


def confirmed(
    standing: Standing, target: Line, actor: str, *, until: date | None, now: datetime, budget: int
) -> Change | None:
    """The profile with a line that its owner wants to stand as it is: no fold changes it any more. None if
    it stands so and was confirmed today."""
    support = target.support.model_copy(update={"last": now.date()})
    kind = "owned" if target.kind == "inferred" else target.kind
    new = target.model_copy(
        update={"kind": kind, "support": support, "actor": actor, "until": until or target.until}
    )
    if kind == "owned":
        new = new.model_copy(update={"evidence": ""})
    if new.model_copy(update={"actor": target.actor}) == target:
        return None
    change = Change(tuple(new if line.id == target.id else line for line in standing.lines), line=target.id)
    if target.kind == "inferred":
        change.edits.append(edit_of(standing, target, "rewritten", now))
    _hold_budget(change.lines, budget, now.date())
    return _making_room(change, now, budget)


def removed(standing: Standing, target: Line, now: datetime) -> Change:
    """The profile without a line; nothing older brings it back."""
    return Change(
        tuple(line for line in standing.lines if line.id != target.id),
        edits=[edit_of(standing, target, "removed", now)],
        retired=[Retired(line=target.id, why="its owner took it out")],
        line=target.id,
    )


def edited(
    standing: Standing,
    wanted: Sequence[tuple[str, str]],
    actor: str,
    *,
    now: datetime,
    budget: int,
    by: Writer = "owner",
) -> Change | None:
    """The profile as its owner wrote it: (id, text) of each line in order, an empty id for a new one.

    A line in other words becomes the owner's, one that is missing is removed. None if nothing differs.
    Raises `InvalidInputError` for an id that no line has, or that is given twice.
    """
    _check_length("\n".join(text for _, text in wanted), budget)
    known = {line.id: line for line in standing.lines}
    taken = {*known, *(edit.line for edit in standing.edits)}
    given: set[str] = set()
    change = Change(())
    lines: list[Line] = []
    for line_id, text in wanted:
        if line_id and line_id not in known:
            raise InvalidInputError(f"no line has the id {line_id[:20]!r}: leave the id out for a new line")
        if line_id and line_id in given:
            raise InvalidInputError(f"the line {line_id} is given twice: leave the id out of one of them")
        given.add(line_id)
        target = known.get(line_id)
        if target is not None and text in (target.text, rendered(target, now.date())):
            lines.append(target)
            continue
        admitted = admit_line(text, by=by)
        change.redacted = change.redacted or admitted.redacted
        if target is None:
            lines.append(_own_line(admitted.text, "owned", actor, now, taken))
            taken.add(lines[-1].id)
            change.lifted += _lifted(standing, lines[-1:])
        else:
            words = _without_evidence(admitted.text, target, now.date())
            lines.append(_reworded(standing, target, words, actor, now))
            if target.kind == "inferred":
                change.edits.append(edit_of(standing, target, "rewritten", now))
    # Whoever rewrote the text was not shown what has ended.
    shown = [line for line in standing.lines if holds(line, now.date())]
    for line in shown:
        if line.id not in given:
            change.edits.append(edit_of(standing, line, "removed", now))
            change.retired.append(Retired(line=line.id, why="its owner took it out"))
    if lines == shown:
        return None
    change.lines = tuple(lines)
    _hold_budget(change.lines, budget, now.date())
    own = sum(cost(line, now.date()) for line in lines if line.kind != "inferred")
    if own > budget:
        raise InvalidInputError(
            f"your lines take {own} tokens and the profile holds {budget}: shorten or leave out some"
        )
    return _making_room(change, now, budget)


def rows_of(standing: Standing, text: str, today: date, budget: int) -> list[tuple[str, str]]:
    """The lines of a whole text as somebody rewrote it, matched with the standing ones by what they say.

    A text without the heading of stated lines leaves these as they are. Raises `InvalidInputError` for one
    that no profile has room for, and for one that is none, such as a model's refusal to write it.
    """
    _check_length(text, budget)
    rows = [row.strip() for row in text.splitlines() if row.strip()]
    headed = any(row in HEADINGS for row in rows)
    words = [word for row in rows if row not in HEADINGS and (word := row.removeprefix(_BULLET).strip())]
    left = list(standing.lines)
    if not headed:
        left = [line for line in left if line.kind != "stated"]
    ids: dict[int, str] = {}
    for place, row in enumerate(words):
        line = next((line for line in left if row in (line.text, rendered(line, today))), None)
        if line is not None:
            ids[place] = line.id
            left.remove(line)
    open_places = [place for place in range(len(words)) if place not in ids]
    if problems := ruined([words[place] for place in open_places]):
        raise InvalidInputError(f"the old text stays: {'; '.join(problems)}")
    guesses = align(
        [line.model_copy(update={"kind": "inferred", "facts": ()}) for line in left],
        [Line(text=words[place]) for place in open_places],
    )
    ids |= {place: guess.id for place, guess in zip(open_places, guesses, strict=True) if guess.id}
    stated = [] if headed else [(line.id, line.text) for line in standing.lines if line.kind == "stated"]
    return stated + [(ids.get(place, ""), row) for place, row in enumerate(words)]


def _check_length(text: str, budget: int) -> None:
    """Raises `InvalidInputError` for a text that is no profile by its length, before work is spent on it."""
    tokens = count_tokens(text)
    if tokens > _LONGEST_TEXT * budget:
        raise InvalidInputError(f"the text takes {tokens} tokens and the profile holds {budget}: shorten it")


def _own_line(text: str, kind: str, actor: str, now: datetime, taken: set[str]) -> Line:
    return Line.model_validate(
        {
            "id": new_id(text, taken),
            "kind": kind,
            "text": text,
            "consequence": consequence_of(text),
            "support": Support(first=now.date(), last=now.date()),
            "actor": actor,
            "since": now,
        }
    )


def _reworded(standing: Standing, target: Line, text: str, actor: str, now: datetime) -> Line:
    if text == target.text:
        return target
    kind = "stated" if target.kind == "stated" else "owned"
    support = target.support.model_copy(update={"last": now.date()})
    return target.model_copy(
        update={
            "text": text,
            "kind": kind,
            "evidence": "",
            "actor": actor,
            "support": support,
            # What its owner took the trouble to write is no mere example.
            "consequence": consequence_of(
                text, "taste" if target.consequence == "example" else target.consequence
            ),
        }
    )


def _without_evidence(text: str, target: Line, today: date) -> str:
    """`text` without the evidence of the line it was written over, if it still stands behind the words."""
    behind = rendered(target, today).removeprefix(target.text)
    return text.removesuffix(behind).strip() or text if behind else text


def edit_of(standing: Standing, line: Line, how: str, now: datetime) -> Edit:
    """What is noted of a line that its owner took out or rewrote, with what was noted of it before."""
    earlier = next((edit for edit in standing.edits if edit.line == line.id), None)
    facts = dict.fromkeys((*(earlier.facts if earlier else ()), *line.facts))
    return Edit.model_validate(
        {
            "line": line.id,
            "text": line.text,
            "topic": line.topic,
            "facts": tuple(facts),
            "through": standing.head.observed,
            "how": how,
            "at": now,
        }
    )


def _lifted(standing: Standing, lines: Sequence[Line]) -> list[str]:
    """The edits that hold no longer, because their owner says the same again."""
    said = {line.text.casefold() for line in lines}
    return [edit.line for edit in standing.edits if edit.text.casefold() in said]


def _making_room(change: Change, now: datetime, budget: int) -> Change:
    """The change with the weakest inferred lines left out where the owner's take their room."""
    room = {line.id for line in fit(change.lines, budget, now.date())}
    kept = [line for line in change.lines if line.kind != "inferred" or line.id in room]
    change.retired += [
        Retired(line=line.id, why="made room for what its owner wrote")
        for line in change.lines
        if line.kind == "inferred" and line.id not in room
    ]
    change.lines = tuple(in_order(kept))
    return change


def _hold_budget(lines: Sequence[Line], budget: int, today: date) -> None:
    spent = sum(cost(line, today) for line in lines if line.kind == "stated")
    if spent > budget // 2:
        raise InvalidInputError(
            f"statements may take half of the profile's {budget} tokens and would take {spent}:"
            " forget one that no longer matters first"
        )
