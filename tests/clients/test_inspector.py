"""MCP Inspector's command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.clients.conftest import Run, StartUrl

pytestmark = pytest.mark.node

INSPECTOR = "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"


@pytest.fixture(params=["stdio", "http"])
def inspect(
    request: pytest.FixtureRequest, run_node: Run, serve_command: list[str], start_url: StartUrl
) -> Any:  # noqa: ANN401
    """Runs one method through the Inspector and returns what it printed, as JSON."""
    if request.param == "http":
        url = start_url([*serve_command, "--transport", "http", "--port", "0"])
        where = ["--server-url", url, "--transport", "http"]
    else:
        where = serve_command

    def run(method: str, *options: str, era: str = "modern") -> Any:  # noqa: ANN401
        ended = run_node(
            INSPECTOR,
            "--cli",
            *where,
            "--protocol-era",
            era,
            "--method",
            method,
            *options,
            "--format",
            "json",
        )
        assert ended.returncode == 0, ended.stderr + ended.stdout
        return json.loads(ended.stdout)["result"]

    return run


@pytest.mark.parametrize("era", ["modern", "legacy"])
def test_the_inspector_lists_and_calls_the_tools(inspect: Any, era: str) -> None:  # noqa: ANN401
    tools = inspect("tools/list", "--strict", era=era)["tools"]
    assert [tool["name"] for tool in tools] == ["get_user_profile", "observe_interaction", "revise_profile"]
    called = inspect(
        "tools/call", "--tool-name", "observe_interaction", "--tool-arg", "chosen=Alien", era=era
    )
    assert called["structuredContent"] == {"status": "accepted", "pending": 1}
    profile = inspect("tools/call", "--tool-name", "get_user_profile", "--tool-arg", "fresh=true", era=era)
    assert profile["structuredContent"]["interactions"] == 1


def test_the_inspector_reads_the_profile_and_gets_the_prompt(inspect: Any) -> None:  # noqa: ANN401
    inspect("tools/call", "--tool-name", "revise_profile", "--tool-arg", "statement=I am vegetarian.")
    (contents,) = inspect("resources/read", "--uri", "profile://ana")["contents"]
    assert "- I am vegetarian." in contents["text"]
    (message,) = inspect("prompts/get", "--prompt-name", "personalize")["messages"]
    assert "I am vegetarian." in message["content"]["text"]
