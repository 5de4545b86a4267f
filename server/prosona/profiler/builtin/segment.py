"""Text into the pieces that are counted: content words, pairs of words, and Chinese character groups.

Every pattern takes time linear in the text, and no more than `READ_CHARACTERS` of one are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from prosona.core.tokens import CJK
from prosona.profiler.builtin._words import (
    CJK_COMMON,
    CJK_FUNCTION,
    COMMON_WORDS,
    FUNCTION_WORDS,
    LEANING_WORDS,
    NEGATIONS,
)

__all__ = [
    "HAN",
    "READ_CHARACTERS",
    "fold",
    "is_cjk",
    "letters",
    "runs",
    "terms",
    "without_noise",
]

READ_CHARACTERS = 1_500
"""How much of one text is searched for terms: what a text is about stands at its beginning."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""The ideographs that Chinese is written with, for use inside a character class: those of `CJK` that stand
for no syllable of Japanese or Korean. By code point, since a source file may be normalised."""

_TERMS_A_TEXT = 70
"""Terms counted of one text: what a page of 1,500 characters has, one-off words included."""
_LONGEST_WORD = 32
"""In letters: what is longer is a hash, an id or a file, no word of anybody's interests."""
_LONGEST_RUN = 60
"""In characters: Chinese without a mark for so long is a table or a list, and its beginning is enough."""

_HAN_CHARACTER = re.compile(f"[{HAN}]")
_LETTER = re.compile(r"[^\W\d_]")
_SYLLABLE = re.compile(f"(?![{HAN}])[{CJK}]")
_URL = re.compile(r"(?:https?://|www\.)\S+|[^\s@]{1,64}@[^\s@]{1,255}")
_FORMULA = re.compile(r"\$[^$\n]{1,200}\$|\\[A-Za-z]+|`{1,3}[^`]*`{1,3}|<[^<>\n]{1,80}>")
_TOKEN = re.compile(
    rf"[{HAN}]+|[^\W_{HAN}](?:[^\W_{HAN}]|[’'&.\-+](?=[^\W_{HAN}]))*(?:\+\+|#)?|[^\s\w]|_",
)


def letters(text: str) -> tuple[int, int]:
    """How many Chinese characters and how many other letters the beginning of `text` holds.

    Beside Japanese or Korean syllables no ideograph counts as Chinese.
    """
    text = text[:READ_CHARACTERS]
    every, han = len(_LETTER.findall(text)), len(_HAN_CHARACTER.findall(text))
    return (0, every) if han and _SYLLABLE.search(text) else (han, every - han)


def is_cjk(text: str) -> bool:
    """Whether `text` begins with a Chinese character."""
    return bool(_HAN_CHARACTER.match(text))


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """The form under which a word is counted: lower case, without plural or possessive ending."""
    word = word.lower().replace("’", "'").removesuffix("'s").strip("'.-&")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def without_noise(text: str) -> str:
    """`text` without addresses, formulas and code, which are no words of anybody's interests."""
    if "://" in text or "@" in text or "www." in text:
        text = _URL.sub(" ", text)
    if "$" in text or "\\" in text or "`" in text or "<" in text:
        text = _FORMULA.sub(" ", text)
    return text


def runs(text: str, *, negated_too: bool = False) -> Iterator[list[str]]:
    """Maximal runs of content words, as written; function words and marks break them.

    A run after a negation ("without nuts") is left out unless `negated_too`.
    """
    run: list[str] = []
    negated = False
    for token in _TOKEN.findall(text):
        if _HAN_CHARACTER.match(token):
            if run:
                yield run
                run = []
            yield [token]
        elif token.lower().replace("’", "'") in FUNCTION_WORDS or not token[0].isalnum():
            if run:
                yield run
                run = []
                negated = False
            negated = token.lower() in NEGATIONS or (negated and token[0].isalnum())
        elif negated_too or not negated:
            run.append(token)
    if run:
        yield run


def terms(text: str) -> dict[str, str]:
    """The terms of `text`, each once: the key under which it is counted, and how it is written."""
    found: dict[str, str] = {}
    for run in runs(without_noise(text[:READ_CHARACTERS])):
        if _HAN_CHARACTER.match(run[0]):
            for gram in _grams(run[0][:_LONGEST_RUN]):
                found.setdefault(gram, gram)
        else:
            _add_words(run, found)
        if len(found) >= _TERMS_A_TEXT:
            break
    return found


def _add_words(run: list[str], found: dict[str, str]) -> None:
    before: tuple[str, str] | None = None
    for word in run:
        key = fold(word)
        unnamed = (len(key) < 3 and not word.isupper()) or len(key) > _LONGEST_WORD or not key
        if unnamed or _says_little(word) or word.isdigit():
            before = None
            continue
        found.setdefault(key, word if word[0].isupper() else word.lower())
        if before:
            found.setdefault(f"{before[0]} {key}", f"{before[1]} {word}")
        before = (key, word)
        if len(found) >= _TERMS_A_TEXT:
            return


def _grams(run: str) -> Iterator[str]:
    """Groups of 2 to 4 characters that neither begin nor end with a function character."""
    for size in (2, 3, 4):
        for start in range(len(run) - size + 1):
            gram = run[start : start + size]
            if gram[0] in CJK_FUNCTION or gram[-1] in CJK_FUNCTION or gram in CJK_COMMON:
                continue
            yield gram


def _says_little(word: str) -> bool:
    lower = word.lower()
    return lower in COMMON_WORDS or lower in LEANING_WORDS or fold(word) in COMMON_WORDS
