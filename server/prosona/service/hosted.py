"""Folds that the calling agent's own model makes: the work handed out, and the lines that come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from prosona.core.errors import InvalidInputError, OutputRejectedError
from prosona.core.lines import cost
from prosona.core.requests import Backlog, Commit, Memory
from prosona.core.words import Line, RecordedInteraction
from prosona.profiler.host import WRITING_RULES, HostProfiler
from prosona.profiler.seam import FoldRequest
from prosona.service.answers import Work
from prosona.service.door import admit_line
from prosona.service.settling import Batch, checked, retired_between, settle, to_commit

__all__ = ["folded_by_host", "work_of"]

_MOST_CHARACTERS = 24_000
"""Of interactions handed out at once: about 6,000 tokens of an agent's context."""
_MARKS = "-*•[]()^:. "


def work_of(backlog: Backlog, budget: int, today: date) -> Work | None:
    """The fold to be made: the standing lines, the oldest pending interactions, the rules."""
    if not backlog.interactions:
        return None
    taken: list[RecordedInteraction] = []
    left = _MOST_CHARACTERS
    for item in backlog.interactions:
        left -= sum(len(text) for text in (item.query, item.chosen, item.rejected) if text)
        if taken and left < 0:
            break
        taken.append(item)
    room = _room(backlog, budget, today)
    return Work(
        base_version=backlog.head.version,
        folded_through=taken[-1].seq,
        lines=backlog.lines,
        interactions=tuple(taken),
        max_tokens=room,
        rules=WRITING_RULES.format(max_tokens=room),
    )


def folded_by_host(
    backlog: Backlog, text: str, through: int, actor: str, *, now: datetime, budget: int
) -> Commit:
    """The commit of a fold that an agent made of the interactions up to `through`.

    `text` holds the inferred lines, one a row, each with its id in front where it has one. Raises
    `InvalidInputError` for a text that fails the checks; the old lines stay then.
    """
    folded = tuple(item for item in backlog.interactions if item.seq <= through)
    if not folded or folded[-1].seq != through:
        raise InvalidInputError(
            f"folded_through={through} is not the number of a pending interaction: use the one that"
            " get_user_profile with fresh=true names"
        )
    profiler = HostProfiler()
    request = FoldRequest(
        lines=backlog.lines,
        edits=backlog.edits,
        interactions=folded,
        memory=None,
        max_tokens=_room(backlog, budget, now.date()),
        now=now,
    )
    try:
        written, notes = checked(list(_rows(backlog, text)), request)
    except OutputRejectedError as error:
        raise InvalidInputError(f"the old profile stays: {error}. Write it again") from None
    if notes and not written:
        raise InvalidInputError(f"the old profile stays: {'; '.join(notes)}. Write it again")
    agents = {item.seq: item.agent for item in folded if item.agent}
    lines = settle(
        backlog.lines, written, Batch(folded, agents), backlog.edits, profiler, now=now, budget=budget
    )
    return to_commit(
        backlog,
        lines,
        cause="fold",
        actor=actor,
        now=now,
        retired=retired_between(backlog.lines, lines, now),
        counters_only=True,
        memory=Memory(version="", data=b""),
        profiler=profiler.name,
        first_seq=folded[0].seq,
        last_seq=through,
        folded_from=backlog.head.folded_through,
        folded_through=through,
    )


def _room(backlog: Backlog, budget: int, today: date) -> int:
    return max(1, budget - sum(cost(line, today) for line in backlog.lines if line.kind != "inferred"))


def _rows(backlog: Backlog, text: str) -> Iterator[Line]:
    """The rows of an agent's text as lines; the owner's own lines, repeated, are passed by."""
    known = {line.id: line for line in backlog.lines}
    own = {line.text.casefold() for line in backlog.lines if line.kind != "inferred"}
    for row in text.splitlines():
        words = row.strip().lstrip("-*•").strip()
        first, _, rest = words.partition(" ")
        name = first.strip(_MARKS)
        if name in known:
            words = rest.strip()
        else:
            name = ""
        if not words or words.casefold() in own or (name and known[name].kind != "inferred"):
            continue
        before = known.get(name)
        line = Line(id=name, text=admit_line(words, by="model").text)
        if before is not None:
            line = line.model_copy(update={"topic": before.topic, "consequence": before.consequence})
        yield line
