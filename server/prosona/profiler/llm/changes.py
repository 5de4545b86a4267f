"""The form for any model that was not trained to fold: numbered items in, a row for each item out.

Made for models down to a billion parameters on a CPU: nothing has to be repeated, each row names the item that it
rests on, and what the learned reader is sure is nobody's fact is not even shown. So lines keep their ids and their
evidence whatever the model is like, and a row that names nothing it was shown is no line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from prosona.core.errors import OutputRejectedError
from prosona.core.lines import holds
from prosona.core.tokens import CJK
from prosona.core.words import MAX_LINE, Line, RecordedInteraction
from prosona.profiler._reading import words_of
from prosona.profiler.alignment import restates
from prosona.profiler.llm.items import Item, items_in, items_of, one_line
from prosona.profiler.llm.output import Completion, answer_of
from prosona.profiler.llm.prompt import Message
from prosona.profiler.seam import FoldRequest

__all__ = ["ChangesForm"]

_TEMPLATE = Path(__file__).parent / "templates" / "changes.jinja"

_MOST_TAKEN_OUT = 20
_MOST_GONE = 2
"""One line in so many may go in one fold: a model that strikes out more has lost its way."""

_OF_ANY = frozenset(
    words_of("user answer answers reply replies response want wants need needs prefer prefers")
)
"""Content words that a line may have beside those of its item. With any other a model has made something up, or taken
one item for another; the user's own words are told then, or nothing."""
_MOST_OF = 0.5
"""Share of what a sentence holds that its line must still hold."""
_PIECE = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")
_THINKING, _ROW_TOKENS = 1_024, 96
"""Tokens of an answer: for thinking, which small models do not do, and for a row of the longest kind."""
_GENDERED = re.compile(r"\b(?:he|she|his|her|him)\b", re.IGNORECASE)
"""What nobody told a model of its user."""

_ROW = re.compile(
    r"^[\s>*•#\[(-]*(?:item\s*)?(?P<item>\d{1,3})[\])]?\s*[.)]?\s*"
    r"(?:(?:->|=>|replaces|=|,|~)?\s*\[?(?P<line>L\d{1,3})\]?)?\s*[:.：-]\s*(?P<text>.*?)\s*$",
    re.IGNORECASE,
)
_NONE = re.compile(r"(?:none|nothing|n/?a|no|无|没有|-+)\W*", re.IGNORECASE)
_ECHO = re.compile(r"^\d{4}-\d\d-\d\d[^:\"“]{0,60}[:\"“]\s*\"?")
"""An item that is copied as it was shown, day and all."""
_GONE = re.compile(r"(?:gone|removed?|delete[d]?|no longer|删除|已失效)\W*", re.IGNORECASE)
_MARKS = re.compile(r"^(?:L\d{1,3}\s*[:.]\s*|\*\*|[\"“])|(?:\*\*|[\"”])$")
_WHITE = re.compile(r"\s+")


class ChangesForm:
    """Changes to the lines, a row for each item. `name` stands as the writer of new lines."""

    def __init__(self, *, name: str) -> None:
        environment = Environment(
            autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
        self._name = name

    @property
    def greedy(self) -> bool:
        """True: small models invent more the freer they are."""
        return True

    def longest_answer(self, request: FoldRequest) -> int | None:
        """A row for each item, and room for a model that thinks before it answers."""
        return _THINKING + sum(_ROW_TOKENS for _ in items_in(request))

    def worth_asking(self, interactions: Sequence[RecordedInteraction]) -> list[RecordedInteraction]:
        """Choices, and of what was said that which may hold something lasting."""
        return [each for each in interactions if next(items_of(each), None) is not None]

    def messages(self, request: FoldRequest) -> list[Message]:
        """Rules and examples, which are the same in each fold, and then the lines and the items."""
        today = request.now.date()
        values = {
            "lines": [one_line(line.text) for line in request.inferred],
            "own": [one_line(line.text) for line in request.own if holds(line, today)],
            "taken_out": [one_line(e.text) for e in request.edits if e.text.strip()][-_MOST_TAKEN_OUT:],
            "items": [item.text for item in items_in(request)],
            "max_tokens": request.max_tokens,
        }
        context = self._template.new_context(values)
        blocks = self._template.blocks
        return [
            {"role": "system", "content": "".join(blocks["system"](context)).strip()},
            {"role": "user", "content": "".join(blocks["user"](context)).strip()},
        ]

    def lines(self, completion: Completion, request: FoldRequest) -> list[Line]:
        """The past lines with the changes in them; new ones in front, in the order of their items."""
        items = list(items_in(request))
        rows = _placed(list(_rows(answer_of(completion))), items)
        if not rows and not any(item.sure for item in items):
            raise OutputRejectedError(["it holds no row that names an item"])
        past = list(request.inferred)
        changed: dict[int, Line | None] = {}
        fresh: list[Line] = []
        for number, item in enumerate(items, 1):
            row = rows.get(number)
            place = _place_of(row, item, past)
            if row is not None and row.gone and place is not None:
                # The only line gives way to word that it is over: a profile is never emptied on a model's word.
                over = item.line(f"“{item.own}”", self._name)
                changed[place] = None if len(past) > 1 else _in_place_of(past[place], over)
                continue
            text = _told(row, item)
            if not text:
                continue
            line = item.line(text, self._name)
            place = _same_slot(line, item, past) if place is None else place
            if place is None or changed.get(place, past[place]) is None:
                fresh.append(line)
            else:
                changed[place] = _in_place_of(past[place], line)
        if sum(line is None for line in changed.values()) * _MOST_GONE > max(len(past), _MOST_GONE):
            changed = {place: line for place, line in changed.items() if line is not None}
        now = [changed.get(place, old) for place, old in enumerate(past)]
        standing = [line for line in now if line is not None]
        return [*_without_doubles(fresh, standing), *standing]


def _placed(rows: Sequence[_Row], items: Sequence[Item]) -> dict[int, _Row]:
    """Rows by the item that they are of: small models count badly, so a line that says nothing of its item is of the
    only one that it says something of."""
    found: dict[int, _Row] = {}
    for row in rows:
        of = [number for number, item in enumerate(items, 1) if _is_faithful(row.text, item)]
        number = row.item if row.item in of or not row.text or len(of) != 1 else of[0]
        if 1 <= number <= len(items) and (number not in found or not found[number].text):
            found[number] = row
    return found


def _place_of(row: _Row | None, item: Item, past: Sequence[Line]) -> int | None:
    """The past line that a row names, if the item speaks of it at all."""
    if row is None or row.line is None or not 1 <= row.line <= len(past):
        return None
    return row.line - 1 if words_of(past[row.line - 1].text) & words_of(item.own) else None


def _same_slot(line: Line, item: Item, past: Sequence[Line]) -> int | None:
    """The past line on that of which a person has only one, such as a home, if it is not newer."""
    for place, old in enumerate(past):
        if set(line.facts) & set(old.facts) and (old.support.last is None or old.support.last <= item.day):
            return place
    return None


def _in_place_of(old: Line, line: Line) -> Line:
    return line.model_copy(update={"id": old.id, "topic": old.topic, "since": old.since})


def _told(row: _Row | None, item: Item) -> str:
    """The line of an item: the model's, if it says what the item says; the user's own words where it wanted to keep
    them and garbled them, or where the reader is sure without it; empty for none."""
    if row is not None and _is_faithful(row.text, item):
        return row.text if not item.said or _is_whole(row.text, item.own) else f"“{item.own}”"
    return item.quoted


def _is_whole(text: str, own: str) -> bool:
    """Whether a line says things in the order in which they were said, and most of them: small models turn a sentence
    into another one of the same words, or break a piece out of it."""
    said = _PIECE.findall(own.casefold())
    there = set(said)
    ours = [piece for piece in _PIECE.findall(text.casefold()) if piece in there]
    left = iter(said)
    in_order = all(piece in left for piece in ours)
    told = words_of(text) & words_of(own)
    return in_order and len(told) >= _MOST_OF * len(words_of(own))


def _is_faithful(text: str, item: Item) -> bool:
    """Whether a line says of its item what the item says: its content words are the item's."""
    if not text:
        return False
    ours, theirs = words_of(text), words_of(item.own)
    if not ours or (_GENDERED.search(text) and not _GENDERED.search(item.own)):
        return False
    return bool(ours & theirs) and ours <= theirs | _OF_ANY


def _without_doubles(fresh: Sequence[Line], standing: Sequence[Line]) -> list[Line]:
    told: list[Line] = []
    for line in fresh:
        if not any(restates(line.text, other.text) for other in [*standing, *told]):
            told.append(line)
    return told


# --- rows ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    item: int
    line: int | None
    text: str
    gone: bool


def _rows(answer: str) -> Iterator[_Row]:
    """What the answer says of its items; anything else in it, such as a preface, is passed by."""
    for written in answer.splitlines():
        match = _ROW.match(written)
        if match is None:
            continue
        text = _ECHO.sub("", _WHITE.sub(" ", match["text"]).strip())
        text = _MARKS.sub("", _MARKS.sub("", text)).strip()
        line = int(match["line"][1:]) if match["line"] else None
        if _GONE.fullmatch(text):
            yield _Row(int(match["item"]), line, "", gone=True)
        elif not text or _NONE.fullmatch(text) or len(text) > MAX_LINE:
            yield _Row(int(match["item"]), None, "", gone=False)
        else:
            yield _Row(int(match["item"]), line, text, gone=False)
