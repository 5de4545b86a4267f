"""What a hook leaves to a process of its own: reading slowly, keeping slowly, delivering what was heard.

`python -m prosona.hosts.deliver TASK DB USER`. It ends with 0 when it did its task, and says on stderr what
kept it from it.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from prosona.core.errors import ProsonaError
from prosona.hosts._bare import Heard, hear
from prosona.service import ProfileService, open_service

__all__ = ["deliver", "main"]

_LOCK_SECONDS = 30.0
"""Nobody waits for this process: another one may be bringing a large file up to date."""


def main(argv: Sequence[str]) -> None:
    """`read` prints the profile, `keep` writes down the prompt on stdin, `deliver` stores what waits."""
    task, db, user_id = argv
    given = sys.stdin.buffer.read() if task == "keep" else b""
    try:
        asyncio.run(_TASKS[task](Path(db), user_id, given))
    except (ProsonaError, sqlite3.Error, OSError) as error:
        print(error or type(error).__name__, file=sys.stderr)  # noqa: T201 - what the hook passes on
        sys.exit(1)


async def deliver(db: Path, user_id: str, given: bytes = b"") -> None:
    """Stores what hooks heard, whoever said it, and folds for `user_id`.

    Errors: `ProsonaError`; what is left then waits on in the store.
    """
    service = open_service(db)
    try:
        await service.receive_heard()
        await service.get(user_id)
    finally:
        await service.aclose()


async def _read(db: Path, user_id: str, given: bytes) -> None:
    service = open_service(db)
    try:
        text = (await service.get(user_id)).text
    finally:
        await service.aclose()
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


async def _keep(db: Path, user_id: str, given: bytes) -> None:
    await _make(open_service(db))
    if not hear(db, Heard(*json.loads(given)), _LOCK_SECONDS):
        raise OSError(f"{db} was replaced while it was opened")


async def _make(service: ProfileService) -> None:
    """Makes the file, or brings it up to date."""
    try:
        await service.users(limit=1)
    finally:
        await service.aclose()


_TASKS = {"read": _read, "keep": _keep, "deliver": deliver}


if __name__ == "__main__":
    main(sys.argv[1:])
