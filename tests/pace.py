"""How fast code is, told so that a busy or a slow machine does not change the answer.

Processor time only, the best of several, and beside it a fixed piece of work: where that takes longer than it did
where a bound was measured, the bound is longer by as much. What is left is how much work the code does.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

__all__ = ["grows_in_proportion", "seconds_of", "takes_at_most"]

_FIXED_WORK_SECONDS = 0.0044
"""What `_fixed_work` took on the quiet machine on which the bounds of the tests were measured."""

_ATTEMPTS = 6
"""A neighbour takes the caches or half a core for a while; hardly six times in a row."""

_TEXT = "We talked about the user interface of an app, and about 12 ships. " * 400
_WORDS = re.compile(r"[a-z]{3,}|\d+")


def _fixed_work() -> int:
    total = 0
    for match in _WORDS.finditer(_TEXT):
        total += sum(map(ord, match[0])) + len(set(match[0]))
    return total


def seconds_of(run: Callable[[], object], repeat: int = 3) -> float:
    """Processor seconds that `run` takes, the best of `repeat`."""
    best = float("inf")
    for _ in range(repeat):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


def takes_at_most(seconds: float, run: Callable[[], object]) -> bool:
    """Whether `run` takes at most so many seconds on the machine of `_FIXED_WORK_SECONDS`."""
    for _ in range(_ATTEMPTS):
        slower = max(1.0, seconds_of(_fixed_work) / _FIXED_WORK_SECONDS)
        if seconds_of(run, 2) <= seconds * slower:
            return True
    return False


def grows_in_proportion(
    seconds: Callable[[int], float], size: int, *, times: int = 2, factor: float = 3, floor: float = 0.001
) -> bool:
    """Whether `times` the size takes less than `factor` times the seconds; under `floor` seconds always."""
    for _ in range(_ATTEMPTS):
        short, long = seconds(size), seconds(times * size)
        if long < max(factor * short, floor):
            return True
    return False
