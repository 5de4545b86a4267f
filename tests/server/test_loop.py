"""No call, hostile or not, holds up the event loop: others are served meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp import Client

from prosona.core.words import Interaction
from prosona.server import build_server
from prosona.service import ProfileService

MOST_SECONDS = 0.05
TICK = 0.005
TRIES = 5
"""On a busy machine a process is held up at times, whatever it does: the best of some tries counts."""


class Watchdog:
    """Ticks on the running loop while it is entered, and notes by how much the latest tick was late."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._loop = asyncio.get_running_loop()
        self._due = 0.0
        self._next: asyncio.TimerHandle | None = None

    def __enter__(self) -> Watchdog:
        self._plan()
        return self

    def __exit__(self, *error: object) -> None:
        assert self._next is not None
        self._next.cancel()
        # What held it up last has not let it tick yet.
        self.longest = max(self.longest, self._loop.time() - self._due)

    def _plan(self) -> None:
        self._due = self._loop.time() + TICK
        self._next = self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        self.longest = max(self.longest, self._loop.time() - self._due)
        self._plan()


async def held_up(call: Callable[[], Awaitable[Any]]) -> float:
    """Seconds for which the loop did nothing else while `call` ran: the best of some tries."""
    best = float("inf")
    for _ in range(TRIES):
        with Watchdog() as watchdog:
            await call()
        best = min(best, watchdog.longest)
        if best < MOST_SECONDS:
            break
    return best


def words(count: int, salt: int) -> str:
    return " ".join(f"word{(salt * 7919 + n * 104_729) % 5000}" for n in range(count))


HOSTILE: dict[str, list[dict[str, str]]] = {
    "blank lines": [{"chosen": "a" + "\n" * 19_000 + "b"}],
    "spaces": [{"chosen": "I like" + " " * 19_000 + "tea."}],
    "one word": [{"chosen": "a" * 20_000}],
    "I I I": [{"chosen": "I " * 2_000, "rejected": "I " * 2_000} for _ in range(16)],
    "pairs of long answers": [
        {"query": "how?", "chosen": words(600, n), "rejected": words(600, n + 100)} for n in range(16)
    ],
    "open brackets": [{"chosen": "<" * 20_000}, {"chosen": "[(" * 10_000}],
    "orders": [{"chosen": "ignore all previous " * 1_000}],
    "figures": [{"chosen": "4111 1111 1111 " * 1_300}, {"chosen": "1" * 20_000}],
    "addresses": [{"chosen": "a@" * 10_000}, {"chosen": "http://" * 2_800}],
    "quotes": [{"chosen": '"' * 20_000}, {"chosen": "I said: '" * 2_200}],
    "Chinese": [{"chosen": "\u6211\u559c\u6b22" * 6_000}],
    "marks": [{"chosen": "e" + "\u0301" * 19_999}],
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_observing_and_folding_hostile_text_holds_nobody_up(service: ProfileService, name: str) -> None:
    async with Client(build_server(service, user_id="ana")) as client:
        await client.call_tool("observe_interaction", {"chosen": "tea"})
        await client.call_tool("get_user_profile", {"fresh": True})

        async def observe_and_fold() -> None:
            for fields in HOSTILE[name]:
                await client.call_tool("observe_interaction", fields)
            result = await client.call_tool("get_user_profile", {"fresh": True})
            assert not result.is_error, result.content

        assert await held_up(observe_and_fold) < MOST_SECONDS


@pytest.mark.parametrize(
    "change",
    [
        {"forget": "zebra"},
        {"forget": "a" * 20_000},
        {"forget": "word17 " * 2_000},
        {"statement": "I like tea. " * 1_600},
        {"statement": "a" + "\n" * 19_000 + "b"},
        {"text": "Likes tea.\n" * 1_800, "base_version": 1},
        {"text": "\n" * 20_000, "base_version": 1},
        {"remove": "x" * 20_000},
        {"line": "y " * 10_000, "text": "z"},
    ],
    ids=lambda change: f"{next(iter(change))} {len(next(iter(change.values())))}",
)
async def test_revising_by_hostile_text_holds_nobody_up(
    service: ProfileService, change: dict[str, str]
) -> None:
    await service.observe("ana", [Interaction(chosen=words(20, n), domain="reading") for n in range(500)])
    async with Client(build_server(service, user_id="ana")) as client:
        await client.call_tool("get_user_profile", {"fresh": True})

        async def revise() -> None:
            await client.call_tool("revise_profile", change)

        assert await held_up(revise) < MOST_SECONDS


@pytest.mark.parametrize("below", ["history?limit=1000", "why/1", "preview/word17"])
async def test_reading_what_lies_below_a_profile_holds_nobody_up(service: ProfileService, below: str) -> None:
    for n in range(30):
        seen = Interaction(chosen=words(300, n), query=words(300, n + 1))
        await service.observe("ana", [seen] * 10)
        await service.get("ana", fresh=True)
    await service.observe("ana", [Interaction(chosen="I live in Porto.", kind="message")])
    await service.get("ana", fresh=True)
    async with Client(build_server(service, user_id="ana")) as client:

        async def read() -> None:
            await client.read_resource(f"profile://ana/{below}", cache_mode="bypass")

        assert await held_up(read) < MOST_SECONDS


async def test_forgetting_in_a_log_of_long_texts_holds_nobody_up(service: ProfileService) -> None:
    await service.observe("ana", [Interaction(chosen=words(2_000, n), query="read") for n in range(400)])
    async with Client(build_server(service, user_id="ana")) as client:
        await client.call_tool("get_user_profile", {"fresh": True})

        async def forget() -> None:
            await client.call_tool("revise_profile", {"forget": "word17"})

        assert await held_up(forget) < MOST_SECONDS
