"""Lines in order, fitted to a budget, rendered as text; and their ids."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from prosona.core.consequence import RANKS
from prosona.core.tokens import count_tokens, is_mostly_cjk
from prosona.core.words import Line

__all__ = [
    "HEADINGS",
    "OLD_DAYS",
    "cost",
    "fit",
    "holds",
    "in_order",
    "new_id",
    "render",
    "rendered",
    "same_words",
    "shown",
    "text_until",
]

HEADINGS = ("Stated by the user:", "用户自述：")
"""What stands over the stated lines, in English and Chinese."""

OLD_DAYS = 365
"""After a year without a word about it a statement is shown with the month of its last day: people move,
marry and change their minds."""

_BULLET = "- "
_ID_LETTERS = "bcdfghjkmnpqrstvwxz"
_ID_SIGNS = "bcdfghjkmnpqrstvwxz23456789"
"""No vowels, so that no id is a word; nothing that is read as something else."""
_ID_LENGTH = 6
"""Room for 19 x 27^5 ids: among a thousand lines of one user, two alike in 1 of 500 draws; taken ids are
drawn again."""
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def new_id(seed: str, taken: Collection[str]) -> str:
    """An id for a line that `seed` tells apart, none of `taken`; the same for the same arguments.

    It begins with a letter, so that it can be told from the number of a line.
    """
    salt = 0
    while True:
        number = int.from_bytes(
            hashlib.sha256(f"{salt}\n{seed}".encode("utf-8", "replace")).digest()[:8], "big"
        )
        number, first = divmod(number, len(_ID_LETTERS))
        signs = [_ID_LETTERS[first]]
        for _ in range(_ID_LENGTH - 1):
            number, sign = divmod(number, len(_ID_SIGNS))
            signs.append(_ID_SIGNS[sign])
        name = "".join(signs)
        if name not in taken:
            return name
        salt += 1


def in_order(lines: Iterable[Line]) -> list[Line]:
    """`lines` as they are read: stated ones first, then by consequence; else in the order given."""
    return sorted(lines, key=lambda line: (line.kind != "stated", RANKS[line.consequence]))


def holds(line: Line, today: date) -> bool:
    """Whether a line has not ended before `today`."""
    return line.until is None or line.until >= today


def fit(lines: Sequence[Line], max_tokens: int, today: date) -> list[Line]:
    """The lines that are worth their room in `max_tokens`, in the order they are read.

    What it would cost not to know comes first: safety, then what the owner stated or wrote, then by
    consequence, then in the order given. A line that does not fit gives way to shorter ones behind it;
    no line is cut.
    """
    standing = [line for line in in_order(lines) if holds(line, today)]
    by_worth = sorted(standing, key=_worth)
    heading = count_tokens(HEADINGS[0]) + 3
    left, kept, headed = max_tokens, set[int](), False
    for line in by_worth:
        price = cost(line, today) + (heading if line.kind == "stated" and not headed else 0)
        if price <= left:
            left -= price
            kept.add(id(line))
            headed = headed or line.kind == "stated"
    return [line for line in standing if id(line) in kept]


def cost(line: Line, today: date) -> int:
    """The tokens that a line takes in the text, its line break and bullet with it."""
    return count_tokens(rendered(line, today)) + 1 + (line.kind == "stated")


def rendered(line: Line, today: date) -> str:
    """A line as it stands in the text: its words, and behind them the evidence, its age or its end."""
    notes = [note for note in (line.evidence, _age(line, today), _end(line)) if note]
    if not notes:
        return line.text
    if is_mostly_cjk(line.text):
        return f"{line.text}（{'；'.join(notes)}）"
    return f"{line.text} ({'; '.join(notes)})"


def render(lines: Sequence[Line], today: date) -> str:
    """The text of `lines`, all that hold, in the order they are read."""
    standing = [line for line in in_order(lines) if holds(line, today)]
    stated = [_BULLET + rendered(line, today) for line in standing if line.kind == "stated"]
    others = "\n".join(rendered(line, today) for line in standing if line.kind != "stated")
    if not stated:
        return others
    heading = HEADINGS[1] if is_mostly_cjk("\n".join([*stated, others])) else HEADINGS[0]
    head = "\n".join([heading, *stated])
    return f"{head}\n\n{others}" if others else head


def shown(lines: Sequence[Line], max_tokens: int | None, today: date) -> list[Line]:
    """The lines that a text of `max_tokens` shows (None: all that hold), in the order they are read."""
    if max_tokens is None:
        return [line for line in in_order(lines) if holds(line, today)]
    return fit(lines, max_tokens, today)


def text_until(lines: Iterable[Line], today: date) -> date | None:
    """The last day on which the text of `lines` reads as it does today; None if it does not change."""
    days = [line.until for line in lines if line.until is not None]
    for line in lines:
        confirmed = _confirmed(line)
        # After a day at the end of the calendar there is no year.
        if confirmed is not None and confirmed <= date.max - timedelta(days=OLD_DAYS):
            days.append(confirmed + timedelta(days=OLD_DAYS))
    return min((day for day in days if day >= today), default=None)


def same_words(one: Sequence[Line], other: Sequence[Line]) -> bool:
    """Whether two profiles say the same: the same lines, whatever their counts and their order."""
    return {_words(line) for line in one} == {_words(line) for line in other}


def _words(line: Line) -> tuple[object, ...]:
    return line.id, line.kind, line.topic, line.text, line.until


def _worth(line: Line) -> tuple[int, int]:
    if line.consequence == "safety":
        return 0, line.kind == "inferred"
    if line.kind != "inferred":
        return 1, line.kind == "owned"
    return 1 + RANKS[line.consequence], 0


def _confirmed(line: Line) -> date | None:
    """The day on which an owner's line was last confirmed; None for inferred ones, which tell their own."""
    if line.kind == "inferred":
        return None
    return line.support.last or (line.since.date() if line.since else None)


def _age(line: Line, today: date) -> str:
    day = _confirmed(line)
    if day is None or line.evidence or (today - day).days <= OLD_DAYS:
        return ""
    if is_mostly_cjk(line.text):
        return f"{day.year}年{day.month}月"
    return f"said in {_MONTHS[day.month - 1]} {day.year}"


def _end(line: Line) -> str:
    if line.until is None:
        return ""
    if is_mostly_cjk(line.text):
        return f"至{line.until.year}年{line.until.month}月{line.until.day}日"
    return f"until {line.until.day} {_MONTHS[line.until.month - 1]} {line.until.year}"
