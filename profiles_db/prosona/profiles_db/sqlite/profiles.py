"""Where each profile stands and how it got there. The changes take a connection within a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from prosona.core.errors import InvalidInputError
from prosona.core.requests import Backlog, Commit, Head, Memory, Standing, UserEntry
from prosona.core.words import Edit, Revision
from prosona.profiles_db.sqlite.folds import holds
from prosona.profiles_db.sqlite.log import add_user, count_pending, update_pending, user_number
from prosona.profiles_db.sqlite.numbers import from_micros, key, most, now_micros, span
from prosona.profiles_db.sqlite.rows import (
    EDIT_COLUMNS,
    HEAD_COLUMNS,
    INTERACTION_COLUMNS,
    REVISION_COLUMNS,
    Row,
    dump_lines,
    edit,
    edit_row,
    head,
    interaction,
    revision,
    revision_row,
)

__all__ = [
    "commit",
    "move_watermark",
    "read_backlog",
    "read_head",
    "read_revisions",
    "read_standing",
    "read_users",
    "read_versions",
    "stands",
    "write_step",
]

_LAST_CHARACTER = "\U0010ffff"
_TOGETHER = 500

_HEAD = f"SELECT {HEAD_COLUMNS} FROM users LEFT JOIN texts ON texts.id = users.id WHERE user_id = ?"
_STANDS = "SELECT id, version, observed, folded_through, pending FROM users WHERE user_id = ?"
_INSERT_REVISION = f"INSERT INTO revisions ({REVISION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# A row in the place of another gets a new number: so edits stay in the order in which they were made.
_INSERT_EDIT = f"INSERT OR REPLACE INTO edits ({EDIT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def read_head(conn: sqlite3.Connection, user_id: str) -> Head:
    """Where a user stands; an empty head for an unknown user."""
    row = conn.execute(_HEAD, (user_id,)).fetchone()
    return Head(user_id=user_id) if row is None else head(user_id, row)


def read_standing(conn: sqlite3.Connection, user_id: str) -> Standing:
    """The head, the current revision and the edits, as of one moment."""
    with _one_moment(conn):
        now = read_head(conn, user_id)
        return Standing.model_construct(
            head=now, revision=_current(conn, now), edits=_edits(conn, now.incarnation)
        )


def read_backlog(conn: sqlite3.Connection, user_id: str, limit: int) -> Backlog:
    """What a fold needs, all as of one moment."""
    with _one_moment(conn):
        now = read_head(conn, user_id)
        uid = now.incarnation
        rows: list[Row] = conn.execute(
            f"SELECT {INTERACTION_COLUMNS} FROM interactions "
            "WHERE id > ? AND id < ? AND quarantined IS NULL ORDER BY id LIMIT ?",
            (key(uid, now.folded_through), span(uid)[1], most(limit)),
        ).fetchall()
        kept = conn.execute("SELECT version, data FROM memory WHERE id = ?", (uid,)).fetchone()
        return Backlog.model_construct(
            head=now,
            revision=_current(conn, now),
            edits=_edits(conn, uid),
            interactions=tuple(map(interaction, rows)),
            memory=None if kept is None else Memory.model_construct(version=kept[0], data=kept[1]),
        )


@contextmanager
def _one_moment(conn: sqlite3.Connection) -> Iterator[None]:
    conn.execute("BEGIN")
    try:
        yield
    finally:
        conn.rollback()


def _current(conn: sqlite3.Connection, now: Head) -> Revision | None:
    row = conn.execute(
        f"SELECT {REVISION_COLUMNS} FROM revisions WHERE id = ?", (key(now.incarnation, now.version),)
    ).fetchone()
    return None if row is None else revision(row)


def _edits(conn: sqlite3.Connection, uid: int) -> tuple[Edit, ...]:
    return tuple(
        map(edit, conn.execute(f"SELECT {EDIT_COLUMNS} FROM edits WHERE uid = ? ORDER BY id", (uid,)))
    )


def read_revisions(conn: sqlite3.Connection, user_id: str, limit: int, before: int | None) -> list[Revision]:
    """Revisions with a version below `before`, newest first."""
    uid = user_number(conn, user_id)
    if uid is None:
        return []
    first, end = span(uid)
    if before is not None:
        end = min(first + max(before, 0), end)
    rows = conn.execute(
        f"SELECT {REVISION_COLUMNS} FROM revisions WHERE id > ? AND id < ? ORDER BY id DESC LIMIT ?",
        (first, end, most(limit)),
    )
    return list(map(revision, rows))


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
        (*values, most(limit)),
    )
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


def _behind(prefix: str) -> str | None:
    """The smallest text that sorts behind everything that starts with `prefix`."""
    stem = prefix.rstrip(_LAST_CHARACTER)
    if not stem:
        return None
    following = ord(stem[-1]) + 1
    # No text may hold a lone surrogate: step over them.
    return stem[:-1] + chr(0xE000 if following == 0xD800 else following)


def read_versions(conn: sqlite3.Connection, user_ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Incarnation and version of each user; zeros for one not known."""
    known = dict.fromkeys(user_ids, (0, 0))
    names = list(known)
    for start in range(0, len(names), _TOGETHER):
        some = names[start : start + _TOGETHER]
        for name, uid, version in conn.execute(
            f"SELECT user_id, id, version FROM users WHERE user_id IN ({', '.join('?' for _ in some)})", some
        ):
            known[name] = uid, version
    return known


def stands(conn: sqlite3.Connection, user_id: str, step: Commit) -> tuple[int, int, int, int, int] | None:
    """Number, version, observed, watermark and pending of a user, where `step` may follow; else None."""
    row: tuple[int, int, int, int, int] | None = conn.execute(_STANDS, (user_id,)).fetchone()
    uid, version, observed, folded, pending = row or (0, 0, 0, 0, 0)
    if (step.incarnation, step.base_version) != (uid, version) or step.folded_from not in (None, folded):
        return None
    if step.token is not None and not holds(conn, user_id, step.token):
        return None
    if step.folded_from is not None and (
        step.folded_through is None or step.folded_through < step.folded_from
    ):
        raise InvalidInputError(
            f"A fold from {step.folded_from} must end at or behind it: {step.folded_through}."
        )
    if step.folded_through is not None and not 0 <= step.folded_through <= observed:
        raise InvalidInputError(
            f"Folding cannot have reached {step.folded_through}: the log ends at {observed}."
        )
    if step.history and version:
        raise InvalidInputError("Earlier revisions can only come to a user who has none.")
    return uid, version, observed, folded, pending


def commit(conn: sqlite3.Connection, user_id: str, step: Commit) -> int | None:
    """Writes the step and returns the version then current; None when another has moved the profile."""
    found = stands(conn, user_id, step)
    if found is None:
        return None
    uid, version, _, folded, pending = found
    uid = uid or add_user(conn, user_id)
    version = write_step(conn, uid, version, step)
    through = folded if step.folded_through is None else step.folded_through
    # What is far behind the watermark is not counted again at every fold.
    left = pending - count_pending(conn, uid, folded, through) if through >= folded else None
    move_watermark(conn, uid, step, left)
    return version


def move_watermark(conn: sqlite3.Connection, uid: int, step: Commit, pending: int | None = None) -> None:
    """Sets the watermark of a step, and what is pending behind it: `pending` for those who know it."""
    if step.folded_through is not None:
        conn.execute("UPDATE users SET folded_through = ? WHERE id = ?", (step.folded_through, uid))
    if step.read_through is not None:
        conn.execute("UPDATE users SET read_through = ? WHERE id = ?", (step.read_through, uid))
    if step.cause == "fold":
        conn.execute(
            "UPDATE users SET problem = NULL, problem_at = NULL, retry_at = NULL WHERE id = ?", (uid,)
        )
    update_pending(conn, uid, pending)


def write_step(conn: sqlite3.Connection, uid: int, version: int, step: Commit) -> int:
    """Writes all of a step but the watermark, and returns the version then current."""
    now = now_micros()
    if step.counters_only:
        conn.execute(
            "UPDATE revisions SET lines = ? WHERE id = ?", (dump_lines(step.lines), key(uid, version))
        )
    else:
        if not version:
            version = _write_history(conn, uid, step.history)
        version += 1
        written = Revision.model_construct(
            version=version,
            created_at=from_micros(now),
            cause=step.cause,
            actor=step.actor,
            lines=step.lines,
            retired=step.retired,
            profiler=step.profiler,
            first_seq=step.first_seq,
            last_seq=step.last_seq,
            rolled_back_to=step.rolled_back_to,
        )
        conn.execute(_INSERT_REVISION, revision_row(uid, written))
    conn.execute("UPDATE users SET version = ?, updated_at = ? WHERE id = ?", (version, now, uid))
    until = None if step.text_until is None else step.text_until.toordinal()
    conn.execute(
        "INSERT INTO texts (id, text, text_until) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (id) DO UPDATE SET text = ?2, text_until = ?3",
        (uid, step.text, until),
    )
    if step.memory is not None and step.memory.data:
        conn.execute(
            "INSERT OR REPLACE INTO memory (id, version, data) VALUES (?, ?, ?)",
            (uid, step.memory.version, step.memory.data),
        )
    elif step.memory is not None:
        conn.execute("DELETE FROM memory WHERE id = ?", (uid,))
    conn.executemany("DELETE FROM edits WHERE uid = ? AND line = ?", [(uid, line) for line in step.lifted])
    conn.executemany(_INSERT_EDIT, [edit_row(uid, one) for one in step.edits])
    return version


def _write_history(conn: sqlite3.Connection, uid: int, history: Collection[Revision]) -> int:
    """Writes revisions that come with an imported profile; the version of the last one."""
    last = 0
    for one in history:
        if one.version <= last:
            raise InvalidInputError("The versions of an imported history must rise from 1.")
        last = one.version
        conn.execute(_INSERT_REVISION, revision_row(uid, one))
    return last
