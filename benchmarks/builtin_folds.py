"""One fold of the builtin profiler, early and late in a long history."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.results import Result, median, milliseconds, ratio

from prosona.core.words import Interaction
from prosona.profiler import BuiltinProfiler
from prosona.profiles_db import SQLiteStore
from prosona.service import FoldPolicy, ProfileService

_EARLY = 10
_NEW = 8
_AT_ONCE = 5_000
_GENRES = ("science fiction", "drama", "comedy", "documentary", "noir", "western")
_PLACES = ("Mars", "Lisbon", "the Alps", "a lighthouse", "a bakery", "Osaka")


def folds(earlier: int, rounds: int, folder: Path) -> list[Result]:
    """Seconds of a fold after ten and after `earlier` interactions."""
    early, late = asyncio.run(_measure(earlier, rounds, folder))
    what = f"builtin fold of {_NEW} new, after {_EARLY} and after {earlier:,} earlier"
    return [
        ratio(what, median(early), median(late), 1.3),
        Result(what, "", milliseconds(median(late)), milliseconds(median(late)), median(late) * 1e3, 20),
    ]


async def _measure(earlier: int, rounds: int, folder: Path) -> tuple[list[float], list[float]]:
    # Nothing folds but what is measured.
    policy = FoldPolicy(background=False, wait_seconds=600)
    chance = random.Random(3)
    measured: tuple[list[float], list[float]] = ([], [])
    service = ProfileService(SQLiteStore(folder / "folds.db"), BuiltinProfiler(), policy=policy)
    await _observe(service, chance, "long", earlier)
    for number in range(rounds):
        for name, seconds in ((f"short-{number}", measured[0]), ("long", measured[1])):
            if name != "long":
                await _observe(service, chance, name, _EARLY)
            await service.observe(name, _interactions(chance, _NEW))
            before = time.perf_counter()
            profile = await service.get(name)
            seconds.append(time.perf_counter() - before)
            if profile.pending:
                raise RuntimeError(f"not folded: {profile.stale}")
    await service.aclose()
    return measured


async def _observe(service: ProfileService, chance: random.Random, name: str, count: int) -> None:
    for start in range(0, count, _AT_ONCE):
        await service.observe(name, _interactions(chance, min(_AT_ONCE, count - start)))
        await service.get(name)


def _interactions(chance: random.Random, count: int) -> list[Interaction]:
    return [
        Interaction(
            query="What shall I watch tonight?",
            chosen=_title(chance, _GENRES[:3]),
            rejected=_title(chance, _GENRES),
            domain="films",
        )
        for _ in range(count)
    ]


def _title(chance: random.Random, genres: Sequence[str]) -> str:
    return f"Title {chance.randrange(20_000)}: {chance.choice(genres)} in {chance.choice(_PLACES)}"
