"""The seam behind which a profile is read: who, given the text alone, would the user choose?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from prosona.evaluation.data import Choice

__all__ = ["Outcome", "Question", "Reader", "Reading", "credit", "earned"]

Outcome = Literal["answered", "refused", "unparsed"]
"""How a reading ended. What was refused or could not be parsed is counted, never dropped."""


@dataclass(frozen=True, slots=True)
class Question:
    """One choice to predict. `profile` is all that is known of the user; it may be empty."""

    profile: str
    query: str
    candidates: tuple[str, ...]
    history: tuple[Choice, ...] = ()
    """Raw past choices in place of a profile: the direct setting, and what profiles are measured by."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One score a candidate, higher meaning likelier; equal scores are a tie."""

    scores: tuple[float, ...]
    outcome: Outcome = "answered"
    prompt: str = ""
    answer: str = ""
    tokens: int = 0
    """Tokens that reading cost, prompt and answer, where a model says so."""
    choice: int | None = None
    """The candidate it named itself; None where the scores alone decide."""


class Reader(Protocol):
    """Reads profiles it did not write. The order of the answers is that of the questions."""

    @property
    def name(self) -> str:
        """Short name, used in tables and file names."""
        ...

    async def read(self, questions: Sequence[Question]) -> list[Reading]:
        """One reading a question, in order."""
        ...


def credit(scores: Sequence[float], right: int = 0) -> float:
    """What scores earn: 1 when the right candidate alone is highest, a share of 1 in a tie, else 0."""
    best = max(scores)
    winners = [index for index, score in enumerate(scores) if score == best]
    return 1 / len(winners) if right in winners else 0.0


def earned(reading: Reading, right: int) -> float:
    """What a reading earns. One that named no candidate where it should have is wrong."""
    if reading.outcome != "answered":
        return 0.0
    return credit(reading.scores, right) if reading.choice is None else float(reading.choice == right)
