"""AlignX (social posts): its test file, a JSON list or JSON lines.

A user's "Pair-wise Comparative Feedback" is the history, the pair of the entry itself the target.
Demographics, preference directions and posts stay unread, as in the published protocol.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from prosona.evaluation.data.lines import Row, at_line, json_entries, rows_of, text_of
from prosona.evaluation.data.records import Choice, Person, Target

__all__ = ["people"]


def people(paths: Sequence[Path], seed: int) -> Iterator[Person]:
    """One person an entry; nothing is drawn. Raises `DataError` with the entry that is wrong."""
    (path,) = paths
    for number, row in json_entries(path):
        yield at_line(path, number, _person, row, number)


def _person(row: Row, number: int) -> Person:
    history = tuple(
        Choice(text_of(pair, "prompt"), text_of(pair, "chosen"), text_of(pair, "rejected"), None, "posts")
        for pair in rows_of(row, "Pair-wise Comparative Feedback")
    )
    if not history:
        raise ValueError("`Pair-wise Comparative Feedback` is empty")
    target = Target(text_of(row, "prompt"), text_of(row, "chosen"), text_of(row, "rejected"))
    return Person(f"alignx_{number}", history, (target,))
