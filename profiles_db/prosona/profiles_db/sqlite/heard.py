"""What hooks wrote down by SQLite alone, in the table `heard`, and nobody has stored yet.

A hook has no time for more than this, and its prompt is safe with it: `INSERT OR IGNORE INTO heard (user_id,
host, text, key, heard_at)`, the time in microseconds since 1970. What waits here is forgotten and erased like
all else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from prosona.core.requests import Receipt
from prosona.core.words import Interaction, clean_text
from prosona.profiles_db.sqlite.log import append
from prosona.profiles_db.sqlite.numbers import from_micros, most

__all__ = ["Heard", "delete_heard", "read_heard", "receive"]


class Heard(NamedTuple):
    """A prompt that a hook wrote down and nobody has stored yet."""

    user_id: str
    """As the hook had it: not yet in its one spelling."""
    host: str
    text: str
    key: str
    """The same for the same prompt told twice, and of no other: by it a prompt is taken out."""
    heard_at: datetime


def read_heard(conn: sqlite3.Connection, limit: int) -> list[Heard]:
    """What hooks wrote down and nobody has stored yet, oldest first."""
    rows = conn.execute(
        "SELECT user_id, host, text, key, heard_at FROM heard ORDER BY id LIMIT ?", (most(limit),)
    )
    return [
        Heard(user_id, host, text, key_, from_micros(heard_at))
        for user_id, host, text, key_, heard_at in rows
    ]


def receive(
    conn: sqlite3.Connection,
    user_id: str,
    said: Sequence[tuple[str, Interaction | None]],
    echo_micros: int,
) -> tuple[list[Receipt | None], bool]:
    """Takes prompts out of `heard` and adds what became of them to the log; None where nothing did.

    Also whether some words are gone with that: those of a prompt not kept, or kept without its secrets.
    """
    receipts: list[Receipt | None] = []
    lost = False
    for told, item in said:
        # Not by its number, which another prompt bears as soon as somebody else has taken this one out.
        heard = conn.execute("SELECT text FROM heard WHERE key = ?", (told,)).fetchone()
        conn.execute("DELETE FROM heard WHERE key = ?", (told,))
        if heard and item is not None:
            receipts += append(conn, user_id, [item], echo_micros)
        else:
            receipts.append(None)
        lost = lost or bool(heard and (item is None or item.chosen != clean_text(heard[0])))
    return receipts, lost


def delete_heard(conn: sqlite3.Connection, user_id: str, names: Callable[[str], bool]) -> int:
    """Deletes what names what is forgotten; how much it was."""
    rows = conn.execute("SELECT id, text FROM heard WHERE user_id = ?", (user_id,)).fetchall()
    gone = [(row_id,) for row_id, text in rows if names(text)]
    conn.executemany("DELETE FROM heard WHERE id = ?", gone)
    return len(gone)
