"""`deliver`: brings what hooks have heard into the store, and the profile up to date."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from prosona.hooks import spool
from prosona.profiles_db import InvalidInputError, ProsonaError
from prosona.service import ProfileService, open_service, parse_interaction

logger = logging.getLogger(__name__)


def main(argv: Sequence[str]) -> None:
    """`deliver DB USER`: delivers everything that waits beside `DB`, and folds for `USER`."""
    _, db, user_id = argv
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    try:
        asyncio.run(deliver(Path(db), user_id))
    except (ProsonaError, OSError) as error:
        # What waits stays on disk for the next time.
        logger.warning("nothing was delivered: %s", error)


async def deliver(db: Path, user_id: str) -> None:
    """Stores what waits, oldest first, and folds. Errors: `ProsonaError`; what is left then waits on."""
    service = open_service(db)
    try:
        for file in spool.waiting(db):
            await _store(service, file)
        await service.get(user_id)
    finally:
        await service.aclose()


async def _store(service: ProfileService, file: Path) -> None:
    try:
        heard = spool.read(file)
        if heard is None:
            logger.warning("%s is no observation and was removed", file.name)
        else:
            interaction = parse_interaction(
                chosen=heard.text,
                kind="message",
                domain="chat",
                idempotency_key=heard.key,
                agent=heard.host,
            )
            await service.observe(heard.user_id, [interaction])
    except FileNotFoundError:
        return  # Another delivery was faster.
    except InvalidInputError as error:
        logger.warning("%s was refused and removed: %s", file.name, error)
    spool.remove(file)
