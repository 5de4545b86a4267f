"""Who is due to be folded, under which lease, and what folding has cost. Within an open transaction."""

from __future__ import annotations

import sqlite3
import time
from datetime import date

from prosona.profiles_db.models import PendingTotals, Spending
from prosona.profiles_db.sqlite_rows import from_micros, key

# The partial index on `pending_since` holds the users with something pending, longest waiting first.
_DUE = """
    SELECT users.user_id FROM users INDEXED BY users_pending
    WHERE pending_since IS NOT NULL
        AND (pending >= ?1 OR last_observed_at <= ?2)
        AND (retry_at IS NULL OR retry_at <= ?3)
        AND NOT EXISTS (SELECT 1 FROM leases WHERE leases.user_id = users.user_id AND expires_at > ?3)
    ORDER BY pending_since LIMIT ?4"""

_TAKE = (
    "INSERT INTO leases (user_id, holder, expires_at) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (user_id) DO UPDATE SET holder = ?2, expires_at = ?3 "
    "WHERE holder = ?2 OR expires_at <= ?4"
)


def claim(conn: sqlite3.Connection, user_id: str, holder: str, seconds: float) -> bool:
    """Take or prolong the lease of a user; false while another holder's has not run out."""
    now = _now()
    return conn.execute(_TAKE, (user_id, holder, now + _micros(seconds), now)).rowcount == 1


def claim_due(
    conn: sqlite3.Connection, holder: str, seconds: float, pending: int, idle_seconds: float, limit: int
) -> list[str]:
    """Take the leases of users who are due and free, longest waiting first, and name the users."""
    now = _now()
    rows = conn.execute(_DUE, (pending, now - _micros(idle_seconds), now, limit)).fetchall()
    conn.executemany(_TAKE, [(user_id, holder, now + _micros(seconds), now) for (user_id,) in rows])
    return [user_id for (user_id,) in rows]


def release(
    conn: sqlite3.Connection, user_id: str, holder: str, problem: str | None, retry_seconds: float
) -> None:
    """Drop the lease, and keep the problem with the user, if `holder` still holds it."""
    dropped = conn.execute("DELETE FROM leases WHERE user_id = ? AND holder = ?", (user_id, holder))
    if dropped.rowcount and problem is not None:
        retry_at = _now() + _micros(retry_seconds) if retry_seconds > 0 else None
        conn.execute(
            "UPDATE users SET problem = ?, retry_at = ? WHERE user_id = ?", (problem, retry_at, user_id)
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


def update_pending_since(conn: sqlite3.Connection, uid: int, folded_through: int) -> None:
    """Set since when a user has something pending, after the watermark or the log changed."""
    conn.execute(
        "UPDATE users SET retry_at = NULL, pending_since = ("
        "SELECT observed_at FROM interactions WHERE id > ? AND id < ? AND quarantined IS NULL "
        "ORDER BY id LIMIT 1) WHERE id = ?",
        (key(uid, folded_through), key(uid + 1, 0), uid),
    )


def _now() -> int:
    return time.time_ns() // 1000


def _micros(seconds: float) -> int:
    # No time limit may run past what the database can hold.
    return round(min(max(seconds, 0.0), 1e9) * 1e6)
