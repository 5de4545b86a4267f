"""How the room of a summary is shared out: one line's names, and the lists of things beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from prosona.profiler.builtin.claims import Claim
from prosona.profiler.builtin.sentences import Language, render
from prosona.profiler.tokens import count_tokens

Line = tuple[str, Claim]

_FEWEST_NAMES = 2
_LEAST_SHARE = 60
"""In tokens: in less a list names too little to be worth its line."""


def cost(line: str) -> int:
    """Tokens of `line` with its line break."""
    return count_tokens(line + "\n")


def fitting(claim: Claim, language: Language, room: int) -> Line | None:
    """The longest form of `claim` that fits in `room` tokens, leaving out its weakest names."""
    whole = render(claim, language)
    if cost(whole) <= room:
        return whole, claim
    found: Line | None = None
    low, high = min(_FEWEST_NAMES, len(claim.names)), len(claim.names) - 1
    while low <= high:
        middle = (low + high) // 2
        part = claim.first(middle)
        line = render(part, language)
        if cost(line) <= room:
            found, low = (line, part), middle + 1
        else:
            high = middle - 1
    return found


def shared(claims: Sequence[Claim], language: Language, room: int) -> list[Line]:
    """Lines of the lists of things, by turns one of each; each list gets as much room as any other.

    What was chosen and what was rejected, in one domain and in another, stand beside each other that
    way: half a contrast misleads. What a short list leaves over goes to the longer ones.
    """
    lists: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        lists.setdefault((claim.domain, claim.form), []).append(claim)
    names = list(lists)[: max(_FEWEST_NAMES, room // _LEAST_SHARE)]
    whole = {name: sum(cost(render(claim, language)) for claim in lists[name]) for name in names}
    found: dict[tuple[str, str], list[Line]] = {}
    for index, name in enumerate(sorted(names, key=lambda name: whole[name])):
        share = room // (len(names) - index)
        found[name] = []
        for claim in lists[name]:
            line = fitting(claim, language, share)
            if line is None:
                break
            found[name].append(line)
            share -= cost(line[0])
            room -= cost(line[0])
    return [line for turn in zip_longest(*(found[name] for name in names)) for line in turn if line]
