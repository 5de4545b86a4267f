"""The letters reader: a model that sees the question says A or B, in both orders, by its probabilities.

A model that is asked once prefers a place as much as an item. So each pair is shown in both orders, and an
item's score is the mean of what its letter got. What the model would have written does not matter: only
how the two letters compare as its first token.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

from prosona.evaluation.chat import ChatModel, ContextTooLongError, Reply, Token
from prosona.evaluation.data import Choice
from prosona.evaluation.prompts import letter_messages
from prosona.evaluation.readers.seam import Question, Reading
from prosona.evaluation.together import together

__all__ = ["LettersReader", "share_of_first"]

_ONE_TOKEN = 1
"""All that is read of an answer."""


class LettersReader:
    """Scores are probabilities that sum to 1. An answer without A and B among its likeliest is unparsed."""

    def __init__(self, model: ChatModel) -> None:
        self.name = f"letters:{model.endpoint.model.rsplit('/', 1)[-1]}"
        self._model = model

    async def read(self, questions: Sequence[Question]) -> list[Reading]:
        """All questions at once, as far as the model's concurrency lets them."""
        return await together(self._read(question) for question in questions)

    async def _read(self, question: Question) -> Reading:
        if len(question.candidates) != 2:
            raise ValueError(f"the letters reader compares 2 candidates, not {len(question.candidates)}")
        one, other = question.candidates
        replies = await asyncio.gather(
            self._asked(question, (one, other)), self._asked(question, (other, one))
        )
        cost = sum(reply.cost for reply in replies)
        answer = " / ".join(reply.raw for reply in replies)
        shares = [share_of_first(reply.tokens) for reply in replies]
        if shares[0] is None or shares[1] is None:
            return Reading((0.5, 0.5), "unparsed", answer=answer, tokens=cost)
        first = (shares[0] + 1 - shares[1]) / 2
        return Reading((first, 1 - first), answer=answer, tokens=cost)

    async def _asked(self, question: Question, candidates: tuple[str, str]) -> Reply:
        history: tuple[Choice, ...] = question.history
        while True:
            messages = letter_messages(question.query, candidates, profile=question.profile, history=history)
            try:
                return await self._model.ask(messages, max_tokens=_ONE_TOKEN, logprobs=True)
            except ContextTooLongError:
                if len(history) < 2:
                    raise
                # The older half goes until the rest fits.
                history = history[len(history) // 2 :]


def share_of_first(tokens: Sequence[Token]) -> float | None:
    """The probability of A against B as the first token; None if neither is among its likeliest."""
    if not tokens:
        return None
    likely = {tokens[0].text: tokens[0].logprob, **tokens[0].others}
    a, b = (
        sum(math.exp(logprob) for text, logprob in likely.items() if text.strip() == letter)
        for letter in "AB"
    )
    return a / (a + b) if a + b else None
