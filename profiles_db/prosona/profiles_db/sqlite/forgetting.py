"""What a forget takes away: found outside the write lock, removed within one transaction.

Erasing takes a user away at once, for every reader, in a transaction that stays short; the rows, which may
be many, are deleted afterwards in small parts, between the writes of others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from prosona.core.requests import Forgetting, Forgotten
from prosona.core.words import Line, Retired
from prosona.profiles_db.sqlite.heard import delete_heard
from prosona.profiles_db.sqlite.numbers import key, number_of, span
from prosona.profiles_db.sqlite.profiles import move_watermark, stands, write_step
from prosona.profiles_db.sqlite.rows import (
    EDIT_COLUMNS,
    dump_lines,
    dump_retired,
    edit,
    load_lines,
    load_retired,
)

__all__ = ["Found", "delete_some", "delete_user", "find", "owe", "remove"]

Names = Callable[[str], bool]

_REVISIONS = "SELECT id, lines, retired, actor, profiler FROM revisions WHERE id > ? AND id < ? ORDER BY id"
_FORGOTTEN = "forgotten"
"""Stands in the place of a reason that named what is forgotten."""
_ROWS_AT_ONCE = 100
_REVISIONS_AT_ONCE = 20
"""Deleting so many takes a few milliseconds; a revision takes some four pages."""


@dataclass(slots=True)
class Found:
    """What was found in the versions and names of a user, and what shall stand in its place."""

    revisions: dict[int, tuple[str, str, str, str | None]] = field(default_factory=dict)
    """By key: lines, retired, actor and profiler of the versions that change."""
    current: tuple[str, ...] = ()
    """The current version as it was read; it may have got new counters since."""
    lines: int = 0
    """How many lines of it go."""
    names: list[str] = field(default_factory=list)
    """Agents, and reasons of a quarantine, that name what is forgotten."""


def find(conn: sqlite3.Connection, user_id: str, forgetting: Forgetting) -> Found | None:
    """Looks through every version; None when the profile was moved since. Changes nothing."""
    if stands(conn, user_id, forgetting.commit) is None:
        return None
    uid = forgetting.incarnation
    found = Found()
    for row_id, *texts in conn.execute(_REVISIONS, span(uid)):
        kept, gone = _without(texts, forgetting)
        if number_of(row_id) == forgetting.base_version:
            found.current = tuple(texts)
            found.lines = gone
        if kept is not None:
            found.revisions[row_id] = kept
    said = conn.execute(
        "SELECT DISTINCT agent FROM interactions WHERE id > ?1 AND id < ?2 UNION "
        "SELECT DISTINCT quarantined FROM interactions WHERE id > ?1 AND id < ?2",
        span(uid),
    )
    found.names = [text for (text,) in said if text and forgetting.names(text)]
    return found


def remove(conn: sqlite3.Connection, user_id: str, forgetting: Forgetting, found: Found) -> Forgotten | None:
    """Deletes what was found, and what came since; None when the profile was moved meanwhile."""
    standing = stands(conn, user_id, forgetting.commit)
    if standing is None:
        return None
    uid, version, *_ = standing
    interactions = _delete_interactions(conn, uid, forgetting)
    interactions += delete_heard(conn, user_id, forgetting.names)
    _rewrite_revisions(conn, uid, version, forgetting, found)
    _rename(conn, uid, forgetting.names, found.names)
    for row_id, *values in conn.execute(
        f"SELECT id, {EDIT_COLUMNS} FROM edits WHERE uid = ?", (uid,)
    ).fetchall():
        if not forgetting.keeps_edits(edit(tuple(values))):
            conn.execute("DELETE FROM edits WHERE id = ?", (row_id,))
    if uid:
        write_step(conn, uid, version, forgetting.commit)
        move_watermark(conn, uid, forgetting.commit)
    owe(conn)
    return Forgotten(interactions=interactions, lines=found.lines, versions=len(found.revisions))


def delete_user(conn: sqlite3.Connection, user_id: str) -> Forgotten | None:
    """Takes a user away from every reader; None if nothing bears the name. `delete_some` does the rest."""
    waiting = conn.execute("DELETE FROM heard WHERE user_id = ?", (user_id,)).rowcount
    claims = conn.execute("DELETE FROM claims WHERE user_id = ?", (user_id,)).rowcount
    row = conn.execute("SELECT id, version FROM users WHERE user_id = ?", (user_id,)).fetchone()
    if row is None and not waiting and not claims:
        return None
    owe(conn)
    if row is None:
        return Forgotten(interactions=waiting)
    uid, version = row
    first, end = span(uid)
    (logged,) = conn.execute(
        "SELECT count(*) FROM interactions WHERE id > ? AND id < ?", (first, end)
    ).fetchone()
    (versions,) = conn.execute(
        "SELECT count(*) FROM revisions WHERE id > ? AND id < ?", (first, key(uid, version))
    ).fetchone()
    lines = conn.execute("SELECT lines FROM revisions WHERE id = ?", (key(uid, version),)).fetchone()
    for statement in (
        "DELETE FROM users WHERE id = ?",
        "DELETE FROM texts WHERE id = ?",
        "DELETE FROM memory WHERE id = ?",
        "DELETE FROM edits WHERE uid = ?",
        "INSERT INTO erasing (id) VALUES (?)",
    ):
        conn.execute(statement, (uid,))
    return Forgotten(
        interactions=logged + waiting, lines=len(load_lines(lines[0])) if lines else 0, versions=versions
    )


def delete_some(conn: sqlite3.Connection) -> bool:
    """Deletes a part of what is left of users who were erased; whether there is more."""
    row = conn.execute("SELECT id FROM erasing LIMIT 1").fetchone()
    if row is None:
        return False
    for table, most in (("interactions", _ROWS_AT_ONCE), ("revisions", _REVISIONS_AT_ONCE)):
        gone = conn.execute(
            f"DELETE FROM {table} WHERE id IN "
            f"(SELECT id FROM {table} WHERE id > ? AND id < ? ORDER BY id LIMIT ?)",
            (*span(row[0]), most),
        ).rowcount
        if gone == most:
            return True
    conn.execute("DELETE FROM erasing WHERE id = ?", row)
    return conn.execute("SELECT 1 FROM erasing LIMIT 1").fetchone() is not None


def owe(conn: sqlite3.Connection) -> None:
    """Notes that old bytes must be cleared: with the deletion, so that a crash does not forget it.

    Under a number that no other transaction has: whoever pays an older debt must not cross out this one.
    """
    conn.execute("INSERT OR IGNORE INTO scrubs_owed (id) SELECT epoch FROM meta")


def _delete_interactions(conn: sqlite3.Connection, uid: int, forgetting: Forgetting) -> int:
    keys = [key(uid, seq) for seq in forgetting.seqs if 0 < number_of(seq) == seq]
    # These came after its owner looked: in the log nothing may stay that names it.
    for row_id, *texts in conn.execute(
        "SELECT id, query, chosen, rejected FROM interactions WHERE id > ? AND id < ?",
        (key(uid, forgetting.scanned_through), span(uid)[1]),
    ):
        if any(text and forgetting.names(text) for text in texts):
            keys.append(row_id)
    gone = 0
    for row_id in sorted(set(keys)):
        gone += conn.execute("DELETE FROM interactions WHERE id = ?", (row_id,)).rowcount
    return gone


def _rewrite_revisions(
    conn: sqlite3.Connection, uid: int, version: int, forgetting: Forgetting, found: Found
) -> None:
    row = conn.execute(
        "SELECT lines, retired, actor, profiler FROM revisions WHERE id = ?", (key(uid, version),)
    ).fetchone()
    if row is not None and row != found.current:
        kept, found.lines = _without(row, forgetting)
        if kept is not None:
            found.revisions[key(uid, version)] = kept
    conn.executemany(
        "UPDATE revisions SET lines = ?, retired = ?, actor = ?, profiler = ? WHERE id = ?",
        [(*kept, row_id) for row_id, kept in found.revisions.items()],
    )


def _rename(conn: sqlite3.Connection, uid: int, names: Names, said: list[str]) -> None:
    for text in said:
        conn.execute(
            "UPDATE interactions SET agent = '' WHERE id > ? AND id < ? AND agent = ?", (*span(uid), text)
        )
        # It stays, and stays quarantined.
        conn.execute(
            "UPDATE interactions SET quarantined = 'screened' WHERE id > ? AND id < ? AND quarantined = ?",
            (*span(uid), text),
        )
    problem = conn.execute("SELECT problem FROM users WHERE id = ?", (uid,)).fetchone()
    if problem and problem[0] and names(problem[0]):
        conn.execute("UPDATE users SET problem = NULL WHERE id = ?", (uid,))


def _without(texts: list[str], forgetting: Forgetting) -> tuple[tuple[str, str, str, str | None] | None, int]:
    """The columns of a version without what is forgotten, None if nothing of it stood there; and how many
    lines went."""
    lines, retired, actor, profiler = texts
    old = load_lines(lines)
    kept = [_cleaned(line, forgetting) for line in old if not forgetting.doomed(line)]
    reasons = [
        Retired(line=one.line, why=_FORGOTTEN) if forgetting.names(one.why) else one
        for one in load_retired(retired)
    ]
    new = (
        dump_lines(kept),
        dump_retired(reasons),
        "" if forgetting.names(actor) else actor,
        None if profiler and forgetting.names(profiler) else profiler,
    )
    return (None if new == (lines, retired, actor, profiler) else new), len(old) - len(kept)


def _cleaned(line: Line, forgetting: Forgetting) -> Line:
    """A line that stays, without names and facts that go, and without interactions that are gone."""
    facts = tuple(fact for fact in line.facts if not forgetting.names(fact))
    if facts != line.facts:
        line = line.model_copy(update={"facts": facts})
    support = line.support
    sample = tuple(seq for seq in support.sample if seq not in forgetting.seqs)
    agents = tuple(agent for agent in support.agents if not forgetting.names(agent))
    if (sample, agents) != (support.sample, support.agents):
        line = line.model_copy(
            update={"support": support.model_copy(update={"sample": sample, "agents": agents})}
        )
    return line.model_copy(update={"actor": ""}) if line.actor and forgetting.names(line.actor) else line
