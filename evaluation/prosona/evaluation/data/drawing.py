"""What converters share: pairs from what was not chosen, and a person from a row of choices."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from prosona.evaluation.data.records import Choice, Person, Target

__all__ = ["LONGEST", "SHORTEST", "draw_other", "person_of"]

LONGEST = 100
"""Choices kept of one user, the newest."""
SHORTEST = 4
"""A user with fewer choices is left out: one target, and three to tell from."""


def person_of(user_id: str, choices: Sequence[Choice]) -> Person | None:
    """The newest choices as a person: the last one is the target. None where there are too few."""
    kept = list(choices)[-LONGEST:]
    if len(kept) < SHORTEST:
        return None
    last = kept[-1]
    if last.chosen is None or last.rejected is None:
        return None
    return Person(user_id, tuple(kept[:-1]), (Target(last.query, last.chosen, last.rejected),))


def draw_other(draw: random.Random, pool: Sequence[str], taken: Iterable[str]) -> str | None:
    """One of the pool that is not among those taken; None where all are."""
    without = set(taken)
    for _ in range(20):
        found = draw.choice(pool)
        if found not in without:
            return found
    left = [item for item in pool if item not in without]
    return draw.choice(left) if left else None
