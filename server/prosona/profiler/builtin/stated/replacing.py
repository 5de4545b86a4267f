"""What is said later takes the place of what it repeats, ends or sets right, by when it was said.

A fact of health gives way only to word that it is over; nothing gives way for a word that both happen to hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from prosona.profiler._reading import words_of
from prosona.profiler.builtin.memory import Saying
from prosona.profiler.builtin.segment import fold, runs
from prosona.profiler.builtin.stated.slots import corrects, denies, denies_health, is_over, whose

__all__ = ["Refusals", "add"]

_SAME = 0.75
"""From which share of common content words on two sentences say the same."""
_OPPOSED = 0.6
"""From which share of the shorter one's words on two that differ in yes and no are of the same."""
_CLAUSE = re.compile(r"[,;，；]")
_GENERAL = frozenset(
    words_of("i like love hate want use eat drink live work have go get make do people thing time day year")
)
"""Content words that are in too many sentences to show that two are of the same."""
_OVER_FOR_HEALTH = re.compile(
    r"\b(?:no longer|any ?more|outgrew|outgrown|cured|turned out|after all|came back negative|isn't .{0,20}after all"
    r"|not (?:allergic|intolerant|diabetic|coeliac|celiac|pregnant) (?:after|now))\b|不再|好了|已经不|治好"
    r"|もう.{0,10}ない|nicht mehr|ya no|plus\b.{0,12}allerg|não .{0,16}mais"
)


def add(known: list[Saying], new: Saying) -> None:
    """Adds `new` to what is known, in place of what it repeats, ends or sets right; what was said later wins."""
    for old in list(known):
        again = _repeats(old, new)
        if not again and not _gives_way(old, new):
            continue
        if old.day > new.day:
            if again:
                old.trace.take(new.trace)
            return
        if again:
            new.trace.take(old.trace)
        new.key = old.key
        known.remove(old)
    known.append(new)


def _repeats(old: Saying, new: Saying) -> bool:
    """Whether both say the same of the same."""
    a, b = set(old.objects), set(new.objects)
    if old.text.casefold() == new.text.casefold():
        return True
    if not a or not b or old.negative != new.negative or _ends(old) != _ends(new):
        return False
    lows = old.text.casefold(), new.text.casefold()
    if whose(lows[0]) != whose(lows[1]) or denies_health(lows[0]) != denies_health(lows[1]):
        return False
    return len(a & b) / len(a | b) >= _SAME and (old.consequence == "safety") == (new.consequence == "safety")


def _gives_way(old: Saying, new: Saying) -> bool:
    """Whether only the later of the two can stand."""
    earlier, later = (old, new) if old.day <= new.day else (new, old)
    low = later.text.casefold()
    shared = (set(earlier.objects) & set(later.objects)) - _GENERAL
    if "safety" in (earlier.consequence, later.consequence):
        # "I love cats" does not cure an allergy to them.
        return earlier.consequence == later.consequence == "safety" and _is_renewed(earlier, later)
    if later.slot and later.slot == earlier.slot:
        return True
    if not shared:
        return False
    if corrects(low):
        return True
    if is_over(low) and not is_over(earlier.text.casefold()):
        return True
    fewest = min(len(earlier.objects), len(later.objects))
    return earlier.negative != later.negative and len(shared) / max(1, fewest) >= _OPPOSED


def _is_renewed(earlier: Saying, later: Saying) -> bool:
    """Whether two statements of health are one matter of one person, of which the later tells how it is now.

    That one of two allergies is over leaves the other, and a son's is not his mother's.
    """
    told = [_OVER_FOR_HEALTH.sub(" ", saying.text.casefold()) for saying in (earlier, later)]
    over = [text != saying.text.casefold() for text, saying in zip(told, (earlier, later), strict=True)]
    first, second = (words_of(text) for text in told)
    if whose(told[0]) != whose(told[1]) or not first:
        return False
    if over[0] or over[1]:
        return first <= second
    return first <= second and denies_health(told[0]) == denies_health(told[1])


def _ends(saying: Saying) -> bool:
    return is_over(saying.text.casefold())


class Refusals:
    """What statements say that their speaker does not, or no longer, like."""

    def __init__(self, statements: Iterable[str]) -> None:
        clauses = [clause for text in statements for clause in _CLAUSE.split(text)]
        self._texts = [clause for clause in clauses if denies(clause.casefold())]
        self._words = [
            {fold(word) for run in runs(text, negated_too=True) for word in run} for text in self._texts
        ]
        self._all = frozenset().union(*self._words)

    def rule_out(self, name: str) -> bool:
        """Whether one of them speaks of everything in `name`."""
        if not name.isascii():
            return any(name in text for text in self._texts)
        named = {fold(word) for word in name.split()}
        return bool(named) and named <= self._all and any(named <= words for words in self._words)
