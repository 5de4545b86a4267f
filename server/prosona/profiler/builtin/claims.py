"""A claim: what one line of a summary says, before it is put into words of a language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Form = Literal[
    "lately",
    "past",
    "past_domain",
    "likes_tags",
    "likes_years",
    "likes_terms",
    "talks_terms",
    "chose_items",
    "avoids_tags",
    "avoids_years",
    "avoids_terms",
    "passed_items",
    "no_lean",
    "style",
    "saying",
]

LIKING: frozenset[Form] = frozenset(
    ["lately", "likes_tags", "likes_years", "likes_terms", "talks_terms", "chose_items"]
)
AVOIDING: frozenset[Form] = frozenset(["avoids_tags", "avoids_years", "avoids_terms", "passed_items"])


@dataclass(frozen=True, slots=True)
class Named:
    """One thing a line names, and its evidence: `count` of `of`."""

    key: str
    name: str
    count: int
    of: int
    day: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One line to be. The names stand in the order of their strength; the last may be left out."""

    form: Form
    domain: str
    """Key of the domain; empty for what belongs to none."""
    label: str
    """How the domain is called at the line's head."""
    names: tuple[Named, ...]
    strength: float
    total: int = 0
    """The number of choices or rejections the evidence is drawn from, where the form gives it."""
    contrasted: bool = True
    """Whether anything was rejected, so that counts are of what was shown."""

    def keys(self) -> list[str]:
        """What the line claims, for recognising it when its owner takes it out."""
        sign = "-" if self.form in AVOIDING else "+"
        side = {"style": "style", "saying": "saying"}.get(self.form, f"{sign}{self.domain}")
        return [f"{side}|{named.key}" for named in self.names]

    def first(self, count: int) -> Claim:
        """The same claim with only its `count` strongest names."""
        return Claim(
            self.form, self.domain, self.label, self.names[:count], self.strength, self.total, self.contrasted
        )
