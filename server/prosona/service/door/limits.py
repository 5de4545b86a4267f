"""How much comes in at once, and in what form: the bounds and the one normal form of every text.

Nothing here refuses what a person means: signs that nobody sees are taken out, labels become one line. Only
what cannot be a line of a profile is refused, and the message says what to send instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from prosona.core.errors import InvalidInputError
from prosona.core.signs import cleaned, one_line
from prosona.core.words import MAX_LINE, Interaction

__all__ = ["THREAD_SIGNS", "Writer", "as_line", "in_normal_form", "needs_thread"]

Writer = Literal["owner", "agent", "file", "model"]
"""Who wrote a line: the user, an agent in the user's name, an imported file, a model that folds."""

THREAD_SIGNS = 4_000
"""Characters that the door works through in about 10 ms at the worst that was found to be written against
it (2.5 microseconds each); the event loop must be free again within 50."""

_LABELS = ("kind", "domain", "agent")
_TEXTS = ("query", "chosen", "rejected")


def needs_thread(interactions: Iterable[Interaction]) -> bool:
    """Whether so much text came in that `admit` belongs off the event loop."""
    signs = 0
    for interaction in interactions:
        signs += sum(len(getattr(interaction, name) or "") for name in (*_TEXTS, *_LABELS))
        if signs > THREAD_SIGNS:
            return True
    return False


def in_normal_form(interaction: Interaction) -> Interaction:
    """The interaction with its texts cleaned and its labels on one line, by `prosona.core.signs`."""
    changed: dict[str, str | None] = {}
    for name in (*_TEXTS, *_LABELS):
        old: str | None = getattr(interaction, name)
        if old:
            new = one_line(old) if name in _LABELS else cleaned(old)
            if new != old:
                changed[name] = new if new or name == "agent" else None
    if not changed:
        return interaction
    clean = interaction.model_copy(update=changed)
    if clean.chosen is None and clean.rejected is None:
        raise InvalidInputError(
            "`chosen` and `rejected` hold nothing that can be read: send what the user did or said"
        )
    return clean


def as_line(text: str, by: Writer) -> str:
    """`text` as one line of a profile: cleaned, at most `MAX_LINE` characters.

    What a person or an agent sends on several lines is joined. A file must bring each line by itself: what
    stands behind a line break would be read as another one. Raises `InvalidInputError`.
    """
    clean = cleaned(text)
    if by == "file" and "\n" in clean:
        raise InvalidInputError(
            "a line of a profile holds a line break: write it on one line, or as several lines"
        )
    line = " ".join(clean.split())
    if not line:
        raise InvalidInputError("the line is empty: write one sentence about the user, or leave it out")
    if len(line) > MAX_LINE:
        raise InvalidInputError(
            f"the line has {len(line)} characters, {MAX_LINE} is the most:"
            " say it shorter, or as several lines"
        )
    return line
