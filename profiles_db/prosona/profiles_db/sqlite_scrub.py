"""After a removal: make sure that the bytes of the file hold nothing of what was removed."""

from __future__ import annotations

import sqlite3

from prosona.profiles_db.sqlite_forget import Removal
from prosona.profiles_db.sqlite_raw import RawFile

_WAIT_SECONDS = 2.0
_MOST_FRAGMENTS = 64


def scrub(conn: sqlite3.Connection, raw: RawFile, removal: Removal) -> bool:
    """Clear the log and, where old copies are left in the file, rebuild it. Runs outside a transaction.

    False when another program's open read, or a lack of space, prevented it. The debt stays noted in
    the file, and the next removal pays it.
    """
    if not removal.rebuild and not removal.fragments:
        return True
    (usual_wait,) = conn.execute("PRAGMA busy_timeout").fetchone()
    conn.execute(f"PRAGMA busy_timeout = {_WAIT_SECONDS * 1000:.0f}")
    try:
        if not _clear_log(conn):
            return False
        if removal.rebuild or len(removal.fragments) > _MOST_FRAGMENTS or raw.residue([*removal.fragments]):
            conn.execute("VACUUM")
            if not _clear_log(conn):
                return False
        conn.execute("DELETE FROM scrubs_owed")
    except sqlite3.OperationalError:
        return False
    finally:
        conn.execute(f"PRAGMA busy_timeout = {usual_wait}")
    return True


def _clear_log(conn: sqlite3.Connection) -> bool:
    """Move all of the write-ahead log into the file and cut it to nothing; false if a reader needs it."""
    (blocked, _, _) = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not blocked
