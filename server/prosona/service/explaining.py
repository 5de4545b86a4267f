"""Which line is meant, why it is there, and which ones their owner should look at again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from prosona.core.errors import InvalidInputError, NotFoundError
from prosona.core.lines import OLD_DAYS, rendered, shown
from prosona.core.requests import Standing
from prosona.core.words import Line, Revision
from prosona.profiler import Profiler
from prosona.profiler.seam import ExplainingProfiler
from prosona.profiles_db.store import Store
from prosona.service.answers import Reasons, Reviewed, Wording

__all__ = ["every_revision", "explain_line", "find_line", "to_review"]

_PAGE = 200
"""Revisions read at once on the way back through a history."""
_SOON = timedelta(days=14)
"""A line that ends within two weeks is worth a look."""
_MOST_NAMED = 5
_SHOWN_CHARACTERS = 60
"""How many lines, and how much of each, a message shows."""


def find_line(lines: Sequence[Line], reference: str, today: date) -> Line:
    """The line that `reference` means: its id, its number in the text, or a part of its text.

    Raises `NotFoundError` if it is none, `InvalidInputError` if it could be several.
    """
    wanted = " ".join(reference.split())
    in_text = shown(lines, None, today)
    for line in lines:
        if line.id == wanted.casefold().lstrip("^"):
            return line
    if wanted.isascii() and wanted.isdigit():
        if 1 <= int(wanted[:6]) <= len(in_text):
            return in_text[int(wanted[:6]) - 1]
        raise NotFoundError(f"there is no line {wanted[:6]}: the profile has {len(in_text)} lines")
    folded = wanted.casefold()
    for said in (lambda line: line.text, lambda line: rendered(line, today)):
        exact = [line for line in lines if said(line).casefold() == folded]
        if len(exact) == 1:
            return exact[0]
    parts = [line for line in lines if folded and folded in rendered(line, today).casefold()]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        raise NotFoundError(
            f"no line of the profile has the id {wanted[:40]!r} or these words in it; its lines and their"
            " ids are listed by `get` with `lines`"
        )
    named = "; ".join(f"{line.id} {line.text[:_SHOWN_CHARACTERS]!r}" for line in parts[:_MOST_NAMED])
    raise InvalidInputError(f"{len(parts)} lines have these words in them: give the id of one. {named}")


async def every_revision(store: Store, user_id: str) -> list[Revision]:
    """The whole history of a user, oldest first."""
    found: list[Revision] = []
    before: int | None = None
    while page := await store.revisions(user_id, limit=_PAGE, before=before):
        found += page
        before = page[-1].version
    return found[::-1]


async def explain_line(
    store: Store, standing: Standing, reference: str, today: date, profiler: Profiler
) -> Reasons:
    """Why a line is in the profile, or was: what it rests on, and how it read since it first stood.

    A line that stands no longer is found by its id. Errors: as of `find_line`.
    """
    user_id = standing.head.user_id
    history = await every_revision(store, user_id)
    try:
        line = find_line(standing.lines, reference, today)
    except NotFoundError:
        gone = [line for revision in history for line in revision.lines if line.id == reference.strip()]
        if not gone:
            raise
        line = gone[-1]
    in_text = [other.id for other in shown(standing.lines, None, today)]
    interactions = await store.interactions_at(user_id, line.support.sample)
    spoke: tuple[str, ...] = ()
    if line.actor == profiler.name and isinstance(profiler, ExplainingProfiler):
        spoke = profiler.spoke(line, interactions)
    best_first = {seq: place for place, seq in enumerate(line.support.sample)}
    return Reasons(
        line=line,
        number=in_text.index(line.id) + 1 if line.id in in_text else 0,
        wordings=tuple(_wordings(history, line.id)),
        interactions=tuple(sorted(interactions, key=lambda item: best_first[item.seq])),
        spoke=spoke,
        note=_note(line, history, gone=line.id not in {other.id for other in standing.lines}),
    )


def to_review(lines: Sequence[Line], today: date) -> list[Reviewed]:
    """The lines that end soon or have ended, and those that nobody confirmed for a year; ends first."""
    numbers = {line.id: number for number, line in enumerate(shown(lines, None, today), start=1)}
    found = []
    for line in lines:
        number = numbers.get(line.id, 0)
        last = line.support.last or (line.since.date() if line.since else None)
        if line.until is not None and line.until < today:
            found.append(Reviewed(line=line, number=number, why="ended", day=line.until))
        elif line.until is not None and line.until <= today + _SOON:
            found.append(Reviewed(line=line, number=number, why="ends soon", day=line.until))
        elif last is not None and (today - last).days > OLD_DAYS:
            found.append(Reviewed(line=line, number=number, why="not confirmed for long", day=last))
    return sorted(found, key=lambda entry: (entry.why == "not confirmed for long", entry.day))


def _wordings(history: Sequence[Revision], line_id: str) -> list[Wording]:
    found: list[Wording] = []
    for revision in history:
        line = next((line for line in revision.lines if line.id == line_id), None)
        if line is not None and (not found or found[-1].text != line.text):
            found.append(
                Wording(
                    version=revision.version,
                    at=revision.created_at,
                    cause=revision.cause,
                    actor=revision.actor,
                    text=line.text,
                )
            )
    return found


def _note(line: Line, history: Sequence[Revision], *, gone: bool) -> str | None:
    if gone:
        why = [retired.why for revision in history for retired in revision.retired if retired.line == line.id]
        return f"it stands no longer: {why[-1] if why else 'it was taken out'}"
    match line.support.carried:
        case "import":
            return "it came with an imported profile; what it rests on is where that was made"
        case "upgrade":
            return "it was written by an earlier release, which did not note what lines rest on"
        case "rollback":
            return "its owner brought it back"
    return None
