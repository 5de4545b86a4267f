"""Memory and text stay within their bounds, and what goes is what is worth least."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from prosona.core.lines import cost
from prosona.profiler.builtin._encoding import MAX_BYTES, dump, load
from prosona.profiler.builtin.memory import MAX_DOMAINS

if TYPE_CHECKING:
    from tests.profiler.builtin.conftest import Person


def noise(seed: object, length: int = 60) -> str:
    return (hashlib.sha256(str(seed).encode()).hexdigest() * 9)[:length]


async def test_the_memory_stays_small_however_long_the_history_is(person: Person) -> None:
    sizes = []
    for n in range(800):
        words = " ".join(f"w{(n * 7 + k * k) % 9001}x{k}" for k in range(40))
        person.did(
            f"Title: Piece {n}, Tags: tag{n % 300}, Abstract: {words}", f"{words[::-1]}", domain=f"d{n % 11}"
        )
        person.said(f"I love hobby{n} and place{n}.")
        if n % 50 == 49:
            await person.folded()
            sizes.append(len(person.memory or b""))
    assert max(sizes) <= MAX_BYTES
    assert max(sizes[8:]) <= 1.1 * max(sizes[:8])


@pytest.mark.parametrize("length", [32, 60, 400, 3_000])
async def test_tokens_without_end_never_fill_the_memory(person: Person, length: int) -> None:
    for n in range(60):
        person.did(f"Title: Nova {n}, Genres: Sci-Fi", f"Title: Kiss {n}, Genres: Romance", domain="films")
    for n in range(60):
        parts = [noise((n, k), length) for k in range(max(1, 3_600 // length))]
        person.did(
            " ".join(parts), " ".join(reversed(parts)), domain=noise(n, 64), kind="click", query=parts[0]
        )
        person.did(f"Title: {parts[0]}, Tags: {'|'.join(parts)}", domain="builds")
        person.said(f"I love {parts[0]} and {parts[-1]}. I use {' '.join(parts[:9])}.")
        await person.folded()
        assert len(person.memory or b"") <= MAX_BYTES
    person.max_tokens = 5_000
    person.did("Title: Nova 60, Genres: Sci-Fi", domain="films")
    assert "likes Sci-Fi (chose 61 of 61" in await person.told()


async def test_a_memory_over_its_bound_drops_what_is_worth_least_in_every_domain(person: Person) -> None:
    for n in range(40):
        person.did(f"Title: Nova {n}, Genres: Sci-Fi", domain="films")
        person.did(f"Title: Vote {n}, Category: politics", domain="news")
    person.said("I'm allergic to peanuts.")
    await person.folded()
    memory = load(person.memory or b"")
    for name in ("film", "news"):
        domain = memory.domains[name]
        for n in range(4_000):
            domain.count(noise((name, n)), noise((n, name)), 1, n, chosen=True)
            domain.remember(noise((n, n, name)), noise(n), 1, n, chosen=True)
    small = load(dump(memory))
    assert small == load(dump(memory))
    for name, tag in (("film", "#sci-fi"), ("news", "#politic")):
        assert small.domains[name].tallies[tag].chosen.count == 40
    assert small.sayings == load(person.memory or b"").sayings


async def test_the_same_flood_leaves_the_same_memory(person: Person, another: Person) -> None:
    for who in (person, another):
        for n in range(90):
            who.did(" ".join(noise((n, k), 31) for k in range(99)), domain=f"d{n % 40}")
    assert await person.folded() == await another.folded()
    assert person.memory == another.memory


async def test_one_choice_in_each_of_many_other_domains_leaves_the_films(person: Person) -> None:
    for n in range(30):
        person.did(f"Title: Nova {n}, Genres: Sci-Fi", f"Title: Kiss {n}, Genres: Romance", domain="films")
    for n in range(3 * MAX_DOMAINS):
        person.did(f"Title: Thing {n}", domain=f"field{n}")
    told = await person.told()
    assert "Films: likes Sci-Fi (chose 30 of 30" in told
    assert len(load(person.memory or b"").domains) == MAX_DOMAINS


async def test_eight_more_domains_leave_all_of_them(person: Person) -> None:
    for n in range(30):
        person.did(f"Title: Nova {n}, Genres: Sci-Fi", domain="films")
    for n in range(8):
        person.did(f"Title: Thing {n}", domain=f"field{n}")
    await person.folded()
    assert len(load(person.memory or b"").domains) == 9


async def test_a_lively_domain_takes_no_room_that_a_quiet_one_needs(person: Person) -> None:
    for n in range(12):
        person.did(
            f"Title: Vote {n}, Category: politics", f"Title: Match {n}, Category: sports", domain="news"
        )
    for n in range(300):
        words = " ".join(f"w{(n * 7 + k * k) % 9001}x{k}" for k in range(40))
        person.did(f"Title: Piece {n}, Abstract: {words}", words[::-1], domain="papers")
    person.max_tokens = 2_000
    assert "News: likes politics (chose 12 of 12" in await person.told()


async def test_what_matters_stays_when_much_is_said(person: Person) -> None:
    person.said("I'm allergic to peanuts.", day=1)
    person.said("My name is Mira.", day=1)
    person.said("I live in Porto.", day=1)
    person.said("I work as a nurse.", day=1)
    for n in range(120):
        person.said(f"I like place{n} hobby{n}.", day=2)
    person.max_tokens = 5_000
    told = await person.told()
    for words in ("allergic to peanuts", "name is Mira", "live in Porto", "work as a nurse"):
        assert words in told


@pytest.mark.parametrize("budget", [20, 60, 150, 600])
async def test_the_lines_cost_no_more_than_the_budget(person: Person, budget: int) -> None:
    person.max_tokens = budget
    for n in range(40):
        person.did(
            f"Title: Nova {n}, Genres: Sci-Fi|Space", f"Title: Kiss {n}, Genres: Romance", domain="films"
        )
        person.did(f"Title: Vote {n}, Category: politics", domain="news")
        person.said(f"I love walking in valley {n}, and I don't like peak {n}.")
        person.said("我不喜欢恐怖片。")
    await person.folded()
    assert sum(cost(line, person.log[0].observed_at.date()) for line in person.lines) <= budget


async def test_examples_take_at_most_a_quarter_of_the_text(person: Person) -> None:
    for n in range(60):
        person.did(
            f"Title: Story of island {n}, Genres: Sea|Sci-Fi",
            f"Title: Kiss {n}, Genres: Romance",
            domain="films",
        )
    await person.folded()
    today = person.log[0].observed_at.date()
    examples = sum(cost(line, today) for line in person.lines if line.consequence == "example")
    assert 0 < examples <= max(60, sum(cost(line, today) for line in person.lines) / 4)
