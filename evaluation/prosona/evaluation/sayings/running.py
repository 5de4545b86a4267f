"""Profiles of labelled cases, made the way the product makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from prosona.core.words import MAX_TEXT, Interaction
from prosona.evaluation.profiles import open_for_evaluation
from prosona.evaluation.sayings.cases import Said, WrittenCase
from prosona.profiler import Profiler

__all__ = ["profiles_of"]

_MORNING = time(9, tzinfo=UTC)
"""When the first message of a day is taken to be sent; each later one a minute after."""
_STEP = 8
"""Messages folded at once: what a service folds when it is busy."""


async def profiles_of(
    cases: Sequence[WrittenCase],
    profiler: Profiler,
    *,
    concurrency: int = 4,
    done: Callable[[], None] = lambda: None,
) -> dict[str, str]:
    """By case id, the profile's text after all that its user typed, each case as a user of its own.

    The assistant's turns are given as what a message answers, as adapters do.
    """
    texts: dict[str, str] = {}
    places = asyncio.Semaphore(concurrency)
    with TemporaryDirectory(prefix="prosona-eval-") as folder:
        service = open_for_evaluation(
            Path(folder) / "profiles.sqlite",
            profiler,
            longest_fold=_STEP,
            budget=max(case.budget for case in cases),
        )

        async def one(case: WrittenCase) -> None:
            async with places:
                said = _interactions(case.turns)
                for start in range(0, len(said), _STEP):
                    await service.observe(case.id, said[start : start + _STEP])
                    await service.get(case.id, fresh=True)
                texts[case.id] = (await service.get(case.id, max_tokens=case.budget)).text
                done()

        try:
            async with asyncio.TaskGroup() as group:
                for case in cases:
                    group.create_task(one(case))
        finally:
            await service.aclose()
    return texts


def _interactions(turns: Sequence[Said]) -> list[Interaction]:
    found = []
    heard = ""
    for place, turn in enumerate(turns):
        if turn.role != "user":
            heard = turn.text
            continue
        found.append(
            Interaction(
                idempotency_key=str(place),
                query=heard[:MAX_TEXT] or None,
                chosen=turn.text[:MAX_TEXT],
                kind="message",
                domain="chat",
                occurred_at=datetime.combine(turn.day, _MORNING) + timedelta(minutes=place),
            )
        )
        heard = ""
    return found
