"""The store on one SQLite file."""

from prosona.profiles_db.sqlite.copies import restore
from prosona.profiles_db.sqlite.heard import Heard
from prosona.profiles_db.sqlite.store import SQLiteStore

__all__ = ["Heard", "SQLiteStore", "restore"]
