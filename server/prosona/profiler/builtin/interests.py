"""What separates the chosen from the rejected: tags and key terms, by log-odds with a prior.

Counts are of items, not of words. Where nothing was rejected, the missing rejections are
replaced by what a background would show: how common such a term is in any text or tag list.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from prosona.profiler.builtin.state import Domain, Tally

PRIOR = 3.0
"""How many imagined items stand behind each rate."""
FEW = 12
"""Up to this many choices a single sight is worth telling."""
_TAG_RATE = 0.08
_TERM_RATE = 0.02
_BACKGROUND = 30


@dataclass(frozen=True, slots=True)
class Interest:
    """One tag or term with the strength of its lean: positive towards chosen, in standard errors."""

    key: str
    tally: Tally
    strength: float

    @property
    def is_tag(self) -> bool:
        """Whether it came as a tag of items rather than from their words."""
        return self.key.startswith("#") and not self.is_year

    @property
    def is_year(self) -> bool:
        """Whether it is a year that items come from."""
        return is_year(self.key)


def is_year(key: str) -> bool:
    """Whether what is counted under `key` is a year that items come from."""
    return key.startswith("#") and key[1:].isdigit()


def lean(domain: Domain, key: str, tally: Tally) -> float:
    """How far `tally` leans to the chosen (+) or the rejected (-), in standard errors."""
    background = min(_BACKGROUND, max(0, domain.choices - domain.refusals))
    usual = _TAG_RATE if key.startswith("#") else _TERM_RATE
    rejected = tally.rejected + usual * background
    refusals = domain.refusals + background
    missing = max(0, domain.refusals - domain.choices)
    chosen = tally.chosen + usual * min(_BACKGROUND, missing)
    choices = domain.choices + min(_BACKGROUND, missing)
    rate = (chosen + rejected + PRIOR * usual) / (choices + refusals + PRIOR)
    imagined = PRIOR * rate
    odds = math.log((chosen + imagined) / (max(choices - chosen, 0) + PRIOR - imagined))
    other = math.log((rejected + imagined) / (max(refusals - rejected, 0) + PRIOR - imagined))
    return (odds - other) / math.sqrt(1 / (chosen + imagined) + 1 / (rejected + imagined))


def interests(domain: Domain) -> list[Interest]:
    """The tags and terms of `domain` with their leans, the strongest likes first and avoids last.

    What was seen only once is told only while there are few choices.
    """
    fewest = 1 if domain.step <= FEW else 2
    found = [
        Interest(key, tally, lean(domain, key, tally))
        for key, tally in domain.tallies.items()
        if tally.chosen >= fewest or tally.rejected >= fewest
    ]
    # Of equals the longer says more: "wind turbines" before "wind".
    found.sort(key=lambda interest: (-round(interest.strength, 2), -len(interest.key), interest.key))
    return found


def distinct(ranked: Iterable[Interest], limit: int) -> list[Interest]:
    """The first of `ranked` of which none is a part of another one kept."""
    kept: list[Interest] = []
    for interest in ranked:
        words = set(interest.key.lstrip("#").split())
        if any(_overlaps(words, interest.key, other.key) for other in kept):
            continue
        kept.append(interest)
        if len(kept) == limit:
            break
    return kept


def _overlaps(words: set[str], key: str, other: str) -> bool:
    other = other.lstrip("#")
    key = key.lstrip("#")
    others = set(other.split())
    return words <= others or others <= words or (not key.isascii() and (key in other or other in key))
