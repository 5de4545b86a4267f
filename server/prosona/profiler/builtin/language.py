"""The words of one language in which facts are told, as data: a file for each in `languages/`.

Days, months and their order come from Babel, which is loaded with the first fold.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, get_args

__all__ = ["FORMS", "LANGUAGES", "Form", "Language", "language_of", "spoken_in"]

Form = Literal[
    "saying",
    "wish",
    "values",
    "values_not",
    "lately",
    "past",
    "past_domain",
    "likes_tags",
    "likes_years",
    "likes_terms",
    "avoids_tags",
    "avoids_years",
    "avoids_terms",
    "chose_items",
    "passed_items",
    "style",
]
"""What kind of thing a line tells."""
FORMS: tuple[Form, ...] = get_args(Form)
LANGUAGES = ("en", "zh", "de", "fr", "es", "pt", "ja", "ko")
"""Those in which a profile can be told; who writes in another one is told in English, their words in theirs."""

_FOLDER = Path(__file__).parent / "languages"
_LOCALES = {"en": "en_GB"}
"""Where the day stands before the month: 2 March 2026."""
# Small words by which a text is known to be in a language of Latin letters; enough of them tell.
_WORDS = {
    "en": "the and is are to of i you my it that with for not have this what can do",
    "de": "der die das und ist ich nicht ein eine mit für auf mein wie was den zu es bin habe",
    "fr": "le la les et est je ne pas un une des pour que mon ma dans avec sur suis j'ai",
    "es": "el los es yo no un una de para que mi con en por soy tengo me las",
    "pt": "os é eu não um uma de para que meu minha com em por sou tenho me as do da",
}
_BY_WORD: dict[str, set[str]] = {}
for _name, _words in _WORDS.items():
    for _word in _words.split():
        _BY_WORD.setdefault(_word, set()).add(_name)
_TOKEN = re.compile(r"[^\W\d_][\w']*")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_HAN = re.compile("[\u4e00-\u9fff]")
_FEWEST_WORDS = 2
_BY_LETTERS = 0.2
"""What Latin letters without any word that is known speak for English."""
_READ = 600
"""Characters of a text by which its language is told."""


@dataclass(frozen=True, slots=True)
class Language:
    """Forms and connecting words."""

    name: str
    colon: str
    comma: str
    semicolon: str
    last_and: str
    quotes: tuple[str, str]
    choices: str
    """Heads a line about choices in no field that was named."""
    answers: str
    said: str
    forms: Mapping[str, tuple[str, str]]
    """For each form its words, and the words of its evidence."""
    counts: Mapping[str, str]
    wishes: Mapping[str, str]
    manners: Mapping[str, str]
    """What is preferred, by "length less" and the like."""

    def month(self, day: int) -> str:
        """The month of an ordinal day in words."""
        return _told(day, self.name, "yMMMM")

    def day(self, day: int) -> str:
        """An ordinal day in words."""
        return _told(day, self.name, "")


@cache
def language_of(name: str) -> Language:
    """The language of that name."""
    data = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    forms = {form: (words, evidence) for form, (words, evidence) in data.pop("forms").items()}
    first, last = data.pop("quotes")
    return Language(name=name, quotes=(first, last), forms=forms, **data)


@lru_cache(maxsize=512)
def _told(day: int, name: str, skeleton: str) -> str:
    from babel.dates import format_date, format_skeleton

    when, locale = date.fromordinal(max(day, 1)), _LOCALES.get(name, name)
    return format_skeleton(skeleton, when, locale=locale) if skeleton else format_date(when, "long", locale)


def spoken_in(text: str) -> dict[str, float]:
    """How much speaks for each language in the beginning of `text`: shares that sum to 1 or less."""
    text = text[:_READ]
    if _HANGUL.search(text):
        return {"ko": 1.0}
    if _KANA.search(text):
        return {"ja": 1.0}
    if len(_HAN.findall(text)) * 2 > len(_TOKEN.findall(text)):
        return {"zh": 1.0}
    found: dict[str, float] = {}
    words = _TOKEN.findall(text.casefold())
    for word in words:
        names = _BY_WORD.get(word, ())
        for name in names:
            found[name] = found.get(name, 0.0) + 1 / len(names)
    # A word or two of another language, as in titles, is no language; Latin letters alone may be English.
    told = {name: count / len(words) for name, count in found.items() if count >= _FEWEST_WORDS}
    return told or ({"en": _BY_LETTERS} if words else {})
