"""The questions asked of the database. Each takes a connection and changes nothing."""

from __future__ import annotations

import sqlite3

from prosona.profiles_db.migrations import KEY_BITS
from prosona.profiles_db.models import Backlog, Head, RecordedInteraction, Revision, UserEntry
from prosona.profiles_db.sqlite_rows import (
    INTERACTION_COLUMNS,
    REVISION_COLUMNS,
    Row,
    from_micros,
    head,
    interaction,
    key,
    revision,
)

_LAST_CHARACTER = "\U0010ffff"

_HEAD = f"""
    SELECT observed, folded_through, pending, last_observed_at, problem,
        {", ".join(f"revisions.{column}" for column in REVISION_COLUMNS.split(", "))}
    FROM users LEFT JOIN revisions ON revisions.id = (users.id << {KEY_BITS}) + users.version
    WHERE user_id = ?"""


def user_number(conn: sqlite3.Connection, user_id: str) -> int | None:
    """The number under which the rows of a user are kept; None for an unknown user."""
    row = conn.execute("SELECT id FROM users WHERE user_id = ?", (user_id,)).fetchone()
    return None if row is None else int(row[0])


def read_head(conn: sqlite3.Connection, user_id: str) -> Head:
    """Where a user stands; an empty head for an unknown user."""
    row = conn.execute(_HEAD, (user_id,)).fetchone()
    return Head(user_id=user_id) if row is None else head(user_id, row)


def read_backlog(conn: sqlite3.Connection, user_id: str, limit: int) -> Backlog:
    """What a fold needs, all as of one moment."""
    conn.execute("BEGIN")
    try:
        now = read_head(conn, user_id)
        uid = user_number(conn, user_id)
        rows: list[Row] = []
        state = None
        if uid is not None:
            rows = conn.execute(
                f"SELECT {INTERACTION_COLUMNS} FROM interactions "
                "WHERE id > ? AND id < ? AND quarantined IS NULL ORDER BY id LIMIT ?",
                (key(uid, now.folded_through), key(uid + 1, 0), _rows(limit)),
            ).fetchall()
            state = conn.execute("SELECT state FROM states WHERE id = ?", (uid,)).fetchone()
    finally:
        conn.rollback()
    return Backlog.model_construct(
        head=now, interactions=tuple(map(interaction, rows)), state=None if state is None else state[0]
    )


def read_revisions(conn: sqlite3.Connection, user_id: str, limit: int, before: int | None) -> list[Revision]:
    """Revisions with a version below `before`, newest first."""
    uid = user_number(conn, user_id)
    if uid is None:
        return []
    end = key(uid + 1, 0) if before is None else min(key(uid, 0) + max(before, 0), key(uid + 1, 0))
    rows = conn.execute(
        f"SELECT {REVISION_COLUMNS} FROM revisions WHERE id > ? AND id < ? ORDER BY id DESC LIMIT ?",
        (key(uid, 0), end, _rows(limit)),
    ).fetchall()
    return list(map(revision, rows))


def read_interactions(
    conn: sqlite3.Connection, user_id: str, after: int, limit: int
) -> list[RecordedInteraction]:
    """Interactions with a seq above `after`, oldest first, quarantined ones included."""
    uid = user_number(conn, user_id)
    if uid is None:
        return []
    rows = conn.execute(
        f"SELECT {INTERACTION_COLUMNS} FROM interactions WHERE id > ? AND id < ? ORDER BY id LIMIT ?",
        (min(key(uid, 0) + max(after, 0), key(uid + 1, 0)), key(uid + 1, 0), _rows(limit)),
    ).fetchall()
    return list(map(interaction, rows))


def read_users(conn: sqlite3.Connection, prefix: str, after: str, limit: int) -> list[UserEntry]:
    """Users whose id starts with `prefix` and sorts behind `after`, in the order of their ids."""
    condition, values = "user_id > ?", [after]
    if prefix:
        condition += " AND user_id >= ?"
        values.append(prefix)
        if end := _behind(prefix):
            condition += " AND user_id < ?"
            values.append(end)
    rows = conn.execute(
        f"SELECT user_id, version, observed, pending, updated_at FROM users "
        f"WHERE {condition} ORDER BY user_id LIMIT ?",
        (*values, _rows(limit)),
    ).fetchall()
    return [
        UserEntry.model_construct(
            user_id=user_id,
            version=version,
            observed=observed,
            pending=pending,
            updated_at=None if updated_at is None else from_micros(updated_at),
        )
        for user_id, version, observed, pending, updated_at in rows
    ]


def _rows(limit: int) -> int:
    """`limit` as SQLite takes it: there a negative one would mean all rows."""
    return min(max(limit, 0), 1 << KEY_BITS)


def _behind(prefix: str) -> str | None:
    """The smallest text that sorts behind everything that starts with `prefix`."""
    stem = prefix.rstrip(_LAST_CHARACTER)
    if not stem:
        return None
    following = ord(stem[-1]) + 1
    # No text may hold a lone surrogate: step over them.
    return stem[:-1] + chr(0xE000 if following == 0xD800 else following)
