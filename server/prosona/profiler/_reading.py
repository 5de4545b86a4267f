"""What a line says, as far as it takes to tell it from another: content words, each liked or avoided."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from functools import lru_cache

from prosona.core.tokens import CJK
from prosona.profiler._lexicon import lexicon

__all__ = ["SHORTEST_STEM", "Reading", "plain", "read", "share_beginnings", "speaks_of_oneself", "words_of"]

# Thai, Lao, Burmese and Khmer are written without spaces too.
_UNSPACED = rf"{CJK}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
# Vowel signs of Indic and Arabic script belong to their words, whatever `\w` thinks.
_WORD = rf"(?:[^\W_{_UNSPACED}]|[\u0900-\u0dff\u064b-\u065f])+[+#]*"
_PIECE = re.compile(
    rf"(?P<word>{_WORD})|(?P<run>[{_UNSPACED}]+)|(?P<stop>[.;:!?()\u3002])|(?P<comma>[,\u3001\u2014\u2013])"
)
_ACCENT = re.compile("[\u0300-\u036f]")

_LONGEST = 2_000
"""Characters of a text that are read: no line is as long."""
_BEGINNING = 800
"""Characters of an interaction's text that are looked through: what it is about stands at its beginning, and
a batch of sixty-four with three texts each must not take longer than some ten milliseconds."""
SHORTEST_STEM = 3
"""Letters that a stem keeps, and with which all forms of a word begin."""

_LIKED_OR_DONE = 0.7
"""What is left of the likeness of two lines if one does what the other likes: enough if all else is alike."""

_OTHER_NUMBERS = 0.6
"""What is left of it if they name different numbers: two cats may become three, but rather stay two."""
_GENERIC_SIGN = 0.3
"""What it counts that both lines like or do something as general as eating or films."""

_ENDINGS = "ingly ungen ings ing edly ung ed es er en em os as s e o a"
"""Of English, German and Spanish words, the longest first."""

_ONESELF = re.compile(
    r"\b(?:i|im|i['\u2019](?:m|ve|d|ll)|my|me|ich|mich|mir|mein\w{0,3}|yo|mi|mis|je|j['\u2019]|moi|mon|ma)\b|\u6211",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Reading:
    """The content of one text."""

    senses: dict[str, int] = field(default_factory=dict)
    """Content words by their stem: 1 liked or done, -1 avoided, 0 neither."""
    doing: set[str] = field(default_factory=set)
    """What is done that tells lines apart: lives, works, reads."""
    likes: bool = False
    """Whether it says of something that it is liked."""

    def agreement(self, other: Reading) -> float:
        """0 if the two are of different things, or one mostly likes what the other avoids; less than 1 if
        one does what the other only likes, or their numbers differ; 1 otherwise."""
        known = lexicon()
        fields = self.senses.keys() & known.fields, other.senses.keys() & known.fields
        if _apart(self.doing, other.doing) or _apart(*fields):
            return 0.0
        sense = 0.0
        for stem in self.senses.keys() & other.senses.keys():
            sign = self.senses[stem] * other.senses[stem]
            # That both eat agrees less than that one does not eat fish tells them apart.
            sense += sign * (_GENERIC_SIGN if stem in known.generic and sign > 0 else 1.0)
        if sense < 0 or any(self._rivals(other, rivals) for rivals in known.rivals):
            return 0.0
        agreement = 1.0
        if _apart(self._numbers(), other._numbers()):
            agreement *= _OTHER_NUMBERS
        only_likes, skilled = sorted((self, other), key=lambda reading: len(reading.doing & known.skilled))
        if only_likes.likes and not only_likes.doing and skilled.doing & known.skilled:
            agreement *= _LIKED_OR_DONE
        return agreement

    def _numbers(self) -> set[str]:
        return {stem for stem in self.senses if stem.isdecimal() or stem in lexicon().numbers}

    def _rivals(self, other: Reading, rivals: frozenset[str]) -> bool:
        ours, theirs = self.senses.keys() & rivals, other.senses.keys() & rivals
        # To avoid long answers and to prefer short ones is the same.
        return _apart(ours, theirs) and any(
            self.senses[one] * other.senses[another] >= 0 for one in ours for another in theirs
        )


def _apart(one: Set[str], other: Set[str]) -> bool:
    return bool(one) and bool(other) and one.isdisjoint(other)


def plain(text: str) -> str:
    """`text` in one spelling: lower case, one form of each character, no accents on Latin letters."""
    folded = unicodedata.normalize("NFKD", text[:_LONGEST].casefold())
    return unicodedata.normalize("NFC", _ACCENT.sub("", folded))


@lru_cache(maxsize=256)
def read(text: str) -> Reading:
    """What `text` says of its user; not to be changed.

    Remembered for a while: a fold reads each line for its profiler, for the checks and for the service.
    """
    return _Reader().read(text)


def words_of(text: str) -> set[str]:
    """The content words of `text` by their stem, without their sense: quicker, for texts that may be long."""
    known = lexicon()
    found: set[str] = set()
    for piece in _pieces(_with_phrases(plain(text[:_BEGINNING]))):
        if piece.lastgroup == "word":
            word = piece[0]
            if not any(word in table for table in (known.stop, known.liking, known.refusing)):
                found.add(known.doing.get(word) or _stem(word))
        elif piece.lastgroup == "run":
            found.update(_grams(piece[0]))
    return found


def share_beginnings(one: str, other: str) -> bool:
    """Whether any of their content words may be one word: quicker than to compare them."""
    beginnings = {stem[:SHORTEST_STEM] for stem in read(one).senses}
    return any(stem[:SHORTEST_STEM] in beginnings for stem in read(other).senses)


def speaks_of_oneself(text: str) -> bool:
    """Whether somebody says "I" in it, as titles seldom do."""
    return _ONESELF.search(text) is not None


class _Reader:
    """Reads one text from left to right, keeping in mind what its last cue was."""

    def __init__(self) -> None:
        self._reading = Reading()
        self._sense = 0
        self._clause: list[str] = []
        self._after_refusal = False
        self._refused_all = False
        self._open_refusal = False

    def read(self, text: str) -> Reading:
        for piece in _pieces(_with_phrases(plain(text))):
            if piece.lastgroup == "stop":
                self._end_clause()
                self._sense = 0
            elif piece.lastgroup == "comma":
                self._end_clause()
            elif piece.lastgroup == "word":
                self._word(piece[0])
            else:
                for gram in _grams(piece[0]):
                    self._say(gram)
        self._end_clause()
        return self._reading

    def _word(self, word: str) -> None:
        if word in lexicon().resetting:
            self._end_clause()
            self._sense = 0
        elif word == "allergy":
            self._say(word)
            self._refused_all = True
        elif word in lexicon().comparing and self._sense > 0 and self._clause:
            self._sense, self._after_refusal = -1, False
        elif word in lexicon().refusing:
            # A refusal of a refusal: "never skips breakfast".
            self._sense = 1 if self._after_refusal else -1
            self._after_refusal = self._open_refusal = True
        elif word in lexicon().liking:
            if not self._after_refusal:
                self._sense = 1
                self._reading.likes = True
        elif word in lexicon().doing:
            name = lexicon().doing[word]
            if name in lexicon().apart:
                self._reading.doing.add(name)
            if not self._after_refusal and self._sense == 0:
                self._sense = 1
            self._say(name)
            self._after_refusal = self._sense < 0
        elif word not in lexicon().stop:
            self._say(_stem(word))

    def _say(self, stem: str) -> None:
        self._after_refusal = self._open_refusal = False
        self._clause.append(stem)
        if self._sense or stem not in self._reading.senses:
            self._reading.senses[stem] = self._sense

    def _end_clause(self) -> None:
        # A refusal with nothing behind it is of what stood in front: "mag Jazz nicht".
        if self._refused_all or self._open_refusal:
            self._reading.senses.update(dict.fromkeys(self._clause, -1))
            self._sense = -1
        self._clause, self._after_refusal, self._refused_all, self._open_refusal = [], False, False, False


def _with_phrases(text: str) -> str:
    for pattern, replacement in lexicon().spaced_phrases if text.isascii() else lexicon().phrases:
        text = pattern.sub(replacement, text)
    return text


def _pieces(text: str) -> Iterator[re.Match[str]]:
    return _PIECE.finditer(text)


def _grams(run: str) -> Iterable[str]:
    """Pairs of characters, as scripts without spaces need; a single one between two stop signs stays one."""
    for part in lexicon().stop_signs.split(run):
        if len(part) == 1:
            yield lexicon().same.get(part, part)
        for at in range(len(part) - 1):
            yield part[at : at + 2]


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    """The word without its ending, roughly and in any language alike: what matters is that forms of one
    word come out the same."""
    if word in lexicon().same:
        return lexicon().same[word]
    stem = word
    if stem.endswith("ies") and len(stem) > 4:
        stem = stem[:-2]
    for ending in _ENDINGS.split():
        if stem.endswith(ending) and len(stem) - len(ending) >= SHORTEST_STEM and not stem.endswith("ss"):
            stem = stem[: -len(ending)]
            break
    if len(stem) > SHORTEST_STEM and stem[-1] == stem[-2] and stem[-1] not in "sl":
        stem = stem[:-1]
    if len(stem) > SHORTEST_STEM and stem[-1] in "ei":
        stem = stem[:-1]
    if len(stem) > SHORTEST_STEM and stem[-1] == "y":
        stem = stem[:-1]
    return lexicon().same.get(stem, stem)
