"""Messages of LangChain: the profile put into them, the last turn read out of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from prosona.client import own_block, typed

__all__ = ["SaidIn", "Turn", "last_turn", "with_context"]

SaidIn = Callable[[Sequence[BaseMessage]], str | None]
"""What the user typed last, out of the messages of a call; None for nothing."""

_THE_USER = frozenset(["user", "human"])
_TYPED_BEFORE = 400
"""Characters of a message right before the last one that is taken for the user's, too."""


class Turn(NamedTuple):
    """What the user said last, the answer it followed, and an id that stays the same over retries."""

    said: str
    answering: str | None
    turn_id: str | None


def with_context(system: SystemMessage | None, context: str) -> SystemMessage:
    """The system message with the profile behind it: what never changes comes first, for prompt caches."""
    if system is None:
        return SystemMessage(context)
    blocks = [*system.content_blocks, {"type": "text", "text": f"\n\n{context}"}]
    return system.model_copy(update={"content": cast("list[str | dict[str, object]]", blocks)})


def last_turn(messages: Sequence[BaseMessage], said: SaidIn | None = None) -> Turn | None:
    """The last turn of a conversation; None if the user said nothing in words.

    Only what they typed: no document, retrieved context, tool's result or other speaker. `said` tells it from the
    messages where a program knows better.
    """
    last = len(messages) - 1
    while last >= 0 and not _by_user(messages[last]):
        last -= 1
    first = last
    while first > 0 and _by_user(messages[first - 1]):
        first -= 1
    if last < 0:
        return None
    words = (said(messages) or "") if said else _said(messages[first : last + 1])
    answers = (_text(m) for m in reversed(messages[:first]) if isinstance(m, AIMessage))
    return Turn(words, next((text for text in answers if text), None), messages[last].id) if words else None


def _said(own: Sequence[BaseMessage]) -> str:
    # What is handed over in a message of its own stands before the question, and is longer than what one types.
    before = [text for message in own[:-1] if len(text := _typed(message)) <= _TYPED_BEFORE]
    return "\n\n".join(filter(None, [*before, _typed(own[-1])]))


def _by_user(message: BaseMessage) -> bool:
    # Other middleware writes in the user's place, a summary for instance, and marks what it wrote. In a group a name
    # tells who speaks.
    named = message.name is not None and message.name.casefold() not in _THE_USER
    return isinstance(message, HumanMessage) and not named and "lc_source" not in message.additional_kwargs


def _typed(message: BaseMessage) -> str:
    if isinstance(message.content, str):
        return typed(message.content)
    blocks = [block if isinstance(block, str) else block.get("text", "") for block in message.content]
    return own_block([text for text in blocks if isinstance(text, str)])


def _text(message: BaseMessage) -> str:
    return str(message.text).strip()
