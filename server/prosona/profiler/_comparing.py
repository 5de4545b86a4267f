"""How far texts say the same, and which interactions speak for which lines, by the words they share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from prosona.core.words import Line, RecordedInteraction
from prosona.profiler._lexicon import lexicon
from prosona.profiler._reading import SHORTEST_STEM, Reading, read, speaks_of_oneself, words_of

__all__ = ["Content", "Speaking"]

_SPEAKS_FOR = 0.15
"""Least share of a line's content in an interaction that speaks for it."""
_ASIDE = 0.4
"""What a word counts that stands in the query or the domain alone: many lines are about those."""
_GENERIC_WEIGHT = 0.3
"""What a word counts that many lines of any profile hold: a third of one that tells lines apart."""
_ONE_SAYING = 300
"""Characters up to which what was chosen may be one sentence that a user said."""
_SAME_BEGINNING = 0.7
"""Share of the longer of two stems with which both begin, if they are forms of one word."""
_SAME_SPELLING = 88.0
"""Likeness of two stems, of 100, from which on they are one word spelled in two ways."""
_SHORTEST_PART = 4
"""Letters of a stem below which likeness of spelling says nothing."""
_COMPOUND = 9
"""Fewest letters of a word that may be put together of others, as German ones are."""


class Content:
    """Texts by their content words, with what each word is worth among them."""

    def __init__(self, texts: Sequence[str]) -> None:
        readings = [read(text) for text in texts]
        self.families = _Families(stem for reading in readings for stem in reading.senses)
        self.readings = [_in_families(reading, self.families) for reading in readings]
        counts = Counter(stem for reading in self.readings for stem in reading.senses)
        generic, most = lexicon().generic, len(texts) + 2
        # A word of two lines, the past one and its rewording, is worth as much as that of one.
        self._worth = {
            stem: math.log(most / max(2, count)) * (_GENERIC_WEIGHT if stem in generic else 1.0)
            for stem, count in counts.items()
        }
        self._wholes = [self.sum(reading.senses) for reading in self.readings]

    def likely(self, one: int, other: int) -> float:
        """From 0 to 1: how likely it is that one rewords the other, which may add to it or leave out."""
        return (self._overlap(one, other, min) + self.likeness(one, other)) / 2

    def likeness(self, one: int, other: int) -> float:
        """From 0 to 1: what both say, by half of what they say together."""
        return self._overlap(one, other, lambda a, b: (a + b) / 2)

    def share(self, one: int, other: int) -> float:
        """From 0 to 1: how much of what `one` says `other` says, too."""
        return self._overlap(one, other, lambda a, _: a)

    def share_in(self, one: int, stems: Set[str]) -> float:
        """From 0 to 1: how much of what `one` is about is among `stems`; 1 for a text about nothing."""
        about = self.readings[one].senses.keys()
        return self.sum(about & stems) / self._wholes[one] if about else 1.0

    def _overlap(self, one: int, other: int, by: Callable[[float, float], float]) -> float:
        a, b = self.readings[one], self.readings[other]
        shared = a.senses.keys() & b.senses.keys()
        if not shared or not (agreement := a.agreement(b)):
            return 0.0
        return agreement * self.sum(shared) / by(self._wholes[one], self._wholes[other])

    def whole(self, one: int) -> float:
        """What all content words of `one` are worth."""
        return self._wholes[one]

    def sum(self, stems: Iterable[str]) -> float:
        """What `stems` are worth, all of some text here."""
        return sum(self._worth[stem] for stem in stems)


class Speaking:
    """Which interactions speak for which of some lines, by the words that they share."""

    def __init__(self, lines: Sequence[Line], interactions: Sequence[RecordedInteraction]) -> None:
        self._content = Content([line.text for line in lines])
        self._families = self._content.families
        self._generic = lexicon().generic
        self._told = [(item.seq, *self._tells(item)) for item in interactions]

    def seqs(self, at: int) -> list[int]:
        """Those that speak for the line at `at`, the best first, of equals the newest."""
        scores = [(self._score(at, told, beside), seq) for seq, told, beside in self._told]
        return [seq for score, seq in sorted(scores, reverse=True) if score >= _SPEAKS_FOR]

    def _tells(self, item: RecordedInteraction) -> tuple[dict[str, int], set[str]]:
        """The words of the lines that stand in what was chosen (1, unless a sentence of the user's says
        otherwise) and in what was rejected (-1), and those that stand beside it."""
        told = dict.fromkeys(self._families.of(words_of(item.rejected or "")), -1)
        chosen = item.chosen or ""
        if len(chosen) <= _ONE_SAYING:
            for stem, sense in read(chosen).senses.items():
                told |= dict.fromkeys(self._families.of([stem]), sense if speaks_of_oneself(chosen) else 1)
        else:
            told |= dict.fromkeys(self._families.of(words_of(chosen)), 1)
        return told, set(self._families.of(words_of(f"{item.query or ''} {item.domain or ''}")))

    def _score(self, at: int, told: Mapping[str, int], beside: Set[str]) -> float:
        senses = self._content.readings[at].senses
        direct = [stem for stem in senses.keys() & told.keys() if senses[stem] * told[stem] >= 0]
        aside = (senses.keys() & beside) - told.keys()
        if not aside and self._generic.issuperset(direct):
            return 0.0
        return (self._content.sum(direct) + _ASIDE * self._content.sum(aside)) / self._content.whole(at)


class _Families:
    """Stems of some texts, those of one word under one name."""

    def __init__(self, stems: Iterable[str]) -> None:
        known = sorted(set(stems), key=lambda stem: (len(stem), stem))
        self._names: dict[str, set[str]] = {}
        self._alike: dict[str, list[str]] = {}
        for stem in known:
            kin = self._kin(stem)
            self._names[stem] = {kin or stem}
            if kin is None:
                self._alike.setdefault(stem[:SHORTEST_STEM], []).append(stem)
        for stem in known:
            if len(stem) >= _COMPOUND:
                for length in range(_SHORTEST_PART, len(stem) - 2):
                    for part in (stem[:length], stem[-length:]):
                        self._names[stem] |= self._names.get(part, set())

    def of(self, stems: Iterable[str]) -> set[str]:
        """The names that forms of `stems` have here; nothing for words that are none of these."""
        names: set[str] = set()
        for stem in stems:
            if found := self._names.get(stem):
                names |= found
            elif kin := self._kin(stem):
                names.add(kin)
        return names

    def _kin(self, stem: str) -> str | None:
        if len(stem) < _SHORTEST_PART:
            return None
        others = self._alike.get(stem[:SHORTEST_STEM], ())
        kin = (other for other in others if len(other) >= _SHORTEST_PART and _one_word(other, stem))
        return next(kin, None)


def _in_families(reading: Reading, families: _Families) -> Reading:
    """The same with one name for all forms of a word."""
    senses: dict[str, int] = {}
    for stem, sense in reading.senses.items():
        for name in families.of([stem]):
            senses[name] = senses.get(name) or sense
    return Reading(senses, reading.doing, reading.likes)


def _one_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if long.startswith(short):
        return len(long) - len(short) <= 4
    common = next(at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b)
    if common >= _SAME_BEGINNING * len(long):
        return True
    from rapidfuzz import fuzz

    return len(short) > 5 and fuzz.ratio(short, long, score_cutoff=_SAME_SPELLING) > 0
