"""PersonaMem v1 (`questions_*.csv`, `shared_contexts_*.jsonl`) and v2 (`benchmark.csv`).

The conversation before a question is the history: what the user wrote is chosen, what the assistant
had said before it is the query. The target sets the right answer against one drawn from the wrong
ones. In v2 the history is the snippet that a question rests on, as in the published protocol.
"""

from __future__ import annotations

import ast
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from prosona.evaluation.data.conversation import choices_of_turns, turn_of
from prosona.evaluation.data.lines import Row, at_line, csv_rows, json_rows, rows_of, text_of, texts_of
from prosona.evaluation.data.records import Person, Target

__all__ = ["people", "people_v2"]

_OPTION = re.compile(r"^\s*\(?([a-z])\)[.:]?\s*", re.IGNORECASE)
_V1 = (
    "persona_id",
    "user_question_or_message",
    "correct_answer",
    "all_options",
    "shared_context_id",
    "end_index_in_shared_context",
)
_V2 = ("persona_id", "user_query", "correct_answer", "incorrect_answers", "related_conversation_snippet")


def people(paths: Sequence[Path], seed: int) -> Iterator[Person]:
    """Version 1: one person a question. Raises `DataError` with the line that is wrong."""
    questions_path, contexts_path = paths
    contexts: dict[str, object] = {}
    for _, row in json_rows(contexts_path):
        contexts.update(row)
    draw = random.Random(seed)
    for number, record in csv_rows(questions_path, _V1):
        person = at_line(
            questions_path,
            number,
            _first_version,
            record,
            contexts,
            draw,
            number,
        )
        if person:
            yield person


def people_v2(paths: Sequence[Path], seed: int) -> Iterator[Person]:
    """Version 2: one person a question. Raises `DataError` with the line that is wrong."""
    (path,) = paths
    draw = random.Random(seed)
    for number, record in csv_rows(path, _V2):
        person = at_line(
            path,
            number,
            _second_version,
            record,
            draw,
            number,
        )
        if person:
            yield person


def _first_version(
    record: Mapping[str, str], contexts: Mapping[str, object], draw: random.Random, number: int
) -> Person | None:
    turns = contexts.get(record["shared_context_id"])
    if turns is None:
        raise ValueError(f"the context {record['shared_context_id']} is not in the file of contexts")
    end = record["end_index_in_shared_context"]
    if not end.isdigit():
        raise ValueError(f"`end_index_in_shared_context` must be a number, is {end!r}")
    options = {}
    for option in _texts(record["all_options"], "all_options"):
        if not (letter := _OPTION.match(option)):
            raise ValueError(f"an option must begin with its letter: {option[:40]!r}")
        options[letter[1].lower()] = option[letter.end() :]
    named = _OPTION.match(record["correct_answer"])
    if not named or named[1].lower() not in options:
        raise ValueError(f"`correct_answer` must name an option, is {record['correct_answer']!r}")
    right = options.pop(named[1].lower())
    query = record["user_question_or_message"]
    name = f"personamem_{record['persona_id']}_{number}"
    return _person(name, _messages(turns)[: int(end)], query, right, list(options.values()), draw)


def _second_version(record: Mapping[str, str], draw: random.Random, number: int) -> Person | None:
    turns = _messages(_literal(record["related_conversation_snippet"], "related_conversation_snippet"))
    query = record["user_query"]
    if query.lstrip().startswith("{"):
        asked = _literal(query, "user_query")
        query = text_of(asked, "content") if isinstance(asked, dict) else query
    wrong = _texts(record["incorrect_answers"], "incorrect_answers")
    name = f"personamem_{record['persona_id']}_{number}"
    return _person(name, turns, query, record["correct_answer"], wrong, draw)


def _person(
    name: str, turns: Sequence[Row], query: str, right: str, wrong: Sequence[str], draw: random.Random
) -> Person | None:
    history = choices_of_turns(turn_of(turn) for turn in turns)
    if not history:
        return None
    if not wrong:
        raise ValueError("there is no wrong answer")
    return Person(name, history, (Target(query, right, draw.choice(wrong)),))


def _messages(value: object) -> list[Row]:
    return rows_of({"messages": value}, "messages")


def _texts(text: str, name: str) -> list[str]:
    return texts_of({name: _literal(text, name)}, name)


def _literal(text: str, name: str) -> object:
    """A list or object written as JSON or, as some of the files have it, as Python."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError) as error:
            raise ValueError(f"`{name}` is neither JSON nor a Python literal") from error
