"""Who is due to be folded, under which claim, and what folding has cost. Within an open transaction.

A claim holds until it is released or runs out; before that it is over when the process that took it is
gone, or when it was taken later than now: the clock was wrong then.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Collection
from datetime import date
from functools import cache
from pathlib import Path

from prosona.core.requests import Claim, PendingTotals, Spending
from prosona.profiles_db.sqlite.numbers import CLOCK_SLACK, from_micros, most, now_micros
from prosona.profiles_db.sqlite.rows import Row

__all__ = [
    "claim",
    "claim_due",
    "holds",
    "read_pending_totals",
    "read_spending",
    "release",
    "renew",
    "spend",
    "to_micro_span",
]

# The partial index on `pending_since` holds the users with something pending, longest waiting first.
_DUE = """
    SELECT users.user_id, users.id, token, place, pid, born, taken_at, expires_at
    FROM users INDEXED BY users_pending LEFT JOIN claims ON claims.user_id = users.user_id
    WHERE pending_since IS NOT NULL
        AND (pending >= ?1 OR last_observed_at <= ?2 OR last_observed_at > ?4)
        AND (retry_at IS NULL OR retry_at <= ?3 OR problem_at > ?4)
    ORDER BY pending_since"""

_HELD = "SELECT token, place, pid, born, taken_at, expires_at FROM claims WHERE user_id = ?"
_TAKE = (
    "INSERT OR REPLACE INTO claims (user_id, token, place, pid, born, taken_at, expires_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_LONGEST_MICROS = 1_000_000_000_000_000
"""Some thirty years: no time limit may run past what the database can hold."""


def claim(conn: sqlite3.Connection, user_id: str, seconds: float) -> Claim | None:
    """The right to fold a user; None while somebody alive holds it."""
    now = now_micros()
    row = conn.execute(_HELD, (user_id,)).fetchone()
    if row is not None and _is_held(row[1:], now):
        return None
    known = conn.execute("SELECT id FROM users WHERE user_id = ?", (user_id,)).fetchone()
    return _take(conn, user_id, known[0] if known else 0, seconds, now)


def claim_due(
    conn: sqlite3.Connection, seconds: float, pending: int, idle_seconds: float, limit: int
) -> list[Claim]:
    """Claims on users who are due and free, longest waiting first."""
    now = now_micros()
    free: list[tuple[str, int]] = []
    rows = conn.execute(_DUE, (pending, now - to_micro_span(idle_seconds), now, now + CLOCK_SLACK))
    for user_id, uid, token, *held in rows:
        if len(free) >= most(limit):
            break
        if token is None or not _is_held(tuple(held), now):
            free.append((user_id, uid))
    return [_take(conn, user_id, uid, seconds, now) for user_id, uid in free]


def renew(conn: sqlite3.Connection, claims: Collection[Claim], seconds: float) -> None:
    """Prolongs the claims that are still held."""
    now = now_micros()
    conn.executemany(
        "UPDATE claims SET taken_at = ?, expires_at = ? WHERE user_id = ? AND token = ?",
        [(now, now + to_micro_span(seconds), one.user_id, one.token) for one in claims],
    )


def holds(conn: sqlite3.Connection, user_id: str, token: str) -> bool:
    """Whether the claim with this token is the current one."""
    row = conn.execute(_HELD, (user_id,)).fetchone()
    return row is not None and row[0] == token


def release(
    conn: sqlite3.Connection, user_id: str, token: str, problem: str | None, retry_seconds: float
) -> None:
    """Drop the claim, and keep the problem with the user, if the token is the current one."""
    dropped = conn.execute("DELETE FROM claims WHERE user_id = ? AND token = ?", (user_id, token))
    if dropped.rowcount and problem is not None:
        now = now_micros()
        retry_at = now + to_micro_span(retry_seconds) if retry_seconds > 0 else None
        conn.execute(
            "UPDATE users SET problem = ?, problem_at = ?, retry_at = ? WHERE user_id = ?",
            (problem, now, retry_at, user_id),
        )


def spend(conn: sqlite3.Connection, user_id: str, day: date, calls: int, tokens: int) -> Spending:
    """Add to what a user's folds cost on `day`; a new day starts at nothing."""
    conn.execute(
        "UPDATE users SET spent_day = ?1, "
        "spent_calls = ?2 + iif(spent_day = ?1, spent_calls, 0), "
        "spent_tokens = ?3 + iif(spent_day = ?1, spent_tokens, 0) WHERE user_id = ?4",
        (day.toordinal(), calls, tokens, user_id),
    )
    return read_spending(conn, user_id, day)


def read_spending(conn: sqlite3.Connection, user_id: str, day: date) -> Spending:
    """What a user's folds cost on `day`."""
    row = conn.execute(
        "SELECT spent_calls, spent_tokens FROM users WHERE user_id = ? AND spent_day = ?",
        (user_id, day.toordinal()),
    ).fetchone()
    return Spending() if row is None else Spending(calls=row[0], tokens=row[1])


def read_pending_totals(conn: sqlite3.Connection) -> PendingTotals:
    """How much is pending over all users, and since when."""
    users, interactions, since = conn.execute(
        "SELECT count(*), coalesce(sum(pending), 0), min(pending_since) FROM users INDEXED BY users_pending "
        "WHERE pending_since IS NOT NULL"
    ).fetchone()
    return PendingTotals(
        users=users, interactions=interactions, since=None if since is None else from_micros(since)
    )


def to_micro_span(seconds: float) -> int:
    """A stretch of time in whole microseconds, none below zero."""
    return min(round(max(seconds, 0.0) * 1e6), _LONGEST_MICROS) if seconds < 1e9 else _LONGEST_MICROS


def _take(conn: sqlite3.Connection, user_id: str, uid: int, seconds: float, now: int) -> Claim:
    token = os.urandom(8).hex()
    pid = os.getpid()
    conn.execute(_TAKE, (user_id, token, _place(), pid, _born(pid) or 0, now, now + to_micro_span(seconds)))
    return Claim(user_id=user_id, token=token, incarnation=uid)


def _is_held(held: Row, now: int) -> bool:
    place, pid, born, taken_at, expires_at = held
    if expires_at <= now or taken_at > now + CLOCK_SLACK:
        return False
    # Of a process elsewhere, in another container or on another machine, nothing can be told from here.
    return bool(place != _place() or _lives(pid, born))


@cache
def _place() -> str:
    """Names where numbers of processes mean the same: one boot of one machine, or one container in it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        import socket

        return socket.gethostname()


def _born(pid: int) -> int | None:
    """When a process began, in ticks since the machine started; None where there is none, or no /proc."""
    try:
        status = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The name, in parentheses, may hold anything; the start is the 20th field behind it.
    fields = status.rpartition(b")")[2].split()
    return None if fields[:1] == [b"Z"] else int(fields[19])


def _lives(pid: int, born: int) -> bool:
    if born:
        return _born(pid) == born
    if sys.platform == "win32":
        return True  # Asking would end it: the claim runs out by itself.
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
