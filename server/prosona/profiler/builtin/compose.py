"""The lines put together: the claims that are worth most, in the room there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import zip_longest

from prosona.core.lines import cost, holds
from prosona.core.words import Line
from prosona.profiler.builtin.claims import ITEM_FORMS, Claim, line_of, price
from prosona.profiler.builtin.edits import Owned
from prosona.profiler.builtin.language import Language

__all__ = ["compose"]

_SHARE_OF_THINGS = 0.25
"""Of the text: what examples may take of it. Everything else is told in general terms."""
_FIRST_THINGS = 60
"""In tokens: what examples may take where there is little else to say yet."""
_SHORTEST_LINE = 12
"""In tokens: in less room no line fits."""
_FEWEST_NAMES = 2
"""One thing of several is an odd example."""
_ENOUGH_FOR_TWO = 45
"""In tokens: a list of two long titles with its evidence."""
_LEAST_SHARE = 30
"""In tokens: in less a list names too little to be worth its line."""


def compose(
    claims: Iterable[Claim], owned: Owned, language: Language, max_tokens: int, today: date
) -> tuple[Line, ...]:
    """The lines of `claims`, which come in the order of their worth, that fit in `max_tokens`."""
    allowed = [left for claim in claims if (left := owned.left_of(claim))]
    things = [claim for claim in allowed if claim.form in ITEM_FORMS]
    others = [claim for claim in allowed if claim.form not in ITEM_FORMS]
    lines: dict[str, Line] = {}
    room = max_tokens
    for claim in others:
        part = _fitting(claim, language, room)
        line = part and line_of(part, language)
        if line and line.text not in lines and holds(line, today) and not owned.says(line.text):
            price_of_all = cost(line, today)
            if price_of_all <= room:
                lines[line.text] = line
                room -= price_of_all
    told = max_tokens - room
    share = max(_FIRST_THINGS, int(told * _SHARE_OF_THINGS / (1 - _SHARE_OF_THINGS)))
    for claim in _shared(things, language, min(room, share)):
        line = line_of(claim, language)
        if not owned.says(line.text):
            lines.setdefault(line.text, line)
    return tuple(lines.values())


def _fitting(claim: Claim, language: Language, room: int) -> Claim | None:
    """The most of `claim` whose line fits in `room` tokens, leaving out its weakest names."""
    if room < _SHORTEST_LINE:
        return None
    whole = price(claim, language)
    if whole is not None and whole <= room:
        return claim
    found: Claim | None = None
    low, high = min(_FEWEST_NAMES, len(claim.names)), len(claim.names) - 1
    while low <= high:
        middle = (low + high) // 2
        part = claim.first(middle)
        tokens = price(part, language)
        if tokens is not None and tokens <= room:
            found, low = part, middle + 1
        else:
            high = middle - 1
    return found


def _shared(claims: Sequence[Claim], language: Language, room: int) -> list[Claim]:
    """Lists of things, by turns a line of each: what was chosen first, in every domain, then what was rejected.

    What a short list leaves over goes to the longer ones.
    """
    lists: dict[tuple[str, str], list[Claim]] = {}
    for claim in sorted(claims, key=lambda claim: claim.form != "chose_items"):
        lists.setdefault((claim.domain, claim.form), []).append(claim)
    # What was chosen stands in front of what was rejected: with room for one of them, it is that.
    names = list(lists)[: max(1, room // _LEAST_SHARE)]
    # The number of things is as good as the number of tokens for telling short lists from long ones.
    size = {name: sum(len(claim.names) for claim in lists[name]) for name in names}
    found: dict[tuple[str, str], list[Claim]] = {}
    # Short lists first, so that what they leave goes to the longer ones; what was chosen before the rest.
    order = sorted(names, key=lambda name: (name[1] != "chose_items", size[name]))
    for index, name in enumerate(order):
        share = min(room, max(_ENOUGH_FOR_TWO, room // (len(names) - index)))
        found[name] = []
        for claim in lists[name]:
            part = _fitting(claim, language, share)
            if part is None:
                break
            found[name].append(part)
            spent = price(part, language) or 0
            share -= spent
            room -= spent
    return [claim for turn in zip_longest(*(found[name] for name in names)) for claim in turn if claim]
