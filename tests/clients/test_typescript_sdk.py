"""The TypeScript SDK's client, in both eras and over both transports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.clients.conftest import Run, StartUrl

pytestmark = pytest.mark.node


@pytest.mark.parametrize("transport", ["stdio", "http"])
@pytest.mark.parametrize("era", ["2026-07-28", "legacy"])
def test_the_typescript_client_uses_everything_that_the_server_offers(
    run_node: Run, serve_command: list[str], start_url: StartUrl, era: str, transport: str
) -> None:
    if transport == "http":
        where = [start_url([*serve_command, "--transport", "http", "--port", "0"])]
    else:
        where = serve_command
    ended = run_node("session.mjs", era, transport, *where)
    assert ended.returncode == 0, ended.stderr
    story: dict[str, Any] = json.loads(ended.stdout)

    assert story["server"] == "prosona"
    assert story["protocol"] == (era if era != "legacy" else "2025-11-25")
    assert story["instructions"].startswith("Prosona keeps one text profile")
    assert story["tools"] == ["get_user_profile", "observe_interaction", "revise_profile"]
    assert story["observed"]["structuredContent"] == {"status": "accepted", "pending": 1}
    assert story["refused"]["isError"] is True
    assert "unknown argument 'bogus'" in story["refused"]["content"][0]["text"]
    assert "I am vegetarian." in story["pinned"]["structuredContent"]["text"]
    assert story["changed"] == "profile://ana"
    conflict = story["conflict"]
    assert conflict["isError"] is True
    assert conflict["_meta"]["prosona/error"]["proposed"] == "Likes short stories."
    assert "Likes long novels." in conflict["_meta"]["prosona/error"]["current"]["text"]
    profile = story["profile"]["structuredContent"]
    assert json.loads(story["profile"]["content"][0]["text"]) == profile
    assert (profile["interactions"], profile["pending"]) == (1, 0)
    assert story["resource"]["mimeType"] == "text/markdown"
    assert "Likes long novels." in story["resource"]["text"]
    assert {"statement", "edit"} <= {revision["cause"] for revision in story["history"]}
    assert next(r for r in story["history"] if r["cause"] == "edit")["actor"] == "typescript-sdk"
    assert "<user_profile>" in story["prompt"]
    assert story["completion"]["values"] == ["ana"]
