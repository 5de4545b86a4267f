"""What happened later wins by when it happened, whatever the order in which it arrived."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.profiler.builtin.conftest import Person

STORIES = (
    (("I live in Berlin.", 1), ("I live in Lyon.", 40)),
    (("I work as a baker.", 1), ("I work as a nurse.", 40)),
    (("My name is Jo.", 1), ("My name is Joanna.", 40)),
    (("I love steak and other meat.", 1), ("I no longer eat meat.", 40)),
    (("I'm allergic to cats.", 1), ("I'm no longer allergic to cats.", 40)),
    (("I'm no longer allergic to cats.", 1), ("I'm allergic to cats.", 40)),
    (("我喜欢吃牛肉。", 1), ("我不再吃牛肉了。", 40)),
    (("我住在北京。", 1), ("我住在成都。", 40)),
    (("I live in Berlin.", 1), ("I live in Lyon.", 20), ("I moved to Porto.", 40)),
)


@pytest.mark.parametrize("story", STORIES)
async def test_what_was_said_later_stands_in_whatever_order_it_came(
    make_person: Callable[[], Person], story: tuple[tuple[str, int], ...]
) -> None:
    told = set()
    for order in itertools.permutations(story):
        person = make_person()
        person.at_once = 1
        for words, day in order:
            person.said(words, day=day)
        told.add(await person.told())
    assert len(told) == 1
    assert len(told.pop().splitlines()) == 1


async def test_days_of_evidence_are_those_on_which_things_happened(person: Person) -> None:
    for day in (50, 3, 20):
        person.did("Reel [Drama]", domain="films", day=day)
    await person.folded()
    support = person.line("likes Drama").support
    assert (support.first, support.last) == (date(2026, 1, 4), date(2026, 2, 20))


async def test_old_choices_that_arrive_late_are_not_lately(person: Person, another: Person) -> None:
    old = [(f"{chr(65 + n)}ova [Sci-Fi]", n) for n in range(24)]
    new = [(f"{chr(65 + n)}oom [Documentary]", 60 + 2 * n) for n in range(8)]
    for who, choices in ((person, old + new), (another, new + old)):
        for title, day in choices:
            who.did(title, "Kiss [Romance]", domain="films", day=day)
        assert "Films: likes Documentary since March 2026 (8 of the last 8 choices" in await who.told()
        assert "liked Sci-Fi until January 2026, none since" in who.text


async def test_the_latest_things_are_listed_first_by_their_days(person: Person) -> None:
    person.max_tokens = 60
    for n in range(30):
        person.did(f"Reel{n}", domain="films", day=60 - n, kind="click")
    chosen = next(text for text in await person.folded() if "for example" in text)
    assert "Reel0" in chosen
    assert "Reel29" not in chosen


async def test_a_day_to_come_is_no_evidence_of_the_past(person: Person) -> None:
    person.said("I live in Lyon.")
    person.log[-1] = person.log[-1].model_copy(
        update={"occurred_at": person.log[-1].observed_at + timedelta(days=26_000)}
    )
    await person.folded()
    last = person.line("Lyon").support.last
    assert last is not None
    assert last <= person.log[0].observed_at.date() + timedelta(days=1)
    assert "2097" not in person.text


async def test_days_before_there_were_computers_count(person: Person) -> None:
    for n in range(3):
        person.did("Reel [Drama]", domain="films", day=-40_000 + n)
    await person.folded()
    assert "last in June 1916" in person.text


async def test_what_holds_until_a_day_says_so_and_is_not_told_after_it(person: Person) -> None:
    person.said("I am working at the Porto office until 3 May.", day=70)
    person.said("I am working at the Lyon branch until 3 February.", day=20)
    await person.folded()
    person.said("I live in Braga until 5 February.", day=20)
    await person.folded()
    assert person.line("Porto").until == date(2026, 5, 3)
    assert "Braga" not in person.text
