"""Clients that watch a profile are told when it changes, in both protocol eras."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mcp import Client, MCPDeprecationWarning, MCPError
from mcp.client.subscriptions import Subscription
from mcp.shared.subscriptions import ResourceUpdated
from mcp.types import INVALID_PARAMS, ResourceUpdatedNotification

from prosona.server import build_server
from prosona.service import ProfileService, parse_change

if TYPE_CHECKING:
    from tests.server.conftest import Era, StartHttp

TIME_LIMIT = 10


class Inbox:
    """Notifications of changed resources, as a legacy client receives them."""

    def __init__(self) -> None:
        self.uris: asyncio.Queue[str] = asyncio.Queue()

    async def __call__(self, message: Any) -> None:  # noqa: ANN401
        if isinstance(message, ResourceUpdatedNotification):
            await self.uris.put(str(message.params.uri))

    async def next(self) -> str:
        async with asyncio.timeout(TIME_LIMIT):
            return await self.uris.get()


async def next_of(told: Subscription) -> str:
    """The URI of the next change that a listening client is told of."""
    async with asyncio.timeout(TIME_LIMIT):
        event = await anext(aiter(told))
    assert isinstance(event, ResourceUpdated)
    return event.uri


async def pin(service: ProfileService, user_id: str, statement: str) -> None:
    await service.revise(user_id, parse_change(statement=statement))


@pytest.mark.parametrize("uri", ["profile://ana%20m", "profile://ana m", "profile://ana%20m/history"])
async def test_a_listening_client_is_told_of_its_users_revisions_alone(
    service: ProfileService, uri: str
) -> None:
    async with Client(build_server(service)) as client, client.listen(resource_subscriptions=[uri]) as told:
        await pin(service, "bob", "I live in Oslo.")
        await pin(service, "ana m", "I am vegetarian.")
        assert await next_of(told) == uri


async def test_a_change_made_by_one_client_reaches_another(service: ProfileService) -> None:
    server = build_server(service, user_id="ana")
    async with (
        Client(server) as watcher,
        Client(server) as other,
        watcher.listen(resource_subscriptions=["profile://ana"]) as told,
    ):
        await other.call_tool("revise_profile", {"statement": "I am vegetarian."})
        assert await next_of(told) == "profile://ana"


async def test_a_fold_in_the_background_is_told_too(service: ProfileService) -> None:
    async with (
        Client(build_server(service, user_id="ana")) as client,
        client.listen(resource_subscriptions=["profile://ana"]) as told,
    ):
        for n in range(8):
            await client.call_tool("observe_interaction", {"chosen": f"Film {n}", "domain": "films"})
        assert await next_of(told) == "profile://ana"
    assert (await service.history("ana"))[0].cause == "fold"


@pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")
async def test_a_legacy_session_is_told_what_it_subscribed_to_and_no_more(service: ProfileService) -> None:
    server = build_server(service)
    inboxes = Inbox(), Inbox()
    async with (
        Client(server, mode="legacy", message_handler=inboxes[0]) as first,
        Client(server, mode="legacy", message_handler=inboxes[1]) as second,
    ):
        assert first.server_capabilities.resources is not None
        assert first.server_capabilities.resources.subscribe is True
        await first.subscribe_resource("profile://ana")
        await first.subscribe_resource("profile://ana/history")
        await second.subscribe_resource("profile://bob")
        await pin(service, "ana", "I am vegetarian.")
        assert {await inboxes[0].next(), await inboxes[0].next()} == {
            "profile://ana",
            "profile://ana/history",
        }
        await first.unsubscribe_resource("profile://ana/history")
        await pin(service, "ana", "I live in Oslo.")
        assert await inboxes[0].next() == "profile://ana"
        await pin(service, "bob", "I am a nurse.")
        assert await inboxes[1].next() == "profile://bob"
        assert inboxes[0].uris.empty()


@pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")
async def test_a_closed_session_is_forgotten(service: ProfileService) -> None:
    server = build_server(service)
    for _ in range(3):
        async with Client(server, mode="legacy") as client:
            await client.subscribe_resource("profile://ana")
            assert len(server.changes._watchers) == 1
    assert server.changes._watchers == {}
    await pin(service, "ana", "I am vegetarian.")


async def test_a_bound_server_lets_nobody_listen_to_another_user(service: ProfileService) -> None:
    async with Client(build_server(service, user_id="ana")) as client:
        for uri in ("profile://bob", "profile://%62ob", "profile://ana/../bob", "other://ana"):
            with pytest.raises(MCPError, match="serves only profile://ana") as caught:
                async with client.listen(resource_subscriptions=["profile://ana", uri]):
                    pass
            assert caught.value.error.code == INVALID_PARAMS


async def test_a_bound_server_lets_no_legacy_session_subscribe_to_another_user(
    service: ProfileService,
) -> None:
    async with Client(build_server(service, user_id="ana"), mode="legacy") as client:
        with (
            pytest.warns(MCPDeprecationWarning),
            pytest.raises(MCPError, match="serves only profile://ana"),
        ):
            await client.subscribe_resource("profile://bob")


@pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")
async def test_a_change_made_by_another_process_is_told_too(
    start_http: StartHttp, tmp_path: Path, era: Era
) -> None:
    db = tmp_path / "p.db"
    watched, other = start_http(db), start_http(db)
    inbox = Inbox()
    async with (
        Client(other.url) as writer,
        Client(watched.url, mode=era, message_handler=inbox) as client,
    ):
        await writer.call_tool("revise_profile", {"user_id": "bob", "statement": "I live in Oslo."})
        if era == "legacy":
            await client.subscribe_resource("profile://ana")
            await pin_over(writer)
            assert await inbox.next() == "profile://ana"
            return
        async with client.listen(resource_subscriptions=["profile://ana"]) as told:
            await pin_over(writer)
            assert await next_of(told) == "profile://ana"
            await writer.call_tool("revise_profile", {"user_id": "ana", "forget": "*"})
            assert await next_of(told) == "profile://ana"


async def pin_over(writer: Client) -> None:
    for user in ("bob", "ana"):
        await writer.call_tool("revise_profile", {"user_id": user, "statement": "I am vegetarian."})


async def test_nobody_is_asked_for_changes_that_nobody_watches(service: ProfileService) -> None:
    server = build_server(service)
    async with Client(server) as client:
        async with client.listen(resource_subscriptions=["profile://ana"]) as told:
            assert server.changes._stop is not None
            await pin(service, "ana", "I am vegetarian.")
            await next_of(told)
        async with client.listen(resource_subscriptions=["profile://ana"]) as told:
            await pin(service, "ana", "I live in Oslo.")
            await next_of(told)
        await client.call_tool("get_user_profile", {"user_id": "ana"})
    assert server.changes._stop is None
