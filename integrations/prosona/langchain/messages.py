"""Messages of LangChain: the profile put into them, the last turn read out of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

__all__ = ["Turn", "last_turn", "with_context"]


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


def last_turn(messages: Sequence[BaseMessage]) -> Turn | None:
    """The last turn of a conversation; None if the user said nothing in words."""
    last = len(messages) - 1
    while last >= 0 and not _by_user(messages[last]):
        last -= 1
    first = last
    while first > 0 and _by_user(messages[first - 1]):
        first -= 1
    if last < 0:
        return None
    said = "\n\n".join(text for message in messages[first : last + 1] if (text := _text(message)))
    answers = (_text(m) for m in reversed(messages[:first]) if isinstance(m, AIMessage))
    return Turn(said, next((text for text in answers if text), None), messages[last].id) if said else None


def _by_user(message: BaseMessage) -> bool:
    # Other middleware writes in the user's place, a summary for instance, and marks what it wrote.
    return isinstance(message, HumanMessage) and "lc_source" not in message.additional_kwargs


def _text(message: BaseMessage) -> str:
    return str(message.text).strip()
