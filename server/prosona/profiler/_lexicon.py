"""The words that `_reading` knows, from the file beside this one. Loaded when they are first needed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Lexicon", "lexicon"]

Phrases = tuple[tuple[re.Pattern[str], str], ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words by what they do in a line; the file says what each table is for. All without accents."""

    stop: frozenset[str]
    liking: frozenset[str]
    refusing: frozenset[str]
    comparing: frozenset[str]
    resetting: frozenset[str]
    apart: frozenset[str]
    skilled: frozenset[str]
    fields: frozenset[str]
    numbers: frozenset[str]
    generic: frozenset[str]
    rivals: tuple[frozenset[str], ...]
    same: Mapping[str, str]
    """The name that words of one meaning share, by each of them."""
    doing: Mapping[str, str]
    """What is done, by the forms of its word."""
    phrases: Phrases
    spaced_phrases: Phrases
    """Those of `phrases` that a text of ASCII alone may hold."""
    stop_signs: re.Pattern[str]
    """The stop words that are one sign of a script without spaces."""


@cache
def lexicon() -> Lexicon:
    """The words of all languages known."""
    tables = tomllib.loads((Path(__file__).parent / "_lexicon.toml").read_text(encoding="utf-8"))
    phrases = tuple((re.compile(pattern), replacement) for pattern, replacement in tables["phrases"])
    return Lexicon(
        stop=frozenset(tables["stop"].split()),
        liking=frozenset(tables["liking"].split()),
        refusing=frozenset(tables["refusing"].split()),
        comparing=frozenset(tables["comparing"].split()),
        resetting=frozenset(tables["resetting"].split()),
        apart=frozenset(tables["apart"].split()),
        skilled=frozenset(tables["skilled"].split()),
        fields=frozenset(tables["fields"].split()),
        numbers=frozenset(tables["numbers"].split()),
        generic=frozenset(tables["generic"].split()),
        rivals=tuple(frozenset(words.split()) for words in tables["rivals"]),
        same=_by_form((words.split()[0], words) for words in tables["same"]),
        doing=_by_form(tables["doing"].items()),
        phrases=phrases,
        # Each pattern for such texts holds some letter, those for Chinese alone none.
        spaced_phrases=tuple(row for row in phrases if re.search("[a-z]", row[0].pattern)),
        stop_signs=re.compile(f"[{''.join(word for word in tables['stop'].split() if _is_sign(word))}]"),
    )


def _by_form(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {form: name for name, forms in rows for form in forms.split()}


def _is_sign(word: str) -> bool:
    return len(word) == 1 and not word.isascii()
