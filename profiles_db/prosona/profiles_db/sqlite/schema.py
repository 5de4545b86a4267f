"""The schema of a SQLite store, as migrations that are never edited once released.

The schema number also stands in the file's header (`PRAGMA user_version`), so that a file that is
up to date is recognised without importing sqlite-utils.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from prosona.profiles_db.sqlite.numbers import KEY_BITS

if TYPE_CHECKING:
    from sqlite_utils.db import Database

__all__ = ["APPLICATION_ID", "FIRST_EPOCH", "MARK", "SCHEMA", "migrate", "schema_number"]

APPLICATION_ID = 0x50524F53
"""Marks a SQLite file as ours: "PROS"."""

SCHEMA = 4
"""The schema this program knows: the number of migrations below."""

MARK = b"prosona store "
"""What the one row of `meta` begins with; 32 hexadecimal digits that name this store follow, then the
epoch in eight bytes. So the epoch can be read past SQLite, from the bytes of the file."""

FIRST_EPOCH = 1 << 48
"""SQLite writes numbers from here on in eight bytes, at a fixed place in the row."""


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


def _lines(db: Database) -> None:
    from prosona.profiles_db.sqlite.upgrade import echoes_added, lines_from_text

    for statement in (
        """CREATE TABLE meta (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            mark TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            next_user INTEGER NOT NULL,
            told INTEGER NOT NULL
        )""",
        # Drawn on, never given twice: so an erased user's number is no other's.
        f"""INSERT INTO meta SELECT 1, '{MARK.decode()}{os.urandom(16).hex()}', {FIRST_EPOCH},
            1 + max(
                coalesce((SELECT max(id) FROM users), 0),
                coalesce((SELECT max(id) >> {KEY_BITS} FROM interactions), 0),
                coalesce((SELECT max(id) >> {KEY_BITS} FROM revisions), 0)
            ), 0""",
        "ALTER TABLE users ADD COLUMN problem_at INTEGER",
        "ALTER TABLE interactions ADD COLUMN echo INTEGER",
        # The text is apart: the row of a user, written at every observation, stays short.
        "CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL, text_until INTEGER)",
        "CREATE TABLE memory (id INTEGER PRIMARY KEY, version TEXT NOT NULL, data BLOB NOT NULL)",
        """CREATE TABLE edits (
            id INTEGER PRIMARY KEY,
            uid INTEGER NOT NULL,
            line TEXT NOT NULL,
            text TEXT NOT NULL,
            topic TEXT NOT NULL,
            facts TEXT NOT NULL,
            through INTEGER NOT NULL,
            how TEXT NOT NULL,
            at INTEGER NOT NULL,
            UNIQUE (uid, line)
        )""",
        """CREATE TABLE claims (
            user_id TEXT PRIMARY KEY,
            token TEXT NOT NULL,
            place TEXT NOT NULL,
            pid INTEGER NOT NULL,
            born INTEGER NOT NULL,
            taken_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID""",
        # Users who are gone for every reader, and whose rows are still being deleted.
        "CREATE TABLE erasing (id INTEGER PRIMARY KEY)",
        """CREATE TABLE heard (
            id INTEGER PRIMARY KEY,
            user_id TEXT NOT NULL,
            host TEXT NOT NULL,
            text TEXT NOT NULL,
            key TEXT NOT NULL UNIQUE,
            heard_at INTEGER NOT NULL
        )""",
        # Hooks write without this program, and what they write is a change, too. The epoch is counted up once
        # in each transaction, so not by this.
        """CREATE TRIGGER heard_counts AFTER INSERT ON heard BEGIN
            UPDATE meta SET told = told + 1;
        END""",
        "ALTER TABLE revisions RENAME TO old_revisions",
        """CREATE TABLE revisions (
            id INTEGER PRIMARY KEY,
            created_at INTEGER NOT NULL,
            cause TEXT NOT NULL,
            actor TEXT NOT NULL,
            profiler TEXT,
            first_seq INTEGER,
            last_seq INTEGER,
            rolled_back_to INTEGER,
            lines TEXT NOT NULL,
            retired TEXT NOT NULL
        )""",
    ):
        db.execute(statement)
    lines_from_text(db.conn)
    echoes_added(db.conn)
    for statement in (
        f"""CREATE INDEX interactions_by_echo
            ON interactions (id >> {KEY_BITS}, echo) WHERE echo IS NOT NULL""",
        # What was observed is folded again from the start, since memories of another form are gone.
        f"""UPDATE users SET folded_through = 0, problem = NULL, retry_at = NULL, pending = (
                SELECT count(*) FROM interactions AS i WHERE quarantined IS NULL
                AND i.id > users.id << {KEY_BITS} AND i.id < (users.id + 1) << {KEY_BITS}
            ), pending_since = (
                SELECT min(observed_at) FROM interactions AS i WHERE quarantined IS NULL
                AND i.id > users.id << {KEY_BITS} AND i.id < (users.id + 1) << {KEY_BITS}
            )""",
        "DROP TABLE old_revisions",
        "DROP TABLE states",
        "DROP TABLE leases",
    ):
        db.execute(statement)


def _read_by_hosts(db: Database) -> None:
    for statement in (
        "ALTER TABLE users ADD COLUMN read_through INTEGER NOT NULL DEFAULT 0",
        # Where an agent's own model folded, nothing else did.
        f"""UPDATE users SET read_through = folded_through WHERE EXISTS (
            SELECT 1 FROM revisions AS r WHERE r.profiler = 'host'
            AND r.id > users.id << {KEY_BITS} AND r.id < (users.id + 1) << {KEY_BITS}
        )""",
    ):
        db.execute(statement)


def migrate(conn: sqlite3.Connection) -> bool:
    """Bring the file behind `conn` up to `SCHEMA` in one transaction; whether that was still to be done.

    Safe when several processes do it at once: the first does the work, the others find it done.
    """
    from sqlite_utils import Migrations
    from sqlite_utils.db import Database

    migrations = Migrations("prosona")
    migrations(name="0001_first_schema")(_first_schema)
    migrations(name="0002_due_folds")(_due_folds)
    migrations(name="0003_lines")(_lines)
    migrations(name="0004_read_by_hosts")(_read_by_hosts)

    conn.execute("BEGIN IMMEDIATE")
    try:
        behind = schema_number(conn) < SCHEMA
        if behind:
            # Within an open transaction every step is a savepoint of it.
            migrations.apply(Database(conn, recursive_triggers=False, execute_plugins=False))
            conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            conn.execute(f"PRAGMA user_version = {SCHEMA}")
        conn.execute("COMMIT")
    finally:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
    return behind


def schema_number(conn: sqlite3.Connection) -> int:
    """The schema number that the file carries; 0 for a new file."""
    (number,) = conn.execute("PRAGMA user_version").fetchone()
    return int(number)
