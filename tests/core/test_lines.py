from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosona.core.consequence import RANKS
from prosona.core.lines import (
    OLD_DAYS,
    cost,
    fit,
    holds,
    in_order,
    new_id,
    render,
    rendered,
    same_words,
    shown,
    text_until,
)
from prosona.core.tokens import count_tokens
from prosona.core.words import Line, Support

TODAY = date(2026, 3, 4)
SINCE = datetime(2026, 1, 2, tzinfo=UTC)

words = st.lists(
    st.sampled_from(["peanuts", "jazz", "a", "12", "long-winded", "茶", "我喜欢", "!"]),
    min_size=1,
    max_size=12,
).map(" ".join)
lines = st.builds(
    Line,
    id=st.uuids().map(str),
    kind=st.sampled_from(["stated", "owned", "inferred"]),
    text=words,
    consequence=st.sampled_from(sorted(RANKS)),
    evidence=st.sampled_from(["", "14 of 15; last in March 2026"]),
    until=st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=2)),
    since=st.none() | st.datetimes(datetime(2024, 1, 1), datetime(2026, 3, 1), timezones=st.just(UTC)),
)
profiles = st.lists(lines, max_size=12)
budgets = st.integers(0, 200)


def line(text: str, **fields: Any) -> Line:  # noqa: ANN401
    return Line(id=fields.pop("id", text[:6]), text=text, **fields)


def stated(text: str, **fields: Any) -> Line:  # noqa: ANN401
    return line(text, kind="stated", **{"since": SINCE, **fields})


ALLERGY = stated("I am allergic to peanuts.", consequence="safety")
NAME = stated("Call me Ana.", consequence="person")
DRIFT = line("Lately more jazz than rock", consequence="taste")
EXAMPLE = line("Chose Kind of Blue", consequence="example")
INFERRED_ALLERGY = line("Avoids peanuts for health", consequence="safety")


def test_stated_lines_are_read_first_then_what_matters_most_then_as_given() -> None:
    owned = line("Reads on trains", kind="owned", consequence="fact")
    assert in_order([EXAMPLE, DRIFT, owned, NAME, INFERRED_ALLERGY, ALLERGY]) == [
        ALLERGY,
        NAME,
        INFERRED_ALLERGY,
        owned,
        DRIFT,
        EXAMPLE,
    ]
    again = line("Another taste", consequence="taste")
    assert in_order([again, DRIFT]) == [again, DRIFT]
    assert in_order([DRIFT, again]) == [DRIFT, again]


@pytest.mark.parametrize("health", [ALLERGY, INFERRED_ALLERGY])
def test_an_allergy_is_not_cut_for_what_was_heard_lately(health: Line) -> None:
    many = [line(f"Lately more of taste number {n} than of others", id=f"t{n}") for n in range(30)]
    for profile in ([*many, health], [health, *many], [NAME, *many, health]):
        assert health in fit(profile, 120, TODAY)
        assert health in fit(profile, cost(health, TODAY) + 10, TODAY)
        assert "peanuts" in render(fit(profile, 40, TODAY), TODAY)


def test_what_the_owner_said_is_not_cut_for_what_was_inferred_unless_it_is_of_health() -> None:
    owned = line("Reads on trains", kind="owned", consequence="example")
    budget = cost(NAME, TODAY) + cost(owned, TODAY) + 8
    assert set(fit([DRIFT, EXAMPLE, NAME, owned], budget, TODAY)) == {NAME, owned}
    assert fit([NAME, owned, INFERRED_ALLERGY], cost(INFERRED_ALLERGY, TODAY), TODAY) == [INFERRED_ALLERGY]


def test_a_line_too_long_for_the_room_gives_way_to_a_shorter_one() -> None:
    long = line("word " * 80, id="long", consequence="fact")
    assert fit([long, DRIFT], 20, TODAY) == [DRIFT]


@given(profiles, budgets)
def test_the_text_of_what_fits_is_within_the_budget(profile: list[Line], budget: int) -> None:
    assert count_tokens(render(fit(profile, budget, TODAY), TODAY)) <= budget


@given(profiles, budgets)
def test_what_is_left_out_would_not_fit_in_the_place_of_all_that_is_worth_less(
    profile: list[Line], budget: int
) -> None:
    kept = fit(profile, budget, TODAY)
    for left in profile:
        if left in kept or not holds(left, TODAY) or left.consequence != "safety":
            continue
        others = [one for one in kept if one.consequence == "safety"]
        assert count_tokens(render([*others, left], TODAY)) + 3 > budget


@given(profiles, budgets)
def test_what_fits_keeps_its_order_and_nothing_that_has_ended(profile: list[Line], budget: int) -> None:
    kept = fit(profile, budget, TODAY)
    assert kept == [one for one in in_order(profile) if one in kept]
    assert all(holds(one, TODAY) for one in kept)
    assert shown(profile, budget, TODAY) == kept
    assert shown(profile, None, TODAY) == [one for one in in_order(profile) if holds(one, TODAY)]


@given(profiles)
def test_with_room_enough_all_is_shown(profile: list[Line]) -> None:
    assert fit(profile, 10_000, TODAY) == shown(profile, None, TODAY)


def test_a_profile_reads_as_statements_then_the_rest() -> None:
    assert render([DRIFT, NAME, ALLERGY], TODAY) == (
        "Stated by the user:\n- I am allergic to peanuts.\n- Call me Ana.\n\nLately more jazz than rock"
    )
    assert render([ALLERGY], TODAY) == "Stated by the user:\n- I am allergic to peanuts."
    assert render([DRIFT], TODAY) == "Lately more jazz than rock"
    assert render([], TODAY) == ""


def test_a_chinese_profile_reads_as_one() -> None:
    profile = [
        line("喜欢科幻片", evidence="15次中14次"),
        stated("我对花生过敏。", consequence="safety"),
        stated("我在巴黎。", until=date(2026, 5, 3)),
    ]
    assert render(profile, TODAY) == (
        "用户自述：\n- 我对花生过敏。\n- 我在巴黎。（至2026年5月3日）\n\n喜欢科幻片（15次中14次）"
    )
    assert (
        rendered(stated("我喜欢茶。", support=Support(last=date(2024, 5, 1))), TODAY)
        == "我喜欢茶。（2024年5月）"
    )


def test_evidence_age_and_end_stand_behind_a_line() -> None:
    assert rendered(line("Likes jazz", evidence="3 of 4"), TODAY) == "Likes jazz (3 of 4)"
    assert rendered(stated("In Rome", until=date(2026, 5, 3)), TODAY) == "In Rome (until 3 May 2026)"
    both = stated("In Rome", until=date(2026, 5, 3), since=datetime(2024, 11, 2, tzinfo=UTC))
    assert rendered(both, TODAY) == "In Rome (said in November 2024; until 3 May 2026)"


def test_a_statement_that_nobody_confirmed_for_a_year_shows_its_month() -> None:
    last = TODAY - timedelta(days=OLD_DAYS)
    young = stated("I live in Lyon.", since=datetime(2020, 1, 1, tzinfo=UTC), support=Support(last=last))
    assert rendered(young, TODAY) == "I live in Lyon."
    assert rendered(young, TODAY + timedelta(days=1)) == "I live in Lyon. (said in March 2025)"
    inferred = young.model_copy(update={"kind": "inferred"})
    assert rendered(inferred, TODAY + timedelta(days=999)) == "I live in Lyon."


def test_a_line_holds_through_its_last_day() -> None:
    one = stated("In Rome", until=TODAY)
    assert holds(one, TODAY)
    assert "Rome" in render([one], TODAY)
    assert not holds(one, TODAY + timedelta(days=1))
    assert render([one], TODAY + timedelta(days=1)) == ""
    assert holds(DRIFT, date.max)


@given(profiles, st.integers(0, 800))
def test_until_the_day_that_is_told_the_text_reads_the_same(profile: list[Line], ahead: int) -> None:
    last = text_until(profile, TODAY)
    day = TODAY + timedelta(days=ahead)
    assert last is None or last >= TODAY
    if last is None or day <= last:
        assert render(profile, day) == render(profile, TODAY)


@given(st.text(), st.sets(st.text("bcdfg23456", min_size=6, max_size=6), max_size=3))
def test_an_id_is_short_and_begins_with_a_letter_and_is_no_word(seed: str, taken: set[str]) -> None:
    name = new_id(seed, taken)
    assert re.fullmatch(r"[b-df-hj-np-tv-xz][b-df-hj-np-tv-xz2-9]{5}", name)
    assert name not in taken
    assert new_id(seed, taken) == name
    assert new_id(seed, {*taken, name}) not in {*taken, name}


def test_a_thousand_lines_get_a_thousand_ids() -> None:
    taken = set[str]()
    for number in range(1_000):
        taken.add(new_id(f"line {number}", taken))
    assert len(taken) == 1_000


def test_an_id_is_made_of_any_text() -> None:
    assert new_id("\ud800", ()) != new_id("", ())


def test_counts_and_order_make_no_other_profile_and_words_do() -> None:
    counted = DRIFT.model_copy(update={"support": Support(times=9), "evidence": "9 of 9"})
    assert same_words([DRIFT, NAME], [NAME, counted])
    for change in ({"text": "x"}, {"topic": "x"}, {"until": TODAY}, {"kind": "owned"}, {"id": "x"}):
        assert not same_words([DRIFT], [DRIFT.model_copy(update=change)])
    assert not same_words([DRIFT], [DRIFT, NAME])
    assert not same_words([], [NAME])
