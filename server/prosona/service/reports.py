"""What became of one fold, for those who count: metrics, progress bars, the engine itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from prosona.profiler.seam import Usage

Outcome = Literal[
    "folded",  # one revision or more
    "nothing",  # nothing was pending any more
    "busy",  # another process folds this user
    "rejected",  # what the profiler wrote failed the checks
    "failed",  # the profiler broke on this user
    "unavailable",  # the profiler cannot be used by anyone just now
    "spent",  # the user's budget of the day is used up
    "raced",  # the profile kept changing meanwhile
    "store",  # the store failed
]


@dataclass(slots=True)
class FoldReport:
    """One attempt at folding one user."""

    user_id: str
    outcome: Outcome = "nothing"
    problem: str | None = None
    """Why what is pending stays pending, in words for `get`; None after a fold that worked."""
    interactions: int = 0
    revisions: int = 0
    seconds: float = 0.0
    retry_seconds: float = 0.0
    """How long to leave this user, or for `unavailable` the profiler, alone."""
    usage: Usage = field(default_factory=Usage)
