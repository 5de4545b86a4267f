"""P-Soups (answers chosen for their expertise, informativeness or style): annotated pairs as JSON.

A row is `{"instruction", "input"?, "output_1", "output_2", "preference": 1 or 2, "annotator"}`; the
annotator names a persona: P1 expertise, P2 informativeness, P3 style, each with sides A and B. Rows of
one persona, in their order, are cut into people of ten choices and one target. Ties are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from prosona.evaluation.data.lines import Row, at_line, json_entries, optional_text, text_of
from prosona.evaluation.data.records import Choice, DataError, Person, Target

__all__ = ["people_of"]

_PERSONA = re.compile(r"p(?:ref)?_?([123])_?([a-d])", re.IGNORECASE)
_HISTORY = 10


def people_of(dimension: int) -> Callable[[Sequence[Path], int], Iterator[Person]]:
    """The converter of one dimension: 1 expertise, 2 informativeness, 3 style."""

    def people(paths: Sequence[Path], seed: int) -> Iterator[Person]:
        chosen: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for path in paths:
            for number, row in json_entries(path):
                found = at_line(path, number, _pair, row)
                if found and found[0].startswith(str(dimension)):
                    chosen[found[0]].append(found[1])
        if not chosen:
            raise DataError(f"{paths[0]}: holds no row of a persona P{dimension}")
        for persona, pairs in chosen.items():
            for start in range(0, len(pairs) - _HISTORY, _HISTORY + 1):
                *past, last = pairs[start : start + _HISTORY + 1]
                history = tuple(Choice(*pair, None, "answers") for pair in past)
                yield Person(f"psoups_P{persona}_{start}", history, (Target(*last),))

    return people


def _pair(row: Row) -> tuple[str, tuple[str, str, str]] | None:
    named = _PERSONA.search(text_of(row, "annotator"))
    if not named:
        raise ValueError("`annotator` must name a persona such as P2A")
    preference = row.get("preference")
    if preference not in (1, 2):
        return None
    query = "\n".join(part for part in (text_of(row, "instruction"), optional_text(row, "input")) if part)
    outputs = [text_of(row, "output_1"), text_of(row, "output_2")]
    better = outputs.pop(0 if preference == 1 else 1)
    return named[1] + named[2].upper(), (query, better, outputs[0])
