from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosona.core.until import until_in

WEDNESDAY = date(2026, 3, 4)
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
CHINESE_DAYS = "一二三四五六日"
said_on = st.dates(date(1990, 1, 1), date(8000, 1, 1))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I'm in Rome until 2026-05-01.", date(2026, 5, 1)),
        ("until Friday", date(2026, 3, 6)),
        ("Until FRIDAY I am away", date(2026, 3, 6)),
        ("till next Friday", date(2026, 3, 13)),
        ("through this Friday", date(2026, 3, 6)),
        ("until Tuesday", date(2026, 3, 10)),
        ("until 3 May", date(2026, 5, 3)),
        ("until the 3rd of May", date(2026, 5, 3)),
        ("until May 3rd, 2027", date(2027, 5, 3)),
        ("until 4 March", date(2026, 3, 4)),
        ("until 3 March", date(2027, 3, 3)),
        ("until Sept. 9", date(2026, 9, 9)),
        ("until May", date(2026, 5, 31)),
        ("until the end of March", date(2026, 3, 31)),
        ("until the end of February", date(2027, 2, 28)),
        ("until end of Feb 2028", date(2028, 2, 29)),
        ("until December", date(2026, 12, 31)),
        ("until today", date(2026, 3, 4)),
        ("until tomorrow", date(2026, 3, 5)),
        ("until the end of the week", date(2026, 3, 8)),
        ("until the end of next week", date(2026, 3, 15)),
        ("until the end of the month", date(2026, 3, 31)),
        ("until the end of next month", date(2026, 4, 30)),
        ("until the end of the year", date(2026, 12, 31)),
        ("until the end of next year", date(2027, 12, 31)),
        ("我在巴黎住到5月3日", date(2026, 5, 3)),
        ("直到2027年1月2日为止", date(2027, 1, 2)),
        ("我出差到周五。", date(2026, 3, 6)),
        ("到下周五为止我都吃素", date(2026, 3, 13)),
        ("到星期天", date(2026, 3, 8)),
    ],
)
def test_the_day_is_found_that_a_sentence_gives_itself(text: str, day: date) -> None:
    assert until_in(text, WEDNESDAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I am vegetarian.",
        "until further notice",
        "until maybe later",
        "until decided",
        "until married",
        "until Augusta calls",
        "until 31 June",
        "until 2026-13-01",
        "until 0 May",
        "untilFriday",
        "I go on Friday",
        "我到上海了",
    ],
)
def test_a_sentence_that_names_no_day_or_one_that_no_calendar_has_gives_none(text: str) -> None:
    assert until_in(text, WEDNESDAY) is None


@given(said_on, st.integers(0, 6))
def test_until_a_weekday_is_the_next_such_day(said: date, weekday: int) -> None:
    day = until_in(f"until {DAYS[weekday]}", said)
    assert day == until_in(f"到周{CHINESE_DAYS[weekday]}", said)
    assert day is not None
    assert day.weekday() == weekday
    assert timedelta(days=1) <= day - said <= timedelta(days=7)


@given(said_on, st.integers(0, 6))
def test_until_next_weekday_is_in_the_week_after_this_one(said: date, weekday: int) -> None:
    day = until_in(f"until next {DAYS[weekday]}", said)
    assert day == until_in(f"到下周{CHINESE_DAYS[weekday]}", said)
    this_monday = said - timedelta(days=said.weekday())
    assert day == this_monday + timedelta(days=7 + weekday)


@given(said_on, st.sampled_from(["week", "month", "year"]))
def test_the_end_of_a_span_is_its_last_day(said: date, span: str) -> None:
    this, following = until_in(f"until the end of the {span}", said), until_in(f"until next {span}", said)
    assert this is not None
    assert following is not None
    assert said <= this < following
    following_day = this + timedelta(days=1)
    assert {"week": following_day.weekday() == 0, "month": following_day.day == 1}.get(
        span, (following_day.month, following_day.day) == (1, 1)
    )


@given(st.text() | st.text("until through 0123456789th May 到周下年月日").map("until {}".format), said_on)
def test_any_text_has_a_day_or_none(text: str, said: date) -> None:
    day = until_in(text, said)
    assert day is None or isinstance(day, date)
