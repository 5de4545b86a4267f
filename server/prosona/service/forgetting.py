"""Forgetting what was found: the profile that follows is inferred first, then all is taken away at once.

Inferred lines that rested on nothing else go; what rested on it in part is inferred again from what
remains, and what a model wrote of it in prose goes from earlier versions, too. A line that rests on more
interactions than it names is dismissed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence, Set
from datetime import datetime

from prosona.core.errors import ProfilerError
from prosona.core.lines import holds
from prosona.core.requests import Backlog, Forgetting, Memory, Standing
from prosona.core.words import Edit, Line, Retired
from prosona.profiler.seam import Profiler, Usage
from prosona.profiles_db.store import Store
from prosona.service._run import Run
from prosona.service.finding import Found
from prosona.service.policy import FoldPolicy
from prosona.service.settling import to_commit

__all__ = ["plan"]

_log = logging.getLogger("prosona")

_FORGOTTEN = "its owner forgot it"


async def plan(
    store: Store, profiler: Profiler, policy: FoldPolicy, found: Found, actor: str, budget: int
) -> Forgetting:
    """How the store is to take away what was found, with the profile that follows already inferred."""
    now = await store.now()
    standing, seqs = found.standing, found.seqs
    going = {line.id for line in (*found.lines, *found.rested)}
    kept = [line for line in standing.lines if line.id not in going]
    remembered = [left for edit in standing.edits if (left := _left_of(edit, found.names))]
    dismissed = [line for line in found.lines if line.facts and (found.dismissed or not seqs)]
    edits = tuple(_dismissal(line, standing, now) for line in dismissed)
    read_through = _read_before(found) if profiler.memory_version is not None else None
    lines, memory, through = await _inferred_again(
        store, profiler, policy, found, kept, (*remembered, *edits), now, budget, read_through
    )
    back = [line for line in lines if line.kind == "inferred" and found.names(line.text)]
    edits += tuple(_dismissal(line, standing, now) for line in back if line.facts)
    lines = tuple(_without_names(line, found.names) for line in lines if line not in back)
    there = {line.id for line in lines}
    commit = to_commit(
        standing,
        lines,
        cause="forget",
        actor="" if found.names(actor) else actor,
        now=now,
        retired=[
            Retired(line=line.id, why=_FORGOTTEN)
            for line in standing.lines
            if line.id not in there and holds(line, now.date())
        ],
        memory=memory,
        edits=(*(edit for edit in remembered if edit not in standing.edits), *edits),
        folded_through=through,
        read_through=read_through,
    )

    def doomed(line: Line) -> bool:
        if line.kind != "inferred" or not line.support.sample:
            return found.goes(line)
        # Prose may tell of any one thing that it rests on; of facts it is known which rest on what.
        rests = seqs.issuperset if line.facts else lambda sample: not seqs.isdisjoint(sample)
        return rests(line.support.sample) or found.goes(line)

    return Forgetting(
        incarnation=standing.head.incarnation,
        base_version=standing.head.version,
        seqs=seqs,
        scanned_through=found.scanned_through,
        names=found.names,
        doomed=doomed,
        commit=commit,
        keeps_edits=lambda edit: _left_of(edit, found.names) == edit,
    )


async def _inferred_again(
    store: Store,
    profiler: Profiler,
    policy: FoldPolicy,
    found: Found,
    kept: Sequence[Line],
    edits: Sequence[Edit],
    now: datetime,
    budget: int,
    read_through: int | None,
) -> tuple[tuple[Line, ...], Memory, int]:
    """The lines, the memory and the watermark after what was found is gone.

    A profiler with a memory infers all anew from what remains, before anything is taken away; if it
    cannot, its lines that rested on it go, and the log is folded again when it can. For one without, the
    interactions are pending again from the earliest that remains under a line that went.
    """
    head, seqs = found.standing.head, found.seqs
    empty = Memory(version="", data=b"")
    if profiler.memory_version is None:
        # A line that was dismissed by itself may not be read out of the same interactions again.
        again = [*found.rested, *(found.lines if seqs and found.line is None else [])]
        remaining = [seq for line in again for seq in line.support.sample if seq not in seqs]
        through = min([head.folded_through, *(seq - 1 for seq in remaining)])
        return tuple(kept), empty, through
    if not seqs and edits == found.standing.edits:
        return tuple(kept), empty, 0
    own = tuple(line for line in found.standing.lines if line.kind != "inferred" and not found.goes(line))
    inferred = tuple(line for line in found.standing.lines if line.kind == "inferred")
    revision = found.standing.revision
    remaining_log = Backlog(
        # The incarnation and the watermark make the run read the whole log, whatever was folded of it.
        head=head.model_copy(
            update={
                "folded_through": max(1, head.folded_through),
                "read_through": head.read_through if read_through is None else read_through,
                "observed": found.scanned_through,
            }
        ),
        revision=revision.model_copy(update={"lines": (*own, *inferred)}) if revision else None,
        edits=tuple(edits),
    )
    run = Run(store, profiler, policy, remaining_log, Usage(), now, budget, without=seqs)
    try:
        await run.steps()
    except ProfilerError as error:
        _log.warning("what remains after a forget could not be inferred again yet: %s", error)
        return tuple(kept), empty, 0
    # A line that the profiler has no say on stands as it was: what it named or rested on goes with it. One
    # from a file rests on what is elsewhere, too.
    lines = tuple(
        _without_interactions(line, seqs)
        for line in run.lines
        if line.kind != "inferred"
        or (
            (seqs.isdisjoint(line.support.sample) or line.support.carried == "import")
            and not (line in inferred and found.goes(line))
        )
    )
    return lines, Memory(version=profiler.memory_version, data=run.memory or b""), found.scanned_through


def _read_before(found: Found) -> int | None:
    """Up to where an agent's own model has read what stays known: what is left under a line of it that goes is to be
    read again. None: nothing of it goes."""
    seqs, head = found.seqs, found.standing.head
    going = [line for line in (*found.lines, *found.rested) if line.kind == "inferred" and not line.facts]
    left = [seq for line in going for seq in line.support.sample if seq not in seqs]
    return min([head.read_through, *(seq - 1 for seq in left)]) if left else None


def _dismissal(line: Line, standing: Standing, now: datetime) -> Edit:
    # Without its words: they name what is forgotten.
    return Edit(
        line=line.id, text="", facts=line.facts, through=standing.head.observed, how="removed", at=now
    )


def _without_interactions(line: Line, seqs: Set[int]) -> Line:
    sample = tuple(seq for seq in line.support.sample if seq not in seqs)
    if sample == line.support.sample:
        return line
    times = max(0, line.support.times - (len(line.support.sample) - len(sample)))
    return line.model_copy(
        update={"support": line.support.model_copy(update={"sample": sample, "times": times})}
    )


def _without_names(line: Line, names: Callable[[str], bool]) -> Line:
    """A line that stays, without agents and facts that are called like what goes: its owner may have written
    of something else over a line that told of it."""
    agents = tuple(agent for agent in line.support.agents if not names(agent))
    return line.model_copy(
        update={
            "support": line.support.model_copy(update={"agents": agents}),
            "actor": "" if names(line.actor) else line.actor,
            "facts": tuple(fact for fact in line.facts if not _about(fact, names)),
        }
    )


def _about(fact: str, names: Callable[[str], bool]) -> bool:
    # A fact ends with what it is about; before that stands a label, which names no topic.
    return names(fact.partition("|")[2])


def _left_of(edit: Edit, names: Callable[[str], bool]) -> Edit | None:
    """What remains of an owner's earlier wish: all but what names the topic. What else they took out stays
    out. None if nothing does."""
    text = "" if names(edit.text) else edit.text
    facts = tuple(fact for fact in edit.facts if not _about(fact, names))
    if not text and not facts:
        return None
    return edit.model_copy(update={"text": text, "facts": facts})
