"""Looking for orders in a text: its plain view, and the views that a disguise hides it from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from prosona.core.orders import _chinese, _english, _english_deeds, _english_together, _others
from prosona.core.orders._rules import OVERRIDE, Rule, Trust

__all__ = ["order_in", "patterns"]

_RULES = (*_others.RULES, *_english.RULES, *_english_deeds.RULES, *_chinese.RULES, *_english_together.RULES)

# Words are known by their first letters, so that one cue finds "instruction" and "instructions".
_WORD = re.compile("[a-z]+")
_HEAD = 4

# What is read as nothing or as a plain sign: emphasis of Markdown, curly quotes, signs nobody sees.
_SMOOTHED = {ord(sign): None for sign in "*`~\u00ad\u034f\u200b\u200c\u200d\u2060\ufeff\ufe0f"} | {
    0x2018: "'",
    0x2019: "'",
    0x02BC: "'",
    0xFF07: "'",
    0x201C: '"',
    0x201D: '"',
    0x00A0: " ",
}
_SPACES = re.compile(r"\s{2,}|[\t\r\f\v]")
_ACCENTS = re.compile("[\u0300-\u036f]+")

# Letters of other scripts that look like Latin ones, in words that hold both.
_MIXED = re.compile("[a-z][\u0370-\u058f\u13a0-\u13ff]|[\u0370-\u058f\u13a0-\u13ff][a-z]")
_LOOK_ALIKE = str.maketrans(
    # Cyrillic, Greek, Armenian, in this order.
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u051d"
    "\u0432\u043d\u043a\u043c\u0442\u0433"
    "\u03b1\u03b5\u03b9\u03bf\u03c1\u03c5\u03bd\u03c4\u03ba\u03b7"
    "\u0585\u057d\u0570\u0578\u0563",
    "aeopcyxijsdhqwbhkmtraeiopuvtknouhng",
)

# Digits and signs for letters ("1gn0re"), in words that hold both.
_DISGUISED = re.compile(r"[a-z][0134578@$]{1,2}[a-z]|\b[01345][a-z]{3}")
_DISGUISES = "0134578@$"
_PLAIN_LETTERS = str.maketrans(_DISGUISES, "oieastbas")

# Letters set apart ("i g n o r e"): read as one, words run together. Few abbreviations have six.
_SPREAD = re.compile(r"(?<![a-z0-9])(?:[a-z][ ._\-|/]{1,3}){5,}[a-z](?![a-z0-9])")
_BETWEEN_LETTERS = re.compile(r"[ ._\-|/\n]+")
_RUN_TOGETHER = re.compile(
    r"(?:ignore|disregard|forget|override|bypass)(?:all|any|every|of|the|your|my){0,4}"
    r"(?:previous|prior|above|earlier|preceding|system|safety|all|your)(?:system|safety|given)?"
    r"(?:instruction|prompt|rule|guideline|directive|command)"
)

_SENTENCE_ENDS = re.compile(r"(?<=[.!?])[\s\"')\]]|(?<=[\u3002\uff01\uff1f])")
_LONGEST_SENTENCE = 600
"""Characters; what has no end for so long is read in pieces, so that a rule's cost stays bounded."""
_OVERLAP = 200
"""Characters that a piece shares with the next: more than a rule reaches over."""

# Long enough for a sentence, and nothing that prose holds.
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{32,}={0,2}")
_ENTITY = re.compile(r"&#x?[0-9a-fA-F]{2,6};")

_QUOTES = "\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb\u300c\u300d\u300e\u300f"
_ORDERED = tuple(
    f"{word} to " for word in ("you", "is", "are", "ave", "eed", "eeds", "has", "sure", "ber", "get")
)
_LEVELS: dict[Trust, int] = {"own": 0, "relayed": 1, "written": 2, "foreign": 3}


@cache
def _compiled(rule: Rule) -> tuple[re.Pattern[str], ...]:
    # On first need, which most programs never have: all together take longer than a server to start.
    sources = (rule.pattern,) if isinstance(rule.pattern, str) else rule.pattern
    return tuple(re.compile(source.replace(" ", r"[ \n]") if rule.in_plain else source) for source in sources)


def patterns() -> list[re.Pattern[str]]:
    """Every pattern that `order_in` uses, for the test of their speed."""
    fixed = [
        _SPACES,
        _ACCENTS,
        _MIXED,
        _DISGUISED,
        _SPREAD,
        _BETWEEN_LETTERS,
        _RUN_TOGETHER,
        _BASE64,
        _ENTITY,
    ]
    return [*fixed, *(pattern for rule in _RULES for pattern in _compiled(rule))]


def order_in(text: str, trust: Trust) -> str | None:
    """What kind of order to an agent `text` gives, in a few words; None if it gives none.

    Takes time in proportion to the length of `text`.
    """
    held = _held_to(trust)
    for view in _views(text):
        plain = _plain(view)
        if reason := _found_raw(view, held) or _found(plain, held):
            return reason
        if (
            not plain.isascii()
            and _MIXED.search(plain)
            and (reason := _found(plain.translate(_LOOK_ALIKE), held))
        ):
            return reason
        if (
            any(sign in plain for sign in _DISGUISES)
            and _DISGUISED.search(plain)
            and (reason := _found(plain.translate(_PLAIN_LETTERS), held))
        ):
            return reason
        if _spread(plain):
            return OVERRIDE
    return None


@dataclass(frozen=True, slots=True)
class _Held:
    """The rules that a writer is held to, by what makes them worth a look."""

    raw: tuple[Rule, ...]
    by_head: dict[str, tuple[int, ...]]
    """Places of rules by the first letters of their cues."""
    by_sign: tuple[tuple[int, tuple[str, ...]], ...]
    """Places of rules with their cues that are no Latin words."""


@cache
def _held_to(trust: Trust) -> _Held:
    by_head: dict[str, tuple[int, ...]] = {}
    by_sign: list[tuple[int, tuple[str, ...]]] = []
    for place, rule in enumerate(_RULES):
        if rule.in_plain and _LEVELS[rule.trust] <= _LEVELS[trust]:
            for head in _heads(" ".join(_first_words(rule.cues))):
                by_head[head] = (*by_head.get(head, ()), place)
            if signs := tuple(cue for cue in rule.cues if not cue.isascii()):
                by_sign.append((place, signs))
    raw = tuple(rule for rule in _RULES if not rule.in_plain and _LEVELS[rule.trust] <= _LEVELS[trust])
    return _Held(raw, by_head, tuple(by_sign))


def _first_words(cues: tuple[str, ...]) -> list[str]:
    return [match[0] for cue in cues if cue.isascii() and (match := _WORD.search(cue))]


@cache
def _also(place: int) -> frozenset[str]:
    return frozenset(_heads(" ".join(_first_words(_RULES[place].also))))


def _heads(plain: str) -> set[str]:
    return {word[:_HEAD] for word in _WORD.findall(plain)}


def _found_raw(text: str, held: _Held) -> str | None:
    for rule in held.raw:
        if any(cue in text for cue in rule.cues) and _stands_in(text, rule):
            return rule.reason
    return None


def _found(plain: str, held: _Held) -> str | None:
    if plain.isascii():
        wide = []
    else:
        wide = [(place, signs) for place, signs in held.by_sign if any(sign in plain for sign in signs)]
    by_head = held.by_head
    for sentence in _sentences(plain):
        heads = _heads(sentence)
        places = {place for head in heads if head in by_head for place in by_head[head]}
        places.update(place for place, signs in wide if any(sign in sentence for sign in signs))
        for place in sorted(places):
            rule, also = _RULES[place], _also(place)
            if (not also or not heads.isdisjoint(also)) and _stands_in(sentence, rule):
                return rule.reason
    return None


def _sentences(plain: str) -> Iterator[str]:
    for sentence in _SENTENCE_ENDS.split(plain):
        for start in range(0, max(1, len(sentence) - _OVERLAP), _LONGEST_SENTENCE - _OVERLAP):
            yield sentence[start : start + _LONGEST_SENTENCE]


def _stands_in(where: str, rule: Rule) -> bool:
    found = _compiled(rule)
    if found[0].search(where) is None:
        return False  # nearly always
    if len(found) == 1:
        return any(not (rule.said and _told_of(where, *match.span())) for match in found[0].finditer(where))
    # What is found on different lines does not stand together.
    return any(_stands_together_in(line, found, rule) for line in where.split("\n"))


def _stands_together_in(line: str, patterns: tuple[re.Pattern[str], ...], rule: Rule) -> bool:
    start = end = -1
    for pattern in patterns:
        match = pattern.search(line)
        if match is None:
            return False
        start, end = match.start() if start < 0 else start, max(end, match.end())
    return not (rule.said and _told_of(line, start, end))


def _told_of(text: str, start: int, end: int) -> bool:
    """Whether what stands there is talk about an order: all of a quotation ("the phrase 'ignore ...'"), or
    what others were told to do ("he told it to ignore ..."; "you are to ignore ..." is an order)."""
    before = text[max(0, start - 8) : start]
    if before.endswith("to ") and not before.endswith(_ORDERED):
        return True
    opens = (before[-1:] in _QUOTES and before != "") or (start < end and text[start] in _QUOTES)
    closes = text[end : end + 2].lstrip(".,!?\u3002\uff01\uff1f")[:1]
    return opens and closes != "" and closes in _QUOTES


def _plain(text: str) -> str:
    """The view that most rules read: small letters without accents, one space or break between words."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize("NFC", _ACCENTS.sub("", text))
    text = text.casefold().translate(_SMOOTHED)
    return _SPACES.sub(lambda match: "\n" if "\n" in match[0] else " ", text)


def _views(text: str) -> Iterator[str]:
    """`text`, and what is hidden in it under another spelling, one layer deep."""
    yield text
    if "&#" in text and _ENTITY.search(text):
        from html import unescape  # late: it brings a large table

        yield unescape(text)
    hidden = [words for match in _BASE64.finditer(text) if (words := _decoded(match[0]))]
    if hidden:
        yield "\n".join(hidden)


def _decoded(letters: str) -> str:
    """The text behind base64 letters; empty if there is none."""
    import base64
    import binascii

    letters = letters.rstrip("=")
    try:
        words = base64.b64decode(letters[: len(letters) // 4 * 4], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return words if words.isprintable() or "\n" in words else ""


def _spread(plain: str) -> bool:
    """Whether letters set apart, or words run together, spell an order to override instructions."""
    if _SPREAD.search(plain):
        return _RUN_TOGETHER.search(_BETWEEN_LETTERS.sub("", plain)) is not None
    return "ignore" in plain and _RUN_TOGETHER.search(plain) is not None
