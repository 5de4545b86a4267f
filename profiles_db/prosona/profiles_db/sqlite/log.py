"""What was observed. The changes take a connection within an open transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence

from prosona.core.errors import InvalidInputError
from prosona.core.requests import Receipt
from prosona.core.words import Interaction, RecordedInteraction, as_said
from prosona.profiles_db.sqlite.numbers import KEY_BITS, key, most, now_micros, number_of, span, to_micros
from prosona.profiles_db.sqlite.rows import INTERACTION_COLUMNS, Row, echo_of, interaction, interaction_row

__all__ = [
    "add_user",
    "append",
    "count_pending",
    "delete_quarantined",
    "let_in",
    "read_interactions",
    "read_interactions_at",
    "read_quarantined",
    "set_aside",
    "update_pending",
    "user_number",
]

_INSERT = (
    f"INSERT INTO interactions ({INTERACTION_COLUMNS}) "
    f"VALUES ({', '.join('?' for _ in INTERACTION_COLUMNS.split(', '))})"
)
_SAME_KEY = (
    "SELECT query, chosen, rejected, kind, domain, occurred_at, quarantined FROM interactions "
    f"WHERE id >> {KEY_BITS} = ? AND idempotency_key = ?"
)
_SAME_WORDS = (
    "SELECT chosen, coalesce(occurred_at, observed_at), kind, domain, agent, idempotency_key, "
    f"quarantined FROM interactions WHERE id >> {KEY_BITS} = ? AND echo = ? "
    "AND observed_at BETWEEN ? AND ? ORDER BY id DESC"
)
_REASON = 200
"""Longest reason for a quarantine, in characters, as an interaction holds it."""
_TOGETHER = 500
"""Keys in one question: SQLite takes some thousands at most."""


def user_number(conn: sqlite3.Connection, user_id: str) -> int | None:
    """The number under which the rows of a user are kept; None for an unknown user."""
    row = conn.execute("SELECT id FROM users WHERE user_id = ?", (user_id,)).fetchone()
    return None if row is None else int(row[0])


def add_user(conn: sqlite3.Connection, user_id: str) -> int:
    """A row for a user not known, under a number that was never given before."""
    (uid,) = conn.execute("SELECT next_user FROM meta").fetchone()
    conn.execute("UPDATE meta SET next_user = next_user + 1")
    conn.execute("INSERT INTO users (id, user_id) VALUES (?, ?)", (uid, user_id))
    return int(uid)


def append(
    conn: sqlite3.Connection, user_id: str, items: Sequence[Interaction], echo_micros: int
) -> list[Receipt]:
    """Add interactions to a user's log, all or none. A key seen before with other content is an error."""
    if not items:
        return []
    row = conn.execute("SELECT id, observed, pending FROM users WHERE user_id = ?", (user_id,)).fetchone()
    uid, observed, pending = row or (add_user(conn, user_id), 0, 0)
    observed_at = now_micros()
    before, pending_before = observed, pending
    receipts = []
    for item in items:
        earlier = _earlier(conn, uid, item) or _echoed(conn, uid, item, observed_at, echo_micros)
        if earlier is not None:
            (quarantined,) = earlier
            status = "duplicate"
        else:
            observed += 1
            conn.execute(_INSERT, interaction_row(uid, observed, observed_at, item))
            quarantined, status = item.quarantined, "accepted"
            pending += quarantined is None
        receipts.append(
            Receipt.model_construct(status=status, pending=pending, quarantined=quarantined, redacted=None)
        )
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


def _echoed(
    conn: sqlite3.Connection, uid: int, item: Interaction, now: int, echo_micros: int
) -> tuple[str | None] | None:
    """Why the same words in other trappings were quarantined, in a tuple; None if nobody reported them."""
    if not echo_micros or item.chosen is None or item.rejected is not None:
        return None
    words, happened = as_said(item.chosen), to_micros(item.occurred_at) if item.occurred_at else now
    between = now - echo_micros, now + echo_micros
    for chosen, when, kind, domain, agent, key_then, quarantined in conn.execute(
        _SAME_WORDS, (uid, echo_of(item.chosen), *between)
    ):
        if as_said(chosen) != words or abs(when - happened) > echo_micros:
            continue
        # One agent that gives keys tells its events apart by them, and one that gives none means two events
        # by two calls of one kind.
        keyed = (key_then is not None) + (item.idempotency_key is not None)
        other_kind = (kind, domain) != (item.kind, item.domain)
        if agent != item.agent or keyed == 1 or (keyed == 0 and other_kind):
            return (quarantined,)
    return None


def read_interactions(
    conn: sqlite3.Connection, user_id: str, after: int, limit: int, *, quarantined: bool = False
) -> list[RecordedInteraction]:
    """Interactions with a seq above `after`, oldest first; all, or the quarantined ones alone."""
    uid = user_number(conn, user_id)
    if uid is None:
        return []
    first, end = span(uid)
    condition = " AND quarantined IS NOT NULL" if quarantined else ""
    rows = conn.execute(
        f"SELECT {INTERACTION_COLUMNS} FROM interactions WHERE id > ? AND id < ?{condition} "
        "ORDER BY id LIMIT ?",
        (min(first + max(after, 0), end), end, most(limit)),
    )
    return list(map(interaction, rows))


def read_quarantined(
    conn: sqlite3.Connection, user_id: str, after: int, limit: int
) -> list[RecordedInteraction]:
    """The quarantined interactions of a user, oldest first."""
    return read_interactions(conn, user_id, after, limit, quarantined=True)


def read_interactions_at(
    conn: sqlite3.Connection, user_id: str, seqs: Collection[int]
) -> list[RecordedInteraction]:
    """Those of the interactions with these seqs that are still there, in order."""
    uid = user_number(conn, user_id)
    return [] if uid is None else list(map(interaction, _rows_at(conn, uid, seqs)))


def set_aside(conn: sqlite3.Connection, user_id: str, seqs: Collection[int], reason: str) -> int:
    """Quarantines interactions; how many there were."""
    uid = user_number(conn, user_id)
    if uid is None:
        return 0
    count = 0
    for row_id in _keys(uid, seqs):
        count += conn.execute(
            "UPDATE interactions SET quarantined = ? WHERE id = ? AND quarantined IS NULL",
            (reason[:_REASON], row_id),
        ).rowcount
    update_pending(conn, uid)
    return count


def let_in(conn: sqlite3.Connection, user_id: str, seqs: Collection[int]) -> int:
    """Moves quarantined interactions to the end of the log, as pending; how many there were."""
    uid = user_number(conn, user_id)
    if uid is None:
        return 0
    rows = [row for row in _rows_at(conn, uid, seqs) if row[8] is not None]
    if not rows:
        return 0
    (observed,) = conn.execute("SELECT observed FROM users WHERE id = ?", (uid,)).fetchone()
    conn.executemany("DELETE FROM interactions WHERE id = ?", [row[:1] for row in rows])
    conn.executemany(
        _INSERT,
        [(key(uid, seq), *row[1:8], None, *row[9:]) for seq, row in enumerate(rows, start=observed + 1)],
    )
    conn.execute("UPDATE users SET observed = observed + ? WHERE id = ?", (len(rows), uid))
    update_pending(conn, uid)
    return len(rows)


def delete_quarantined(conn: sqlite3.Connection, user_id: str, seqs: Collection[int]) -> int:
    """Deletes quarantined interactions; how many there were."""
    uid = user_number(conn, user_id)
    if uid is None:
        return 0
    count = 0
    for row_id in _keys(uid, seqs):
        count += conn.execute(
            "DELETE FROM interactions WHERE id = ? AND quarantined IS NOT NULL", (row_id,)
        ).rowcount
    return count


def count_pending(conn: sqlite3.Connection, uid: int, after: int, through: int) -> int:
    """How many interactions with `after` < seq <= `through` may be folded."""
    (count,) = conn.execute(
        "SELECT count(*) FROM interactions WHERE id > ? AND id <= ? AND quarantined IS NULL",
        (key(uid, after), key(uid, through)),
    ).fetchone()
    return int(count)


def update_pending(conn: sqlite3.Connection, uid: int, known: int | None = None) -> None:
    """Sets what is pending, and since when, after the watermark or the log changed.

    `known` is how much is pending, for those who know it; else it is counted.
    """
    folded, observed = conn.execute(
        "SELECT folded_through, observed FROM users WHERE id = ?", (uid,)
    ).fetchone()
    pending = count_pending(conn, uid, folded, observed) if known is None else known
    conn.execute(
        "UPDATE users SET pending = ?, pending_since = ("
        "SELECT observed_at FROM interactions WHERE id > ? AND id < ? AND quarantined IS NULL "
        "ORDER BY id LIMIT 1) WHERE id = ?",
        (pending, key(uid, folded), span(uid)[1], uid),
    )


def _keys(uid: int, seqs: Iterable[int]) -> list[int]:
    return [key(uid, seq) for seq in sorted(set(seqs)) if 0 < number_of(seq) == seq]


def _rows_at(conn: sqlite3.Connection, uid: int, seqs: Collection[int]) -> Iterator[Row]:
    keys = _keys(uid, seqs)
    for start in range(0, len(keys), _TOGETHER):
        some = keys[start : start + _TOGETHER]
        yield from conn.execute(
            f"SELECT {INTERACTION_COLUMNS} FROM interactions WHERE id IN ({', '.join('?' for _ in some)}) "
            "ORDER BY id",
            some,
        ).fetchall()
