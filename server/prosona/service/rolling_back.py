"""What a rollback makes of the lines it starts from: what went stays away, what came back stands."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime

from prosona.core.requests import Standing
from prosona.core.words import Edit, Retired, Revision
from prosona.service.revising import Change, edit_of

__all__ = ["rolled_back"]


def rolled_back(standing: Standing, target: Revision, now: datetime) -> Change | None:
    """The profile as it stood at `target`; None if it stands so now.

    What stands now and did not then is removed, as by its owner; what stood then and does not now is
    brought back, and stands beside what is learned.
    """
    if target.lines == standing.lines:
        return None
    then = {line.id: line for line in target.lines}
    now_there = {line.id: line for line in standing.lines}
    told_then = {fact for line in target.lines for fact in line.facts}
    words_then = {line.text for line in target.lines}
    change = Change(())
    for line in standing.lines:
        facts = tuple(fact for fact in line.facts if fact not in told_then)
        if line.id not in then:
            change.edits.append(
                edit_of(standing, line, "rolled back", now).model_copy(update={"facts": facts})
            )
            change.retired.append(Retired(line=line.id, why=f"rolled back to version {target.version}"))
        elif facts:
            # The line stands, and what it has come to tell since goes.
            edit = edit_of(standing, line, "rolled back", now)
            change.edits.append(edit.model_copy(update={"facts": facts, "text": ""}))
        elif line.kind == "inferred" and then[line.id].text != line.text:
            # The line stands in its earlier words, and these later ones say nothing new.
            change.edits.append(edit_of(standing, line, "rolled back", now).model_copy(update={"facts": ()}))
    lines = []
    for line in target.lines:
        stands = now_there.get(line.id)
        if line.kind == "inferred" and (stands is None or stands.text != line.text):
            support = line.support.model_copy(update={"carried": line.support.carried or "rollback"})
            line = line.model_copy(update={"support": support})
        lines.append(line)
    change.lines = tuple(lines)
    change.lifted = [
        edit.line
        for edit in standing.edits
        if (edit.line in then and edit.line not in now_there)
        or edit.text in words_then
        or not told_then.isdisjoint(edit.facts)
    ]
    change.edits = _with_what_stays_out(change, standing.edits, told_then)
    return change


def _with_what_stays_out(change: Change, edits: Sequence[Edit], told: Set[str]) -> list[Edit]:
    """The edits of a rollback, with what earlier ones took out and the version that is back did not tell."""
    new = {edit.line: edit for edit in change.edits}
    for edit in edits:
        rest = tuple(fact for fact in edit.facts if fact not in told)
        if edit.line in new:
            facts = tuple(dict.fromkeys((*new[edit.line].facts, *rest)))
            new[edit.line] = new[edit.line].model_copy(update={"facts": facts})
        elif edit.line in change.lifted and rest:
            new[edit.line] = edit.model_copy(update={"facts": rest, "text": ""})
    return list(new.values())
