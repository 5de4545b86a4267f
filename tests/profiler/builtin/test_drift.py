from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.profiler.builtin.conftest import Person


async def test_eight_interactions_after_a_switch_the_new_interest_stands_first(person: Person) -> None:
    for n in range(24):
        person.did(
            f"Title: {chr(65 + n)}ova, Genres: Sci-Fi",
            f"Title: Kiss {n}, Genres: Romance",
            domain="films",
            day=n,
        )
    await person.folded()
    for n in range(8):
        person.did(
            f"Title: {chr(65 + n)}oom, Genres: Documentary",
            f"Title: Kiss {n}, Genres: Romance",
            domain="films",
            day=60 + 2 * n,
        )
    lines = await person.folded()
    assert lines[0].startswith("Films: likes Documentary since March 2026 (8 of the last 8 choices")
    [past] = [line for line in lines if "liked Sci-Fi until January 2026, none since" in line]
    assert "24 of 24" in past
    assert not any(line.startswith("Films: likes") and "Sci-Fi" in line for line in lines)


async def test_a_switch_with_clicks_only_is_noticed_too(person: Person) -> None:
    for n in range(16):
        person.did(f"Astronomers chart distant galaxies, part {n}", domain="news", kind="click", day=n)
    await person.folded()
    for n in range(8):
        person.did(f"Gardeners grow heirloom tomatoes, part {n}", domain="news", kind="click", day=60 + 2 * n)
    lines = await person.folded()
    assert re.match("News: likes .* since March 2026", lines[0])
    assert "tomatoes" in lines[0]
    assert any("liked" in line and "galaxies" in line and "none since" in line for line in lines)


async def test_a_domain_left_behind_is_said_to_be_past(person: Person) -> None:
    for n in range(30):
        person.did(
            f"Title: Nova {n}, Genres: Sci-Fi",
            f"Title: Kiss {n}, Genres: Romance",
            domain="films",
            day=n - 150,
        )
    for n in range(8):
        person.did(
            f"Title: Pan {n}, Category: kitchen",
            f"Title: Car {n}, Category: motors",
            domain="shopping",
            day=n,
        )
    lines = await person.folded()
    assert any(line.startswith("Shopping: likes kitchen") for line in lines)
    assert any(line.startswith("Films: an interest until September 2025, none since") for line in lines)


async def test_steady_interests_are_not_called_past(person: Person) -> None:
    for n in range(40):
        genres = "Sci-Fi" if n % 3 else "Drama"
        person.did(f"Title: Nova {n}, Genres: {genres}", f"Title: Kiss {n}, Genres: Romance", domain="films")
    await person.folded()
    assert "since" not in person.text
    assert "until" not in person.text


async def test_what_happens_in_one_afternoon_is_no_change(person: Person) -> None:
    for n in range(16):
        person.did(f"Nova {n} [Action]", f"Kiss {n} [Romance]", domain="films", day=5)
    for n in range(12):
        person.did(f"Loom {n} [Craft]", f"Kiss {n} [Romance]", domain="films", day=5)
    told = await person.told()
    assert "likes Action and Craft" in told
    assert "since" not in told
    assert "until" not in told


async def test_one_more_choice_changes_nothing_that_was_told_of_another_taste(person: Person) -> None:
    for n in range(12):
        person.did(f"Nova {n} [Action]", f"Kiss {n} [Romance]", domain="films", day=n)
    before = [line for line in await person.folded() if "Romance" in line]
    person.did("Spade", domain="tools", day=13)
    assert [line for line in await person.folded() if "Romance" in line] == before
