"""`with_profile`: the profile for chains without an agent, on `langchain-core` alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage, convert_to_messages
from langchain_core.prompt_values import PromptValue
from langchain_core.runnables import Runnable, RunnableConfig, ensure_config

from prosona.client import AnyClient, awaited, blocking
from prosona.langchain.messages import SaidIn, last_turn, with_context

__all__ = ["UserOf", "with_profile"]

Output = TypeVar("Output")
UserOf = str | Callable[[RunnableConfig], str] | None
"""A user id, a way to tell it from the run's configuration, or None: whom the client is bound to."""


def with_profile(
    runnable: Runnable[LanguageModelInput, Output],
    client: AnyClient,
    user_id: UserOf = None,
    *,
    observe: bool = True,
    said: SaidIn | None = None,
) -> Runnable[LanguageModelInput, Output]:
    """`runnable`, a model or a chain that begins with one, given the profile with every call.

    Each call that succeeds is one turn: what the user typed in it is observed, once. Of a filled prompt template that
    is the part under a heading such as "Question:"; `said` tells it from the messages where a program knows better.
    A turn is
    known by the id of its last `HumanMessage`; where a chain retries what has succeeded, give one.
    If profiles cannot be had the chain goes on without.
    """
    return _WithProfile(runnable, client, user_id, observe, said)


class _WithProfile(Runnable[LanguageModelInput, Output]):
    def __init__(
        self,
        runnable: Runnable[LanguageModelInput, Output],
        client: AnyClient,
        user_id: UserOf,
        observe: bool,
        said: SaidIn | None,
    ) -> None:
        self._runnable = runnable
        self._client = client
        self._user_id = user_id
        self._observe = observe
        self._said = said

    @property
    def InputType(self) -> Any:  # noqa: N802 - the name that LangChain gave it
        return self._runnable.InputType

    @property
    def OutputType(self) -> Any:  # noqa: N802
        return self._runnable.OutputType

    def invoke(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Output:
        user_id, messages = self._user(config), _messages(input)
        context = blocking(self._client).context(user_id)
        output = self._runnable.invoke(_personal(messages, context), config, **kwargs)
        self._finished(user_id, messages)
        return output

    async def ainvoke(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Output:
        user_id, messages = self._user(config), _messages(input)
        context = await awaited(self._client, lambda client: client.context(user_id))
        output = await self._runnable.ainvoke(_personal(messages, context), config, **kwargs)
        await self._afinished(user_id, messages)
        return output

    def stream(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any | None
    ) -> Iterator[Output]:
        user_id, messages = self._user(config), _messages(input)
        context = blocking(self._client).context(user_id)
        yield from self._runnable.stream(_personal(messages, context), config, **kwargs)
        self._finished(user_id, messages)

    async def astream(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any | None
    ) -> AsyncIterator[Output]:
        user_id, messages = self._user(config), _messages(input)
        context = await awaited(self._client, lambda client: client.context(user_id))
        async for chunk in self._runnable.astream(_personal(messages, context), config, **kwargs):
            yield chunk
        await self._afinished(user_id, messages)

    def _finished(self, user_id: str | None, messages: list[BaseMessage]) -> None:
        turn = last_turn(messages, self._said) if self._observe else None
        if turn:
            blocking(self._client).observe_turn(**turn._asdict(), user_id=user_id)

    async def _afinished(self, user_id: str | None, messages: list[BaseMessage]) -> None:
        turn = last_turn(messages, self._said) if self._observe else None
        if turn:
            await awaited(self._client, lambda c: c.observe_turn(**turn._asdict(), user_id=user_id))

    def _user(self, config: RunnableConfig | None) -> str | None:
        return self._user_id(ensure_config(config)) if callable(self._user_id) else self._user_id


def _messages(given: LanguageModelInput) -> list[BaseMessage]:
    if isinstance(given, str):
        return [HumanMessage(given)]
    return given.to_messages() if isinstance(given, PromptValue) else convert_to_messages(given)


def _personal(messages: list[BaseMessage], context: str) -> list[BaseMessage]:
    if not context:
        return messages
    if messages and isinstance(messages[0], SystemMessage):
        return [with_context(messages[0], context), *messages[1:]]
    return [with_context(None, context), *messages]
