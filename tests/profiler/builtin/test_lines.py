"""What every line carries: its kind, topic, consequence, facts, evidence and support."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from prosona.core.consequence import RANKS
from prosona.core.lines import in_order
from prosona.core.words import MAX_LINE, MAX_SAMPLE, Line
from prosona.profiler import BuiltinProfiler
from prosona.profiler.seam import Profiler

if TYPE_CHECKING:
    from tests.profiler.builtin.conftest import Person

SHORT = "Boil the pasta for nine minutes, drain it, and toss it with oil and garlic {n}."
LONG = f"{SHORT} " * 6


def live(person: Person) -> None:
    """A bit of everything, and room to tell it."""
    person.max_tokens = 2_000
    for n in range(20):
        person.did(
            f"Title: {chr(65 + n)}ova ({1990 + n % 3}), Genres: Sci-Fi|Space",
            f"Title: Kiss {n}, Genres: Romance",
            domain="films",
            day=n,
        )
        person.did(f"Voters elect a council, part {n}", f"Strikers score, part {n}", domain="news", day=n)
        person.did(SHORT.format(n=n), LONG.format(n=n), query="How do I cook pasta?", domain="cooking", day=n)
        person.said(f"I love kayaking in bay {n % 4}.", day=n)
    for n in range(8):
        person.did(
            f"Title: {chr(65 + n)}oom, Genres: Craft",
            f"Title: Kiss {n}, Genres: War",
            domain="films",
            day=50 + 2 * n,
        )
    for n in range(10):
        person.did(f"Title: Pan {n}, Tags: kitchen", domain="shopping", kind="click", day=60)
    person.said("I'm allergic to peanuts.", day=61)
    person.said("My name is Mira.", day=61)
    person.said("I live in Porto.", day=61)
    person.said("Please explain it slowly, I always want short answers.", day=61)


def test_it_is_a_profiler_that_keeps_a_memory_and_writes_no_prose() -> None:
    profiler: Profiler = BuiltinProfiler()
    assert (profiler.name, profiler.memory_version, profiler.writes_prose) == ("builtin", "builtin-5", False)


async def test_every_line_is_inferred_and_leads_to_interactions_of_the_log(person: Person) -> None:
    live(person)
    await person.folded()
    seqs = {interaction.seq for interaction in person.log}
    assert len(person.lines) > 8
    for line in person.lines:
        assert (line.kind, line.actor, line.id, line.since) == ("inferred", "builtin", "", None)
        assert line.facts
        assert line.evidence
        assert line.evidence not in line.text
        assert len(line.text) <= MAX_LINE
        assert 0 < len(line.support.sample) <= MAX_SAMPLE
        assert seqs.issuperset(line.support.sample)
        assert len(set(line.support.sample)) == len(line.support.sample)
        assert line.support.first is not None
        assert line.support.last is not None
        assert line.support.first <= line.support.last
        assert line.support.times >= 1
        assert line.support.of == 0 or line.support.times <= line.support.of


async def test_the_interactions_of_a_line_are_those_that_speak_for_it(person: Person) -> None:
    live(person)
    await person.folded()
    by_seq = {interaction.seq: interaction for interaction in person.log}
    for words, text in (
        (("avoids what mentions Kiss",), "Kiss"),
        (("likes Craft since",), "Craft"),
        (("liked", "Sci-Fi", "none since"), "Sci-Fi"),
        (("allergic",), "peanuts"),
        (("love kayaking in bay 1",), "bay 1"),
    ):
        line = person.line(*words)
        assert line.support.sample
        for seq in line.support.sample:
            assert text in f"{by_seq[seq].chosen} {by_seq[seq].rejected}"


async def test_the_newest_interaction_is_in_the_sample_and_those_that_say_most_come_first(
    person: Person,
) -> None:
    for n in range(9):
        person.did(f"Reef {n} [Nature|Sea]", f"Goal {n} [Sport]", domain="films", day=n)
    person.did("Meadow [Nature]", "Cup [Sport]", domain="films", day=20)
    await person.folded()
    support = person.line("likes Nature and Sea").support
    assert 10 in support.sample
    assert support.sample[0] == 9
    assert (support.times, support.of) == (10, 10)
    assert (support.first, support.last) == (date(2026, 1, 1), date(2026, 1, 21))


async def test_each_kind_of_line_has_its_consequence_and_topic(person: Person) -> None:
    live(person)
    await person.folded()
    for words, consequence, topic in (
        (("allergic to peanuts",), "safety", ""),
        (("My name is Mira",), "person", ""),
        (("explain it slowly",), "manner", ""),
        (("prefers short",), "manner", ""),
        (("live in Porto",), "fact", ""),
        (("likes Craft since",), "taste", "Films"),
        (("avoids", "Romance"), "taste", "Films"),
        (("for example", "Pan 9"), "example", "Shopping"),
    ):
        line = person.line(*words)
        assert (line.consequence, line.topic) == (consequence, topic)


async def test_facts_name_what_a_line_tells_and_outlive_a_change_of_its_words(person: Person) -> None:
    live(person)
    await person.folded()
    assert person.line("likes Craft since").facts == ("+film|#craft",)
    assert person.line("live in Porto").facts == ("saying|home",)
    assert "-film|#romance" in person.line("avoids", "Romance").facts
    assert person.line("prefers short").facts == ("style|length less",)
    person.said("I moved to Lisbon.", day=70)
    await person.folded()
    assert person.line("Lisbon").facts == ("saying|home",)


async def test_a_statement_that_is_taken_back_keeps_its_facts(person: Person) -> None:
    person.said("I love steak and other meat.", day=1)
    await person.folded()
    facts = person.line("steak").facts
    person.said("I no longer eat meat.", day=60)
    await person.folded()
    assert person.line("no longer eat meat").facts == facts


async def test_lines_come_in_the_order_of_what_it_would_cost_not_to_know_them(person: Person) -> None:
    live(person)
    await person.folded()
    assert list(person.lines) == in_order(person.lines)
    ranks = [RANKS[line.consequence] for line in person.lines]
    assert ranks == sorted(ranks)
    assert ranks[0] == 0


@pytest.mark.parametrize("budget", [40, 80, 150])
async def test_health_is_told_first_however_little_room_there_is(person: Person, budget: int) -> None:
    live(person)
    person.max_tokens = budget
    await person.folded()
    assert "allergic to peanuts" in person.lines[0].text


@pytest.mark.parametrize(
    ("taste", "health"),
    [
        ("I love cats.", "I'm allergic to cats."),
        ("I love milk chocolate.", "I'm allergic to milk."),
        ("I really like peanuts.", "I have a peanut allergy."),
        ("我喜欢猫。", "我对猫过敏。"),
        ("I'm not allergic to cats.", "I'm allergic to cats."),
        ("My son is allergic to cats and eggs.", "I'm allergic to cats."),
        ("我儿子对猫过敏。", "我对猫过敏。"),
    ],
)
@pytest.mark.parametrize("later", [True, False])
async def test_a_fact_of_health_gives_way_to_nothing_less_than_its_end(
    person: Person, taste: str, health: str, later: bool
) -> None:
    for words in (health, taste) if later else (taste, health):
        person.said(words)
    assert f'{health}"' in (await person.told()).replace("”", '"')
    assert person.lines[0].consequence == "safety"


async def test_the_end_of_one_allergy_is_not_the_end_of_two(person: Person) -> None:
    person.said("I'm allergic to cats and nuts.", day=1)
    person.said("I'm no longer allergic to cats.", day=40)
    assert "allergic to cats and nuts" in await person.told()


async def test_health_said_to_be_over_is_over(person: Person) -> None:
    person.said("I'm allergic to cats.", day=1)
    person.said("I'm no longer allergic to cats.", day=40)
    told = await person.folded()
    assert told == ['Said: "I\'m no longer allergic to cats." (10 February 2026)']


async def test_health_said_again_with_more_stands_once(person: Person) -> None:
    person.said("I'm allergic to cats.", day=1)
    person.said("I'm allergic to cats and to nuts.", day=40)
    assert [line.text for line in await lines(person)] == ['Said: "I\'m allergic to cats and to nuts."']


async def test_a_korean_user_does_not_get_chinese_lines(person: Person) -> None:
    for n in range(4):
        person.said(f"저는 서울에 살아요. 漢字 {n}")
        person.did(f"기생충 {n} [드라마]", domain="영화")
    told = await person.told()
    assert "드라마" in told
    assert "서울" in told
    assert not {"喜", "选", "欢"}.intersection(told)


async def lines(person: Person) -> tuple[Line, ...]:
    await person.folded()
    return person.lines
