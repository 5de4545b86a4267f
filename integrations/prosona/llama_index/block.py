"""`ProfileMemoryBlock`: the profile as one block of a LlamaIndex `Memory`."""

from __future__ import annotations

from typing import Any

from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms import ChatMessage
from llama_index.core.memory import BaseMemoryBlock

from prosona.client import AnyClient, awaited

__all__ = ["ProfileMemoryBlock"]


class ProfileMemoryBlock(BaseMemoryBlock[str]):
    """The profile in front of the model, framed as data about the user; never truncated.

    Read with every request, so that a change made elsewhere is seen at once; empty when nothing is
    known or profiles cannot be had. It only reads: LlamaIndex hands a block what falls out of the
    chat history, long after it was said. `ProfileMemory` is what learns. Left out, `user_id` is the
    user that the client is bound to.
    """

    name: str = "about_the_user"
    description: str | None = "A profile of the user, shared by their agents."
    accept_short_term_memory: bool = False
    user_id: str | None = None
    _client: AnyClient = PrivateAttr()

    def __init__(self, client: AnyClient, user_id: str | None = None, **fields: Any) -> None:
        super().__init__(**fields)
        self.user_id = user_id
        self._client = client

    async def _aget(self, messages: list[ChatMessage] | None = None, **block_kwargs: Any) -> str:
        return await awaited(self._client, lambda client: client.context(self.user_id))

    async def _aput(self, messages: list[ChatMessage]) -> None:
        """Nothing: see the class."""
