"""The calls of the door: nothing is stored that did not come through one of them.

All are pure and take time in proportion to the text they are given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from prosona.core import orders, signs
from prosona.core.words import Interaction
from prosona.service.door import numbers, redaction, screening
from prosona.service.door.limits import Writer, as_line, in_normal_form

__all__ = ["Admitted", "AdmittedLine", "admit", "admit_line", "admit_name", "patterns"]

_FIELDS = ("query", "chosen", "rejected", "kind", "domain", "agent")


@dataclass(frozen=True, slots=True)
class Admitted:
    """An interaction as it may be kept. Its `quarantined` says why no profiler may see it."""

    interaction: Interaction
    redacted: str | None
    """What was taken out of it ("a password and a card number"); None if nothing was."""


@dataclass(frozen=True, slots=True)
class AdmittedLine:
    """A line as it may stand in a profile."""

    text: str
    redacted: str | None
    """What was taken out of it; None if nothing was."""


def admit(interaction: Interaction) -> Admitted:
    """The interaction cleaned, without secrets, and set aside (`quarantined`) if it gives agents orders that
    its origin may not give. Raises `InvalidInputError` if nothing readable is left of it."""
    clean = in_normal_form(interaction)
    changed: dict[str, str | None] = {}
    names: list[str] = []
    for field in _FIELDS:
        text: str | None = getattr(clean, field)
        if text:
            kept, found = redaction.redacted(text)
            if found:
                changed[field] = kept
                names += [name for name in found if name not in names]
    if changed:
        clean = clean.model_copy(update=changed)
    reason = screening.reason_against(clean)
    if reason != clean.quarantined:
        clean = clean.model_copy(update={"quarantined": reason})
    return Admitted(clean, _listed(names))


def admit_line(text: str, *, by: Writer) -> AdmittedLine:
    """A statement or a line that was written, edited, imported or folded, as it may stand in a profile.

    Raises `InvalidInputError` for an empty line, one longer than `MAX_LINE`, several lines in one of a file,
    and for orders to agents that its writer may not give; the message says what to send instead.
    """
    line, names = redaction.redacted(as_line(text, by))
    screening.check_line(line, by)
    return AdmittedLine(line, _listed(names))


def admit_name(text: str) -> str:
    """A label, or who wrote something, as it may stand beside lines: on one line, without secrets; empty if
    it gives agents orders."""
    name, _ = redaction.redacted(signs.one_line(text))
    return "" if orders.order_in(name, "foreign") else name


def patterns() -> list[re.Pattern[str]]:
    """Every pattern that a text meets on its way in, for the test of their speed."""
    return [
        *signs.PATTERNS,
        *orders.patterns(),
        *redaction.patterns(),
        *numbers.PATTERNS,
        *screening.patterns(),
    ]


def _listed(names: list[str]) -> str | None:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or None
