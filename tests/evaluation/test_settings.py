from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosona.evaluation.data import Benchmark, Choice, DataError, Person, Target, Task
from prosona.evaluation.settings import Setting, folds, mixed, seen, transferred, without_rejected

TARGETS = (Target("", "c", "d"),)


def choices(name: str, count: int) -> tuple[Choice, ...]:
    return tuple(Choice("", f"{name}{number}", "x") for number in range(count))


def portions(setting: Setting, task: Task, count: int, step: int = 8) -> list[list[str | None]]:
    made = folds(choices("i", count), setting, task, step)
    return [[choice.chosen for choice in part] for part in made]


def test_incremental_folds_everything_a_step_at_a_time() -> None:
    assert [len(part) for part in portions("incremental", "recommendation", 20)] == [8, 8, 4]


def test_recommendation_sets_hold_out_the_last_third() -> None:
    assert portions("full", "recommendation", 9) == [[f"i{n}" for n in range(6)]]
    assert portions("streaming", "recommendation", 9) == [["i0", "i1", "i2"], ["i3", "i4", "i5"]]


def test_other_sets_use_the_whole_history_in_one_fold_or_in_two_halves() -> None:
    assert portions("full", "selection", 5) == [["i0", "i1", "i2", "i3", "i4"]]
    assert portions("streaming", "selection", 5) == [["i0", "i1"], ["i2", "i3", "i4"]]


def test_a_single_choice_is_one_fold_in_every_other_setting() -> None:
    assert portions("streaming", "selection", 1) == portions("full", "selection", 1) == [["i0"]]


def test_direct_sees_what_full_would_fold() -> None:
    assert [c.chosen for c in seen(choices("i", 9), "direct", "recommendation")] == [
        f"i{n}" for n in range(6)
    ]


def test_no_negatives_takes_out_all_that_was_rejected_and_those_left_with_nothing() -> None:
    people = (
        Person("ana", (Choice("", "a", "b"), Choice("", None, "c")), TARGETS),
        Person("ben", (Choice("", None, "c"),), TARGETS),
    )
    changed = without_rejected(Benchmark("s", "selection", people))
    assert [p.user_id for p in changed.people] == ["ana"]
    assert changed.people[0].history == (Choice("", "a", None),)
    assert changed.people[0].targets == TARGETS


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40))
def test_mixed_histories_keep_everything_in_its_order_and_spread_evenly(left: int, right: int) -> None:
    first = Benchmark("a", "selection", (Person("ana", choices("a", left), TARGETS),))
    second = Benchmark("b", "selection", (Person("ben", choices("b", right), ()),))
    one, other = mixed(first, second)
    history = [choice.chosen or "" for choice in one.people[0].history]
    assert [text for text in history if text[0] == "a"] == [f"a{n}" for n in range(left)]
    assert [text for text in history if text[0] == "b"] == [f"b{n}" for n in range(right)]
    assert one.people[0].history == other.people[0].history
    assert (one.people[0].targets, other.people[0].targets) == (TARGETS, ())
    half = history[: len(history) // 2]
    assert abs(sum(text[0] == "a" for text in half) - left / 2) <= 1


def test_transfer_takes_the_histories_of_one_set_and_the_targets_of_the_same_users_in_another() -> None:
    talk = Benchmark(
        "talk", "selection", (Person("ana", choices("t", 3), ()), Person("cy", choices("t", 2), ()))
    )
    shop = Benchmark(
        "shop",
        "recommendation",
        (Person("ana", choices("s", 3), TARGETS), Person("ben", choices("s", 1), TARGETS)),
    )
    (person,) = transferred(talk, shop).people
    assert (person.user_id, person.history, person.targets) == ("ana", choices("t", 3), TARGETS)


def test_sets_without_a_common_user_cannot_be_transferred() -> None:
    one = Benchmark("one", "selection", (Person("ana", choices("t", 3), TARGETS),))
    two = Benchmark("two", "selection", (Person("ben", choices("t", 3), TARGETS),))
    with pytest.raises(DataError, match="no user in common"):
        transferred(one, two)
