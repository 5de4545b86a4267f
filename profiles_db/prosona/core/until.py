"""The day until which a statement holds, where it says so itself."""

from __future__ import annotations

import re
from datetime import date, timedelta

__all__ = ["until_in"]

_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_CHINESE_DAYS = "一二三四五六日"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
# Whole words: "until maybe", "until married" and "until decided" name no month.
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:,? (?P<year>20\d\d))?"

_UNTIL = r"\b(?:until|till|through)(?: the)?(?: end of)?(?: the)? "
_ISO = re.compile(rf"{_UNTIL}(?P<iso>20\d\d-\d\d-\d\d)\b", re.IGNORECASE)
_WEEKDAY = re.compile(rf"{_UNTIL}(?P<next>next |this )?(?P<day>{'|'.join(_DAYS)})\b", re.IGNORECASE)
_DAY_MONTH = re.compile(
    rf"{_UNTIL}(?P<number>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}{_YEAR}", re.IGNORECASE
)
_MONTH_DAY = re.compile(rf"{_UNTIL}{_MONTH} (?P<number>\d{{1,2}})(?:st|nd|rd|th)?\b{_YEAR}", re.IGNORECASE)
_WHOLE_MONTH = re.compile(rf"{_UNTIL}{_MONTH}{_YEAR}", re.IGNORECASE)
_NAMED = re.compile(
    rf"{_UNTIL}(?P<named>today|tonight|tomorrow|(?:next )?(?:week|month|year))\b", re.IGNORECASE
)
_CHINESE = re.compile(
    r"(?:到|直到)(?:(?P<year>20\d\d)年)?(?:(?P<month>\d{1,2})月(?P<number>\d{1,2})[日号]"
    r"|(?P<week>下?)(?:周|星期|礼拜)(?P<day>[一二三四五六日天]))(?:为止|之前|前|$|[，。,. ])"
)


def until_in(text: str, said: date) -> date | None:
    """The last day that `text`, said on `said`, gives itself: "until Friday", "till 3 May", 到5月3日为止.

    None if it names no day, or one that no calendar has.
    """
    try:
        return _found(text, said)
    except (ValueError, OverflowError):
        return None


def _found(text: str, said: date) -> date | None:
    if match := _ISO.search(text):
        return date.fromisoformat(match["iso"])
    if match := _WEEKDAY.search(text):
        return _weekday(_DAYS.index(match["day"].lower()), said, later=match["next"] == "next ")
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        if match := pattern.search(text):
            return _dated(match["year"], _month(match["month"]), int(match["number"]), said)
    if match := _WHOLE_MONTH.search(text):
        first = _dated(match["year"], _month(match["month"]), 1, said.replace(day=1))
        return _month_end(first)
    if match := _NAMED.search(text):
        return _named(match["named"].lower(), said)
    if match := _CHINESE.search(text):
        if match["day"]:
            day = _CHINESE_DAYS.index(match["day"].replace("天", "日"))
            return _weekday(day, said, later=bool(match["week"]))
        return _dated(match["year"], int(match["month"]), int(match["number"]), said)
    return None


def _weekday(day: int, said: date, *, later: bool) -> date:
    # Said on a Friday, "until Friday" means the one that comes.
    ahead = (day - said.weekday() - 1) % 7 + 1
    return said + timedelta(days=ahead + (7 if later and ahead <= 7 - said.weekday() - 1 else 0))


def _month(name: str) -> int:
    return _MONTHS.index(name.lower()[:3]) + 1


def _dated(year: str | None, month: int, day: int, said: date) -> date:
    if year:
        return date(int(year), month, day)
    this_year = date(said.year, month, day)
    return this_year if this_year >= said else date(said.year + 1, month, day)


def _month_end(first: date) -> date:
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return following - timedelta(days=1)


def _named(name: str, said: date) -> date:
    match name:
        case "today" | "tonight":
            return said
        case "tomorrow":
            return said + timedelta(days=1)
        case "week":
            return said + timedelta(days=6 - said.weekday())
        case "next week":
            return said + timedelta(days=13 - said.weekday())
        case "month":
            return _month_end(said.replace(day=1))
        case "next month":
            return _month_end(_month_end(said.replace(day=1)) + timedelta(days=1))
        case "year":
            return date(said.year, 12, 31)
        case _:
            return date(said.year + 1, 12, 31)
