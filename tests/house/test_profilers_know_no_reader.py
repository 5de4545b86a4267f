"""A profile is written for the person who reads it: no profiler knows who will judge it."""

from __future__ import annotations

import re
from pathlib import Path

from prosona.evaluation.readers import polarity_words
from prosona.profiler.builtin import _words

ROOM = Path(__file__).parents[2] / "server" / "prosona" / "profiler"
READERS = re.compile(r"prosona\.evaluation|minilm|lexical|embedding|tf-?idf|polarity", re.IGNORECASE)


def test_no_module_of_a_profiler_names_a_reader_of_the_evaluation() -> None:
    named = [path.name for path in ROOM.rglob("*.py") if READERS.search(path.read_text(encoding="utf-8"))]
    assert named == []


def test_no_word_list_of_the_builtin_is_one_of_the_readers() -> None:
    def lists(module: object) -> list[frozenset[str]]:
        return [
            frozenset(value)
            for value in vars(module).values()
            if isinstance(value, frozenset | set | tuple)
            and len(value) > 5
            and all(isinstance(v, str) for v in value)
        ]

    for ours in lists(_words):
        for theirs in lists(polarity_words):
            assert len(ours & theirs) < len(theirs) / 2
