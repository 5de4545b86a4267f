"""What separates the chosen from the rejected, and what of it changed lately.

Tags and key terms are weighed by log-odds with a prior. Counts are of items, not of words. Where
nothing was rejected, the missing rejections are replaced by what a background would show: how common
such a term is in any text or tag list.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from prosona.profiler.builtin.memory import RECENT, Domain, Memory, Tally, Trace
from prosona.profiler.builtin.segment import is_cjk

__all__ = ["FEW", "Interest", "Shift", "distinct", "interests", "overlap", "shifts", "silent_domains"]

FEW = 12
"""Up to this many choices a single sight is worth telling."""
_PRIOR = 3.0
"""How many imagined items stand behind each rate."""
_TAG_RATE = 0.08
_TERM_RATE = 0.02
"""How often a tag, or a term, stands in anything at all."""
_BACKGROUND = 30
"""At most so many rejections are imagined."""
_FEWEST_BEFORE = 6
"""Earlier choices that a change is measured against."""
_DAYS_OF_INTEREST = 7
"""Days over which something was chosen before it is an interest that can change: more than one mood."""
_DAYS_OF_CHANGE = 30
"""Days without it after which an interest may be past, and before it after which one is new."""
_DAYS_OF_SILENCE = 90
"""Days without anything in a field of life before it is said to be past: a season."""
_LONGEST_CJK_WORD = 3
"""Signs of a word in a script without spaces; a longer term is several."""
_SILENCE = 0.03
"""How unlikely an interest's absence must be before it is said to be past."""


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
        return _is_year(self.key)

    @property
    def is_text(self) -> bool:
        """Whether it came from the words of items rather than as a tag."""
        return not self.key.startswith("#")

    @property
    def is_word(self) -> bool:
        """Whether it is a single word of items: those recur by chance, several together hardly do."""
        several = " " in self.key or (is_cjk(self.key) and len(self.key) > _LONGEST_CJK_WORD)
        return self.is_text and not several


@dataclass(frozen=True, slots=True)
class Shift:
    """An interest that is new (`lately` in the latest choices) or past (`before`, and none lately)."""

    key: str
    tally: Tally
    lately: Trace
    before: int


def _is_year(key: str) -> bool:
    return key.startswith("#") and key[1:].isdigit()


def _lean(domain: Domain, key: str, tally: Tally) -> float:
    """How far `tally` leans to the chosen (+) or the rejected (-), in standard errors."""
    earlier_choices, earlier_refusals = domain.since.get(key, (0, 0))
    choices, refusals = domain.choices - earlier_choices, domain.refusals - earlier_refusals
    background = min(_BACKGROUND, max(0, choices - refusals))
    usual = _TAG_RATE if key.startswith("#") else _TERM_RATE
    rejected = tally.rejected.count + usual * background
    missing = max(0, refusals - choices)
    refusals += background
    chosen = tally.chosen.count + usual * min(_BACKGROUND, missing)
    choices += min(_BACKGROUND, missing)
    rate = (chosen + rejected + _PRIOR * usual) / (choices + refusals + _PRIOR)
    imagined = _PRIOR * rate
    chosen_without = max(choices - chosen, 0) + _PRIOR - imagined
    rejected_without = max(refusals - rejected, 0) + _PRIOR - imagined
    odds = math.log((chosen + imagined) / chosen_without)
    other = math.log((rejected + imagined) / rejected_without)
    # What stands in nearly everything ("beer" where all is about beer) is told apart by the few things without it.
    spread = 1 / (chosen + imagined) + 1 / chosen_without + 1 / (rejected + imagined) + 1 / rejected_without
    return (odds - other) / math.sqrt(spread)


def interests(domain: Domain) -> list[Interest]:
    """The tags and terms of `domain` with their leans, the strongest likes first and avoids last.

    What was seen only once is told only while there are few choices.
    """
    fewest = 1 if domain.step <= FEW else 2
    found = [
        Interest(key, tally, _lean(domain, key, tally))
        for key, tally in domain.tallies.items()
        if not key.startswith("?") and (tally.chosen.count >= fewest or tally.rejected.count >= fewest)
    ]
    # Of equals the longer says more: "wind turbines" before "wind".
    found.sort(key=lambda interest: (-round(interest.strength, 2), -len(interest.key), interest.key))
    return found


def distinct(ranked: Iterable[Interest], limit: int) -> list[Interest]:
    """The first of `ranked` of which none is a part of another one kept."""
    kept: list[Interest] = []
    for interest in ranked:
        if any(overlap(interest.key, other.key) for other in kept):
            continue
        kept.append(interest)
        if len(kept) == limit:
            break
    return kept


def overlap(key: str, other: str) -> bool:
    """Whether one of two tags or terms is a part of the other."""
    key, other = key.lstrip("#"), other.lstrip("#")
    words, others = set(key.split()), set(other.split())
    return words <= others or others <= words or (not key.isascii() and (key in other or other in key))


def shifts(domain: Domain) -> tuple[list[Shift], list[Shift]]:
    """The interests of `domain` that are new, and those that are past; strongest first.

    Both take time: what happened within a few days is no change of anybody's interests.
    """
    window = domain.window[-RECENT:]
    today = domain.seen.last
    if len(window) < RECENT or today - domain.seen.first < _DAYS_OF_CHANGE:
        return [], []
    new: list[Shift] = []
    past: list[Shift] = []
    for key, tally in domain.tallies.items():
        chosen = tally.chosen
        if chosen.count < RECENT / 2 or chosen.last - chosen.first < _DAYS_OF_INTEREST or _is_year(key):
            continue
        # What its owner took out has no past before that.
        earlier = domain.choices - domain.since.get(key, (0, 0))[0] - RECENT
        if earlier < _FEWEST_BEFORE:
            continue
        lately = Trace()
        for day, seq, keys in window:
            if key in keys:
                lately.add(day, seq)
        before = chosen.count - lately.count
        began = chosen.first - domain.seen.first >= _DAYS_OF_CHANGE
        if lately.count >= RECENT / 2 and began and before / earlier < lately.count / RECENT / 4:
            new.append(Shift(key, tally, lately, before))
        elif today - chosen.last >= _DAYS_OF_CHANGE and _fell_silent(key, tally, domain):
            past.append(Shift(key, tally, lately, before))
    new.sort(key=lambda shift: (-shift.lately.count, shift.before, not shift.key.startswith("#"), shift.key))
    past.sort(key=lambda shift: (-shift.before, not shift.key.startswith("#"), shift.key))
    return new, past


def _fell_silent(key: str, tally: Tally, domain: Domain) -> bool:
    """Whether it is unlikely that it was not seen lately if nothing has changed."""
    for size in (RECENT, len(domain.window)):
        if any(key in keys for _, _, keys in domain.window[-size:]):
            return False
        rate = tally.chosen.count / max(domain.choices - size, tally.chosen.count)
        if (1 - rate) ** size < _SILENCE:
            return True
    return False


def silent_domains(memory: Memory) -> list[str]:
    """The domains in which much happened over some time, and nothing for long while elsewhere there did."""
    today = max((domain.seen.last for domain in memory.domains.values()), default=0)
    return [
        key
        for key, domain in memory.domains.items()
        if domain.step >= RECENT / 2
        and domain.seen.last - domain.seen.first >= _DAYS_OF_INTEREST
        and today - domain.seen.last >= _DAYS_OF_SILENCE
    ]
