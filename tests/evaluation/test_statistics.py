from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosona.evaluation.statistics import accuracy, auc, average, difference

CREDITS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2),
    st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=5),
    min_size=1,
    max_size=8,
)


def test_accuracy_is_the_share_over_choices_not_over_users() -> None:
    estimate = accuracy({"ana": [1, 1, 1], "ben": [0]})
    assert (estimate.value, estimate.n) == (75, 4)


def test_the_interval_comes_from_users_so_that_more_choices_of_the_same_users_do_not_narrow_it() -> None:
    few = {f"u{n}": [float(n % 2)] for n in range(20)}
    many = {user: credits * 50 for user, credits in few.items()}
    assert accuracy(few).low == accuracy(many).low
    assert accuracy(few).high == accuracy(many).high


def test_the_interval_of_many_users_is_as_wide_as_theory_says() -> None:
    estimate = accuracy({f"u{n}": [float(n % 2)] for n in range(1000)})
    assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * 100 * math.sqrt(0.25 / 1000), rel=0.1)


def test_a_paired_difference_is_sharper_than_the_two_accuracies() -> None:
    ours = {f"u{n}": [float(n % 2), 1.0] for n in range(40)}
    theirs = {f"u{n}": [float(n % 2), 0.0] for n in range(40)}
    estimate = difference(ours, theirs)
    assert (estimate.value, estimate.low, estimate.high) == (50, 50, 50)
    assert accuracy(ours).high - accuracy(ours).low > 5


def test_a_difference_leaves_out_users_that_one_side_does_not_have() -> None:
    assert difference({"ana": [1.0], "ben": [0.0]}, {"ana": [0.0], "cy": [1.0]}).value == 100


def test_nothing_to_compare_is_no_number() -> None:
    estimate = difference({"ana": [1.0]}, {"ben": [1.0]})
    assert math.isnan(estimate.value)
    assert estimate.n == 0


def test_an_average_weighs_every_set_the_same() -> None:
    large = {f"u{n}": [1.0] for n in range(99)}
    assert average([(large, None), ({"ana": [0.0]}, None)]).value == 50
    assert average([(large, large), ({"ana": [1.0]}, {"ana": [0.0]})]).value == 50


@settings(deadline=None)
@given(CREDITS)
def test_the_value_lies_within_its_interval_and_both_within_percent(credits: dict[str, list[float]]) -> None:
    estimate = accuracy(credits)
    assert 0 <= estimate.low <= estimate.high <= 100
    if len(credits) == 1:
        assert estimate.low == pytest.approx(estimate.value)


@settings(deadline=None)
@given(CREDITS)
def test_the_same_seed_gives_the_same_interval(credits: dict[str, list[float]]) -> None:
    assert accuracy(credits, seed=7) == accuracy(credits, seed=7)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=30))
def test_auc_is_the_share_of_ordered_pairs_with_ties_half(cases: list[tuple[int, bool]]) -> None:
    area = auc([margin for margin, _ in cases], [right for _, right in cases])
    right = [margin for margin, is_right in cases if is_right]
    wrong = [margin for margin, is_right in cases if not is_right]
    if not right or not wrong:
        assert area is None
        return
    pairs = [(a > b) + (a == b) / 2 for a in right for b in wrong]
    assert area == pytest.approx(sum(pairs) / len(pairs))
