"""What a forget would remove, without removing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prosona.cli.reading import known
from prosona.profiles_db import Forgotten

if TYPE_CHECKING:
    from prosona.service import ProfileService

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Affected:
    """The lines of the present profile that would go, and how much would go in all."""

    lines: list[str]
    counts: Forgotten


async def affected(service: ProfileService, user_id: str, topic: str) -> Affected:
    """What forgetting `topic` would remove. Errors: `NotFoundError`, `InvalidInputError`."""
    from prosona.service import EVERYTHING
    from prosona.service.topics import topic_matcher

    await known(service, user_id)
    newest = await service.history(user_id, limit=1)
    statements = [statement.text for statement in newest[0].statements] if newest else []
    summary = [line for line in newest[0].summary.splitlines() if line] if newest else []

    matches: Callable[[str], bool] = bool if topic.strip() == EVERYTHING else topic_matcher(topic)
    gone_statements = [text for text in statements if matches(text)]
    gone_lines = [line for line in summary if matches(line)]
    interactions = await _count(service, user_id, matches)
    return Affected(
        [*gone_statements, *gone_lines],
        Forgotten(interactions=interactions, statements=len(gone_statements), lines=len(gone_lines)),
    )


async def _count(service: ProfileService, user_id: str, matches: Callable[[str], bool]) -> int:
    count = after = 0
    while page := await service.interactions(user_id, after=after, limit=_PAGE):
        count += sum(
            any(text and matches(text) for text in (i.query, i.chosen, i.rejected, i.kind, i.domain))
            for i in page
        )
        after = page[-1].seq
    return count
