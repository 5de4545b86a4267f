from __future__ import annotations

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
            day=50,
        )
    lines = await person.folded()
    assert lines[0].startswith("Films: lately likes Documentary (8 of the last 8 choices")
    [past] = [line for line in lines if "earlier liked Sci-Fi" in line]
    assert "not lately" in past
    assert "24 of 24" in past
    assert not any(line.startswith("Films: likes") and "Sci-Fi" in line for line in lines)


async def test_a_switch_with_clicks_only_is_noticed_too(person: Person) -> None:
    for n in range(16):
        person.did(f"Astronomers chart distant galaxies, part {n}", domain="news", kind="click", day=n)
    await person.folded()
    for n in range(8):
        person.did(f"Gardeners grow heirloom tomatoes, part {n}", domain="news", kind="click", day=50)
    lines = await person.folded()
    assert lines[0].startswith("News: lately likes")
    assert "tomatoes" in lines[0]
    assert any("earlier liked" in line and "galaxies" in line and "not lately" in line for line in lines)


async def test_a_domain_left_behind_is_said_to_be_past(person: Person) -> None:
    for n in range(30):
        person.did(f"Title: Nova {n}, Genres: Sci-Fi", f"Title: Kiss {n}, Genres: Romance", domain="films")
    for n in range(8):
        person.did(
            f"Title: Pan {n}, Category: kitchen", f"Title: Car {n}, Category: motors", domain="shopping"
        )
    lines = await person.folded()
    assert lines[0].startswith("Shopping: ")
    assert any(line.startswith("Films: an earlier interest, not lately") for line in lines)


async def test_steady_interests_are_not_called_past(person: Person) -> None:
    for n in range(40):
        genres = "Sci-Fi" if n % 3 else "Drama"
        person.did(f"Title: Nova {n}, Genres: {genres}", f"Title: Kiss {n}, Genres: Romance", domain="films")
    await person.folded()
    assert "earlier" not in person.text
    assert "lately" not in person.text
