"""What an endpoint's errors mean: whether it is asked again, when, and who is to blame."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import openai

from prosona.core.errors import ProfilerError, ProfilerUnavailableError

__all__ = [
    "MISSET_SECONDS",
    "OPTIONAL_PARAMETERS",
    "CircuitBreaker",
    "PromptTooLongError",
    "UnknownParameterError",
    "backoff",
    "connection_words",
    "never_connected",
    "passes",
    "refusal",
    "seconds_asked_for",
    "words_of",
]

MISSET_SECONDS = 30.0
"""For how long an endpoint is left alone that somebody has to set right first."""
OPTIONAL_PARAMETERS = frozenset({"top_k", "top_p", "temperature", "max_tokens"})
"""What a request can do without, where an endpoint does not take it."""
_PASSING = frozenset({408, 409, 429})
_ANYBODYS = frozenset({401, 403, 404, 405, 501})
"""Wrong key, wrong URL, unknown model: no user's request is to blame, and none would fare better."""
# By name: the HTTP client is the openai library's own affair, which it may exchange for another.
_NEVER_CONNECTED = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})


class PromptTooLongError(ProfilerError):
    """The endpoint found the prompt longer than it was measured."""


class UnknownParameterError(ProfilerError):
    """The endpoint does not know a parameter that others need."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the endpoint does not take {name}")
        self.name = name


class CircuitBreaker:
    """After several failures in a row nobody asks for a while, then one probe does.

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


def backoff(attempt: int, *, first_seconds: float, longest_seconds: float) -> float:
    """Seconds to wait after the `attempt`-th failure, counted from 1: twice as long each time, by chance
    somewhat less, so that many callers do not come back together."""
    return min(longest_seconds, first_seconds * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)


def seconds_asked_for(headers: Mapping[str, str]) -> float | None:
    """How long the endpoint asks to be left alone, by the `Retry-After` header, which holds seconds or a
    date; None if it does not say so in words we know."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.replace(".", "", 1).isdecimal():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def passes(error: openai.APIStatusError) -> bool:
    """Whether the same request may be answered a little later."""
    return error.status_code in _PASSING or (error.status_code >= 500 and error.status_code != 501)


def never_connected(error: openai.APIConnectionError) -> bool:
    """Whether the request did not reach the endpoint, and cost nothing."""
    return type(error.__cause__).__name__ in _NEVER_CONNECTED


def refusal(error: openai.APIStatusError, *, optional: bool) -> ProfilerError:
    """What an error that will not pass means. With `optional` a missing address blames the request alone."""
    words = words_of(error)
    if error.status_code in _ANYBODYS and not optional:
        return ProfilerUnavailableError(
            f"the endpoint answered {error.status_code}: {words}", retry_seconds=MISSET_SECONDS
        )
    body = error.body if isinstance(error.body, dict) else {}
    if body.get("code") == "context_length_exceeded" or "context length" in words.lower():
        return PromptTooLongError(words)
    if body.get("param") in OPTIONAL_PARAMETERS and "unsupported" in f"{body.get('code')} {words}".lower():
        return UnknownParameterError(str(body["param"]))
    return ProfilerError(f"the endpoint refused the prompt ({error.status_code}): {words}")


def words_of(error: openai.APIStatusError) -> str:
    """The endpoint's own words, cut."""
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    return " ".join(str(message or error.message).split())[:300]


def connection_words(error: openai.APIConnectionError) -> str:
    """Why nothing came back."""
    if isinstance(error, openai.APITimeoutError):
        return "did not answer in time"
    return f"cannot be reached: {error.__cause__ or error!s}"[:300]
