"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from prosona.evaluation.settings import Setting

__all__ = ["COLUMNS", "Column", "Plan"]

Column = Literal["own", "other", "none", "raw", "raw tail", "raw other"]
"""Whose words a reader is given: the user's profile, another user's, nothing; the user's whole raw
history, its newest part that is no longer than a profile may be, another user's raw history.
"""
COLUMNS: tuple[Column, ...] = ("own", "other", "none", "raw", "raw tail", "raw other")


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings of a run. The same plan over the same data gives the same figures."""

    setting: Setting = "incremental"
    step: int = 8
    """Choices folded at once in the incremental setting."""
    budgets: Sequence[int] = (600,)
    """Token budgets at which profiles are read; the largest is the one they are folded with."""
    after: Sequence[int] = ()
    """Numbers of folded choices at which profiles are read too."""
    columns: Sequence[Column] = COLUMNS
    controls: int = 3
    """Other users each target is read with for the controls."""
    seed: int = 42
    people: int | None = None
    """Only the first so many people of each set."""
    concurrency: int = 4
    """Users folded at the same time."""
