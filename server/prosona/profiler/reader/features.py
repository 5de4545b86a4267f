"""What the reader looks at: pieces of words, words and their order, and where a sentence stands.

All are hashed into tables of a fixed size, so that no list of words has to be kept and a word never seen
still has its pieces. Training and reading share this file: a change here makes the weights worthless.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

__all__ = ["FAMILIES", "FORM", "TABLE", "Features", "features_of", "shape_of"]

FORM = 1
"""Of the features. Weights name the form that they were trained for."""
TABLE = 1 << 18
"""Weights a family: with fewer, unrelated pieces share one too often; with more, the file grows for nothing."""
FAMILIES = ("letters", "words", "message", "place")

_LONGEST_PIECE = 5
"""In letters: longer pieces are words, which have a family of their own."""
_LONGEST_ORDER = 3
"""In words."""
_READ = 600
"""Characters read of one sentence: longer ones are no sentences."""
_READ_OF_MESSAGE = 400
"""Characters of a message that say what kind of message it is."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_FIRST_PERSON = re.compile(
    r"\b(?:i|i'm|im|i've|ive|i'd|my|me|mine|we|our|ours|us|ich|mich|mir|mein\w*|wir|unser\w*|je|j'|moi|mon|ma|mes|nous"
    r"|yo|mi|mis|me|nosotros|eu|meu|minha|nós)\b|我|咱|俺|私|僕|俺|저|나는|내|मैं|मेर|मुझ|أنا|عندي|\bلي\b"
)
_ORDER = re.compile(
    r"^\W*(?:please|pls|use|no|don't|dont|stop|always|never|keep|make|write|give|show|fix|add)\b"
)
_QUOTES = frozenset('"“”„«»「」『』>')

Features = tuple[dict[int, float], ...]
"""A weight by place in its table, one such dictionary a family, each of length 1 (or empty)."""


def features_of(sentences: Sequence[str], message: str) -> list[Features]:
    """The features of each of `sentences`, which stand in `message` in this order."""
    plain = [shape_of(sentence) for sentence in sentences]
    around = _unit(_pieces(shape_of(message[:_READ_OF_MESSAGE])))
    return [
        (_unit(_pieces(text)), _unit(_orders(text)), around, _unit(_place(plain, place, message)))
        for place, text in enumerate(plain)
    ]


def shape_of(text: str) -> str:
    """`text` in one spelling: small letters, one form of each sign, plain apostrophes, single spaces."""
    text = unicodedata.normalize("NFKC", text[:_READ]).casefold()
    return " ".join(text.replace("’", "'").replace("`", "'").split())


def _pieces(text: str) -> dict[int, float]:
    """All pieces of 1 to 5 letters, none across the border of a word, which counts as a letter."""
    found: dict[int, float] = {}
    for word in text.split():
        for place in _pieces_of(word):
            found[place] = found.get(place, 0.0) + 1.0
    return found


@lru_cache(maxsize=20_000)
def _pieces_of(word: str) -> tuple[int, ...]:
    data = f" {word} "
    return tuple(
        crc32(data[start : start + size].encode("utf-8", "replace")) % TABLE
        for size in range(1, min(_LONGEST_PIECE, len(data)) + 1)
        for start in range(len(data) - size + 1)
    )


def _orders(text: str) -> dict[int, float]:
    """One, two and three words or signs in a row."""
    tokens = ["<", *_TOKEN.findall(text), ">"]
    found: dict[int, float] = {}
    for size in range(1, _LONGEST_ORDER + 1):
        for start in range(len(tokens) - size + 1):
            place = crc32("\t".join(tokens[start : start + size]).encode("utf-8", "replace")) % TABLE
            found[place] = found.get(place, 0.0) + 1.0
    return found


def _place(sentences: Sequence[str], place: int, message: str) -> dict[int, float]:
    """Where the sentence stands and what it looks like, and how its neighbours begin and end."""
    text = sentences[place]
    before = sentences[place - 1] if place else ""
    after = sentences[place + 1] if place + 1 < len(sentences) else ""
    marks = [
        f"length {min(12, len(text) // 15)}",
        f"place {min(4, place)}",
        f"sentences {min(6, len(sentences))}",
        f"lines {min(6, message.count(chr(10)))}",
        f"ends {text[-1:]}",
        f"before ends {before[-1:]}",
        f"after ends {after[-1:]}",
        *(f"before {word}" for word in _TOKEN.findall(before)[:2]),
        *(f"after {word}" for word in _TOKEN.findall(after)[:2]),
    ]
    first = bool(_FIRST_PERSON.search(text))
    question = text.endswith(("?", "؟"))
    quoted = not _QUOTES.isdisjoint(message)
    order = bool(_ORDER.search(text))
    marks += [f"first {first}", f"question {question}", f"quoted {quoted}", f"order {order}"]
    marks += [f"first {first} order {order} question {question} quoted {quoted}"]
    marks += [f"before first {bool(_FIRST_PERSON.search(before))}"] if before else ["alone"]
    return {crc32(mark.encode("utf-8", "replace")) % TABLE: 1.0 for mark in marks}


def _unit(counts: dict[int, float]) -> dict[int, float]:
    length = sum(count * count for count in counts.values()) ** 0.5
    return {place: count / length for place, count in counts.items()} if length else {}
