"""Which new line is which past line, reworded: so that ids and support survive.

Lines are compared by their content words, the rare ones among them counting most. Two that like and avoid
the same thing, or do different things with it, are never the same line. Nothing here waits, and a profile
of fifty lines takes some ten milliseconds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from prosona.core.words import MAX_SAMPLE, Edit, Line, RecordedInteraction, Support
from prosona.profiler._comparing import Content, Speaking
from prosona.profiler._reading import plain, share_beginnings
from prosona.profiler.seam import FoldRequest

__all__ = ["align", "lost", "merge_support", "restates", "supported", "without_restated"]

_SAME_LINE = 0.34
"""Least likeness of a line and its rewording. The labelled ones lie from 0.35 on, half of them above 0.7; of
other pairs in the same profiles, those of one subject lie below 0.34, nearly all the others at 0."""
_SAYS_AGAIN = 0.75
"""Share of a line's content that another says, from which on it adds nothing to that one."""
_SAYS_ALIKE = 0.7
"""Likeness (twice what is shared by what both hold) from which on two lines say the same."""
_SAYS_NOTHING_OF = 0.4
"""Share of a line's content below which a whole text says nothing of it."""
_MOST_AGENTS = 8
"""Agents named in a support, as `Support.agents` says."""

_NOT_A_WORD = re.compile(r"[\W_]+")


def align(past: Sequence[Line], written: Sequence[Line]) -> list[Line]:
    """`written` with the ids of the past inferred lines that they reword, each id once; others keep an
    empty id. With the id come what the past line has and the new one lacks: topic, last day, first day.

    An id that a written line carries already is kept if a past line has it; then lines are matched by
    the facts they tell, by the same words, and by likeness.
    """
    before = [line for line in past if line.kind == "inferred" and line.id]
    matches: dict[int, int] = {}
    for step in (_by_id, _by_facts, _by_words, _by_likeness):
        step(before, written, matches)
    aligned = []
    for at, line in enumerate(written):
        if at in matches:
            same = before[matches[at]]
            kept = {"topic": line.topic or same.topic, "until": line.until or same.until, "since": same.since}
            aligned.append(line.model_copy(update={"id": same.id, **kept}))
        else:
            aligned.append(line.model_copy(update={"id": ""}) if line.id else line)
    return aligned


def restates(text: str, other: str) -> bool:
    """Whether `text` says what `other` says, in other words and with little beside it: it adds nothing."""
    if (_words(text) or text) == (_words(other) or other):
        return True
    if not share_beginnings(text, other):
        return False
    content = Content([text, other])
    return content.share(0, 1) >= _SAYS_AGAIN or content.likeness(0, 1) >= _SAYS_ALIKE


def without_restated(lines: Sequence[Line], request: FoldRequest) -> tuple[list[Line], list[str]]:
    """The lines that tell more than their owner's own lines do and nothing that their owner took out, and
    a note about each other one.

    What was taken out may come back if an interaction of `request` speaks for it that is newer than that.
    """
    kept, notes = [], []
    own = [line.text for line in request.own]
    speaking = Speaking(lines, request.interactions) if request.edits else None
    for at, line in enumerate(lines):
        newest = max(speaking.seqs(at), default=0) if speaking else 0
        if any(restates(line.text, text) for text in own):
            notes.append(f"left out {line.text!r}: its owner says so already")
        elif any(_brings_back(line.text, edit, newest) for edit in request.edits):
            notes.append(f"left out {line.text!r}: its owner took it out, and nothing newer speaks for it")
        else:
            kept.append(line)
    return kept, notes


def _brings_back(text: str, edit: Edit, newest: int) -> bool:
    return newest <= edit.through and (restates(text, edit.text) or restates(edit.text, text))


def lost(past: Sequence[Line], written: Sequence[Line]) -> list[Line]:
    """Those of `past` that no line of `written` says anything of any more."""
    ids = {line.id for line in written if line.id}
    content = Content([line.text for line in [*past, *written]])
    whole = {stem for reading in content.readings[len(past) :] for stem in reading.senses}
    return [
        line
        for at, line in enumerate(past)
        if line.id not in ids and content.share_in(at, whole) < _SAYS_NOTHING_OF
    ]


def supported(lines: Sequence[Line], interactions: Sequence[RecordedInteraction]) -> list[Line]:
    """`lines` with those of `interactions` that speak for each as its support's sample, the best first.

    A line that names some of them already keeps what it says. One without an id is new: where none of them
    speaks for it by its words, all of them caused it.
    """
    there = {item.seq for item in interactions}
    if not any(there.isdisjoint(line.support.sample) for line in lines):
        return list(lines)
    newest_first = [item.seq for item in sorted(interactions, key=lambda item: -item.seq)]
    speaking = Speaking(lines, interactions)
    told = []
    for at, line in enumerate(lines):
        if not there.isdisjoint(line.support.sample):
            told.append(line)
            continue
        seqs = speaking.seqs(at) or ([] if line.id else newest_first)
        support = line.support.model_copy(update={"sample": _bounded(seqs)})
        told.append(line.model_copy(update={"support": support}))
    return told


def merge_support(past: Support, batch: Sequence[RecordedInteraction]) -> Support:
    """`past` with the interactions of `batch`, given the best first, counted once however often they come."""
    newest = max(past.sample, default=0)
    fresh = {item.seq: item for item in batch if item.seq > newest}
    if not fresh:
        return past
    days = [item.day for item in fresh.values()]
    agents = dict.fromkeys([*past.agents, *(item.agent for item in fresh.values() if item.agent)])
    return past.model_copy(
        update={
            "times": past.times + len(fresh),
            # What newly speaks for the line could have spoken against it as well.
            "of": past.of and past.of + len(fresh),
            "first": min([*days, past.first] if past.first else days),
            "last": max([*days, past.last] if past.last else days),
            "agents": tuple(agents)[:_MOST_AGENTS],
            "sample": _bounded([*_taking_turns(list(fresh), past.sample)]),
        }
    )


def _bounded(seqs: Sequence[int]) -> tuple[int, ...]:
    """The first of `seqs`, with the newest of all always among them."""
    kept = list(seqs[:MAX_SAMPLE])
    if kept and (newest := max(seqs)) not in kept:
        kept[-1] = newest
    return tuple(kept)


def _taking_turns(fresh: Sequence[int], past: Sequence[int]) -> Iterable[int]:
    """Both best first, in turns: neither may push the other out of a sample."""
    for at in range(max(len(fresh), len(past))):
        yield from past[at : at + 1]
        yield from fresh[at : at + 1]


# --- matching ------------------------------------------------------------------------------------------


def _by_id(past: Sequence[Line], written: Sequence[Line], matches: dict[int, int]) -> None:
    places = {line.id: place for place, line in enumerate(past)}
    for at, line in enumerate(written):
        if (place := places.pop(line.id, None)) is not None:
            matches[at] = place


def _by_facts(past: Sequence[Line], written: Sequence[Line], matches: dict[int, int]) -> None:
    scores = []
    left = _left(past, matches)
    for at, line in _open(written, matches):
        for place, other in left:
            if shared := len(set(line.facts).intersection(other.facts)):
                scores.append((shared / len({*line.facts, *other.facts}), at, place))
    _take_best(scores, matches)


def _by_words(past: Sequence[Line], written: Sequence[Line], matches: dict[int, int]) -> None:
    places: dict[str, list[int]] = defaultdict(list)
    for place, line in _left(past, matches):
        places[_words(line.text)].append(place)
    for at, line in _open(written, matches):
        if (words := _words(line.text)) and places[words]:
            matches[at] = places[words].pop(0)


def _by_likeness(past: Sequence[Line], written: Sequence[Line], matches: dict[int, int]) -> None:
    left, still_open = _left(past, matches), _open(written, matches)
    if not left or not still_open:
        return
    content = Content([line.text for line in [*past, *written]])
    scores = [
        (score, at, place)
        for at, line in still_open
        for place, other in left
        # Lines that tell other facts are other lines, however they are worded.
        if not (line.facts and other.facts) and (score := content.likely(place, len(past) + at)) >= _SAME_LINE
    ]
    _take_best(scores, matches)


def _open(written: Sequence[Line], matches: Mapping[int, int]) -> list[tuple[int, Line]]:
    return [(at, line) for at, line in enumerate(written) if at not in matches]


def _left(past: Sequence[Line], matches: Mapping[int, int]) -> list[tuple[int, Line]]:
    taken = set(matches.values())
    return [(place, line) for place, line in enumerate(past) if place not in taken]


def _take_best(scores: list[tuple[float, int, int]], matches: dict[int, int]) -> None:
    """The best pairs first, over all lines; of equal ones those that stand in like places."""
    taken = set(matches.values())
    for _, at, place in sorted(scores, key=lambda found: (-found[0], abs(found[1] - found[2]))):
        if at not in matches and place not in taken:
            matches[at] = place
            taken.add(place)


def _words(text: str) -> str:
    return _NOT_A_WORD.sub(" ", plain(text)).strip()
