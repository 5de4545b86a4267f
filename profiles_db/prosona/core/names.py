"""The one spelling of a user's id. Standard library only: hooks need it before anything else is loaded."""

from __future__ import annotations

import unicodedata

__all__ = ["WrongIdError", "user_key"]

MAX_USER_ID = 128
"""Longest user id, in characters."""

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
# Characters that Unicode counts as letters or marks and that nobody sees.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
# What chooses a form of the sign before it: seen behind an emoji or a symbol only.
_SELECTORS = frozenset([*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))])
_JOINER = "\u200d"
# Scripts that hold letters which look like Latin ones, by the first word of their letters' names.
_ALIKE = frozenset(
    {
        "ARMENIAN",
        "CANADIAN",
        "CARIAN",
        "CHEROKEE",
        "COPTIC",
        "CYRILLIC",
        "DESERET",
        "GREEK",
        "LATIN",
        "LISU",
        "LYCIAN",
        "LYDIAN",
        "OLD",
        "OSAGE",
        "RUNIC",
        "TIFINAGH",
        "VAI",
        "WARANG",
    }
)


# Hyphens, dashes and minus signs that nobody tells from "-".
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d")


# Letters of other scripts that look like a Latin letter (Unicode Technical Standard 39, confusables.txt), by
# code point: Cyrillic small and capital ones, then Greek and Armenian ones. An id of nothing but these looks
# like a Latin one ("coco").
_LIKE_LATIN = frozenset(
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455\u04bb\u051b\u051d\u0501"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u0406\u0408\u0405"
    "\u03bf\u03b9\u03bd\u03c5\u03f2\u03f3\u03b1\u03c1\u03ba"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03f9\u037f"
    "\u0585\u057d\u0578\u0570\u0581"
)


class WrongIdError(ValueError):
    """Not a user id; the message says what one is."""


def user_key(value: str) -> str:
    """The id under which a user is kept: NFC, without space around it and one within.

    Raises `WrongIdError` for an id that is empty, too long, holds what nobody sees, spells letters or signs
    with signs that look like them, mixes scripts whose letters look alike (Latin, Greek, Cyrillic ...) or holds
    only letters that look like those of another one, so that no two users can look like one.
    """
    name = " ".join(unicodedata.normalize("NFC", value).split())
    if not 1 <= len(name) <= MAX_USER_ID:
        raise WrongIdError(f"user_id must be 1 to {MAX_USER_ID} visible characters")
    if name.isascii() and name.isprintable():
        return name
    for place, sign in enumerate(name):
        if _is_unseen(name, place):
            raise WrongIdError(
                f"user_id must be 1 to {MAX_USER_ID} visible characters; it holds U+{ord(sign):04X}"
            )
    for sign in name:
        if sign in _DASHES:
            raise WrongIdError(f"user_id holds U+{ord(sign):04X}, which looks like -; write it with -")
    plain = unicodedata.normalize("NFKC", name)
    for sign in name:
        usual = unicodedata.normalize("NFKC", sign)
        if not sign.isascii() and usual.isascii() and usual.isprintable():
            raise WrongIdError(
                f"user_id holds U+{ord(sign):04X}, which looks like {usual}; write it as {plain!r}"
            )
    scripts = {script for sign in name if (script := _script(sign))}
    if len(scripts) > 1:
        raise WrongIdError(
            f"user_id mixes {' and '.join(sorted(scripts))} letters, which look alike; use one"
        )
    letters = [sign for sign in name if sign.isalpha()]
    if scripts and "Latin" not in scripts and all(sign in _LIKE_LATIN for sign in letters):
        raise WrongIdError(
            f"user_id {name!r} looks like one in Latin letters; write it in those, or add a letter that does not"
        )
    return name


def _is_unseen(name: str, place: int) -> bool:
    sign, before, after = name[place], name[place - 1 : place], name[place + 1 : place + 2]
    if sign == _JOINER:
        # It makes one emoji of two.
        return not (_is_symbol(before) or before in _SELECTORS) or not _is_symbol(after)
    if sign in _SELECTORS:
        return not (_is_symbol(before) or (before in "0123456789#*" and after == "\u20e3"))
    return sign in _BLANK or (sign != " " and unicodedata.category(sign) in _UNSEEN)


def _is_symbol(sign: str) -> bool:
    return sign != "" and unicodedata.category(sign) in {"So", "Sk"}


def _script(sign: str) -> str:
    if sign.isascii():
        return "Latin" if sign.isalpha() else ""
    if not sign.isalpha():
        return ""
    word = unicodedata.name(sign, "").split(" ", 1)[0]
    return word.capitalize() if word in _ALIKE else ""
