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
    ours = {name: value for name, value in vars(_words).items() if isinstance(value, frozenset)}
    theirs = {
        name: set(re.findall("[a-z]{3,}", value))
        for name, value in vars(polarity_words).items()
        if name.isupper() and isinstance(value, str)
    }
    shared = {
        (one, other): len(words & known) / len(known)
        for one, words in ours.items()
        for other, known in theirs.items()
        # That "not" and "never" deny is no secret of any reader.
        if len(known) > 10 and other != "NEGATORS"
    }
    assert shared
    assert not {pair: share for pair, share in shared.items() if share > 0.6}
