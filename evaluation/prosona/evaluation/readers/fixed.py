"""What the lexical and the embedding reader share: one direction from signed lines, then style."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from prosona.evaluation.data import Choice
from prosona.evaluation.readers.polarity import Line, lines_of
from prosona.evaluation.readers.seam import Question, Reading
from prosona.evaluation.readers.signed_text import lines_of_choices
from prosona.evaluation.readers.style import is_about_style, style_scores

__all__ = ["STYLE_SHARE", "FixedReader", "Matrix"]

Matrix = npt.NDArray[np.float32]

STYLE_SHARE = 0.1
"""How much a unit of style weighs against a unit of cosine."""


class FixedReader(ABC):
    """Scores a candidate by its cosine with mean(liked lines) - mean(avoided lines), plus style.

    Nothing is learned, the query is not used, and the profile's text is all that is read.
    """

    name: str

    @abstractmethod
    def vectors(self, texts: Sequence[str]) -> Matrix:
        """One row a text, of unit length (or zero)."""

    async def read(self, questions: Sequence[Question]) -> list[Reading]:
        """One reading a question. A raw history counts as one liked or avoided line a text."""
        known: dict[str | tuple[Choice, ...], list[Line]] = {}
        for question in questions:
            source = question.history or question.profile
            if source not in known:
                known[source] = (
                    lines_of_choices((c.chosen, c.rejected) for c in question.history)
                    if question.history
                    else lines_of(question.profile)
                )
        return self.read_lines([(known[q.history or q.profile], q.candidates) for q in questions])

    def read_lines(self, cases: Sequence[tuple[Sequence[Line], Sequence[str]]]) -> list[Reading]:
        """Readings from signed lines that are already known, such as a raw history."""
        texts = {line.text: None for lines, _ in cases for line in lines}
        texts.update({candidate: None for _, candidates in cases for candidate in candidates})
        row = {text: index for index, text in enumerate(texts)}
        vectors = self.vectors(list(texts))
        directions: dict[int, Matrix | None] = {}  # by identity: one list of lines serves many cases
        readings = []
        for lines, candidates in cases:
            if id(lines) not in directions:
                directions[id(lines)] = self._direction(lines, row, vectors)
            direction = directions[id(lines)]
            scores = style_scores(lines, candidates)
            for index, candidate in enumerate(candidates):
                cosine = 0.0 if direction is None else float(vectors[row[candidate]] @ direction)
                scores[index] = cosine + STYLE_SHARE * scores[index]
            readings.append(Reading(tuple(round(score, 9) for score in scores)))
        return readings

    @staticmethod
    def _direction(lines: Sequence[Line], row: dict[str, int], vectors: Matrix) -> Matrix | None:
        direction = np.zeros(vectors.shape[1], dtype=np.float32)
        for sign in (1.0, -1.0):
            side = [line for line in lines if line.weight * sign > 0 and not is_about_style(line)]
            if side:
                weights = np.array([line.weight for line in side], dtype=np.float32)
                rows = vectors[[row[line.text] for line in side]]
                direction += weights @ rows / np.abs(weights).sum()
        length = float(np.linalg.norm(direction))
        return direction / np.float32(length) if length else None
