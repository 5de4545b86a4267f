"""Folds that the calling agent's own model makes: the work handed out, and the lines that come back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from prosona.core.consequence import consequence_of
from prosona.core.errors import InvalidInputError, OutputRejectedError
from prosona.core.lines import cost, fit, in_order
from prosona.core.requests import Commit, Head, Standing
from prosona.core.words import Line, RecordedInteraction
from prosona.profiler.alignment import restates
from prosona.profiler.host import WRITING_RULES, HostModel
from prosona.profiler.seam import FoldRequest
from prosona.profiles_db.store import Store
from prosona.service.answers import Work
from prosona.service.door import admit_line
from prosona.service.settling import Batch, checked, is_read, retired_between, settle, to_commit

__all__ = ["folded_by_host", "unread", "work_of"]

_MOST_CHARACTERS = 24_000
"""Of interactions handed out at once: about 6,000 tokens of an agent's context."""
_MOST_INTERACTIONS = 500
"""The newest, which are handed out piece by piece: who changes to this after years is not asked to read them all.
What is older stands in the lines as the builtin read it."""
_ID = re.compile("[a-z][a-z2-9]{5}")
_MARKS = "-*•[]()^:. "


async def unread(store: Store, head: Head) -> list[RecordedInteraction]:
    """The oldest interactions that no agent's own model has read, as many as one is handed at once."""
    found: list[RecordedInteraction] = []
    after, left = max(head.read_through, head.observed - _MOST_INTERACTIONS), _MOST_CHARACTERS
    for item in await store.interactions(head.user_id, after=after, limit=_MOST_INTERACTIONS):
        if item.quarantined is not None:
            continue
        left -= sum(len(text) for text in (item.query, item.chosen, item.rejected) if text)
        if found and left < 0:
            break
        found.append(item)
    return found


def work_of(
    standing: Standing, interactions: Sequence[RecordedInteraction], budget: int, today: date
) -> Work | None:
    """The fold to be made: the standing lines, what no such model has read, the rules; None if it has read all."""
    if not interactions:
        return None
    room = _room(standing, budget, today)
    return Work(
        base_version=standing.head.version,
        folded_through=interactions[-1].seq,
        lines=standing.lines,
        interactions=tuple(interactions),
        max_tokens=room,
        rules=WRITING_RULES.format(max_tokens=room),
    )


def folded_by_host(
    standing: Standing,
    interactions: Sequence[RecordedInteraction],
    text: str,
    through: int,
    actor: str,
    *,
    now: datetime,
    budget: int,
) -> Commit:
    """The commit of a fold that an agent made of `interactions`, the unread ones, up to `through`.

    `text` holds the inferred lines, one a row, each with its id in front where it has one. Lines that count choices
    stay beside them, and so does what was said after `through`. Raises `InvalidInputError` for a text that fails the
    checks; the old lines stay then.
    """
    folded = tuple(item for item in interactions if item.seq <= through)
    if not folded or folded[-1].seq != through:
        raise InvalidInputError(
            f"folded_through={through} is not the number of an interaction that waits to be read: use the one that"
            " get_user_profile with fresh=true names"
        )
    model = HostModel()
    counted = [line for line in standing.lines if line.facts and not is_read(line, through)]
    counted = [line for line in counted if line.kind == "inferred"]
    # What the builtin quoted meanwhile was never this model's: it may leave all of that out.
    its_own = tuple(line for line in standing.lines if line.kind != "inferred" or not line.facts)
    request = FoldRequest(
        lines=its_own,
        edits=standing.edits,
        interactions=folded,
        memory=None,
        max_tokens=_room(standing, budget, now.date()),
        now=now,
    )
    rows = [row for row in _rows(standing, text) if not any(_the_same(row, line) for line in counted)]
    try:
        # An agent may find that nothing lasts; what it wrote before may not go on its silence.
        written, notes = checked(rows, request) if rows else ([], [])
    except OutputRejectedError as error:
        raise InvalidInputError(f"the old profile stays: {error}. Write it again") from None
    if not written and (notes or request.inferred):
        why = "; ".join(notes) or "no line was given"
        raise InvalidInputError(f"the old profile stays: {why}. Write it again")
    agents = {item.seq: item.agent for item in folded if item.agent}
    past = [line for line in standing.lines if line not in counted]
    told = settle(past, written, Batch(folded, agents), standing.edits, model, now=now, budget=budget)
    room = {line.id for line in fit([*told, *counted], budget, now.date())}
    lines = in_order(line for line in (*told, *counted) if line.kind != "inferred" or line.id in room)
    return to_commit(
        standing,
        lines,
        cause="fold",
        actor=actor,
        now=now,
        retired=retired_between(standing.lines, lines, now),
        counters_only=True,
        profiler=model.name,
        first_seq=folded[0].seq,
        last_seq=through,
        read_through=through,
    )


def _the_same(row: Line, counted: Line) -> bool:
    return row.id == counted.id or restates(row.text, counted.text)


def _room(standing: Standing, budget: int, today: date) -> int:
    return max(1, budget - sum(cost(line, today) for line in standing.lines if line.kind != "inferred"))


def _rows(standing: Standing, text: str) -> Iterator[Line]:
    """The rows of an agent's text as lines; the owner's own lines, repeated, are passed by."""
    known = {line.id: line for line in standing.lines}
    own = {line.text.casefold() for line in standing.lines if line.kind != "inferred"}
    for row in text.splitlines():
        words = row.strip().lstrip("-*•").strip()
        first, _, rest = words.partition(" ")
        name = first.strip(_MARKS)
        if name not in known and _ID.fullmatch(name) and first != name and rest:
            words, name = rest.strip(), ""  # A line that is gone by now.
        if name in known:
            words = rest.strip()
        else:
            name = ""
        if not words or words.casefold() in own or (name and known[name].kind != "inferred"):
            continue
        before = known.get(name)
        text = admit_line(words, by="model").text
        line = Line(id=name, text=text, consequence=consequence_of(text, usual="taste"))
        if before is not None:
            line = line.model_copy(update={"topic": before.topic, "consequence": before.consequence})
        yield line
