from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.profiler.builtin.conftest import Person

SHORT = "Boil the pasta for nine minutes, drain it, and toss it with oil and garlic {n}."
LONG = (
    "Furthermore, it is advisable to consider that the preparation of pasta has several stages, each of "
    "which contributes to the resulting texture, and consequently one ought to examine the heat of the "
    "water, the proportion of salt, and the duration of cooking, number {n}, prior to combining everything."
)
LISTED = "Here is how to do it now, {n}:\n- boil water\n- add salt\n- cook the pasta\n- drain and serve it"


async def test_a_lean_to_short_answers_is_told_with_its_counts(person: Person) -> None:
    for n in range(14):
        person.did(SHORT.format(n=n), LONG.format(n=n), query="How do I cook pasta?", domain="cooking")
    person.did(LONG.format(n=14), SHORT.format(n=14), query="How do I cook pasta?", domain="cooking")
    await person.folded()
    assert "Answers: prefers short answers (14 of 15 pairs; last in" in person.text


async def test_a_lean_to_long_formal_answers_is_told(person: Person) -> None:
    for n in range(8):
        person.did(LONG.format(n=n), SHORT.format(n=n), query="How do I cook pasta?", domain="cooking")
    await person.folded()
    assert "prefers long, detailed answers" in person.text
    assert "formal" in person.text


async def test_a_lean_to_lists_is_told(person: Person) -> None:
    for n in range(8):
        person.did(LISTED.format(n=n), SHORT.format(n=n) + " Serve it hot at once, please.", domain="cooking")
    assert "prefers answers in lists or steps" in await person.told()


async def test_an_even_split_tells_nothing_of_style(person: Person) -> None:
    for n in range(8):
        pair = (SHORT.format(n=n), LONG.format(n=n))
        person.did(*(pair if n % 2 else pair[::-1]), domain="cooking")
    assert "Answers:" not in await person.told()


async def test_tagged_items_are_not_mistaken_for_answers(person: Person) -> None:
    for n in range(8):
        person.did(
            f"Title: Ode {n}, Genres: Drama, Description: {LONG}",
            f"Title: Ox {n}, Genres: War",
            domain="films",
        )
    assert "Answers:" not in await person.told()
