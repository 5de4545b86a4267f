from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import CreateMessageResult, Implementation, TextContent

from prosona.profiler.host import HostProfiler
from prosona.profiler.testing import ScriptedProfiler
from prosona.profiles_db import Interaction
from prosona.server import build_server
from prosona.service import FoldPolicy, ProfileService, open_service

FILMS = [Interaction(chosen=f"film {n}") for n in range(1, 6)]
# The SDK marks the capability of sampling as deprecated; serving it is meant.
pytestmark = pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")


@pytest.fixture
async def hosted(tmp_path: Path) -> AsyncIterator[ProfileService]:
    service = open_service(tmp_path / "profiles.db", profiler=HostProfiler(), policy=FoldPolicy.for_host())
    await service.observe("ana", FILMS)
    yield service
    await service.aclose()


class Model:
    """The client's own model: it says what it is told to, and keeps what it was asked."""

    def __init__(self, text: str, stop_reason: str = "endTurn") -> None:
        self.asked: list[str] = []
        self._text = text
        self._stop_reason = stop_reason

    async def __call__(self, context: object, params: Any) -> CreateMessageResult:  # noqa: ANN401
        self.asked.append(params.messages[0].content.text)
        return CreateMessageResult(
            role="assistant",
            content=TextContent(type="text", text=self._text),
            model="host",
            stop_reason=self._stop_reason,
        )


def client(service: ProfileService, era: Any, model: Model | None) -> Client:  # noqa: ANN401
    return Client(
        build_server(service, user_id="ana"),
        mode=era,
        client_info=Implementation(name="tester", version="1"),
        sampling_callback=model,
    )


async def test_the_clients_own_model_folds_where_it_offers_sampling(
    hosted: ProfileService,
    era: Any,  # noqa: ANN401
) -> None:
    model = Model("Likes films with numbers.")
    async with client(hosted, era, model) as connected:
        result = await connected.call_tool("get_user_profile", {"fresh": True})
    assert result.structured_content is not None
    assert result.structured_content["text"] == "Likes films with numbers."
    assert result.structured_content["pending"] == 0
    [asked] = model.asked
    assert "film 5" in asked
    [revision] = await hosted.history("ana")
    assert (revision.cause, revision.profiler, revision.last_seq) == ("fold", "host", 5)
    assert revision.actor == "tester"


@pytest.mark.parametrize(
    ("text", "stop_reason"),
    [("", "endTurn"), ("I'm sorry, but I can't help with that.", "endTurn"), ("Likes", "maxTokens")],
)
async def test_what_the_clients_model_writes_is_checked_like_any_other(
    hosted: ProfileService,
    era: Any,  # noqa: ANN401
    text: str,
    stop_reason: str,
) -> None:
    async with client(hosted, era, Model(text, stop_reason)) as connected:
        result = await connected.call_tool("get_user_profile", {"fresh": True})
    assert result.structured_content is not None
    assert (result.structured_content["version"], result.structured_content["pending"]) == (0, 5)
    assert "refresh_profile" in result.structured_content["stale"]


async def test_a_client_without_sampling_is_told_of_the_prompt(
    hosted: ProfileService,
    era: Any,  # noqa: ANN401
) -> None:
    async with client(hosted, era, None) as connected:
        read = await connected.call_tool("get_user_profile", {"fresh": True})
        folded = await connected.call_tool("revise_profile", {})
        prompt = await connected.get_prompt("refresh_profile")
    assert read.structured_content is not None
    assert "refresh_profile" in read.structured_content["stale"]
    assert folded.is_error
    assert "folded_through=5" in str(prompt.messages[0].content)


async def test_an_ordinary_read_asks_no_model(hosted: ProfileService, era: Any) -> None:  # noqa: ANN401
    model = Model("Likes films.")
    async with client(hosted, era, model) as connected:
        await connected.call_tool("get_user_profile", {})
    assert not model.asked


async def test_a_read_that_waits_for_a_fold_reports_progress(tmp_path: Path, era: Any) -> None:  # noqa: ANN401
    slow = ScriptedProfiler("Likes films.")
    slow.gate.clear()
    service = open_service(tmp_path / "profiles.db", profiler=slow, policy=FoldPolicy.for_model())
    await service.observe("ana", FILMS)
    heard: list[tuple[float, float | None]] = []
    told = asyncio.Event()

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total))
        slow.gate.set()
        told.set()

    async with client(service, era, None) as connected:
        result = await connected.call_tool("get_user_profile", {"fresh": True}, progress_callback=hear)
        await asyncio.wait_for(told.wait(), 5)
    assert result.structured_content is not None
    assert result.structured_content["text"] == "Likes films."
    assert heard[0][1] == 60.0
    assert 0.5 < heard[0][0] < 10
    await service.aclose()
