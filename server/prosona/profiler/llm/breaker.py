"""A circuit breaker: after several failures in a row nobody asks for a while, then one probe does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prosona.profiles_db import ProfilerUnavailableError


class CircuitBreaker:
    """Guards calls of one endpoint.

    `ProfilerUnavailableError` from a guarded call counts as a failure of the endpoint; a call that
    returns ends the count; any other error leaves it as it is.
    """

    def __init__(
        self,
        *,
        failures: int = 3,
        first_seconds: float = 2.0,
        longest_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threshold = failures
        self._first = first_seconds
        self._longest = longest_seconds
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0
        self._probing = False
        self._reason = ""

    @property
    def open_seconds(self) -> float:
        """For how long no call is let through; 0 while the circuit is closed."""
        return max(0.0, self._open_until - self._clock())

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Runs one call. Raises `ProfilerUnavailableError` without calling while the circuit is open."""
        probe = self._failures >= self._threshold
        if probe:
            wait = self.open_seconds
            if wait > 0 or self._probing:
                raise ProfilerUnavailableError(
                    f"{self._reason}; it is left alone for now", retry_seconds=max(wait, self._first / 4)
                )
            self._probing = True
        try:
            yield
        except ProfilerUnavailableError as error:
            self._reason = str(error)
            # Calls that were in flight when the circuit opened tell nothing new.
            if probe or self._failures < self._threshold:
                self._failures += 1
                self._open_after(error.retry_seconds)
            raise
        else:
            self._failures = 0
        finally:
            if probe:
                self._probing = False

    def _open_after(self, asked_for: float) -> None:
        over = self._failures - self._threshold
        if over >= 0:
            wait = min(self._longest, self._first * 2.0 ** min(over, 30))
            self._open_until = self._clock() + max(wait, asked_for)
