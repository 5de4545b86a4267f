"""One plain form for the spellings of a word, and how Unicode cuts words.

Plain: small letters, no accents, one form of each sign. It is for looking things up; nobody is shown it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = [
    "ARABIC",
    "HEBREW",
    "IDEOGRAPHS",
    "KOREAN",
    "UNSPACED",
    "is_mark",
    "is_symbol",
    "joins",
    "plain_form",
    "spelled",
    "within",
]

# Letters that no normal form takes apart and that people write as plain ones.
_PLAIN = str.maketrans(
    {
        "\u00f8": "o",
        "\u00e6": "ae",
        "\u0153": "oe",
        "\u0142": "l",
        "\u0111": "d",
        "\u00f0": "d",
        "\u00fe": "th",
        "\u0131": "i",
        "\u2019": "'",
        "\u02bc": "'",
        "\u2018": "'",
        "\u0640": None,  # the stretching of Arabic letters
        "\u0622": "\u0627",  # forms of alef
        "\u0623": "\u0627",
        "\u0625": "\u0627",
        "\u0671": "\u0627",
        "\u0649": "\u064a",
        "\u0629": "\u0647",
        "\u200c": None,
        "\u200d": None,
        "\ufe0f": None,
        # Katakana as hiragana.
        **{chr(code): chr(code - 0x60) for code in range(0x30A1, 0x30F7)},
    }
)
# Accents of European letters; vowel points of Hebrew and Arabic, which most leave out.
_ACCENTS = re.compile(
    "[\u0300-\u0305\u0307-\u036f\u0591-\u05bd\u05bf\u05c1-\u05c7\u064b-\u065f\u0670]|(?<![\u0438\u0418])\u0306"
)
_UMLAUT = re.compile("([aou])\u0308")
_UMLAUTS = re.compile("[\u00e4\u00f6\u00fc\u00c4\u00d6\u00dc]")
_NOT_PLAIN = re.compile("[" + "".join(map(chr, _PLAIN)) + "]")
_WIDE = re.compile("[^\x00-\x7f]+")

# Blocks of scripts that set no space between words, and Korean, which sets it between phrases.
UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),  # ideographs
    (0xAC00, 0xD7A3),  # Korean
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
KOREAN = ((0xAC00, 0xD7A3),)
ARABIC = ((0x0620, 0x064A),)
HEBREW = ((0x05D0, 0x05EA),)


def spelled(text: str) -> tuple[str, ...]:
    """`text` in plain form, and with umlauts as "ae", "oe", "ue" where it has some."""
    if text.isascii():
        return (text.lower(),)
    text = unicodedata.normalize("NFC", text)
    return (
        (plain_form(text), _WIDE.sub(_spelled_out, text.lower()))
        if _UMLAUTS.search(text)
        else (plain_form(text),)
    )


def plain_form(text: str) -> str:
    """`text` in small letters, without accents, in one form of each sign."""
    return text.lower() if text.isascii() else _WIDE.sub(_folded, text.lower())


def _folded(match: re.Match[str]) -> str:
    signs = match[0]
    return _fold(signs) if len(signs) > 2 else _fold_few(signs)


def _spelled_out(match: re.Match[str]) -> str:
    return _fold(_UMLAUT.sub(r"\1e", unicodedata.normalize("NFKD", match[0])))


def _fold(signs: str) -> str:
    if not unicodedata.is_normalized("NFKD", signs):
        signs = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", signs)))
    elif _ACCENTS.search(signs):
        signs = _ACCENTS.sub("", signs)
    signs = signs.casefold()
    return signs.translate(_PLAIN) if _NOT_PLAIN.search(signs) else signs


# In European texts one or two signs stand between ASCII ones, and the same ones all the time.
_fold_few = lru_cache(maxsize=4096)(_fold)


def joins(sign: str) -> bool:
    """Whether a sign is part of a word: a letter, a digit or a mark on one."""
    return sign.isalnum() or is_mark(sign)


def is_mark(sign: str) -> bool:
    return not sign.isascii() and unicodedata.category(sign)[0] == "M"


def is_symbol(sign: str) -> bool:
    return not sign.isascii() and unicodedata.category(sign) == "So"


def within(sign: str, blocks: tuple[tuple[int, int], ...]) -> bool:
    code = ord(sign)
    return any(first <= code <= last for first, last in blocks)
