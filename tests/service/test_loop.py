"""No call, hostile or not, holds up the event loop for more than 50 ms: others are served meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from tests.service.ground import ON_REQUEST, OpenService, chose, films, revise, said

from prosona.core.errors import ProsonaError
from prosona.core.portable import PortableProfile
from prosona.core.words import Interaction, Line
from prosona.profiler import BuiltinProfiler
from prosona.profiler.testing import ScriptedProfiler
from prosona.service import FoldPolicy, ProfileService

MOST_SECONDS = 0.05
_TICK = 0.002


async def longest_hold(work: Awaitable[object]) -> float:
    """The longest that the loop's thread was at work in one go while `work` was done, or refused.

    By the time of its processor, in seconds: what others do on a busy machine says nothing of this house.
    """
    longest, done = 0.0, False

    async def tick() -> None:
        nonlocal longest
        before = time.thread_time()
        while not done:
            await asyncio.sleep(_TICK)
            now = time.thread_time()
            longest, before = max(longest, now - before), now

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    with contextlib.suppress(ProsonaError):
        await work
    done = True
    await ticking
    return longest


async def assert_never_held(call: Callable[[int], Awaitable[object]]) -> None:
    """Makes `call` twice, numbered; its better time counts, since the first may load what it needs."""
    held = [await longest_hold(call(0)), await longest_hold(call(1))]
    assert min(held) < MOST_SECONDS, held


def words(count: int, salt: int) -> str:
    return " ".join(f"word{(salt * 7919 + n * 104_729) % 5000}" for n in range(count))


HOSTILE = {
    "blank lines": [Interaction(chosen="a" + "\n" * 19_000 + "b")],
    "I I I": [Interaction(chosen="I " * 2000, rejected="I " * 2000, query=f"{n}") for n in range(16)],
    "long answers": [Interaction(chosen=words(600, n), rejected=words(600, n + 99)) for n in range(16)],
    "many long ones": [Interaction(chosen=words(2000, n), kind="message") for n in range(64)],
    "Chinese": said("\u6211\u559c\u6b22" * 6000),
    "one word": chose("a" * 20_000),
    "sentences": said("I am allergic to nuts. I live in Lyon. " * 500),
    "fields": chose("\n".join(f"Field{n}: value{n}" for n in range(1000))),
}


@pytest.fixture
def service(opened: OpenService) -> ProfileService:
    return opened(BuiltinProfiler(), ON_REQUEST)


@pytest.mark.parametrize("name", sorted(HOSTILE))
async def test_observing_and_reading(service: ProfileService, name: str) -> None:
    async def call(n: int) -> None:
        await service.observe(f"ana {n}", HOSTILE[name])
        assert (await service.get(f"ana {n}")).pending == 0

    await assert_never_held(call)


@pytest.mark.parametrize(
    "text",
    [
        "x\n" * 9900,
        "\n" * 19_999 + "x",
        "a b c d. " * 2200,
        "(" * 20_000,
        "likes " * 3_300,
        "\u6211" * 20_000,
    ],
    ids=["rows", "blank", "short", "open", "loop", "Chinese"],
)
async def test_statements_texts_and_forgets(service: ProfileService, text: str) -> None:
    await service.observe("ana", [*films(8), *said("I live in Lyon.", "I am allergic to nuts.")])
    version = (await service.get("ana")).version

    async def call(n: int) -> None:
        for fields in (
            {"statement": text},
            {"text": text, "base_version": version},
            {"line": "Lyon", "text": text},
            {"forget": text},
            {"remove": text},
        ):
            with contextlib.suppress(ProsonaError):
                await revise(service, **fields)
        with contextlib.suppress(ProsonaError):
            await service.edit_lines("ana", [("", row) for row in text.splitlines()], base_version=version)
        with contextlib.suppress(ProsonaError):
            await service.why("ana", text)

    await assert_never_held(call)


async def test_a_text_of_the_hosts_model(opened: OpenService) -> None:
    service = opened(BuiltinProfiler(), FoldPolicy.for_host())
    await service.observe("ana", [Interaction(chosen=words(2000, n)) for n in range(30)])

    async def call(n: int) -> None:
        work = await service.work("ana")
        assert work is not None
        text = "\n".join(f"Likes {words(4, row)} very much." for row in range(350))
        await revise(service, text=text, base_version=0, folded_through=work.folded_through)

    await assert_never_held(call)


async def test_a_model_that_writes_a_long_profile_over_a_long_one(opened: OpenService) -> None:
    def step(salt: int) -> list[Line]:
        return [Line(text=f"Likes {words(4, salt + row)} very much.") for row in range(25)]

    script = ScriptedProfiler(*(step(50 * n) for n in range(12)), writes_prose=False)
    service = opened(script, ON_REQUEST)

    async def call(n: int) -> None:
        await service.observe("ana", [Interaction(chosen=words(2000, n + row)) for row in range(30)])
        assert (await service.get("ana")).pending == 0

    await assert_never_held(call)


async def test_a_forget_over_twenty_thousand_interactions(opened: OpenService) -> None:
    profiler = ScriptedProfiler("Likes titles by the dozen.", memory_version="1", writes_prose=False)
    service = opened(profiler, replace(ON_REQUEST, wait_seconds=60))
    for start in range(0, 20_000, 1000):
        batch = [
            Interaction(chosen=f"Title {n} about {'knitting' if n % 2 else 'sailing'} and {words(20, n)}")
            for n in range(start, start + 1000)
        ]
        await service._store.append("ana", batch)
    assert (await service.get("ana", fresh=True)).pending == 0

    async def look(n: int) -> None:
        assert (await service.preview("ana", "knitting")).interactions == 10_000
        await revise(service, forget="quantum chromodynamics")

    await assert_never_held(look)

    async def forget(n: int) -> None:
        topic = ("knitting", "sailing")[n]
        word = (await service.preview("ana", topic)).word
        revised = await revise(service, forget=topic, confirm=word)
        assert revised.forgotten is not None
        assert revised.forgotten.interactions == 10_000

    await assert_never_held(forget)
    assert await service.interactions("ana") == []


async def test_a_file_of_thousands_of_lines(service: ProfileService) -> None:
    lines = tuple(Line(id=f"b{n}", text=f"Owns {words(5, n)}.") for n in range(4000))
    profile = PortableProfile(user_id="ana", lines=lines)

    async def call(n: int) -> None:
        await service.import_profile(f"ana {n}", profile, actor="x")

    await assert_never_held(call)


async def test_a_long_history(opened: OpenService) -> None:
    service = opened(ScriptedProfiler(), ON_REQUEST)
    for n in range(150):
        await service.observe("ana", films(1, start=n))
        await service.get("ana")
    assert (await service.get("ana")).version >= 100

    async def call(n: int) -> None:
        await service.why("ana", "1")
        await service.export("ana")
        with contextlib.suppress(ProsonaError):
            await revise(service, forget="quantum chromodynamics")
        await revise(service, rollback_to=50 + n)

    await assert_never_held(call)
