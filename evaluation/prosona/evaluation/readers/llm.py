"""The llm reader: any chat model, asked by the published protocol to pick one of two items."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from prosona.evaluation.chat import ChatModel, ContextTooLongError, Reply, Token
from prosona.evaluation.data import Choice
from prosona.evaluation.prompts import selection_messages
from prosona.evaluation.readers.seam import Outcome, Question, Reading
from prosona.evaluation.together import together

__all__ = ["LLMReader", "judged", "letter_probability"]

_MAX_TOKENS = 16
_MAX_TOKENS_IN_CHANNELS = 2_048

_SELECTION = re.compile(r"[\"']selection[\"']\s*:\s*[\"']?\s*(?:Item\s+)?([AB])\b", re.IGNORECASE)
_BARE = re.compile(r"^\W*(?:Item\s+)?([AB])\W*$", re.IGNORECASE)
_REFUSAL = re.compile(
    r"\b(?:I(?:['’]m| am) (?:sorry|not able|unable)|I can(?:no|['’])t|as an AI|"
    r"cannot (?:help|assist|determine))\b|抱歉|无法(?:判断|回答|提供)",
    re.IGNORECASE,
)


class LLMReader:
    """Asks once a question: item A is the first candidate, B the second.

    The pick is what the model wrote; the scores are the probabilities of the two letters, or 1 and 0
    where the endpoint gives none. A refusal or an answer without a selection counts as wrong.
    """

    def __init__(self, model: ChatModel) -> None:
        self.name = model.endpoint.model.rsplit("/", 1)[-1]
        self._model = model

    async def read(self, questions: Sequence[Question]) -> list[Reading]:
        """All questions at once, as far as the model's concurrency lets them."""
        return await together(self._read(question) for question in questions)

    async def _read(self, question: Question) -> Reading:
        if len(question.candidates) != 2:
            raise ValueError(f"the llm reader picks one of 2 candidates, not of {len(question.candidates)}")
        history: tuple[Choice, ...] = question.history
        while True:
            messages = selection_messages(
                question.query, question.candidates, profile=question.profile, history=history
            )
            try:
                reply = await self._model.ask(messages, max_tokens=self._limit(), logprobs=True)
                break
            except ContextTooLongError:
                if len(history) < 2:
                    raise
                history = history[len(history) // 2 :]
        return judged(reply, prompt="\n\n".join(message["content"] for message in messages))

    def _limit(self) -> int:
        return _MAX_TOKENS_IN_CHANNELS if self._model.endpoint.in_channels else _MAX_TOKENS


def judged(reply: Reply, *, prompt: str = "") -> Reading:
    """The reading that a reply amounts to."""
    found = list(_SELECTION.finditer(reply.text)) or list(_BARE.finditer(reply.text))
    if reply.refusal or not found:
        refused = bool(reply.refusal or _REFUSAL.search(reply.text))
        outcome: Outcome = "refused" if refused else "unparsed"
        return Reading((0.5, 0.5), outcome, prompt, reply.refusal or reply.raw, reply.cost)
    letter = found[-1].group(1).upper()
    picked = "AB".index(letter)
    sure = letter_probability(reply.tokens, letter)
    scores = (
        (1.0 - picked, float(picked))
        if sure is None
        else (sure, 1 - sure)
        if picked == 0
        else (1 - sure, sure)
    )
    return Reading(scores, "answered", prompt, reply.raw, reply.cost, picked)


def letter_probability(tokens: Sequence[Token], letter: str) -> float | None:
    """The probability of a letter where it was last written alone; None without such a token.

    Where only the other letter has a probability it is one minus that.
    """
    other = "B" if letter == "A" else "A"
    for token in reversed(tokens):
        if _letter(token.text) != letter:
            continue
        share = math.exp(token.logprob)
        if share > 0:
            return min(1.0, share)
        return 1 - min(1.0, sum(math.exp(p) for text, p in token.others.items() if _letter(text) == other))
    return None


def _letter(text: str) -> str:
    bare = text.strip().strip("\"'{}:").strip().removeprefix("Item").strip()
    return bare if bare in ("A", "B") else ""
