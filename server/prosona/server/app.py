"""The MCP server put together: who it says it is, when to call what, and what it serves."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mcp.server import CacheHint, MCPServer
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CompleteRequestParams,
    CompleteResult,
    Completion,
    GetPromptResult,
    InputRequiredResult,
    SubscribeRequestParams,
    SubscriptionsListenRequestParams,
    UnsubscribeRequestParams,
)

from prosona.profiles_db import ProsonaError
from prosona.server.changes import ChangeFeed
from prosona.server.failures import protocol_error
from prosona.server.instructions import instructions
from prosona.server.prompts import profile_prompts
from prosona.server.resources import add_resources
from prosona.server.tools import profile_tools
from prosona.service import ProfileService, parse_user_id

_COMPLETIONS = 100
_MINUTES_5 = 300_000


class ProsonaServer(MCPServer[Any]):
    """An `MCPServer` with the tools, resources, prompts and notifications of one `ProfileService`."""

    def __init__(self, service: ProfileService, user_id: str | None = None) -> None:
        """Raises `InvalidInputError` for a `user_id` that cannot be one."""
        bound_to = parse_user_id(user_id) if user_id is not None else None
        self.service = service
        self.changes = ChangeFeed(service, bound_to)
        self._bound_to = bound_to
        super().__init__(
            "prosona",
            title="Prosona",
            description="One portable text profile per user, shared by every agent.",
            instructions=instructions(bound=bound_to is not None),
            version=_version(),
            tools=profile_tools(service, bound_to),
            subscriptions=self.changes.bus,
            log_level="WARNING",
            cache_hints={
                "tools/list": CacheHint(ttl_ms=_MINUTES_5, scope="public"),
                "prompts/list": CacheHint(ttl_ms=_MINUTES_5, scope="public"),
                "resources/templates/list": CacheHint(ttl_ms=_MINUTES_5, scope="public"),
                "resources/list": CacheHint(ttl_ms=_MINUTES_5),
            },
        )
        add_resources(self, service, bound_to)
        for prompt in profile_prompts(service, bound_to):
            self.add_prompt(prompt)
        # The SDK takes handlers of these methods through its low-level server alone.
        lowlevel = self._lowlevel_server
        lowlevel.add_request_handler(
            "subscriptions/listen", SubscriptionsListenRequestParams, self.changes.listen
        )
        lowlevel.add_request_handler("resources/subscribe", SubscribeRequestParams, self.changes.subscribe)
        lowlevel.add_request_handler(
            "resources/unsubscribe", UnsubscribeRequestParams, self.changes.unsubscribe
        )
        lowlevel.add_request_handler("completion/complete", CompleteRequestParams, self._complete)

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Any, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """One prompt, rendered. Raises `MCPError` for an unknown name or arguments that do not fit."""
        names = [prompt.name for prompt in await self.list_prompts()]
        if name not in names:
            raise MCPError(INVALID_PARAMS, f"no prompt {name[:60]!a}; the prompts are {', '.join(names)}")
        return await super().get_prompt(name, arguments, context)

    async def _complete(
        self, context: ServerRequestContext[Any, Any], params: CompleteRequestParams
    ) -> CompleteResult:
        """User ids that begin with what was typed; on a bound server only its own."""
        typed = params.argument.value
        if params.argument.name != "user_id":
            return CompleteResult(completion=Completion(values=[], total=0, has_more=False))
        if self._bound_to is not None:
            own = [self._bound_to] if self._bound_to.startswith(typed) else []
            return CompleteResult(completion=Completion(values=own, total=len(own), has_more=False))
        try:
            users = await self.service.users(prefix=typed, limit=_COMPLETIONS)
        except ProsonaError as error:
            raise protocol_error(error) from error
        more = len(users) == _COMPLETIONS
        return CompleteResult(completion=Completion(values=[user.user_id for user in users], has_more=more))


def build_server(service: ProfileService, *, user_id: str | None = None) -> ProsonaServer:
    """An MCP server over `service`, ready to run on any transport.

    With `user_id` it serves that user alone and its tools take no `user_id`; without, every call
    names a user. Closing the service stays with the caller.
    Raises `InvalidInputError` for a `user_id` that cannot be one.
    """
    return ProsonaServer(service, user_id)


def _version() -> str:
    try:
        return version("prosona")
    except PackageNotFoundError:
        return "0+source"
