"""The lexical reader: TF-IDF over words, without any model."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from prosona.evaluation.readers.fixed import FixedReader, Matrix

__all__ = ["LexicalReader", "terms_of"]

_TERM = re.compile(r"[^\W_]{2,}|[㐀-鿿]")
_CJK = re.compile(r"[㐀-鿿]+")
_STOP_WORDS = """
a about above across after again against all almost alone along already also although always am
among an and another any anyone anything are around as at back be became because been before being
below between both but by can cannot could did do does doing don done down during each either else
enough etc even ever every few for from further get go had has have having he hence her here hers
herself him himself his how however if in indeed into is it its itself just last least less ll made
many may me might mine more moreover most mostly much must my myself neither never next no nobody
none nor not nothing now of off often on once one only onto or other others our ours out over own
per perhaps please rather re same see seem seems she should since so some someone something
sometimes still such than that the their theirs them then there therefore these they this those
though through thus to together too toward towards under until up upon us ve very via was we well
were what when where whether which while who whom whose why will with within without would yet you
your yours
"""
_STOP = frozenset(_STOP_WORDS.split())


def terms_of(text: str) -> list[str]:
    """Lower-case words but for the commonest; runs of Chinese as pairs of characters."""
    terms: list[str] = []
    for token in _TERM.findall(text.lower()):
        runs = _CJK.findall(token)
        for run in runs:
            terms += (run[start : start + 2] for start in range(max(1, len(run) - 1)))
        if not runs and token not in _STOP:
            terms.append(token)
    return terms


class LexicalReader(FixedReader):
    """Cosine in TF-IDF space (logarithmic counts, smoothed idf).

    `corpus` is where the idf comes from: the texts of the data being read, chosen and rejected alike
    and unmarked, each counted once, so that it says how common a word is and nothing of any user.
    """

    def __init__(self, corpus: Iterable[str] = ()) -> None:
        self.name = "lexical"
        texts = set(corpus)
        found = Counter(term for text in texts for term in set(terms_of(text)))
        self._texts = len(texts)
        self._idf = {term: self._rarity(count) for term, count in found.items()}

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """Rows over the words of these texts, of unit length."""
        counts = [Counter(terms_of(text)) for text in texts]
        column = {term: index for index, term in enumerate(sorted({t for c in counts for t in c}))}
        rows = np.zeros((len(texts), max(1, len(column))), dtype=np.float32)
        unseen = self._rarity(0)
        for row, count in zip(rows, counts, strict=True):
            for term, times in count.items():
                row[column[term]] = (1 + math.log(times)) * self._idf.get(term, unseen)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows

    def _rarity(self, count: int) -> float:
        return math.log((1 + self._texts) / (1 + count)) + 1
