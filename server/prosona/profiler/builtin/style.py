"""How the answers a user chooses differ in manner from those they reject."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prosona.profiler.builtin.memory import Lean, Trace
from prosona.profiler.builtin.segment import HAN

__all__ = ["MANNERS", "StyleLean", "compare", "style_leans"]

_MEASURED_CHARACTERS = 2_000
"""How much of an answer its manner is measured by; its length is measured by all of it."""
_FEWEST_PAIRS = 3
"""Pairs of answers that agree before a manner is told: one or two are about what was asked."""
_SIGNIFICANT = 1.9
"""In standard errors of a coin toss: of the dozen manners one leans as far by chance in one user of two."""
_LENGTH_SIGNIFICANT = 0.5
"""Length is measured without error."""
_SHORTEST_ANSWER = 12
"""In words: below it an answer has no manner."""

_LIST = re.compile(r"^[ \t]*(?:[-*•·]|\d{1,2}[.)、]|[一二三四五六七八九十]、)[ \t]*\S", re.MULTILINE)
_CODE = re.compile(r"```|`[^`\n]+`|^ {4}\S", re.MULTILINE)
_SENTENCE = re.compile(rf"[.!?。！？](?=\s|$|[{HAN}])")
_WORD = re.compile(rf"[A-Za-z][A-Za-z'’-]*|[{HAN}]")
_HEDGE = re.compile(
    r"\b(?:may|might|maybe|perhaps|possibly|probably|could|seems?|likely|generally|often|usually|somewhat|"
    r"i think|"
    r"i believe|it depends|in some cases|not sure)\b|可能|也许|或许|大概|似乎|一般来说|通常",
)
_CASUAL = re.compile(
    r"\b\w+['’](?:s|re|ll|ve|d|m|t)\b|啦|呀|哦|嘛|哈哈|咱|"
    r"\b(?:gonna|wanna|kinda|yeah|yep|hey|cool|awesome|stuff|guys|lol|haha|btw|ok|okay)\b",
)
_FORMAL = re.compile(
    r"\b(?:furthermore|moreover|therefore|thus|hence|consequently|nevertheless|regarding|additionally|"
    r"subsequently|"
    r"whereas|accordingly|respectively|in addition|in conclusion)\b|您|因此|此外|综上|然而|鉴于|从而",
)
_WARM = re.compile(
    r"!|！|\b(?:great|happy to|glad|wonderful|hope this helps|good luck|don['’]t worry|feel free|"
    r"absolutely|love|enjoy|"
    r"friend|amazing|fantastic|congrat\w+)\b|加油|别担心|希望|很高兴|太棒了",
)
_PLAYFUL = re.compile(
    r"\b(?:oh|ah|haha|lol|honey|darling|sweetie|buddy|buckle up|spoiler|seriously|obviously|duh|well,|wow|"
    r"oops|fancy)\b|"
    r"哈哈|嘿|哎呀|亲",
)
_ADDRESS = re.compile(r"\byou(?:r|rs|rself|['’]re|['’]ll|['’]ve)?\b|你|您")
_EXAMPLE = re.compile(
    r"\b(?:for example|for instance|e\.g\.|such as|imagine|like a|think of)\b|例如|比如|举例|好比",
    re.IGNORECASE,
)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]|[:;]-?[)D(]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?%?")
_ASKING = re.compile(r"[?？]")


@dataclass(frozen=True, slots=True)
class Manner:
    """One manner of answering that can be measured: by how much two answers must differ to tell."""

    name: str
    measure: Callable[[str, int], float]
    step: float
    relative: bool = False


def _rate(pattern: re.Pattern[str]) -> Callable[[str, int], float]:
    # Lowering the text first is three times as fast as a pattern that ignores case.
    return lambda text, words: 100.0 * len(pattern.findall(text.lower())) / words


def _has(pattern: re.Pattern[str], cap: int) -> Callable[[str, int], float]:
    return lambda text, words: float(min(cap, len(pattern.findall(text))))


def _word_length(text: str, words: int) -> float:
    found = _WORD.findall(text)
    return sum(map(len, found)) / len(found) if found else 0.0


def _sentence_length(text: str, words: int) -> float:
    return words / (len(_SENTENCE.findall(text)) or 1)


MANNERS = (
    Manner("length", lambda text, words: float(words), 0.2, relative=True),
    Manner("lists", _has(_LIST, 6), 1.5),
    Manner("code", _has(_CODE, 3), 0.5),
    Manner("long_words", _word_length, 0.2),
    Manner("long_sentences", _sentence_length, 0.2, relative=True),
    Manner("hedging", _rate(_HEDGE), 0.7),
    Manner("formal", lambda text, words: _rate(_FORMAL)(text, words) - _rate(_CASUAL)(text, words), 0.7),
    Manner("warm", _rate(_WARM), 0.7),
    Manner("playful", _rate(_PLAYFUL), 0.5),
    Manner("address", _rate(_ADDRESS), 1.0),
    Manner("examples", _has(_EXAMPLE, 3), 0.5),
    Manner("emoji", _has(_EMOJI, 3), 0.5),
    Manner("figures", _rate(_NUMBER), 1.0),
    Manner("asking", _has(_ASKING, 2), 0.5),
)


@dataclass(frozen=True, slots=True)
class StyleLean:
    """One manner the user leans to (`more`) or away from, in `wins` of the `of` pairs that differed in it."""

    manner: str
    more: bool
    wins: Trace
    of: int

    @property
    def strength(self) -> float:
        """In standard errors of a coin toss."""
        return (2 * self.wins.count - self.of) / math.sqrt(self.of)


def compare(leans: dict[str, Lean], chosen: str, rejected: str, day: int, seq: int) -> None:
    """Counts in which manners `chosen` went beyond `rejected`, if both are answers in sentences."""
    whole = (len(_WORD.findall(chosen)), len(_WORD.findall(rejected)))
    if max(whole) < _SHORTEST_ANSWER or min(whole) < 3:
        return
    chosen, rejected = chosen[:_MEASURED_CHARACTERS], rejected[:_MEASURED_CHARACTERS]
    begun = (len(_WORD.findall(chosen)) or 1, len(_WORD.findall(rejected)) or 1)
    for manner in MANNERS:
        words = whole if manner.name == "length" else begun
        ours, theirs = manner.measure(chosen, words[0]), manner.measure(rejected, words[1])
        gap = math.log((ours + 1e-9) / (theirs + 1e-9)) if manner.relative else ours - theirs
        if abs(gap) < manner.step:
            continue
        lean = leans.setdefault(manner.name, Lean())
        (lean.more if gap > 0 else lean.less).add(day, seq)


def style_leans(leans: dict[str, Lean]) -> Iterator[StyleLean]:
    """The manners in which the choices are too one-sided for chance."""
    for manner in MANNERS:
        lean = leans.get(manner.name)
        if lean is None or max(lean.more.count, lean.less.count) < _FEWEST_PAIRS:
            continue
        if lean.more.count == lean.less.count:
            continue
        more = lean.more.count > lean.less.count
        found = StyleLean(
            manner.name, more, lean.more if more else lean.less, lean.more.count + lean.less.count
        )
        if found.strength >= (_LENGTH_SIGNIFICANT if manner.name == "length" else _SIGNIFICANT):
            yield found
