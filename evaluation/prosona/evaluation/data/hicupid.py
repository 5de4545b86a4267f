"""HiCUPID: its `dialogue` and `qa` splits as JSON lines, in this order.

A question's dialogues are the history. Its personalised answer is both the reference that a judge
sees and, against the general answer, a pair to choose from. Only questions about a persona are kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from prosona.evaluation.data.conversation import Turn, choices_of_turns
from prosona.evaluation.data.lines import Row, at_line, json_rows, optional_text, text_of
from prosona.evaluation.data.records import Ask, Person, Target

__all__ = ["people"]


def people(paths: Sequence[Path], seed: int) -> Iterator[Person]:
    """One person a question; nothing is drawn. Raises `DataError` with the line that is wrong."""
    dialogues_path, questions_path = paths
    dialogues: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for number, row in json_rows(dialogues_path):
        name, turn = at_line(dialogues_path, number, _turn, row)
        dialogues[name].append(turn)
    for number, row in json_rows(questions_path):
        person = at_line(
            questions_path,
            number,
            _person,
            row,
            dialogues,
            number,
        )
        if person:
            yield person


def _turn(row: Row) -> tuple[str, tuple[int, str, str]]:
    turn = row.get("turn_id", 0)
    if not isinstance(turn, int):
        raise ValueError("`turn_id` must be a number")
    return str(row.get("dialogue_id", "")), (
        turn,
        text_of(row, "user"),
        optional_text(row, "assistant") or "",
    )


def _person(row: Row, dialogues: dict[str, list[tuple[int, str, str]]], number: int) -> Person | None:
    if row.get("type", "persona") != "persona":
        return None
    named = row.get("dialogue_id")
    names = [str(name) for name in named] if isinstance(named, list) else [str(named)]
    missing = [name for name in names if name not in dialogues]
    if missing:
        raise ValueError(f"the dialogue {missing[0]} is not in the file of dialogues")
    turns = [
        said
        for name in names
        for _, user, assistant in sorted(dialogues[name])
        for said in (Turn("user", user), Turn("assistant", assistant))
    ]
    question, reference = text_of(row, "question"), text_of(row, "personalized_answer")
    return Person(
        f"hicupid_{row.get('user_id', number)}_{number}",
        choices_of_turns(turns),
        (Target(question, reference, text_of(row, "general_answer")),),
        (Ask(question, reference),),
    )
