"""Conversations as choices: what a user wrote, as an answer to what was said before it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from prosona.evaluation.data.records import Choice


def choices_of_turns(
    turns: Iterable[tuple[str, str]], *, times: Iterable[datetime | None] | None = None
) -> tuple[Choice, ...]:
    """A choice for each turn of the user, the other side's words before it as its query.

    Turns are (role, text). System turns are left out; words after the user's last turn too.
    """
    choices: list[Choice] = []
    heard: list[str] = []
    when = iter(times) if times is not None else None
    for role, text in turns:
        at = next(when, None) if when else None
        if role == "user":
            choices.append(Choice("\n".join(heard), text, None, at, kind="chat"))
            heard = []
        elif role != "system":
            heard.append(text)
    return tuple(choices)
