"""What happened later wins, whatever the order of arrival; and what a bound takes away is told."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.ground import ON_REQUEST, InMemory, chose, revise, said, texts

from prosona.core.lines import cost, render
from prosona.core.words import Interaction, Line
from prosona.profiler import BuiltinProfiler
from prosona.profiler.testing import ScriptedProfiler
from prosona.profiles_db.memory import MemoryPlace, MemoryStore
from prosona.service import ProfileService

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOMES = ("Berlin", "Lyon", "Ghent", "Porto")


def _story() -> list[Interaction]:
    """Four moves and a dozen films over four years, each on its day."""
    moves = [
        Interaction(
            chosen=f"I live in {home}.",
            kind="message",
            domain="chat",
            occurred_at=NOW - timedelta(days=900 - 200 * n),
        )
        for n, home in enumerate(HOMES)
    ]
    watched = [
        Interaction(
            chosen=f"Title {n} ({'Horror' if n < 6 else 'Romance'})",
            domain="films",
            occurred_at=NOW - timedelta(days=1000 - 80 * n),
        )
        for n in range(12)
    ]
    return [*moves, *watched]


async def _told(batches: Sequence[Sequence[Interaction]]) -> list[str]:
    service = ProfileService(MemoryStore(MemoryPlace(now=NOW)), BuiltinProfiler(), policy=ON_REQUEST)
    for batch in batches:
        await service.observe("ana", batch)
        await service.get("ana")
    told = (await service.get("ana")).text.splitlines()
    await service.aclose()
    return told


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(16)), st.lists(st.integers(1, 15), max_size=3, unique=True))
def test_what_happened_last_wins_in_whatever_order_and_batches_it_arrives(
    order: list[int], cuts: list[int]
) -> None:
    story = _story()
    arriving = [story[place] for place in order]
    bounds = [0, *sorted(cuts), len(arriving)]
    batches = [arriving[a:b] for a, b in itertools.pairwise(bounds)]
    told = asyncio.run(_told(batches))
    homes = [line for line in told if "live" in line]
    assert len(homes) == 1
    assert HOMES[-1] in homes[0]
    in_order = asyncio.run(_told([story]))
    # Days, counts and the newest taste are those of the story told in order.
    assert {line for line in told if "last in" in line} == {line for line in in_order if "last in" in line}


async def test_an_old_home_told_later_leaves_the_newer_one(in_memory: InMemory) -> None:
    service = in_memory(BuiltinProfiler())
    await service.observe("ana", said("I live in Lyon.", occurred_at=datetime(2026, 2, 1, tzinfo=UTC)))
    await service.get("ana")
    await service.observe("ana", said("I live in Berlin.", occurred_at=datetime(2019, 5, 1, tzinfo=UTC)))
    text = (await service.get("ana")).text
    assert "Lyon" in text
    assert "Berlin" not in text


async def test_what_is_let_in_late_counts_on_its_day(in_memory: InMemory) -> None:
    service = in_memory(BuiltinProfiler())
    old = Interaction(
        chosen="I live in Berlin.",
        kind="message",
        domain="chat",
        occurred_at=datetime(2019, 5, 1, tzinfo=UTC),
        quarantined="held back",
    )
    await service._store.append("ana", [old])
    await service.observe("ana", said("I live in Lyon."))
    await service.get("ana")
    [aside] = await service.quarantined("ana")
    await service.let_in("ana", [aside.seq])
    text = (await service.get("ana")).text
    assert "Lyon" in text
    assert "Berlin" not in text


# What a bound takes away.


async def test_lines_that_lose_their_room_are_told_with_the_reason(in_memory: InMemory) -> None:
    lines = [Line(text=f"Likes the slow films of director number {n}.") for n in range(12)]
    service = in_memory(ScriptedProfiler(lines, writes_prose=False), budget_tokens=130)
    await service.observe("ana", chose("Solaris"))
    before = {line.id for line in await service.lines("ana")}
    await revise(service, statement="I sing in a choir that meets on Tuesdays and on every other Friday.")
    after = {line.id for line in await service.lines("ana")}
    gone = before - after
    assert gone
    newest = (await service.history("ana"))[0]
    assert {one.line for one in newest.retired} == gone
    assert {one.why for one in newest.retired} == {"made room for what its owner wrote"}
    for line_id in gone:
        assert "made room" in str((await service.why("ana", line_id)).note)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(80, 400))
def test_whatever_stood_and_stands_no_longer_is_told_in_history(seed: int, budget: int) -> None:
    chance = random.Random(seed)

    async def live() -> None:
        service = ProfileService(
            MemoryStore(MemoryPlace(now=NOW)), BuiltinProfiler(), policy=ON_REQUEST, budget_tokens=budget
        )
        await service.observe("ana", said("I am allergic to peanuts."))
        for n in range(12):
            domain = chance.choice(["films", "books", "music", "games"])
            genre = chance.choice(["Horror", "Romance", "Comedy"])
            await service.observe("ana", chose(f"Title {n} ({genre})", domain=domain))
            profile = await service.get("ana", lines=True)
            standing = profile.lines or ()
            assert any("peanuts" in line.text for line in standing)
            assert sum(cost(line, NOW.date()) for line in standing) <= budget
            assert profile.text == render(standing, NOW.date())
        history = (await service.history("ana", limit=1000))[::-1]
        for before, after in itertools.pairwise(history):
            gone = {line.id for line in before.lines} - {line.id for line in after.lines}
            assert gone == {one.line for one in after.retired}
        await service.aclose()

    asyncio.run(live())


async def test_ids_and_hashes_crowd_out_nothing_that_matters(in_memory: InMemory) -> None:
    service = in_memory(BuiltinProfiler())
    await service.observe("ana", said("I am allergic to peanuts.", "I live in Lyon."))
    for n in range(8):
        await service.observe("ana", chose(f"Story {n} (Romance)", rejected=f"Blood {n} (Horror)"))
    chance = random.Random(3)
    for _ in range(60):
        token = "".join(chance.choices("0123456789abcdef", k=60))
        await service.observe("ana", chose(token, domain="builds"))
    text = (await service.get("ana")).text
    assert (await service.get("ana")).stale is None
    for word in ("peanuts", "Lyon", "Romance", "Horror"):
        assert word in text
    memory = (await service._store.backlog("ana", 1)).memory
    assert memory is not None
    await service.observe("ana", chose("Emma (Romance)"))
    assert "Emma" in (await service.get("ana")).text


async def test_no_field_of_life_goes_for_having_been_quiet(in_memory: InMemory) -> None:
    service = in_memory(BuiltinProfiler())
    for n in range(30):
        await service.observe("ana", chose(f"Story {n} (Romance)", rejected=f"Blood {n} (Horror)"))
    for n in range(12):
        await service.observe("ana", chose(f"Thing {n}", domain=f"field {n}"))
    assert any("Romance" in text for text in await texts(service))


@pytest.mark.parametrize("count", [70, 200])
async def test_a_long_backlog_loses_nothing_on_its_way(in_memory: InMemory, count: int) -> None:
    profiler = ScriptedProfiler("Likes films by the dozen.")
    service = in_memory(profiler)
    await service.observe("ana", chose(*(f"film {n}" for n in range(count))))
    assert (await service.get("ana")).pending == 0
    read = [item.seq for request in profiler.requests for item in request.interactions]
    assert read == list(range(1, count + 1))
    newest = (await service.history("ana"))[0]
    assert (newest.first_seq, newest.last_seq) == (1, count)
