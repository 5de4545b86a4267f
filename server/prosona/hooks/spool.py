"""What hooks have heard and nobody has stored yet: one file each, in a folder beside the database.

A file is whole and on disk before its hook ends, and is gone as soon as the store has acknowledged
it; a second delivery of it is a duplicate.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from prosona.hooks.dialects import Said

LONGEST_TEXT = 20_000
"""Characters of a prompt that are kept: as many as an interaction holds."""


class Heard(NamedTuple):
    """One prompt of a user, with the key that makes its second delivery a duplicate."""

    user_id: str
    host: str
    text: str
    key: str


def folder(db: Path) -> Path:
    """Where the files of the database at `db` lie."""
    return db.with_name(f"{db.name}-heard")


def keep(db: Path, user_id: str, host: str, what: Said) -> None:
    """Writes a prompt down; on disk when this returns."""
    text = what.text.encode("utf-8", "replace").decode()[:LONGEST_TEXT]
    # A host that names no turns is taken to say the same words once in a while, not twice at once.
    turn = what.turn or str(int(time.time()) // 10)
    key = sha256("\n".join((host, what.session, turn, text)).encode("utf-8", "replace")).hexdigest()
    place = folder(db)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{time.time_ns():020}-{os.getpid()}"
    heard = Heard(user_id, host, text, f"hook-{key[:40]}")
    unfinished = place / f".{name}"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(heard._asdict(), out)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(place / f"{name}.json")


def waiting(db: Path) -> Iterator[Path]:
    """The files that wait, oldest first."""
    yield from sorted(folder(db).glob("*.json"))


def read(file: Path) -> Heard | None:
    """What a file holds; None if it holds nothing that `keep` wrote. Errors: `OSError`."""
    try:
        return Heard(**json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        return None


def remove(file: Path) -> None:
    """Removes a file that was delivered, by whomever."""
    file.unlink(missing_ok=True)
