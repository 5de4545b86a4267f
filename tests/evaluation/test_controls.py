from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from prosona.core.tokens import count_tokens
from prosona.evaluation.controls import last_tokens, longer, others, popularity, text_alone
from prosona.evaluation.data import Benchmark, Choice, Person, Target
from prosona.evaluation.statistics import accuracy

NOBODY = Person("nobody", (Choice("", "x", None),))


@settings(deadline=None)
@given(st.integers(2, 40), st.integers(1, 4))
def test_nobody_is_their_own_control_and_everybody_serves_as_often(size: int, count: int) -> None:
    chosen = others([NOBODY] * size, count)
    assert all(index not in row for index, row in enumerate(chosen))
    assert {len(row) for row in chosen} == {min(count, size - 1)}
    served = [index for row in chosen for index in row]
    assert {served.count(index) for index in range(size)} == {min(count, size - 1)}


def test_one_person_alone_has_no_control() -> None:
    assert others([NOBODY], 3) == [[]]


@settings(deadline=None)
@given(st.lists(st.text("ab ", min_size=1, max_size=40), max_size=12), st.integers(1, 60))
def test_the_raw_tail_is_the_newest_part_that_fits(texts: list[str], budget: int) -> None:
    history = [Choice("", text, None) for text in texts]
    tail = last_tokens(history, budget)
    cost = [count_tokens(text) for text in texts]
    kept = len(tail)
    assert list(tail) == history[len(history) - kept :]
    assert sum(cost[len(cost) - kept :]) <= budget
    assert kept == len(history) or sum(cost[len(cost) - kept - 1 :]) > budget


def test_longer_takes_the_longer_text() -> None:
    assert [longer(Target("", *pair)) for pair in (("long", "x"), ("x", "long"), ("ab", "cd"))] == [1, 0, 0.5]


def test_popularity_counts_other_people_only() -> None:
    def person(name: str, chosen: str) -> Person:
        return Person(name, (Choice("", chosen, None),), (Target("", "hit", "flop"),))

    people = (person("ana", "hit"), person("ben", "hit"), person("cy", "flop"))
    earned = popularity(Benchmark("s", "selection", people))
    assert earned == {"ana": [0.5], "ben": [0.5], "cy": [1.0]}


def test_text_alone_finds_a_shortcut_that_all_people_share_and_none_where_there_is_none() -> None:
    def person(number: int, same: bool) -> Person:
        good, bad = ("bright", "dull") if same or number % 2 == 0 else ("dull", "bright")
        history = tuple(Choice("", f"{good} {n}x", f"{bad} {n}x") for n in range(5))
        return Person(str(number), history, (Target("", f"{good} thing", f"{bad} thing"),))

    shared = Benchmark("s", "selection", tuple(person(n, True) for n in range(10)))
    split = Benchmark("s", "selection", tuple(person(n, False) for n in range(20)))
    assert accuracy(text_alone(shared)).value == 100
    assert accuracy(text_alone(split)).value <= 50
