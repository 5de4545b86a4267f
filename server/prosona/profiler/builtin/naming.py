"""What an item is called in a line: its own words, cut short, and plain where they could be misread."""

from __future__ import annotations

import re
from functools import lru_cache

from prosona.profiler.builtin.segment import is_cjk, without_noise
from prosona.profiler.builtin.words import FUNCTION_WORDS, NEGATIONS, TURNING_WORDS

_LONGEST_WORDS = 12
_LONGEST_CJK = 16
_SEARCHED = 400
_MARKS = " .!?。！？,，;；:：\"'“”"
_SENTENCE_END = re.compile(r"(?<=[!?。！？])|(?<=[a-z]{3}\.)\s")
_STOPS = re.compile(r"[.!?]\s|[。！？：]|: |不|没|未|喜欢|讨厌|爱")
_OPENING = re.compile(
    r"^(?:(?:(?:maybe|perhaps),? )?(?:you|we|let's) (?:could|can|might|should|may) |"
    r"i(?:'d|'ll| would| can) (?:suggest|recommend|go for) |(?:how|what) about |consider(?:ing)? |check out |"
    r"opt for |try(?:ing)? (?=an? |the |some |out )|there (?:are|is) )"
    r"(?:(?:try|trying|try using|enjoy|consider|look into|check out|go for|some great) )?",
    re.IGNORECASE,
)
_PLAIN = (
    # The name of a thing offered, not the advice to take it.
    (re.compile(r" (?:might|could|would|may) (?:be|suit)\b.*$", re.IGNORECASE), ""),
    # "Shoes like these" are no liking, and "without nuts" is no refusal of what comes next.
    (
        re.compile(r"(?<=[a-z]) (?<!I )(?<!would )(?<!you )(?<!to )(?<!look )(?<!looks )like (?=\S)"),
        " such as ",
    ),
    (re.compile(r"\bwithout (?:any |an? |the )?", re.IGNORECASE), "free of "),
    (re.compile(r"\byour favou?rite ", re.IGNORECASE), "a "),
)


def short_title(text: str) -> str | None:
    """The title `text` as written, and of a long one the beginning; None if nothing fits."""
    return _cut(" ".join(without_noise(text[:_SEARCHED]).split()).strip(_MARKS))


def short_name(text: str) -> str | None:
    """What an item described by `text` may be called in a sentence, or None if nothing fits.

    Its first sentence in its own words but for advice to take it, and of a long one the beginning.
    """
    text = " ".join(without_noise(text[:_SEARCHED]).split()).replace("’", "'")
    text = _SENTENCE_END.split(text.strip(_MARKS), maxsplit=1)[0].strip(_MARKS)
    if " " in text:
        text = _OPENING.sub("", text)
        for pattern, plain in _PLAIN:
            text = pattern.sub(plain, text)
    return _cut(text)


def _cut(text: str) -> str | None:
    if is_cjk(text):
        return text if len(text) <= _LONGEST_CJK else _clause(text)
    words = text.split()
    if len(words) > _LONGEST_WORDS:
        words = words[:_LONGEST_WORDS]
        while words and words[-1].lower() in FUNCTION_WORDS:
            words.pop()
        text = " ".join(words).rstrip(_MARKS) + "…"
    return text if any(map(str.isalnum, text)) else None


@lru_cache(maxsize=4096)
def turns_the_sense(name: str) -> bool:
    """Whether a row of names may be misread behind `name`: it likes, denies, or ends a sentence."""
    words = [word.strip(_MARKS) for word in name.lower().replace("’", "'").replace("-", " ").split()]
    return (
        any(word in TURNING_WORDS or word in NEGATIONS or word.endswith("n't") for word in words)
        or _STOPS.search(name) is not None
    )


def _clause(text: str) -> str | None:
    first = re.split(r"[，。；：！？、,;:]", text, maxsplit=1)[0]
    return first if 2 <= len(first) <= _LONGEST_CJK else None
