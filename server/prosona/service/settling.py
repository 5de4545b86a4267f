"""From the lines that a profiler wrote to the lines that stand: ids, support, the owner's word, the budget.

Every profiler's lines pass through here, so that the laws hold for all of them (DESIGN section 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from prosona.core.errors import InvalidInputError, OutputRejectedError
from prosona.core.lines import fit, holds, in_order, new_id, render, same_words, text_until
from prosona.core.requests import Commit, Memory, Standing
from prosona.core.signs import one_line
from prosona.core.words import MAX_LINE, MAX_SAMPLE, Edit, Line, RecordedInteraction, Retired, Support
from prosona.profiler.alignment import align, merge_support, restates, supported, without_restated
from prosona.profiler.checks import check_lines
from prosona.profiler.seam import QUOTES, FoldRequest, Inferring

__all__ = ["Batch", "checked", "is_read", "retired_between", "settle", "to_commit"]

_MOST_AGENTS = 8
"""Agents named in a line's support: more than anybody reads."""

NO_ROOM = "made room for what matters more"
ENDED = "its last day has passed"
UNSUPPORTED = "no longer borne out"


@dataclass(frozen=True, slots=True)
class Batch:
    """What a fold has read: the interactions of this step, and who reported those of all its steps."""

    interactions: Sequence[RecordedInteraction]
    agents: Mapping[int, str]
    """By `seq`."""


def settle(
    past: Sequence[Line],
    written: Sequence[Line],
    batch: Batch,
    edits: Sequence[Edit],
    profiler: Inferring,
    *,
    now: datetime,
    budget: int,
    read_through: int = 0,
) -> tuple[Line, ...]:
    """The lines after a fold: the owner's as they are, the `written` ones known and supported, and past
    ones on which this fold has no say; those that fit in `budget` tokens.

    A written line without evidence newer than an owner's removal of the like is left out, and so is one
    that an own line says already. What was said up to `read_through` an agent's own model has read, and tells
    itself.
    """
    today = now.date()
    own = [line for line in past if line.kind != "inferred" and holds(line, today)]
    before = {line.id: line for line in past if line.kind == "inferred"}
    staying = [line for line in before.values() if _stays(line, profiler)]
    # What a model wrote is its own: nothing that is counted takes its place, however like it is.
    others = [line for line in before.values() if not (line in staying and _is_prose(line))]
    known = align(others, [_plain(line) for line in written if line.text.strip()])
    if profiler.memory_version is None:
        known = _with_support(known, before, batch)
    else:
        bare = iter(_with_support([line for line in known if not line.support.sample], before, batch))
        known = [line if line.support.sample else next(bare) for line in known]
    settled: list[Line] = []
    taken = {line.id for line in past} | {edit.line for edit in edits}
    rolled_back = max((edit.through for edit in edits if edit.how == "rolled back"), default=0)
    for line in known:
        if _said_by_owner(line, own) or _taken_out(line, edits) or is_read(line, read_through):
            continue
        if line.id not in before and any(_is_prose(other) and _says_again(line, other) for other in staying):
            # What a model wrote stands beside what is counted; the same is not told twice.
            continue
        if _brought_back(before.get(line.id)) and max(line.support.sample, default=0) <= rolled_back:
            # Nothing newer speaks for other words than those that its owner went back to.
            continue
        if profiler.memory_version is not None and _outweighed(line, before.get(line.id)):
            if _adds_nothing(line, before[line.id]):
                continue
            line = line.model_copy(update={"id": ""})
        settled.append(_named(line, before.get(line.id), batch, profiler, taken, now))
        taken.add(settled[-1].id)
    there = {line.id for line in settled}
    settled += [line for line in staying if line.id not in there]
    room = {line.id for line in fit([*own, *settled], budget, today)}
    # The owner's lines stand whatever the budget; only what was inferred gives way.
    return tuple(in_order([*own, *(line for line in settled if line.id in room)]))


def checked(written: Sequence[Line], request: FoldRequest) -> tuple[list[Line], list[str]]:
    """What a model wrote, checked: the lines that may stand, and a note on each that may not.

    Raises `OutputRejectedError` for an output that is wrong as a whole.
    """
    admitted, refused = _through_the_door(written)
    if refused and not admitted:
        raise OutputRejectedError(refused)
    kept, notes = check_lines(admitted, request)
    new, more = without_restated(kept, request)
    return new, [*refused, *notes, *more]


def _through_the_door(written: Sequence[Line]) -> tuple[list[Line], list[str]]:
    """What a model wrote with secrets taken out; what the door refuses is told."""
    from prosona.service.door import admit_line

    admitted, refused = [], []
    for line in written:
        try:
            text = admit_line(line.text, by="model").text if line.text.strip() else line.text
        except InvalidInputError as error:
            refused.append(str(error))
            continue
        admitted.append(line if text == line.text else line.model_copy(update={"text": text}))
    return admitted, refused


def retired_between(before: Sequence[Line], after: Sequence[Line], now: datetime) -> tuple[Retired, ...]:
    """The lines of `before` that `after` lacks, each with why a fold let it go."""
    there = {line.id for line in after}
    gone = []
    for line in before:
        if line.id in there:
            continue
        if not holds(line, now.date()):
            why = ENDED
        elif line.kind != "inferred" or line.support.carried:
            why = NO_ROOM
        else:
            why = UNSUPPORTED
        gone.append(Retired(line=line.id, why=why))
    return tuple(gone)


def to_commit(
    standing: Standing,
    lines: Sequence[Line],
    *,
    cause: str,
    actor: str,
    now: datetime,
    retired: Sequence[Retired] = (),
    counters_only: bool = False,
    memory: Memory | None = None,
    **more: object,
) -> Commit:
    """The commit that puts those of `lines` that hold in place of the standing ones; `more` are fields of
    `Commit`."""
    today = now.date()
    lines = [line for line in lines if holds(line, today)]
    told = {gone.line for gone in retired}
    ended = [line for line in standing.lines if not holds(line, today) and line.id not in told]
    return Commit.model_validate(
        {
            "incarnation": standing.head.incarnation,
            "base_version": standing.head.version,
            "cause": cause,
            "actor": actor,
            "lines": tuple(lines),
            "text": render(lines, today),
            "text_until": text_until(lines, today),
            "retired": (*retired, *(Retired(line=line.id, why=ENDED) for line in ended)),
            "counters_only": counters_only and same_words(standing.lines, lines),
            "memory": memory,
            **more,
        }
    )


def _plain(line: Line) -> Line:
    text = one_line(line.text)[:MAX_LINE]
    return (
        line
        if (text, line.kind) == (line.text, "inferred")
        else line.model_copy(update={"text": text, "kind": "inferred"})
    )


def _with_support(known: Sequence[Line], before: Mapping[str, Line], batch: Batch) -> list[Line]:
    """Lines whose profiler keeps no account of support, with what past folds and this one say for each."""
    by_seq = {interaction.seq: interaction for interaction in batch.interactions}
    lines = []
    for line in supported(known, batch.interactions):
        past = before[line.id].support if line.id in before else Support()
        evidence = [by_seq[seq] for seq in line.support.sample if seq in by_seq]
        support = merge_support(past, evidence) if evidence else past
        if not support.sample and not support.carried:
            support = merge_support(past, batch.interactions)
        lines.append(line.model_copy(update={"support": support}))
    return lines


def _named(
    line: Line,
    before: Line | None,
    batch: Batch,
    profiler: Inferring,
    taken: Iterable[str],
    now: datetime,
) -> Line:
    """`line` with its id, its agents, its writer and the day on which it first stood."""
    past = before.support if before else Support()
    agents = dict.fromkeys(past.agents)
    agents |= dict.fromkeys(name for seq in line.support.sample if (name := batch.agents.get(seq)))
    # What its owner brought back and a profiler tells again stands by itself from then on.
    carried = past.carried if past.carried == "import" else None
    support = line.support.model_copy(
        update={
            "sample": line.support.sample[:MAX_SAMPLE],
            "agents": tuple(agents)[-_MOST_AGENTS:],
            "carried": carried,
        }
    )
    return line.model_copy(
        update={
            "id": before.id if before else new_id("\n".join([*line.facts, line.text]), set(taken)),
            "support": support,
            "actor": profiler.name,
            "since": before.since if before and before.since else now,
        }
    )


def _stays(line: Line, profiler: Inferring) -> bool:
    """Whether a past line that a fold did not write again stands all the same."""
    # What came with a file, or its owner brought back, does not rest on what was folded.
    if line.support.carried in ("import", "rollback"):
        return True
    # One that counts never reads what another wrote in prose: its silence says nothing about that.
    by_another = line.actor not in ("", profiler.name) and _is_prose(line)
    return profiler.memory_version is not None and by_another


def is_read(line: Line, read_through: int) -> bool:
    """Whether a line quotes what an agent's own model has read. What is counted goes on being counted."""
    quotes = bool(line.facts) and all(fact.startswith(QUOTES) for fact in line.facts)
    return quotes and max(line.support.sample, default=0) <= read_through


def _says_again(line: Line, other: Line) -> bool:
    """Whether a line says what another says, and does not deny it, end it or set it right."""
    from prosona.profiler.builtin.stated.slots import corrects, denies, is_over

    lows = line.text.casefold(), other.text.casefold()
    if any(tells(lows[0]) != tells(lows[1]) for tells in (denies, is_over, corrects)):
        return False
    return restates(line.text, other.text)


def _is_prose(line: Line) -> bool:
    """Whether a model wrote it, out of interactions that it names."""
    return not line.facts and bool(line.support.sample)


def _brought_back(line: Line | None) -> bool:
    return line is not None and line.support.carried == "rollback"


def _outweighed(line: Line, carried: Line | None) -> bool:
    """Whether a line from a file rests on more than what was counted here, or tells more: it stays.

    One that counts knows nothing of the interactions behind such a line.
    """
    if carried is None or carried.support.carried != "import":
        return False
    tells_all = line.text == carried.text or (carried.facts and set(carried.facts) <= set(line.facts))
    return not tells_all or line.support.times < carried.support.times


def _adds_nothing(line: Line, other: Line) -> bool:
    return line.text == other.text or bool(line.facts and set(line.facts) <= set(other.facts))


def _said_by_owner(line: Line, own: Sequence[Line]) -> bool:
    facts = set(line.facts)
    return any(
        not facts.isdisjoint(other.facts) or line.text.casefold() == other.text.casefold() for other in own
    )


def _taken_out(line: Line, edits: Sequence[Edit]) -> bool:
    """Whether the owner took this out, and nothing newer speaks for it."""
    newest, facts = max(line.support.sample, default=0), set(line.facts)
    return any(
        newest <= edit.through
        # An edit without words took facts from a line that stands, or forgot it.
        and ((edit.text and edit.text == line.text) or not facts.isdisjoint(edit.facts))
        for edit in edits
    )
