from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosona.profiler.builtin.names import short_name, short_title, turns_the_sense


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The Lord of the Rings", "The Lord of the Rings"),
        ("A Day Without Rain", "A Day Without Rain"),
        ("Live Without Regret", "Live Without Regret"),
        ("Try a Little Tenderness", "Try a Little Tenderness"),
        ("There is a light that never goes out", "There is a light that never goes out"),
        ("Fashion chains like Zara and H&M", "Fashion chains like Zara and H&M"),
        ("I like Ike", "I like Ike"),
        ("A bustling city might be exciting", "A bustling city might be exciting"),
        (
            "A charming boutique hotel located in a historic building near to the old town of the city",
            "A charming boutique hotel located in a historic building…",
        ),
        ("一家安静的书店", "一家安静的书店"),
        ("...", None),
        ("", None),
    ],
)
def test_a_thing_is_called_by_its_own_words(text: str, name: str | None) -> None:
    assert short_name(text) == name


def test_a_title_stands_as_written() -> None:
    assert short_title("Why the next station might be smaller") == "Why the next station might be smaller"
    assert short_title("Mamma Mia! (2008)") == "Mamma Mia! (2008)"
    assert short_title("How about You") == "How about You"


@given(st.text(max_size=600))
def test_a_name_is_short_and_one_line_whatever_the_text(text: str) -> None:
    name = short_name(text)
    assert name is None or (name.strip() and "\n" not in name and len(name.split()) <= 20)


@pytest.mark.parametrize("name", ["No Country", "Love Actually", "I don't know", "Dr. Who? The", "Kill: Vol"])
def test_names_that_could_turn_what_follows_are_known(name: str) -> None:
    assert turns_the_sense(name)


@pytest.mark.parametrize("name", ["Blue Hills", "The Matrix (1999)", "Notting Hill", "Clover"])
def test_plain_names_turn_nothing(name: str) -> None:
    assert not turns_the_sense(name)
