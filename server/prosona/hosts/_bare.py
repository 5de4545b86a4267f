"""The two things that a hook does with the database, by SQLite alone: it has no time for the store.

Both leave a file of another schema, or one that is not there, to the store.
"""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

__all__ = ["KNOWN_SCHEMA", "LONGEST_TEXT", "Glance", "Heard", "glance", "hear"]

KNOWN_SCHEMA = 4
"""The schema that is read and written here. A test holds it, and what is read, to the store's own."""

LONGEST_TEXT = 20_000
"""Characters of a prompt that are kept: as many as an interaction holds."""

_LOOK_SECONDS = 0.05
"""How long a look waits for a lock: readers hardly ever meet one."""

_HEAD = """
    SELECT pending, text, text_until, EXISTS (SELECT 1 FROM heard), users.id, read_through
    FROM (SELECT 1) LEFT JOIN users ON user_id = ? LEFT JOIN texts ON texts.id = users.id"""


_UNREAD = """
    SELECT count(*), min(at) FROM (
        SELECT observed_at AS at FROM interactions WHERE id > ? AND id < ? AND quarantined IS NULL
        UNION ALL SELECT heard_at FROM heard WHERE user_id = ? LIMIT ?
    )"""
"""What hooks wrote down and nobody has stored yet counts, too."""
_MOST_COUNTED = 1_000
"""Of what an agent's own model has not read: more is told as so many."""
_KEY_BITS = 31
"""A number in the log is its user's number and, in so many bits, its place. A test holds it to the store's."""


class Glance(NamedTuple):
    """The profile as last folded, whether anything waits to be stored or folded, and what no agent's own model has
    read yet: how many interactions, and when the first of them was observed."""

    text: str
    waits: bool
    unread: int = 0
    unread_since: float = 0.0
    """In seconds of Unix time."""


class Heard(NamedTuple):
    """One prompt of a user, with the key that makes its second delivery a duplicate."""

    user_id: str
    host: str
    text: str
    key: str


def glance(db: Path, user_id: str) -> Glance | None:
    """What the file says of a user; None when only the store itself can tell. Errors: `sqlite3.Error`."""
    if not db.exists():
        return Glance("", False)
    conn = _opened(db, _LOOK_SECONDS)
    try:
        if not _is_known(conn):
            return None
        pending, text, until, heard, uid, read = conn.execute(_HEAD, (user_id,)).fetchone()
        unread, since = 0, None
        if uid is not None:
            after, end = (uid << _KEY_BITS) | read, (uid + 1) << _KEY_BITS
            unread, since = conn.execute(_UNREAD, (after, end, user_id, _MOST_COUNTED)).fetchone()
    finally:
        conn.close()
    if until is not None and until < datetime.now(UTC).toordinal():
        return None
    return Glance(text or "", bool(pending or heard), unread, (since or 0) / 1e6)


def hear(db: Path, heard: Heard, patience: float) -> bool:
    """Writes down what was heard; on disk when this returns. Waits `patience` seconds for a lock.

    False when only the store itself can do it. Errors: `sqlite3.Error`.
    """
    if not db.exists():
        return False
    conn = _opened(db, patience)
    try:
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute("BEGIN IMMEDIATE")
        if not _is_known(conn):
            return False
        # A hook that is installed twice hears everything twice.
        conn.execute(
            "INSERT OR IGNORE INTO heard (user_id, host, text, key, heard_at) VALUES (?, ?, ?, ?, ?)",
            (*heard, time.time_ns() // 1000),
        )
        conn.execute("COMMIT")
    finally:
        conn.close()
    return True


def _opened(db: Path, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{db.absolute().as_uri()}?mode=rw", uri=True, timeout=patience, isolation_level=None
    )


def _is_known(conn: sqlite3.Connection) -> bool:
    known: bool = conn.execute("PRAGMA user_version").fetchone() == (KNOWN_SCHEMA,)
    return known
