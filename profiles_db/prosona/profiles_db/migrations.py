"""The schema of a SQLite store, as migrations that are never edited once released.

The schema number also stands in the file's header (`PRAGMA user_version`), so that a file that is
up to date is recognised without importing sqlite-utils.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils.db import Database

APPLICATION_ID = 0x50524F53
"""Marks a SQLite file as ours: "PROS"."""

SCHEMA = 2
"""The schema this program knows: the number of migrations below."""

# The rows of one user lie side by side: their key is the user's number in the high bits and the
# seq or version in the low ones, so that neither needs an index of its own.
KEY_BITS = 31


def _first_schema(db: Database) -> None:
    for statement in (
        """CREATE TABLE users (
            id INTEGER PRIMARY KEY,
            user_id TEXT NOT NULL UNIQUE,
            version INTEGER NOT NULL DEFAULT 0,
            observed INTEGER NOT NULL DEFAULT 0,
            folded_through INTEGER NOT NULL DEFAULT 0,
            pending INTEGER NOT NULL DEFAULT 0,
            last_observed_at INTEGER,
            updated_at INTEGER,
            problem TEXT
        )""",
        """CREATE TABLE interactions (
            id INTEGER PRIMARY KEY,
            observed_at INTEGER NOT NULL,
            occurred_at INTEGER,
            origin TEXT NOT NULL,
            agent TEXT NOT NULL,
            kind TEXT,
            domain TEXT,
            idempotency_key TEXT,
            quarantined TEXT,
            query TEXT,
            chosen TEXT,
            rejected TEXT
        )""",
        f"""CREATE UNIQUE INDEX interactions_by_key
            ON interactions (id >> {KEY_BITS}, idempotency_key) WHERE idempotency_key IS NOT NULL""",
        """CREATE TABLE revisions (
            id INTEGER PRIMARY KEY,
            created_at INTEGER NOT NULL,
            cause TEXT NOT NULL,
            actor TEXT NOT NULL,
            profiler TEXT,
            first_seq INTEGER,
            last_seq INTEGER,
            rolled_back_to INTEGER,
            statements TEXT NOT NULL,
            summary TEXT NOT NULL
        )""",
        "CREATE TABLE states (id INTEGER PRIMARY KEY, state BLOB NOT NULL)",
        """CREATE TABLE leases (
            user_id TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_at INTEGER NOT NULL
        ) WITHOUT ROWID""",
        "CREATE TABLE scrubs_owed (id INTEGER PRIMARY KEY)",
    ):
        db.execute(statement)


def _due_folds(db: Database) -> None:
    for statement in (
        "ALTER TABLE users ADD COLUMN pending_since INTEGER",
        "ALTER TABLE users ADD COLUMN retry_at INTEGER",
        "ALTER TABLE users ADD COLUMN spent_day INTEGER",
        "ALTER TABLE users ADD COLUMN spent_calls INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE users ADD COLUMN spent_tokens INTEGER NOT NULL DEFAULT 0",
        "UPDATE users SET pending_since = last_observed_at WHERE pending > 0",
        "CREATE INDEX users_pending ON users (pending_since) WHERE pending_since IS NOT NULL",
    ):
        db.execute(statement)


def migrate(conn: sqlite3.Connection) -> None:
    """Bring the file behind `conn` up to `SCHEMA` in one transaction.

    Safe when several processes do it at once: the first does the work, the others find it done.
    """
    from sqlite_utils import Migrations
    from sqlite_utils.db import Database

    migrations = Migrations("prosona")
    migrations(name="0001_first_schema")(_first_schema)
    migrations(name="0002_due_folds")(_due_folds)

    conn.execute("BEGIN IMMEDIATE")
    try:
        if schema_number(conn) < SCHEMA:
            # Within an open transaction every step is a savepoint of it.
            migrations.apply(Database(conn, recursive_triggers=False, execute_plugins=False))
            conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            conn.execute(f"PRAGMA user_version = {SCHEMA}")
        conn.execute("COMMIT")
    finally:
        if conn.in_transaction:
            conn.execute("ROLLBACK")


def schema_number(conn: sqlite3.Connection) -> int:
    """The schema number that the file carries; 0 for a new file."""
    (number,) = conn.execute("PRAGMA user_version").fetchone()
    return int(number)
