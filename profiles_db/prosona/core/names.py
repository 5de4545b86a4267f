"""The one spelling of a user's id. Standard library only: hooks need it before anything else is loaded."""

from __future__ import annotations

import unicodedata

__all__ = ["WrongIdError", "user_key"]

MAX_USER_ID = 128
"""Longest user id, in characters."""

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
# Characters that Unicode counts as letters or marks and that nobody sees.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


class WrongIdError(ValueError):
    """Not a user id; the message says what one is."""


def user_key(value: str) -> str:
    """The id under which a user is kept: NFC, without space around it.

    Raises `WrongIdError` for an id that is empty, too long, holds what nobody sees, or mixes scripts
    whose letters look alike (Latin, Greek, Cyrillic), so that no two users can look like one.
    """
    name = unicodedata.normalize("NFC", value).strip()
    if not 1 <= len(name) <= MAX_USER_ID:
        raise WrongIdError(f"user_id must be 1 to {MAX_USER_ID} visible characters")
    for sign in name:
        if sign in _BLANK or (sign != " " and unicodedata.category(sign) in _UNSEEN):
            raise WrongIdError(
                f"user_id must be 1 to {MAX_USER_ID} visible characters; it holds U+{ord(sign):04X}"
            )
    scripts = {script for sign in name if (script := _script(sign))}
    if len(scripts) > 1:
        raise WrongIdError(f"user_id mixes {' and '.join(sorted(scripts))} letters, which look alike; use one")
    return name


def _script(sign: str) -> str:
    if sign.isascii():
        return "Latin" if sign.isalpha() else ""
    if not sign.isalpha():
        return ""
    word = unicodedata.name(sign, "").split(" ", 1)[0]
    return word.capitalize() if word in {"LATIN", "GREEK", "CYRILLIC"} else ""
