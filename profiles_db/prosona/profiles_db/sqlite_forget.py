"""Forgetting: what is removed in one transaction, and what to look for in the bytes afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from prosona.profiles_db.models import Draft, Forgotten, Revision, Statement
from prosona.profiles_db.sqlite_folds import update_pending_since
from prosona.profiles_db.sqlite_rows import (
    REVISION_COLUMNS,
    dump_statements,
    key,
    revision,
)
from prosona.profiles_db.sqlite_writes import add_revision, count_pending, now_micros

Matches = Callable[[str], bool]

_TEXTS = ("query", "chosen", "rejected", "kind", "domain", "idempotency_key")


@dataclass(slots=True)
class Removal:
    """What a transaction removed, and pieces of it that must be found nowhere afterwards."""

    forgotten: Forgotten = field(default_factory=Forgotten)
    fragments: set[bytes] = field(default_factory=set)
    rebuild: bool = False
    """Whether the file must be written anew: what to look for is unknown, or too much."""


def forget(conn: sqlite3.Connection, user_id: str, matches: Matches, actor: str, refold: bool) -> Removal:
    """Remove what matches from the log and from every revision of one user."""
    removal = Removal(rebuild=_is_owed(conn))
    row = conn.execute(
        "SELECT id, version, observed, folded_through, problem FROM users WHERE user_id = ?", (user_id,)
    ).fetchone()
    if row is None:
        return removal
    uid, version, observed, folded_through, problem = row
    interactions = _forget_interactions(conn, uid, matches, removal.fragments)
    current, statements, lines, revisions = _forget_in_revisions(conn, uid, matches, removal.fragments)
    if problem is not None and matches(problem):
        conn.execute("UPDATE users SET problem = NULL WHERE id = ?", (uid,))
        removal.fragments.add(fragment(problem, matches))
    if not removal.fragments:
        return removal
    if interactions or revisions:
        conn.execute("DELETE FROM states WHERE id = ?", (uid,))
        if refold:
            folded_through = 0
        created_at = now_micros()
        conn.execute(
            "UPDATE users SET version = ?, updated_at = ?, folded_through = ?, pending = ? WHERE id = ?",
            (
                version + 1,
                created_at,
                folded_through,
                count_pending(conn, uid, folded_through, observed),
                uid,
            ),
        )
        update_pending_since(conn, uid, folded_through)
        draft = Draft(
            cause="forget",
            actor="" if matches(actor) else actor,
            summary=current.summary if current else "",
            statements=current.statements if current else (),
        )
        add_revision(conn, uid, version + 1, created_at, draft)
    _owe(conn)
    removal.forgotten = Forgotten(interactions=interactions, statements=statements, lines=lines)
    return removal


def erase(conn: sqlite3.Connection, user_id: str) -> Removal:
    """Remove every row of one user."""
    removal = Removal(rebuild=_is_owed(conn))
    leases = conn.execute("DELETE FROM leases WHERE user_id = ?", (user_id,)).rowcount
    row = conn.execute("SELECT id, version FROM users WHERE user_id = ?", (user_id,)).fetchone()
    if row is None and not leases:
        return removal
    _owe(conn)
    removal.rebuild = True
    if row is None:
        return removal
    uid, version = row
    own = (key(uid, 0), key(uid + 1, 0))
    current = _revision(conn, uid, version)
    deleted = conn.execute("DELETE FROM interactions WHERE id > ? AND id < ?", own).rowcount
    conn.execute("DELETE FROM revisions WHERE id > ? AND id < ?", own)
    conn.execute("DELETE FROM states WHERE id = ?", (uid,))
    conn.execute("DELETE FROM users WHERE id = ?", (uid,))
    removal.forgotten = Forgotten(
        interactions=deleted,
        statements=len(current.statements) if current else 0,
        lines=len(current.summary.splitlines()) if current else 0,
    )
    return removal


def fragment(text: str, matches: Matches) -> bytes:
    """A short piece of `text` that still matches: the words that gave it away."""
    end = _smallest(lambda n: matches(text[:n]), len(text))
    length = _smallest(lambda n: matches(text[end - n : end]), end)
    return text[end - length : end].encode()


def _smallest(holds: Callable[[int], bool], most: int) -> int:
    """The smallest number for which `holds`, which must hold for `most`, by halving."""
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high


def _forget_interactions(conn: sqlite3.Connection, uid: int, matches: Matches, found: set[bytes]) -> int:
    gone: list[tuple[int]] = []
    renamed: list[tuple[str, str | None, int]] = []
    for row_id, agent, quarantined, *texts in conn.execute(
        f"SELECT id, agent, quarantined, {', '.join(_TEXTS)} FROM interactions WHERE id > ? AND id < ?",
        (key(uid, 0), key(uid + 1, 0)),
    ):
        hits = [text for text in texts if text and matches(text)]
        if hits:
            gone.append((row_id,))
        else:
            hits = [text for text in (agent, quarantined) if text and matches(text)]
            if hits:
                # The interaction stays, and stays quarantined if it was.
                reason = "screened" if quarantined in hits else quarantined
                renamed.append(("" if agent in hits else agent, reason, row_id))
        found.update(fragment(text, matches) for text in hits)
    conn.executemany("DELETE FROM interactions WHERE id = ?", gone)
    conn.executemany("UPDATE interactions SET agent = ?, quarantined = ? WHERE id = ?", renamed)
    return len(gone)


def _forget_in_revisions(
    conn: sqlite3.Connection, uid: int, matches: Matches, found: set[bytes]
) -> tuple[Revision | None, int, int, int]:
    """The current revision as it is left, its lost statements and lines, and how many were changed."""
    current, statements_lost, lines_lost, changed = None, 0, 0, 0
    rows = conn.execute(
        f"SELECT {REVISION_COLUMNS} FROM revisions WHERE id > ? AND id < ? ORDER BY id",
        (key(uid, 0), key(uid + 1, 0)),
    ).fetchall()
    for row in rows:
        old = revision(row)
        lines = old.summary.split("\n")
        kept_lines = [line for line in lines if not matches(line)]
        statements = tuple(_without_actor(s, matches) for s in old.statements if not matches(s.text))
        actor = "" if matches(old.actor) else old.actor
        profiler = None if old.profiler and matches(old.profiler) else old.profiler
        current = old.model_copy(
            update={
                "summary": "\n".join(kept_lines),
                "statements": statements,
                "actor": actor,
                "profiler": profiler,
            }
        )
        statements_lost = len(old.statements) - len(statements)
        lines_lost = len(lines) - len(kept_lines)
        if current == old:
            continue
        changed += 1
        found.update(fragment(text, matches) for text in _texts(old) if matches(text))
        conn.execute(
            "UPDATE revisions SET actor = ?, profiler = ?, statements = ?, summary = ? WHERE id = ?",
            (actor, profiler, dump_statements(statements), current.summary, row[0]),
        )
    return current, statements_lost, lines_lost, changed


def _without_actor(statement: Statement, matches: Matches) -> Statement:
    return statement.model_copy(update={"actor": ""}) if matches(statement.actor) else statement


def _texts(old: Revision) -> Iterable[str]:
    yield from old.summary.split("\n")
    yield old.actor
    yield old.profiler or ""
    for statement in old.statements:
        yield statement.text
        yield statement.actor


def _revision(conn: sqlite3.Connection, uid: int, version: int) -> Revision | None:
    row = conn.execute(
        f"SELECT {REVISION_COLUMNS} FROM revisions WHERE id = ?", (key(uid, version),)
    ).fetchone()
    return None if row is None else revision(row)


def _is_owed(conn: sqlite3.Connection) -> bool:
    return conn.execute("SELECT 1 FROM scrubs_owed LIMIT 1").fetchone() is not None


def _owe(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT OR IGNORE INTO scrubs_owed (id) VALUES (1)")
