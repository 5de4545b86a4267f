"""What the tests of the service stand on: short ways to fill a profile, and to wait for folds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from prosona.core.words import Interaction, Line
from prosona.profiler import FoldRequest
from prosona.service import FoldPolicy, FoldReport, ProfileService, parse_change
from prosona.service.answers import Revised

__all__ = [
    "FAST_RETRY",
    "MODEL",
    "ON_REQUEST",
    "InMemory",
    "OpenService",
    "Watcher",
    "chose",
    "films",
    "ids_by_text",
    "reading",
    "revise",
    "said",
    "texts",
]

OpenService = Callable[..., ProfileService]
"""Opens a service on the file of a test: `opened(profiler, policy)`."""
InMemory = Callable[..., ProfileService]
"""Opens a service on the place of a test, whose clock can be set: `in_memory(profiler, policy)`."""

FAST_RETRY = FoldPolicy(first_backoff_seconds=0.0, longest_backoff_seconds=0.0)
MODEL = replace(
    FoldPolicy.for_model(calls_a_day=None, tokens_a_day=None),
    idle_seconds=3600,
    scan_seconds=0.02,
    first_backoff_seconds=0.0,
    longest_backoff_seconds=0.0,
)
"""As for a model, but nothing waits long."""
ON_REQUEST = replace(FAST_RETRY, background=False)
"""Nothing is folded but by a read."""


def chose(*items: str, domain: str = "films", **more: object) -> list[Interaction]:
    """A choice of each item."""
    return [Interaction.model_validate({"chosen": item, "domain": domain, **more}) for item in items]


def films(count: int, start: int = 1) -> list[Interaction]:
    """Choices of so many films."""
    return chose(*(f"film {n}" for n in range(start, start + count)))


def said(*sentences: str, **more: object) -> list[Interaction]:
    """Sentences said in a chat."""
    return [
        Interaction.model_validate({"chosen": text, "kind": "message", "domain": "chat", **more})
        for text in sentences
    ]


async def revise(service: ProfileService, user_id: str = "ana", /, **fields: object) -> Revised:
    """A revision, as a caller asks for it."""
    return await service.revise(user_id, parse_change(**fields), actor="test")


async def texts(service: ProfileService, user_id: str = "ana") -> list[str]:
    """The texts of the lines as shown."""
    return [line.text for line in await service.lines(user_id)]


async def ids_by_text(service: ProfileService, user_id: str = "ana") -> dict[str, str]:
    """The id of each line as shown, by its text."""
    return {line.text: line.id for line in await service.lines(user_id)}


def reading(table: Mapping[str, str]) -> Callable[[FoldRequest], Sequence[Line]]:
    """A step of a model: it keeps its past lines and writes what `table` says for each word it reads."""

    def step(request: FoldRequest) -> Sequence[Line]:
        lines = {line.text: line for line in request.inferred}
        for item in request.interactions:
            for word, text in table.items():
                if word in (item.chosen or item.rejected or ""):
                    lines.setdefault(text, Line(text=text))
        return list(lines.values())

    return step


class Watcher:
    """Collects reports of folds and waits until enough of them satisfy a condition."""

    def __init__(self, *services: ProfileService) -> None:
        self.reports: list[FoldReport] = []
        self._changed = asyncio.Event()
        for service in services:
            service.watch_folds(self._add)

    def _add(self, report: FoldReport) -> None:
        self.reports.append(report)
        self._changed.set()

    def folded(self) -> list[str]:
        """The users folded so far, in order."""
        return [r.user_id for r in self.reports if r.outcome == "folded"]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits until `holds`, and fails after twenty seconds."""
        async with asyncio.timeout(20):
            while not holds():
                self._changed.clear()
                await self._changed.wait()
