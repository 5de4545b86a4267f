"""Which store a path or URL names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from prosona.core.errors import InvalidInputError

if TYPE_CHECKING:
    from prosona.profiles_db.store import Store

__all__ = ["default_path", "open_store", "path_of"]

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)


def default_path() -> Path:
    """Where profiles lie unless told otherwise: `PROSONA_DB`, or the platform's data folder."""
    if chosen := os.environ.get("PROSONA_DB"):
        return path_of(chosen)
    import platformdirs

    return platformdirs.user_data_path("prosona", appauthor=False) / "profiles.db"


def open_store(place: str | Path | None = None) -> Store:
    """The store at a path or URL; the one at `default_path()` for None.

    A URL is written as elsewhere: `sqlite:///profiles.db` for a file in the working folder,
    `sqlite:////var/lib/prosona/profiles.db` for one anywhere. Errors: `StoreError`, and `InvalidInputError`
    for a URL of another kind.
    """
    from prosona.profiles_db.sqlite.store import SQLiteStore

    if place is None:
        return SQLiteStore()
    return SQLiteStore(path_of(place))


def path_of(place: str | Path) -> Path:
    """The file that a path or a `sqlite:` URL names."""
    text = str(place)
    # pathlib makes one slash of two.
    match = _URL.fullmatch(text) if isinstance(place, str) else None
    if match is None:
        if text.startswith("sqlite:"):
            raise InvalidInputError(
                f"{text!r} names no file: write sqlite:///name.db, or sqlite:////folder/name.db from the root"
            )
        return Path(text).expanduser()
    scheme, rest = match[1].lower(), match[2]
    if scheme != "sqlite":
        raise InvalidInputError(
            f"no store is known for {scheme}://: give the path of a file, or a URL like sqlite:///name.db"
        )
    if not rest.startswith("/") or not rest[1:].strip("/"):
        raise InvalidInputError(
            f"{text!r} names no file: write sqlite:///name.db, or sqlite:////folder/name.db from the root"
        )
    return Path(unquote(rest[1:])).expanduser()
