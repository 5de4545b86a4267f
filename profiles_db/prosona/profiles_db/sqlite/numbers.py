"""The numbers in the database: keys of rows, and times as whole microseconds since 1970, in UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

__all__ = [
    "CLOCK_SLACK",
    "KEY_BITS",
    "from_micros",
    "key",
    "most",
    "now_micros",
    "number_of",
    "span",
    "to_micros",
]

KEY_BITS = 31
"""The rows of one user lie side by side: their key is the user's number in the high bits and the seq or
version in the low ones, so that neither needs an index of its own."""

CLOCK_SLACK = 5_000_000
"""How far, in microseconds, the clock may step back in the ordinary course of being kept right. What was
noted later than that from now was noted by a clock that was wrong."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LOW_BITS = (1 << KEY_BITS) - 1


def key(uid: int, number: int) -> int:
    """The key of the interaction with seq `number`, or the revision with that version, of a user."""
    return (uid << KEY_BITS) | number


def span(uid: int) -> tuple[int, int]:
    """The keys of all rows of a user lie between these two."""
    return key(uid, 0), key(uid + 1, 0)


def number_of(row_id: int) -> int:
    """The seq or version within a key."""
    return row_id & _LOW_BITS


def most(limit: int) -> int:
    """`limit` as SQLite takes it: there a negative one would mean all rows."""
    return min(max(limit, 0), 1 << KEY_BITS)


def now_micros() -> int:
    """This moment, in whole microseconds since 1970."""
    return time.time_ns() // 1000


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The UTC time of whole microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)
