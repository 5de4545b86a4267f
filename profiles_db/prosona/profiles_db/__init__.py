"""Where profiles are kept: the seam, SQLite, and the fake that ships for tests."""

from prosona.profiles_db.opening import default_path, open_store
from prosona.profiles_db.sqlite import SQLiteStore
from prosona.profiles_db.store import Folds, Log, Profiles, Store

__all__ = ["Folds", "Log", "Profiles", "SQLiteStore", "Store", "default_path", "open_store"]
