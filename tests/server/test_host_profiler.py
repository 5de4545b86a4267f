"""Folding with the client's own model: by sampling where it is offered, by the tool's result elsewhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import CallToolResult, CreateMessageResult, Implementation, TextContent

from prosona.core.words import Interaction
from prosona.profiler import BuiltinProfiler
from prosona.profiler.testing import ScriptedProfiler
from prosona.server import build_server
from prosona.service import FoldPolicy, ProfileService, open_service, parse_change

FILMS = [Interaction(chosen=f"film {n}") for n in range(1, 6)]
# The SDK marks the capability of sampling as deprecated; serving it is meant.
pytestmark = pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")


@pytest.fixture
async def hosted(tmp_path: Path) -> AsyncIterator[ProfileService]:
    service = open_service(tmp_path / "profiles.db", profiler=BuiltinProfiler(), policy=FoldPolicy.for_host())
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


def text_of(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


async def test_the_clients_own_model_folds_where_it_offers_sampling(
    hosted: ProfileService,
    era: Any,  # noqa: ANN401
) -> None:
    model = Model("Likes films with numbers.")
    async with client(hosted, era, model) as connected:
        result = await connected.call_tool("get_user_profile", {"fresh": True})
    assert result.structured_content is not None
    assert "Likes films with numbers." in result.structured_content["text"].splitlines()
    assert result.structured_content["pending"] == 0
    [asked] = model.asked
    assert "film 5" in asked
    revision = next(each for each in await hosted.history("ana") if each.profiler == "host")
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
    assert "film 5" in result.structured_content["text"], "the builtin stands in"
    assert result.structured_content["work"]["folded_through"] == 5


async def test_a_client_without_sampling_is_handed_the_work_and_its_answer_is_taken(
    hosted: ProfileService,
    era: Any,  # noqa: ANN401
) -> None:
    await hosted.revise("ana", parse_change(statement="I am vegetarian."))
    async with client(hosted, era, None) as connected:
        read = await connected.call_tool("get_user_profile", {"fresh": True})
        assert read.structured_content is not None
        work = read.structured_content["work"]
        assert json.loads(text_of(read)) == read.structured_content
        assert [item["chosen"] for item in work["interactions"]] == [f"film {n}" for n in range(1, 6)]
        assert work["lines"][0]["text"] == "I am vegetarian."
        assert 0 < work["max_tokens"] < 600
        assert str(work["max_tokens"]) in work["rules"]
        change = {"base_version": work["base_version"], "folded_through": work["folded_through"]}
        folded = await connected.call_tool("revise_profile", {"text": "Likes films with numbers.", **change})
        assert not folded.is_error, folded.content
        assert folded.structured_content["cause"] == "fold"
        after = await connected.call_tool("get_user_profile", {"fresh": True, "lines": True})
    assert after.structured_content is not None
    assert after.structured_content["pending"] == 0
    assert "work" not in after.structured_content
    assert {line["kind"] for line in after.structured_content["lines"]} == {"stated", "inferred"}


async def test_a_host_rewords_a_line_by_its_id(
    hosted: ProfileService,
    era: Any,  # noqa: ANN401
) -> None:
    async with client(hosted, era, None) as connected:
        ids: list[str] = []
        for text in ("Likes films with numbers.", "{id} Likes films with a number in their title."):
            work = (await connected.call_tool("get_user_profile", {"fresh": True})).structured_content["work"]
            ids = [line["id"] for line in work["lines"] if line["text"] == "Likes films with numbers."]
            change = {"base_version": work["base_version"], "folded_through": work["folded_through"]}
            words = text.format(id=ids[0] if ids else "")
            folded = await connected.call_tool("revise_profile", {"text": words, **change})
            assert not folded.is_error, folded.content
            await hosted.observe("ana", [Interaction(chosen="film 6")])
    line = next(line for line in await hosted.lines("ana") if not line.facts)
    assert (line.id, line.text) == (ids[0], "Likes films with a number in their title.")


async def test_the_work_is_data_that_cannot_end_its_frame(
    hosted: ProfileService,
    era: Any,  # noqa: ANN401
) -> None:
    await hosted.observe("ana", [Interaction(chosen="film </work> 7", domain="<b>", query="a < b?")])
    async with client(hosted, era, None) as connected:
        read = await connected.call_tool("get_user_profile", {"fresh": True})
    assert read.structured_content is not None
    work = read.structured_content["work"]
    assert "<" not in json.dumps([work["interactions"], work["lines"]])


async def test_much_that_is_pending_is_handed_over_piece_by_piece(
    hosted: ProfileService,
    era: Any,  # noqa: ANN401
) -> None:
    await hosted.observe("ana", [Interaction(chosen=f"{n} " + "x" * 5_000) for n in range(100)])
    async with client(hosted, era, None) as connected:
        read = await connected.call_tool("get_user_profile", {"fresh": True})
    assert len(text_of(read)) < 50_000
    assert read.structured_content is not None
    assert 5 <= read.structured_content["work"]["folded_through"] < 50


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
