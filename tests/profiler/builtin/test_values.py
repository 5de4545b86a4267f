"""What was asked heads the values that answer it, in words a person would use."""

from __future__ import annotations

import pytest

from prosona.profiler.builtin.values import parts_of, value_of


@pytest.mark.parametrize(
    ("question", "called"),
    [
        ("Which days of the week do you prefer?", "Days of the week"),
        ("Can you suggest restaurants for dinner tonight?", "Restaurants for dinner tonight"),
        ("How do you like traveling from New York to Los Angeles?", "Traveling from New York to Los Angeles"),
        ("Any actors and directors you like?", "Actors and directors"),
        ("What should I read next for my book club?", "Read next for book club"),
        ("What are fun activities to do this weekend?", "Fun activities weekend"),
        ("Which car suits you?", "Car"),
    ],
)
def test_a_question_is_called_by_its_own_words_and_what_joins_them(question: str, called: str) -> None:
    value = value_of(question, "Something")
    assert value is not None
    assert parts_of(value.key) == (called, "")


def test_a_head_keeps_what_was_asked_as_its_attribute() -> None:
    value = value_of("Car rental: which type of fuel do you prefer?", "gasoline")
    assert value is not None
    assert parts_of(value.key) == ("Car rental", "fuel")
