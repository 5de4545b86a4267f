"""The text of a profile by one bare read of the file, for who cannot wait for the store to load."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import NamedTuple

KNOWN_SCHEMA = 2
"""The schema that `_HEAD` reads. A test holds it and what is read to the store's own."""

_HEAD = """
    SELECT pending, statements, summary
    FROM users LEFT JOIN revisions ON revisions.id = (users.id << 31) + users.version
    WHERE user_id = ?"""
_PATIENCE_SECONDS = 0.05


class Glance(NamedTuple):
    """The profile as last folded, and how many interactions wait to be folded."""

    text: str
    pending: int


def glance(db: Path, user_id: str) -> Glance | None:
    """What the file says of a user; None when only the store itself can tell."""
    if not db.exists():
        return Glance("", 0)
    conn = sqlite3.connect(f"{db.absolute().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE_SECONDS)
    try:
        if conn.execute("PRAGMA user_version").fetchone() != (KNOWN_SCHEMA,):
            return None
        row = conn.execute(_HEAD, (user_id,)).fetchone()
    finally:
        conn.close()
    if row is None:
        return Glance("", 0)
    pending, statements, summary = row
    stated = "\n".join(f"- {text}" for text, *_ in json.loads(statements or "[]"))
    parts = [f"Stated by the user:\n{stated}" if stated else "", summary or ""]
    return Glance("\n\n".join(part for part in parts if part), pending)
