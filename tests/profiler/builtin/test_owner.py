"""What owners did to lines is respected: removals, rewritings, rollbacks, statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from tests.profiler.builtin.conftest import Person


def watch(person: Person, start: int, count: int, liked: str = "Sci-Fi", disliked: str = "Romance") -> None:
    for n in range(start, start + count):
        person.did(
            f"Title: Nova {n}, Genres: {liked}", f"Title: Kiss {n}, Genres: {disliked}", domain="films"
        )


@pytest.mark.parametrize("how", ["removed", "rewritten", "rolled back"])
async def test_a_line_that_was_taken_out_stays_away_until_newer_evidence_makes_it_again(
    person: Person, how: Literal["removed", "rewritten", "rolled back"]
) -> None:
    watch(person, 0, 16)
    await person.folded()
    person.took_out(person.line("likes Sci-Fi"), how)
    watch(person, 16, 1, liked="Noir")
    assert "likes Sci-Fi" not in await person.told()
    assert "avoids Romance" in person.text
    watch(person, 17, 6)
    await person.folded()
    line = person.line("likes", "Sci-Fi")
    assert (line.support.times, line.support.of) == (6, 6)
    assert min(line.support.sample) > 17
    assert "6 of 6" in line.evidence


async def test_newer_evidence_counts_by_itself_however_much_there_was_before(person: Person) -> None:
    for n in range(200):
        person.did(f"Reel {n} [{'Drama' if n % 2 else 'Noir'}]", domain="films", kind="click")
    await person.folded()
    person.took_out(person.line("likes", "Drama"))
    for n in range(200, 212):
        person.did(f"Reel {n} [Drama]", domain="films", kind="click")
    await person.folded()
    line = next(line for line in person.lines if "+film|#drama" in line.facts)
    assert line.support.times == 12


@pytest.mark.parametrize(
    ("words", "opposite"), [(("avoids Romance",), "likes Romance"), (("likes Sci-Fi",), "avoids Sci-Fi")]
)
async def test_what_was_taken_out_does_not_come_back_as_its_opposite(
    person: Person, words: tuple[str, ...], opposite: str
) -> None:
    watch(person, 0, 3, liked="Romance", disliked="Sci-Fi")
    watch(person, 3, 13)
    await person.folded()
    person.took_out(person.line(*words))
    watch(person, 16, 1, liked="Noir", disliked="War")
    assert opposite not in await person.told()


async def test_what_was_taken_out_does_not_come_back_in_parts(person: Person) -> None:
    for n in range(10):
        person.did(
            f"The council debated offshore wind turbines for the {n}th time this season in a long session",
            f"The striker scored {n} goals before the transfer window closed on a rainy evening yesterday",
            domain="news",
        )
    await person.folded()
    for line in [line for line in person.lines if "wind turbines" in line.text]:
        person.took_out(line)
    person.did("Gardeners grow heirloom tomatoes", domain="news")
    await person.folded()
    likes = [line.text for line in person.lines if "likes" in line.text]
    assert not any("wind" in text or "turbines" in text for text in likes)


async def test_a_tag_stands_when_words_with_it_are_taken_out(person: Person) -> None:
    for n in range(10):
        person.did(f"Noir harbour {n} [Noir]", f"Kiss {n} [Romance]", domain="films")
    await person.folded()
    person.took_out(person.line("what mentions Noir harbour"))
    person.did("Meadow [Nature]", "Kiss 10 [Romance]", domain="films")
    assert "likes Noir and Nature (chose 10 of 10, " in await person.told()
    assert "what mentions Noir" not in person.text


async def test_what_stood_then_still_stands_after_a_rollback(person: Person) -> None:
    for n in range(10):
        person.did(f"Wind over hill {n}", f"Striker in town {n}", domain="news", day=n)
    await person.folded()
    for n in range(10):
        person.did(f"Wind turbines by sea {n}", f"Striker in port {n}", domain="news", day=50 + 3 * n)
    await person.folded()
    line = person.line("likes", "since")
    facts = (*line.facts, "+news|wind turbine")
    person.took_out(line.model_copy(update={"facts": facts}), "rolled back")
    person.did("Gardeners grow tomatoes", domain="news", day=90)
    await person.folded()
    told = [fact for line in person.lines for fact in line.facts]
    assert "+news|wind" in told
    assert not set(facts).intersection(told)


async def test_a_domain_that_was_said_to_be_past_is_not_said_so_again(person: Person) -> None:
    for n in range(30):
        person.did(f"Title: Nova {n}, Genres: Sci-Fi", domain="films", day=n - 150)
    for n in range(8):
        person.did(f"Title: Pan {n}, Category: kitchen", domain="shopping", day=n)
    await person.folded()
    person.took_out(person.line("an interest until September 2025"))
    for n in range(8, 16):
        person.did(f"Title: Pan {n}, Category: kitchen", domain="shopping", day=n)
    assert "an interest until" not in await person.told()


async def test_a_manner_that_was_taken_out_counts_anew(person: Person) -> None:
    short = "Boil the pasta for nine minutes, drain it, and toss it with oil and garlic."
    long = f"{short} " * 6
    for _ in range(8):
        person.did(short, long, domain="cooking")
    await person.folded()
    person.took_out(person.line("prefers short"))
    for _ in range(3):
        assert "prefers short" not in await person.told()
        person.did(short, long, domain="cooking")
    await person.folded()
    assert person.line("prefers short").support.times == 3


async def test_a_statement_that_was_taken_out_stays_away_with_what_it_had_replaced(person: Person) -> None:
    person.said("I love steak and other meat.", day=1)
    person.said("I no longer eat meat.", day=20)
    await person.folded()
    person.took_out(person.line("no longer eat meat"))
    person.said("I play the cello.", day=21)
    assert "meat" not in await person.told()
    assert "meat" not in "\n".join(await person.refolded())
    person.said("I no longer eat meat.", day=30)
    assert "I no longer eat meat" in await person.told()
    assert person.line("meat").support.times == 1


async def test_a_home_that_was_taken_out_does_not_bring_back_the_one_before(person: Person) -> None:
    person.said("I live in Berlin.", day=1)
    person.said("I moved to Lisbon last month.", day=20)
    await person.folded()
    person.took_out(person.line("Lisbon"))
    person.said("I play chess.", day=21)
    for text in (await person.told(), "\n".join(await person.refolded())):
        assert "Lisbon" not in text
        assert "Berlin" not in text


async def test_things_that_were_taken_out_are_not_listed_again(person: Person) -> None:
    for n in range(4):
        person.did(f"Reel {n}", f"Spool {n}", domain="films")
    await person.folded()
    person.took_out(person.line("Films: for example"))
    person.did("Reel 4", "Spool 4", domain="films")
    await person.folded()
    assert person.line("Films: for example").facts == ("+film|=reel 4",)


async def test_a_line_that_somebody_else_wrote_is_taken_out_by_its_words(person: Person) -> None:
    watch(person, 0, 16)
    person.said("I live in Porto.")
    await person.folded()
    person.took_out(person.lines[0].model_copy(update={"text": "Enjoys sci-fi of any kind.", "facts": ()}))
    person.did("Title: Nova 99, Genres: Noir", domain="films")
    assert "likes Sci-Fi" not in await person.told()
    assert "avoids Romance" in person.text
    assert "I live in Porto" in person.text


async def test_what_an_owned_line_tells_is_told_beside_it_in_no_form(person: Person) -> None:
    watch(person, 0, 16)
    await person.folded()
    line = person.line("avoids Romance")
    person.took_out(line, "rewritten")
    person.wrote("Films: avoids slow romances, except those by Ozu", line.facts)
    watch(person, 16, 16)
    watch(person, 32, 10, liked="Romance")
    assert "likes Sci-Fi" in await person.told()
    told = [line.text.lower() for line in person.lines if line.consequence == "taste"]
    assert not any("romance" in text for text in told)


async def test_an_owned_home_stands_alone(person: Person) -> None:
    person.said("I live in Berlin.", day=1)
    await person.folded()
    line = person.line("Berlin")
    person.took_out(line, "rewritten")
    person.wrote("Lives in Berlin, Kreuzberg", line.facts)
    person.said("I live in Berlin.", day=9)
    assert "Berlin" not in await person.told()


@pytest.mark.parametrize(
    "statement", ["I play the cello", "I play the cello.", "Since childhood I play the cello, and well."]
)
async def test_words_that_an_own_line_holds_are_not_told_again(person: Person, statement: str) -> None:
    person.wrote(statement, kind="stated")
    person.said("I play the cello.")
    person.said("I play chess.")
    told = await person.told()
    assert "I play the cello" not in told
    assert "I play chess" in told


async def test_a_chinese_statement_is_not_told_again(person: Person) -> None:
    person.wrote("我对花生过敏。", kind="stated")
    person.said("我对花生过敏。")
    person.said("我喜欢爬山。")
    told = await person.told()
    assert "花生" not in told
    assert "喜欢爬山" in told


@pytest.mark.parametrize("kind", ["owned", "stated"])
async def test_a_dislike_of_the_owners_keeps_the_like_out(
    person: Person, kind: Literal["owned", "stated"]
) -> None:
    watch(person, 0, 16)
    person.wrote("I no longer like sci-fi.", kind=kind)
    assert "likes Sci-Fi" not in await person.told()


async def test_own_lines_leave_the_rest_as_it_is(person: Person) -> None:
    watch(person, 0, 16)
    person.wrote("Plays the viola in a quartet.")
    assert "likes Sci-Fi (chose 16 of 16" in await person.told()
    assert "viola" not in person.text
