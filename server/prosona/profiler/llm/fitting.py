"""How many pending interactions one prompt can hold, measured in the endpoint's own tokens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from prosona.profiler.llm.wire import Message, PromptTemplate, past_of, triple_of
from prosona.profiler.seam import FoldRequest
from prosona.profiler.tokens import count_tokens
from prosona.profiles_db import Interaction, ProfilerError

Count = Callable[[list[Message]], Awaitable[int | None]]

_CHAT_OVERHEAD_TOKENS = 64
"""Role tags and the opening of the answer, for two messages, in any chat template."""
_LEAST_CHARACTERS = 64
_TEXTS = ("query", "chosen", "rejected")


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """The messages of one fold and how many of the pending interactions are in them, from the oldest."""

    messages: list[Message]
    folded: int


async def fit(request: FoldRequest, template: PromptTemplate, limit: int, count: Count) -> FittedPrompt:
    """The prompt with as many interactions as `limit` tokens hold, at least one.

    A single interaction that is too long is shortened in the middle, with a mark that says by how
    much. Raises `ProfilerError` if the limit does not even hold the past summary.
    """
    past = past_of(request)
    triples = [triple_of(interaction) for interaction in request.interactions]
    taken = len(triples)
    while True:
        messages = template.messages(past, triples[:taken], request.max_tokens)
        size = await _size(messages, limit, count)
        if size <= limit:
            return FittedPrompt(messages, taken)
        if taken == 1:
            break
        # By the share that is too much, and always fewer than before.
        taken = max(1, min(taken - 1, int(taken * limit / size)))
    messages = await _shortened(request.interactions[0], request, template, limit, count)
    return FittedPrompt(messages, 1)


async def _shortened(
    interaction: Interaction, request: FoldRequest, template: PromptTemplate, limit: int, count: Count
) -> list[Message]:
    """The prompt of one interaction whose texts are cut to what fits."""
    past = past_of(request)
    room = max(len(text) for text in _texts(interaction))
    while room > _LEAST_CHARACTERS:
        room = room * 3 // 4
        shortened = {name: shorten(text, room) for name in _TEXTS if (text := getattr(interaction, name))}
        cut = interaction.model_copy(update=shortened)
        messages = template.messages(past, [triple_of(cut)], request.max_tokens)
        if await _size(messages, limit, count) <= limit:
            return messages
    raise ProfilerError(f"the past summary alone does not fit {limit} tokens of context")


def shorten(text: str, room: int) -> str:
    """`text`, or its beginning and end in `room` characters around a mark that counts what is left out."""
    if len(text) <= room:
        return text
    head = room * 2 // 3
    tail = room - head
    return f"{text[:head]} [... {len(text) - room} characters left out ...] {text[len(text) - tail :]}"


def _texts(interaction: Interaction) -> list[str]:
    return [text for name in _TEXTS if (text := getattr(interaction, name))]


async def _size(messages: list[Message], limit: int, count: Count) -> int:
    """Tokens of `messages`, or an upper bound of them that is within the limit anyway."""
    text = "".join(message["content"] for message in messages)
    # A byte-level tokenizer never makes more tokens than bytes: most prompts need no measuring.
    bound = len(text.encode()) + _CHAT_OVERHEAD_TOKENS
    if bound <= limit:
        return bound
    counted = await count(messages)
    if counted is not None:
        return counted
    return min(bound, count_tokens(text) + _CHAT_OVERHEAD_TOKENS)
