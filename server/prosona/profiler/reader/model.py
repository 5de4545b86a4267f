"""The learned reader: for each sentence of a message, whether it says something lasting of who wrote it.

It never rewrites. A linear model over hashed pieces of words, words in order, the message around and the place
in it; trained by `prosona train reader` on sentences labelled one by one (the card beside the weights says on
which, and how well it does). Plain Python and standard library: a sentence takes some tenths of a millisecond.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from prosona.profiler.reader.features import Features, features_of
from prosona.profiler.reader.weights import SMALL_TABLE, Heads, Weights, load_weights

__all__ = ["Judgement", "LearnedReader", "SentenceReader", "reader"]

_SHIPPED = Path(__file__).parent / "weights.bin"
_WORTH_TELLING = 0.2
"""Below this nobody asks of what kind a sentence is, and telling it takes ten times as long as the rest."""
_MOST_SPOKE = 3
"""Words that are named as what spoke for keeping a sentence."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the reader makes of one sentence."""

    keep: float
    """How likely it says something lasting of the user, from 0 to 1."""
    kind: str
    """If it may: fact, taste, style, change, correction, temporary, other_person."""
    slot: str
    """What it is about: home, job, diet, allergy, tool, ... or none."""
    slot_sureness: float
    """How sure that is, from 0 to 1."""


class SentenceReader(Protocol):
    """Reads the sentences of one message."""

    @property
    def keeps_from(self) -> float:
        """From which probability on a sentence is kept."""
        ...

    @property
    def sure_from(self) -> float:
        """From which probability on it is as good as certain."""
        ...

    def judge(self, message: str, sentences: Sequence[str]) -> list[Judgement]:
        """A judgement for each of `sentences`, which stand in `message` in this order."""
        ...

    def spoke(self, message: str, sentences: Sequence[str], place: int) -> tuple[str, ...]:
        """The words of one of the sentences that spoke most for keeping it, the strongest first."""
        ...


@cache
def reader() -> SentenceReader:
    """The reader that ships with the package; loaded once, in a few milliseconds."""
    return LearnedReader(load_weights(_SHIPPED))


class LearnedReader:
    """Reads with weights from `prosona train reader`."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    @property
    def keeps_from(self) -> float:
        """From which probability on a sentence is kept."""
        return self._weights.keep

    @property
    def sure_from(self) -> float:
        """From which probability on it is as good as certain."""
        return self._weights.sure

    def judge(self, message: str, sentences: Sequence[str]) -> list[Judgement]:
        """A judgement for each of `sentences`, which stand in `message` in this order."""
        return [self._judged(found) for found in features_of(sentences, message)]

    def spoke(self, message: str, sentences: Sequence[str], place: int) -> tuple[str, ...]:
        """The words of one of the sentences that spoke most for keeping it, the strongest first.

        A word's part is what the sentence loses without it.
        """
        words = sentences[place].split()
        whole = self._score(features_of(sentences, message)[place])
        parts = []
        for number, word in enumerate(words[:60]):
            without = [
                *sentences[:place],
                " ".join(words[:number] + words[number + 1 :]),
                *sentences[place + 1 :],
            ]
            parts.append((whole - self._score(features_of(without, message)[place]), -number, word))
        strongest = sorted(parts, reverse=True)[:_MOST_SPOKE]
        return tuple(word.strip(".,;:!?()\"'") for gain, _, word in strongest if gain > 0)

    def _judged(self, found: Features) -> Judgement:
        keep = _logistic(self._score(found))
        if keep < _WORTH_TELLING:
            return Judgement(keep, "", "none", 0.0)
        kind, _ = _likeliest(self._weights.heads["kind"], found)
        slot, sureness = _likeliest(self._weights.heads["slot"], found)
        return Judgement(keep, kind, slot, sureness)

    def _score(self, found: Features) -> float:
        score = self._weights.bias
        for table, step, values in zip(self._weights.tables, self._weights.steps, found, strict=True):
            score += step * _product(table, values)
        return score


def _product(table: array[int], values: Mapping[int, float]) -> float:
    return sum(table[place] * value for place, value in values.items())


def _likeliest(heads: Heads, found: Features) -> tuple[str, float]:
    small: dict[int, float] = {}
    for family, values in enumerate(found[:2]):
        for place, value in values.items():
            near = (place * 2 + family) % SMALL_TABLE
            small[near] = small.get(near, 0.0) + value
    scores = [
        bias + step * _product(table, small)
        for bias, step, table in zip(heads.biases, heads.steps, heads.tables, strict=True)
    ]
    most = max(scores)
    shares = [math.exp(score - most) for score in scores]
    best = scores.index(most)
    return heads.names[best], shares[best] / sum(shares)


def _logistic(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
