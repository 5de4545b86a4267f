"""`ProfileMiddleware`: every model call of an agent sees the profile, every turn is observed once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime

from prosona.client import AnyClient, awaited, blocking
from prosona.langchain.messages import SaidIn, last_turn, with_context

__all__ = ["ProfileMiddleware"]


class ProfileMiddleware(AgentMiddleware[AgentState[Any], Any, Any]):
    """Personalizes an agent made by `create_agent`.

    The profile is read for each model call, so a change made elsewhere is seen at once, and goes
    behind the system message as data about the user. When a turn is finished, what the user typed in
    it is observed, once, without documents, retrieved context and other speakers; `said` tells it from
    the messages where a program knows better. `user_id` is a name or takes the run's `Runtime` and
    returns one; left out, it is the user that the client is bound to. Give `observe=False` to agents
    that another program speaks to in the user's place. If profiles cannot be had the agent goes on
    without; see `ProfileClient.context` and `ProfileClient.observe_turn`.
    """

    def __init__(
        self,
        client: AnyClient,
        *,
        user_id: str | Callable[[Runtime[Any]], str] | None = None,
        observe: bool = True,
        said: SaidIn | None = None,
    ) -> None:
        super().__init__()
        self._client = client
        self._user_id = user_id
        self._observe = observe
        self._said = said

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any] | AIMessage:
        """Calls the model with the profile."""
        context = blocking(self._client).context(self._user(request.runtime))
        return handler(_personal(request, context))

    async def awrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any] | AIMessage:
        """Calls the model with the profile."""
        user_id = self._user(request.runtime)
        context = await awaited(self._client, lambda client: client.context(user_id))
        return await handler(_personal(request, context))

    def after_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> dict[str, Any] | None:
        """Observes the turn that ends."""
        turn = last_turn(state["messages"], self._said) if self._observe else None
        if turn:
            blocking(self._client).observe_turn(**turn._asdict(), user_id=self._user(runtime))
        return None

    async def aafter_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> dict[str, Any] | None:
        """Observes the turn that ends."""
        turn = last_turn(state["messages"], self._said) if self._observe else None
        if turn:
            user_id = self._user(runtime)
            await awaited(self._client, lambda c: c.observe_turn(**turn._asdict(), user_id=user_id))
        return None

    def _user(self, runtime: Runtime[Any]) -> str | None:
        return self._user_id(runtime) if callable(self._user_id) else self._user_id


def _personal(request: ModelRequest[Any], context: str) -> ModelRequest[Any]:
    if not context:
        return request
    return request.override(system_message=with_context(request.system_message, context))
