"""`ProfileMemory`: a LlamaIndex `Memory` that shows the profile and learns from every turn."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Self

from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms import ChatMessage, MessageRole, TextBlock
from llama_index.core.memory import Memory

from prosona.client import AnyClient, awaited, own_block

__all__ = ["ProfileMemory"]


class ProfileMemory(Memory):
    """Chat history with the profile in front of it, read with every request. Make it with `from_client`.

    When an answer is put into it, the turn that it ends is observed, once: what the user typed, in
    answer to what, without documents, retrieved context and other speakers. Putting the same turn
    again, after a retry or from a restored history, is a duplicate. If profiles cannot be had the
    agent goes on without; see `ProfileClient.context` and `ProfileClient.observe_turn`.
    """

    _client: AnyClient = PrivateAttr()
    _user_id: str | None = PrivateAttr(default=None)
    _observe: bool = PrivateAttr(default=True)

    @classmethod
    def from_client(
        cls, client: AnyClient, user_id: str | None = None, *, observe: bool = True, **memory_fields: Any
    ) -> Self:
        """A memory for one user; `memory_fields` are those of `Memory.from_defaults`.

        Give `observe=False` to agents that another program speaks to in the user's place.
        """
        memory = cls.from_defaults(**memory_fields)
        assert isinstance(memory, cls)
        memory._client, memory._user_id, memory._observe = client, user_id, observe
        return memory

    async def aget(self, input: str | ChatMessage | None = None, **block_kwargs: Any) -> list[ChatMessage]:
        """The messages, with the profile behind the system message."""
        messages = await super().aget(input=input, **block_kwargs)
        context = await awaited(self._client, lambda client: client.context(self._user_id))
        return _with_context(messages, context) if context else messages

    async def aput(self, message: ChatMessage) -> None:
        """Adds a message; an answer ends a turn."""
        await super().aput(message)
        await self._observe_turn([message])

    async def aput_messages(self, messages: list[ChatMessage]) -> None:
        """Adds messages; an answer among them ends a turn."""
        await super().aput_messages(messages)
        await self._observe_turn(messages)

    async def _observe_turn(self, added: Sequence[ChatMessage]) -> None:
        if not self._observe or not any(_is_answer(message) for message in added):
            return
        history = await self.aget_all()
        last = next((i for i in reversed(range(len(history))) if _is_user(history[i])), -1)
        first = last
        while first > 0 and _is_user(history[first - 1]):
            first -= 1
        # A turn that failed and was tried again stands there twice.
        said = "\n\n".join(
            dict.fromkeys(text for m in history[max(first, 0) : last + 1] if (text := _typed(m)))
        )
        if not said:
            return
        before = [m for m in history[:first] if _is_answer(m)]
        # LlamaIndex gives messages no ids: a turn is known by its session and all that led to it.
        past = "\n".join(f"{m.role}: {_text(m)}" for m in history[:first])
        turn_id = sha256(f"{self.session_id}\n{past}".encode("utf-8", "replace")).hexdigest()
        answering = _text(before[-1]) if before else None
        await awaited(
            self._client,
            lambda client: client.observe_turn(
                said, answering=answering, turn_id=turn_id, user_id=self._user_id
            ),
        )


def _with_context(messages: list[ChatMessage], context: str) -> list[ChatMessage]:
    """`messages` with `context` at the end of the system message: what never changes comes first."""
    if not messages or messages[0].role != MessageRole.SYSTEM:
        return [ChatMessage(role=MessageRole.SYSTEM, content=context), *messages]
    system = messages[0].model_copy(
        update={"blocks": [*messages[0].blocks, TextBlock(text=f"\n\n{context}")]}
    )
    return [system, *messages[1:]]


def _is_user(message: ChatMessage) -> bool:
    # In a group a name tells who speaks.
    name = str(message.additional_kwargs.get("name") or "user").casefold()
    return message.role == MessageRole.USER and name in ("user", "human")


def _is_answer(message: ChatMessage) -> bool:
    return message.role == MessageRole.ASSISTANT and bool(_text(message))


def _typed(message: ChatMessage) -> str:
    """What the user typed: no document, no retrieved context around their question."""
    return own_block([block.text for block in message.blocks if isinstance(block, TextBlock)])


def _text(message: ChatMessage) -> str:
    return (message.content or "").strip()
