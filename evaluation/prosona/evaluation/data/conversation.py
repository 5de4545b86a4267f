"""Conversations as choices: what a user wrote, as an answer to what was said before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prosona.core.words import Origin
from prosona.evaluation.data.lines import Row, at_line, json_rows, optional_text, rows_of, text_of, time_of
from prosona.evaluation.data.records import Choice, DataError

__all__ = ["Conversation", "Turn", "choices_of_turns", "load_conversations", "turn_of"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said. `role` is "user" for the user, "system", or any name for the other side."""

    role: str
    text: str
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A user's turns with somebody else, and the preferences that are known to lie in them."""

    user_id: str
    turns: tuple[Turn, ...]
    preferences: tuple[str, ...]


def choices_of_turns(turns: Iterable[Turn], *, other_side: Origin | None = None) -> tuple[Choice, ...]:
    """A choice for each turn of the user, the other side's words before it as its query.

    System turns are left out. With `other_side` the other side's turns become choices too, vouched for
    by that origin, as where an agent observes all it hears.
    """
    choices: list[Choice] = []
    heard: list[str] = []
    for turn in turns:
        if turn.role == "user":
            choices.append(Choice("\n".join(heard), turn.text, None, turn.said_at, kind="chat"))
            heard = []
        elif turn.role != "system":
            heard.append(turn.text)
            if other_side:
                choices.append(Choice("", turn.text, None, turn.said_at, kind="chat", origin=other_side))
    return tuple(choices)


def turn_of(row: Row) -> Turn:
    """A turn from an object with `role`, `content` and perhaps `timestamp`."""
    return Turn(text_of(row, "role"), text_of(row, "content"), time_of(row, "timestamp"))


def load_conversations(path: Path) -> list[Conversation]:
    """The conversations of a file: ``{"user_id", "turns", "questions": [{"evidence_preference"?}...]}``."""
    found = [at_line(path, number, _conversation, row) for number, row in json_rows(path)]
    if not found:
        raise DataError(f"{path}: holds no line")
    return found


def _conversation(row: Row) -> Conversation:
    turns = tuple(turn_of(turn) for turn in rows_of(row, "turns") if optional_text(turn, "content"))
    questions = rows_of(row, "questions") if "questions" in row else []
    stated = (optional_text(question, "evidence_preference") for question in questions)
    return Conversation(text_of(row, "user_id"), turns, tuple(dict.fromkeys(text for text in stated if text)))
