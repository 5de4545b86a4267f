"""When a fold starts, and what happens when one fails."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FoldPolicy:
    """When and how far to fold. The defaults suit a profiler that answers in milliseconds."""

    pending: int = 8
    """Fold in the background once this many interactions are pending."""
    idle_seconds: float = 60.0
    """Fold what is pending once a user has been quiet this long."""
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
    lease_seconds: float = 120.0
    """How long one process may hold a user while folding, before another may take over."""
    first_backoff_seconds: float = 5.0
    longest_backoff_seconds: float = 600.0

    def backoff(self, failures: int) -> float:
        """Seconds to wait after this many failed folds in a row."""
        return float(
            min(self.longest_backoff_seconds, self.first_backoff_seconds * 2 ** max(0, failures - 1))
        )
