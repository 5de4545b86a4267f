"""When a fold starts, how many run, what happens when one fails, and what becomes of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from prosona.profiler.seam import Usage

__all__ = ["CALLS_A_DAY", "TOKENS_A_DAY", "FoldPolicy", "FoldReport", "Outcome"]

CALLS_A_DAY = 200
TOKENS_A_DAY = 1_000_000
"""What folding one user by a model may cost a day unless told otherwise."""


@dataclass(frozen=True, slots=True)
class FoldPolicy:
    """When and how far to fold. The defaults suit a profiler that answers in milliseconds."""

    pending: int = 8
    """Fold in the background once this many interactions are pending."""
    idle_seconds: float = 60.0
    """Fold what is pending once a user has been quiet this long."""
    background: bool = True
    """Whether anything is folded that nobody asked for."""
    hands_out: bool = False
    """Whether the calling agent's own model is asked to read, too: `fresh=True` hands it the work."""
    on_read: bool = True
    """Whether an ordinary `get` folds first; a slow profiler folds only for `fresh=True`."""
    wait_seconds: float = 10.0
    """How long a read waits for a fold before it hands out the old text."""
    step: int = 64
    """Interactions given to the profiler at once."""
    steps_a_commit: int = 64
    """Steps folded before the outcome is committed as one revision."""
    attempts: int = 3
    """Tries at one fold, over rejected outputs and lost races, before it waits for `backoff`."""
    in_flight: int = 32
    """Users folded in the background at once by this process, so that an engine can batch them."""
    scan_seconds: float = 1.0
    """How often a started service looks for users due: after a restart, from other processes, again."""
    lease_seconds: float = 120.0
    """How long a claim holds on users whose holder cannot be asked whether it lives; live ones renew."""
    first_backoff_seconds: float = 5.0
    longest_backoff_seconds: float = 600.0
    calls_a_day: int | None = None
    """Model calls that folding one user may cost a day (UTC); None: no limit."""
    tokens_a_day: int | None = None
    """Tokens, read and written, that folding one user may cost a day (UTC); None: no limit."""

    @classmethod
    def for_model(
        cls, *, calls_a_day: int | None = CALLS_A_DAY, tokens_a_day: int | None = TOKENS_A_DAY
    ) -> FoldPolicy:
        """For a profiler that asks a model: seconds a fold, each call paid for and committed at once."""
        return cls(
            on_read=False,
            wait_seconds=60.0,
            # More than the 32 calls that the endpoint gets at once: while one fold is read or committed
            # the next stands ready, and the engine's batch stays full.
            in_flight=48,
            steps_a_commit=1,
            attempts=2,
            longest_backoff_seconds=3600.0,
            calls_a_day=calls_a_day,
            tokens_a_day=tokens_a_day,
        )

    @classmethod
    def for_host(cls) -> FoldPolicy:
        """For the calling agent's own model, which reads only when the agent is there and asked: the builtin
        folds meanwhile, as ever."""
        return cls(hands_out=True)

    def backoff(self, failures: int) -> float:
        """Seconds to wait after this many failed folds in a row."""
        doubled = self.first_backoff_seconds * 2.0 ** min(max(0, failures - 1), 60)
        return float(min(self.longest_backoff_seconds, doubled))


Outcome = Literal[
    "folded",  # what was pending is in the lines
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
    """One attempt at folding one user, for those who count: metrics, progress bars, the queue itself."""

    user_id: str
    outcome: Outcome = "nothing"
    problem: str | None = None
    """Why what is pending stays pending, in words for `get`; None after a fold that worked."""
    interactions: int = 0
    revisions: int = 0
    set_aside: int = 0
    """Interactions that the profiler could not read, quarantined so that the rest goes on."""
    seconds: float = 0.0
    retry_seconds: float = 0.0
    """How long to leave this user, or for `unavailable` the profiler, alone."""
    usage: Usage = field(default_factory=Usage)
