"""Every entry of every language finds its own example, and not the one beside it."""

from __future__ import annotations

import time

import pytest

from prosona.profiler.builtin.stated.slots import STATED
from prosona.profiler.builtin.stated.wishes import WISHES
from prosona.profiler.reader.cues import READING, Cues, Entry

ALL = [
    pytest.param(cue, entry, id=f"{cue}-{entry.language}-{number}")
    for cues in (READING, STATED, WISHES)
    for cue, entries in cues.entries.items()
    for number, entry in enumerate(entries)
]


@pytest.mark.parametrize(("cue", "entry"), ALL)
def test_an_entry_finds_its_example_and_not_the_other(cue: str, entry: Entry) -> None:
    # What is handed over may begin on the next line.
    end = "\n" if cue == "handed" else ""
    assert entry.pattern.search(entry.yes.casefold() + end)
    assert not entry.pattern.search(entry.no.casefold() + end)


@pytest.mark.parametrize("cues", [READING, STATED, WISHES], ids=["reading", "stated", "wishes"])
@pytest.mark.parametrize(
    "piece", ["i ", "translate ", "write a ", "says ", "我", "不，", "no ", "too ", "(", "\t"]
)
def test_finding_takes_time_linear_in_the_text(cues: Cues, piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        best = 1.0
        for _ in range(3):
            before = time.thread_time()
            for cue in cues.entries:
                cues.find(cue, text)
            best = min(best, time.thread_time() - before)
        return best

    assert seconds(4_000) < 3 * seconds(2_000) + 0.002
