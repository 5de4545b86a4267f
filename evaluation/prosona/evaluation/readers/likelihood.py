"""The likelihood reader: how much likelier does a profile make a candidate to a model that sees the question?

The score of a candidate is its mean log probability a token with the profile in front, less the same without
it: what is likely anyway, and how long it is, cancel out. Needs an endpoint whose `/v1/completions` tells the
probabilities of the prompt's own tokens (`echo`): vLLM does, llama.cpp's Python server with `logits_all`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prosona.evaluation.chat import ChatModel, ContextTooLongError
from prosona.evaluation.data import Choice
from prosona.evaluation.prompts import beginning
from prosona.evaluation.readers.seam import Question, Reading
from prosona.evaluation.together import together

__all__ = ["LikelihoodReader"]


class LikelihoodReader:
    """Scores are gains in nats a token; where nothing is known of the user they are all 0, a tie."""

    def __init__(self, model: ChatModel) -> None:
        self.name = f"likelihood:{model.endpoint.model.rsplit('/', 1)[-1]}"
        self._model = model
        self._without: dict[tuple[str, str], asyncio.Task[float]] = {}

    async def read(self, questions: Sequence[Question]) -> list[Reading]:
        """All questions at once, as far as the model's concurrency lets them."""
        return await together(self._read(question) for question in questions)

    async def _read(self, question: Question) -> Reading:
        if not question.profile and not question.history:
            return Reading((0.0,) * len(question.candidates))
        gains = await asyncio.gather(*(self._gain(question, each) for each in question.candidates))
        return Reading(tuple(gains))

    async def _gain(self, question: Question, candidate: str) -> float:
        key = (question.query, candidate)
        if key not in self._without:
            plain = self._model.likelihood(beginning(question.query, profile="", history=()), candidate)
            self._without[key] = asyncio.ensure_future(plain)
        without, known = await asyncio.gather(self._without[key], self._known(question, candidate))
        return known - without

    async def _known(self, question: Question, candidate: str) -> float:
        history: tuple[Choice, ...] = question.history
        while True:
            front = beginning(question.query, profile=question.profile, history=history)
            try:
                return await self._model.likelihood(front, candidate)
            except ContextTooLongError:
                if len(history) < 2:
                    raise
                # The older half goes until the rest fits.
                history = history[len(history) // 2 :]
