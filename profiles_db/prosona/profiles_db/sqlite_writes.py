"""The changes made to the database. Each takes a connection within an open transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from prosona.profiles_db.errors import InvalidInputError
from prosona.profiles_db.migrations import KEY_BITS
from prosona.profiles_db.models import Draft, Interaction, Receipt, Revision
from prosona.profiles_db.sqlite_folds import update_pending_since
from prosona.profiles_db.sqlite_rows import (
    INTERACTION_COLUMNS,
    REVISION_COLUMNS,
    interaction_row,
    key,
    revision,
    revision_row,
    to_micros,
)

_INSERT_INTERACTION = (
    f"INSERT INTO interactions ({INTERACTION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_REVISION = f"INSERT INTO revisions ({REVISION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SAME_KEY = (
    "SELECT query, chosen, rejected, kind, domain, occurred_at, quarantined FROM interactions "
    f"WHERE id >> {KEY_BITS} = ? AND idempotency_key = ?"
)


def now_micros() -> int:
    """This moment, in whole microseconds since 1970."""
    return to_micros(datetime.now(UTC))


def append(conn: sqlite3.Connection, user_id: str, items: Sequence[Interaction]) -> list[Receipt]:
    """Add interactions to a user's log, all or none. A key seen before with other content is an error."""
    if not items:
        return []
    row = conn.execute("SELECT id, observed, pending FROM users WHERE user_id = ?", (user_id,)).fetchone()
    uid, observed, pending = row or (_add_user(conn, user_id), 0, 0)
    observed_at = now_micros()
    before, pending_before = observed, pending
    receipts = []
    for item in items:
        earlier = _earlier(conn, uid, item)
        if earlier is not None:
            (quarantined,) = earlier
            status = "duplicate"
        else:
            observed += 1
            conn.execute(_INSERT_INTERACTION, interaction_row(uid, observed, observed_at, item))
            quarantined, status = item.quarantined, "accepted"
            pending += quarantined is None
        receipts.append(Receipt.model_construct(status=status, pending=pending, quarantined=quarantined))
    if observed > before:
        conn.execute(
            "UPDATE users SET observed = ?, pending = ?, last_observed_at = ? WHERE id = ?",
            (observed, pending, observed_at, uid),
        )
    if pending and not pending_before:
        conn.execute("UPDATE users SET pending_since = ? WHERE id = ?", (observed_at, uid))
    return receipts


def _earlier(conn: sqlite3.Connection, uid: int, item: Interaction) -> tuple[str | None] | None:
    """Why the interaction with the same key was quarantined, in a tuple; None when there is no such."""
    if item.idempotency_key is None:
        return None
    row = conn.execute(_SAME_KEY, (uid, item.idempotency_key)).fetchone()
    if row is None:
        return None
    *content, quarantined = row
    occurred_at = None if item.occurred_at is None else to_micros(item.occurred_at)
    # What happened is compared, not who carried it: a retry may come over another connection.
    if content != [item.query, item.chosen, item.rejected, item.kind, item.domain, occurred_at]:
        raise InvalidInputError(
            f"idempotency_key {item.idempotency_key!r} was used before for another interaction. "
            "Nothing was stored; send a new key for a new interaction."
        )
    return (quarantined,)


def _add_user(conn: sqlite3.Connection, user_id: str) -> int:
    uid = conn.execute("INSERT INTO users (user_id) VALUES (?)", (user_id,)).lastrowid
    assert uid is not None
    return uid


def commit(
    conn: sqlite3.Connection,
    user_id: str,
    draft: Draft,
    base_version: int,
    folded_from: int | None,
    state: bytes | None,
) -> Revision | None:
    """Write the revision after `base_version`; None when the profile or the watermark has moved."""
    row = conn.execute(
        "SELECT id, version, observed, folded_through, pending FROM users WHERE user_id = ?", (user_id,)
    ).fetchone()
    uid, version, observed, folded_through, pending = row or (None, 0, 0, 0, 0)
    if version != base_version or folded_from not in (None, folded_through):
        return None
    if folded_from is not None:
        if draft.last_seq is None or draft.last_seq < folded_from:
            raise InvalidInputError(f"A fold from {folded_from} must end at or behind it: {draft.last_seq}.")
        if draft.last_seq > observed:
            # The log was erased under the fold: what it read is gone.
            return None
    if uid is None:
        uid = _add_user(conn, user_id)
    created_at = now_micros()
    if folded_from is not None and draft.last_seq is not None:
        pending -= count_pending(conn, uid, folded_through, draft.last_seq)
        conn.execute(
            "UPDATE users SET version = ?, updated_at = ?, folded_through = ?, pending = ?, problem = NULL "
            "WHERE id = ?",
            (version + 1, created_at, draft.last_seq, pending, uid),
        )
        update_pending_since(conn, uid, draft.last_seq)
    else:
        conn.execute(
            "UPDATE users SET version = ?, updated_at = ? WHERE id = ?", (version + 1, created_at, uid)
        )
    if state:
        conn.execute("INSERT OR REPLACE INTO states (id, state) VALUES (?, ?)", (uid, state))
    elif state is not None:
        conn.execute("DELETE FROM states WHERE id = ?", (uid,))
    return add_revision(conn, uid, version + 1, created_at, draft)


def add_revision(conn: sqlite3.Connection, uid: int, version: int, created_at: int, draft: Draft) -> Revision:
    """Write one revision; the caller keeps the user's row in step."""
    row = revision_row(uid, version, created_at, draft)
    conn.execute(_INSERT_REVISION, row)
    return revision(row)


def count_pending(conn: sqlite3.Connection, uid: int, after: int, through: int) -> int:
    """How many interactions with `after` < seq <= `through` may be folded."""
    (count,) = conn.execute(
        "SELECT count(*) FROM interactions WHERE id > ? AND id <= ? AND quarantined IS NULL",
        (key(uid, after), key(uid, through)),
    ).fetchone()
    return int(count)
