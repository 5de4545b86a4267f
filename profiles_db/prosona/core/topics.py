r"""What counts as naming a topic, when its owner asks to forget it.

A topic is a word or a phrase. A text names it if it holds all its words in their order, in any case and
spelling that a person would call the same: with or without accents, hyphens, plural, possessive, contraction
or commas in numbers. Words are found as Unicode cuts them, marks included, so that no word is found inside
another ("art" leaves "party" alone). Scripts without spaces between words (Chinese, Japanese, Thai) and
Korean, which binds particles to words, are searched sign by sign.

A text is brought to one plain form and searched with one pattern, bounded in all it repeats: the time is in
proportion to the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from prosona.core._spelling import (
    ARABIC,
    HEBREW,
    IDEOGRAPHS,
    KOREAN,
    UNSPACED,
    is_mark,
    is_symbol,
    joins,
    plain_form,
    spelled,
    within,
)
from prosona.core._word_forms import contraction, expanded, forms_of
from prosona.core.errors import InvalidInputError

__all__ = ["MAX_TOPIC", "Topic", "near", "topic"]

MAX_TOPIC = 600
"""Longest topic, in characters: a whole line of a profile with its evidence. The pattern grows with it."""

_SHORT = 80
"""Letters of a topic up to which other forms of each of its words are looked for: a phrase, not a line."""

_NEAR_ENOUGH = 75.0
"""Out of 100, of RapidFuzz's ratio of the best-fitting part: "allergic" comes near "allergy" with 77."""

_READ = 400
"""Characters of a text among which what comes near is looked for."""

_TOGETHER = 50
"""Texts compared in one call, which takes no more than some milliseconds and lets no other thread run."""

_LOOKED_AT = 50
"""Of what comes near in some part, so many are compared word by word."""

# What may stand between two words of a phrase, three signs at most (", " or " - " or ") ("), and within a
# word that some write in two ("e-mail", "e mail").
_JOINT = "[\\s!-/:-@\\[-`{-~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]{0,3}"
_SEAM = "[\\s\\-_.'/\u00ad\u00b7\u2010-\u2015\u30fb]?"
_THOUSANDS = "[,.'\\s\u00a0\u2009\u202f]?"

# Where a word ends that is written with spaces: "knittings" is no form of "knitting" in "knitting socks".
_END = "(?![^\\W_" + "".join(f"{chr(first)}-{chr(last)}" for first, last in UNSPACED) + "])"

# What belongs to the word before it: "C++", "C#".
_TAIL = "+#"

_PARTICLES = """
은 는 이 가 을 를 의 도 만 과 와 로 에 랑 나 들 께 야 요 입 이다
으로 에서 에게 한테 까지 부터 보다 처럼 하고 이랑
"""
# They follow a Korean word without a space; only words of one syllable must be told apart by them.
_KOREAN_ENDINGS = frozenset(_PARTICLES.split())

# What Arabic and Hebrew write together with a word: and, in, to, from, the; and endings of theirs.
_ARABIC_HEADS = ("", "ال", "و", "وال", "ب", "بال", "ل", "لل", "ك", "كال", "ف", "فال", "ولل")
_ARABIC_TAILS = ("", "ه", "ي", "ك", "ها", "نا", "هم", "ات", "ين", "ون", "تي", "ته", "تك", "تنا")
_HEBREW_HEADS = ("", *"הובכלמש", "וה", "שה", "מה", "בה", "לה", "כש")
_HEBREW_TAILS = ("", "ים", "ות", "י", "ה", "ת", "יי")

# Words that stand before others so often that a break behind one is no seam within a word: "the rapist".
_SMALL_WORDS = """
a an the and or of to in on at by as is it he we me my no so do go be am if up us off out for not
but can has had was are his her its our you she they them this that with from into now how who why
all any too
"""
_NO_SEAM = frozenset(_SMALL_WORDS.split())


class Topic:
    """A topic, compiled once to be looked for in many texts."""

    def __init__(self, text: str) -> None:
        self.text = text
        plain = plain_form(text)
        self._check(list(_words(plain)))
        # Only a topic typed as "Mueller" can be meant by a text's second form.
        self._spelled_out = any(pair in plain for pair in ("ae", "oe", "ue"))
        self._wanted = [_Wanted(list(_words(form))) for form in dict.fromkeys(spelled(text))]

    def names(self, other: str) -> bool:
        """Whether `other` names the topic."""
        forms = spelled(other) if self._spelled_out else (plain_form(other),)
        return any(wanted.stands_in(form) for form in forms for wanted in self._wanted)

    def _check(self, words: list[str]) -> None:
        signs = "".join(words)
        if len(self.text) > MAX_TOPIC:
            raise InvalidInputError(
                f"a topic of {len(self.text)} characters is too long ({MAX_TOPIC} at most):"
                " give the word or phrase that it is about"
            )
        enough = any(within(sign, IDEOGRAPHS) or within(sign, KOREAN) or is_symbol(sign) for sign in signs)
        if not signs or (len(signs) < 2 and not enough):
            raise InvalidInputError(
                f"{self.text!r} is too short to forget safely: give a word or a phrase, or * for everything"
            )


class _Wanted:
    """The words of a topic, in one spelling of umlauts."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        end = "" if within(words[-1][-1], UNSPACED) else _END
        self._find = re.compile(_JOINT.join(_pattern(words)) + end)
        self._is_syllable = len(words) == 1 and len(words[0]) == 1 and within(words[0], KOREAN)

    def stands_in(self, plain: str) -> bool:
        match = self._find.search(plain)
        while match:
            if self._is_whole(plain, *match.span()):
                return True
            match = self._find.search(plain, match.start() + 1)
        return False

    def _is_whole(self, plain: str, start: int, end: int) -> bool:
        return (
            _starts_word(plain, start, self._words[0])
            and _ends_word(plain, end, self._words[-1])
            and not (self._is_syllable and not _stands_alone(plain, start, end))
            and not _falls_apart(self._words, plain[start:end])
        )


def topic(text: str) -> Topic:
    """The topic that `text` names; `InvalidInputError` for one too short to be meant, or too long."""
    return Topic(text)


def near(topic_text: str, texts: Iterable[str], limit: int = 3) -> list[str]:
    """Up to `limit` different ones of `texts` that come near a topic which none of them names, the nearest
    first."""
    from rapidfuzz import fuzz, process  # late: only a forget that found nothing needs it

    wanted = plain_form(topic_text).strip()
    if len(wanted) < 3:
        return []
    choices = list(dict.fromkeys(texts))
    # A part of the topic is not enough: a text shorter than it is compared as a whole.
    spelled_out = [plain_form(text[:_READ]).ljust(len(wanted)) for text in choices]
    found: list[tuple[str, float, int]] = []
    for start in range(0, len(choices), _TOGETHER):
        part = process.extract(
            wanted,
            spelled_out[start : start + _TOGETHER],
            scorer=fuzz.partial_ratio,
            score_cutoff=_NEAR_ENOUGH,
            limit=max(limit, _LOOKED_AT),
        )
        found += [(text, score, start + index) for text, score, index in part]
    # Of equal ones those that came first.
    found = sorted(found, key=lambda match: -match[1])[: max(limit, _LOOKED_AT)]

    def nearness(match: tuple[str, float, int]) -> tuple[float, float]:
        text, score, _ = match
        return max(fuzz.ratio(wanted, word) for word in (text, *text.split())), score

    return [choices[index] for _, _, index in sorted(found, key=nearness, reverse=True)[:limit]]


def _words(plain: str) -> Iterator[str]:
    """The words of a topic in plain form, contractions taken apart."""
    word = ""
    for place, sign in enumerate(plain):
        following = plain[place + 1 : place + 2]
        within_word = word != "" and (sign == "'") == joins(following) and sign in _TAIL + "'"
        if joins(sign) or within_word:
            word += sign
        elif sign == "." and not word and joins(following) and not (place and joins(plain[place - 1])):
            word = sign
        elif sign in ",." and word[-1:].isdigit() and following.isdigit():
            continue
        else:
            if word:
                yield from expanded(word)
            word = ""
            if is_symbol(sign):
                yield sign
    if word:
        yield from expanded(word)


def _pattern(words: list[str]) -> Iterator[str]:
    """A pattern for each word in turn: its forms, with seams where people write two words or one."""
    # A long topic is known by its words: forms and seams at every letter would make the pattern too long.
    short = sum(map(len, words)) <= _SHORT
    place = 0
    while place < len(words):
        word = words[place]
        pair = contraction(word, words[place + 1]) if place + 1 < len(words) else None
        if pair:
            yield pair
            place += 2
            continue
        yield "(?:" + "|".join(map(_seamed, _spellings(word))) + ")" if short else re.escape(word)
        place += 1


def _spellings(word: str) -> list[str]:
    if within(word[-1], ARABIC):
        stem = word.removeprefix("ال") if len(word) > 4 else word
        stem = stem[:-1] if stem.endswith("ه") and len(stem) > 3 else stem
        return _longest_first(head + stem + tail for head in _ARABIC_HEADS for tail in _ARABIC_TAILS)
    if within(word[-1], HEBREW):
        return _longest_first(head + word + tail for head in _HEBREW_HEADS for tail in _HEBREW_TAILS)
    return _longest_first(forms_of(word))


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(set(words), key=lambda word: (-len(word), word))


def _seamed(word: str) -> str:
    parts = [re.escape(word[0])]
    for before, sign in pairwise(word):
        if before.isdigit() and sign.isdigit():
            parts.append(_THOUSANDS)
        elif before.isalpha() and sign.isalpha() and len(word) > 3:
            parts.append(_SEAM)
        parts.append(re.escape(sign))
    return "".join(parts)


def _starts_word(plain: str, start: int, word: str) -> bool:
    if start == 0 or word[0] == ".":
        return start == 0 or not joins(plain[start - 1])
    before = plain[start - 1]
    if is_mark(plain[start]):
        return False
    if within(plain[start], UNSPACED):
        return True
    if before == "." and word[0].isalpha():
        # "net" is not ".NET": a dot that nothing precedes belongs to the word.
        return start >= 2 and not plain[start - 2].isspace()
    if before in ".," and plain[start].isdigit() and start >= 2 and plain[start - 2].isdigit():
        return False
    return not joins(before) or within(before, UNSPACED)


def _ends_word(plain: str, end: int, word: str) -> bool:
    if end == len(plain):
        return True
    after = plain[end]
    if is_mark(after) or after == "\u30fc":
        return False
    if within(plain[end - 1], UNSPACED):
        return True
    if after in _TAIL:
        return len(word) > 2
    if after in ".," and plain[end - 1].isdigit() and plain[end + 1 : end + 2].isdigit():
        return False
    return not joins(after) or within(after, UNSPACED)


def _stands_alone(plain: str, start: int, end: int) -> bool:
    """Whether a Korean syllable is a word: at the head of one, and followed by nothing or a particle."""
    if start and joins(plain[start - 1]):
        return False
    tail = ""
    for sign in plain[end : end + 3]:
        if not joins(sign):
            break
        tail += sign
    return not tail or tail in _KOREAN_ENDINGS


def _falls_apart(words: list[str], found: str) -> bool:
    """Whether what was found as one word of the topic is two words of the text: "the rapist"."""
    parts = found.split()
    if len(parts) < 2 or len(words) >= len(parts):
        return False
    # One letter set apart is a spelling ("e mail", "t shirt"); two short words are two words.
    return any(
        part in _NO_SEAM or (len(part) < 3 and not (place == 0 and len(part) == 1))
        for place, part in enumerate(parts)
    )
