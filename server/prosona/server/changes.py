"""Telling clients that a profile changed, in the words of both protocol eras.

Since 2026-07-28 a client holds a `subscriptions/listen` stream open; before, it asked with
`resources/subscribe` and was told on its own session.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mcp.server.connection import Connection
from mcp.server.context import ServerRequestContext
from mcp.server.session import ServerSession
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourceUpdated
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    EmptyResult,
    SubscribeRequestParams,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
    UnsubscribeRequestParams,
)

from prosona.core.errors import ProsonaError
from prosona.server.failures import protocol_error
from prosona.server.uris import PROFILE, address, spellings, user_of
from prosona.service import ProfileService

__all__ = ["ChangeFeed"]

logger = logging.getLogger(__name__)

_SEND_SECONDS = 5.0
"""How long one client may hold up a notification before it goes without."""

RequestContext = ServerRequestContext[Any, Any]


class ChangeFeed:
    """Who watches which profiles, and the handlers through which clients say so.

    On a server bound to one user, watching anybody else is refused. The service is asked for changes,
    those made by other processes too, only while somebody watches.
    """

    def __init__(self, service: ProfileService, bound_to: str | None) -> None:
        self.bus = InMemorySubscriptionBus()
        self._service = service
        self._bound_to = bound_to
        self._streams = ListenHandler(self.bus)
        self._watchers: dict[Connection, tuple[ServerSession, set[str]]] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._watching = 0
        self._stop: Callable[[], None] | None = None

    async def listen(
        self, context: RequestContext, params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        """Serves one `subscriptions/listen` stream until either side ends it."""
        watched = params.notifications.resource_subscriptions or ()
        for uri in watched:
            self._check(uri)
        with self._watch() if watched else contextlib.nullcontext():
            await self._follow(watched)
            return await self._streams(context, params)

    async def subscribe(self, context: RequestContext, params: SubscribeRequestParams) -> EmptyResult:
        """Serves `resources/subscribe`: the session is told until it unsubscribes or closes."""
        uri = str(params.uri)
        self._check(uri)
        connection = _connection(context)
        if connection not in self._watchers:
            self._watchers[connection] = (context.session, set())
            connection.exit_stack.callback(self._watchers.pop, connection, None)
            connection.exit_stack.enter_context(self._watch())
        self._watchers[connection][1].add(uri)
        await self._follow([uri])
        return EmptyResult()

    async def unsubscribe(self, context: RequestContext, params: UnsubscribeRequestParams) -> EmptyResult:
        """Serves `resources/unsubscribe`."""
        _, uris = self._watchers.get(_connection(context), (None, set()))
        uris.discard(str(params.uri))
        return EmptyResult()

    def close_streams(self) -> None:
        """Ends every listen stream in good order, so that a stopping server need not wait for them."""
        self._streams.close()

    async def _follow(self, uris: Sequence[str]) -> None:
        """Has the service look for what other processes make of these profiles, too."""
        try:
            for user_id in {user for uri in uris if (user := user_of(str(uri))) is not None}:
                await self._service.watch(user_id)
        except ProsonaError as error:
            raise protocol_error(error) from error

    @contextlib.contextmanager
    def _watch(self) -> Iterator[None]:
        """While entered, the service tells of changes."""
        if self._stop is None:
            self._stop = self._service.subscribe(self._changed)
        self._watching += 1
        try:
            yield
        finally:
            self._watching -= 1
            if not self._watching:
                self._stop()
                self._stop = None

    def _check(self, uri: str) -> None:
        if self._bound_to is not None and user_of(uri) != self._bound_to:
            raise MCPError(
                INVALID_PARAMS, f"this server serves only {address(PROFILE, user_id=self._bound_to)}"
            )

    def _changed(self, user_id: str, version: int) -> None:
        task = asyncio.get_running_loop().create_task(self._tell(user_id))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _tell(self, user_id: str) -> None:
        for uri in spellings(user_id):
            await self.bus.publish(ResourceUpdated(uri=uri))
        watching = [
            self._tell_session(session, uri)
            for session, uris in list(self._watchers.values())
            for uri in list(uris)
            if user_of(uri) == user_id
        ]
        await asyncio.gather(*watching)

    async def _tell_session(self, session: ServerSession, uri: str) -> None:
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                await session.send_resource_updated(uri)
        except TimeoutError:
            logger.warning("a client did not take a change notification in %g s", _SEND_SECONDS)


def _connection(context: RequestContext) -> Connection:
    # The session is made anew for each request; only the connection behind it lasts and knows when
    # it closes, and the SDK has no public name for it.
    return context.session._connection
