"""What files of schema 2 held, where a profile was statements and a summary, as lines. Part of a
migration: what it makes of a file never changes again."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from prosona.core.consequence import consequence_of
from prosona.core.lines import new_id, render, text_until
from prosona.core.words import Line, Support
from prosona.profiles_db.sqlite.numbers import KEY_BITS, from_micros, number_of
from prosona.profiles_db.sqlite.rows import Row, dump_lines, echo_of

__all__ = ["echoes_added", "lines_from_text", "take_in_heard_files"]

_MANY = 1000
"""Rows read at once: some 300 kB of the log."""

_HOOK_SECONDS = 60


def lines_from_text(conn: sqlite3.Connection) -> None:
    """Fills `revisions` and `texts` from `old_revisions`. The same text has the same id in every version."""
    today = datetime.now(UTC).date()
    rows = conn.execute(
        "SELECT id, created_at, cause, actor, profiler, first_seq, last_seq, rolled_back_to, statements,"
        " summary FROM old_revisions ORDER BY id"
    )
    for uid, own in groupby(rows, key=lambda row: row[0] >> KEY_BITS):
        version = conn.execute("SELECT version FROM users WHERE id = ?", (uid,)).fetchone()
        known: dict[tuple[str, str], Line] = {}
        for row_id, created_at, cause, actor, profiler, first, last, back_to, statements, summary in own:
            since = from_micros(created_at)
            stated = [_stated(known, *values) for values in json.loads(statements)]
            inferred = [_inferred(known, text, since, profiler or "") for text in summary.splitlines()]
            # A text that stands there twice says nothing twice.
            lines = [*{line.id: line for line in (*stated, *inferred) if line.text}.values()]
            conn.execute(
                "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '[]')",
                (row_id, created_at, cause, actor, profiler, first, last, back_to, dump_lines(lines)),
            )
            if version is not None and number_of(row_id) == version[0]:
                until = text_until(lines, today)
                conn.execute(
                    "INSERT INTO texts VALUES (?, ?, ?)",
                    (uid, render(lines, today), None if until is None else until.toordinal()),
                )


def _stated(known: dict[tuple[str, str], Line], words: str, micros: int, actor: str) -> Line:
    text = " ".join(words.split())
    return _kept(
        known,
        Line(
            kind="stated", text=text, consequence=consequence_of(text), actor=actor, since=from_micros(micros)
        ),
    )


def _inferred(known: dict[tuple[str, str], Line], words: str, since: datetime, profiler: str) -> Line:
    text = " ".join(words.split())
    return _kept(
        known,
        Line(
            text=text,
            consequence=consequence_of(text, usual="taste"),
            support=Support(carried="upgrade"),
            actor=profiler,
            since=since,
        ),
    )


def _kept(known: dict[tuple[str, str], Line], line: Line) -> Line:
    """The line as it first stood in the profile, with its id."""
    place = line.kind, line.text
    if place not in known:
        taken = {other.id for other in known.values()}
        known[place] = line.model_copy(update={"id": new_id(line.text, taken)})
    return known[place]


def echoes_added(conn: sqlite3.Connection) -> None:
    """Numbers what was chosen, so that the same words are found again."""
    after = 0
    while rows := conn.execute(
        "SELECT id, chosen FROM interactions WHERE id > ? ORDER BY id LIMIT ?", (after, _MANY)
    ).fetchall():
        conn.executemany(
            "UPDATE interactions SET echo = ? WHERE id = ?",
            [(echo_of(chosen), row_id) for row_id, chosen in rows if chosen is not None],
        )
        after = rows[-1][0]


def take_in_heard_files(conn: sqlite3.Connection, path: Path) -> None:
    """Moves what hooks of an earlier release left in files beside the database into `heard`."""
    folder = path.with_name(f"{path.name}-heard")
    files = [file for file in sorted(folder.iterdir()) if file.suffix == ".json" or _left(file)]
    conn.execute("BEGIN IMMEDIATE")
    try:
        # A file that was stored before this was stopped is there once all the same, by its key.
        conn.executemany(
            "INSERT OR IGNORE INTO heard (user_id, host, text, key, heard_at) VALUES (?, ?, ?, ?, ?)",
            [row for file in files if (row := _heard_row(file))],
        )
        conn.execute("COMMIT")
    finally:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
    for file in files:
        file.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()  # Not empty while a hook is writing; the next opening finds its file.


def _left(file: Path) -> bool:
    """Whether an unfinished file was left by a hook that was killed: hooks take a fraction of a second."""
    try:
        return time.time() - file.stat().st_mtime > _HOOK_SECONDS
    except FileNotFoundError:
        return False


def _heard_row(file: Path) -> Row | None:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        said = [values[name] for name in ("user_id", "host", "text", "key")]
        heard_at = file.stat().st_mtime_ns // 1000
    except (OSError, ValueError, TypeError, KeyError):
        return None  # Half a file: its prompt was never acknowledged.
    return (*said, heard_at) if all(isinstance(text, str) for text in said) else None
