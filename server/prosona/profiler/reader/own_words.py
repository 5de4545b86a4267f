"""What somebody may be saying of themself in a message: its sentences without what was quoted, pasted, played,
supposed or meant as a figure of speech, each with what the learned reader makes of it."""

from __future__ import annotations

from dataclasses import dataclass

from prosona.profiler.reader.cues import READING
from prosona.profiler.reader.model import reader
from prosona.profiler.reader.sentences import sentences

__all__ = ["OwnSentence", "is_no_fact", "own_sentences"]

_NO_FACT = ("figure", "forgetting", "supposed", "opining", "courtesy")
"""Cues of what is no fact about its speaker, whatever the words say."""


@dataclass(frozen=True, slots=True)
class OwnSentence:
    """One sentence that its user may mean of themself."""

    text: str
    keep: float
    """How likely it says something lasting of them, from 0 to 1."""


def is_no_fact(sentence: str) -> bool:
    """Whether a sentence is a figure of speech, a courtesy, supposed, thought aloud or to be forgotten."""
    low = sentence.casefold()
    return any(READING.find(cue, low) for cue in _NO_FACT)


def own_sentences(message: str) -> list[OwnSentence]:
    """The sentences of `message` that its user may mean of themself, in their order."""
    found = sentences(message)
    judged = reader().judge(message, [sentence.text for sentence in found])
    return [
        OwnSentence(sentence.text, judgement.keep)
        for sentence, judgement in zip(found, judged, strict=True)
        if not sentence.surroundings and not is_no_fact(sentence.text)
    ]
