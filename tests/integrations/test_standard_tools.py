"""LangChain's own standard tests, on each of our tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from prosona.client import ProfileClient
from prosona.langchain import profile_tools

EXAMPLES: dict[str, dict[str, Any]] = {
    "get_user_profile": {},
    "observe_interaction": {"chosen": "a vegetarian curry", "rejected": "beef stew", "domain": "food"},
    "revise_profile": {"statement": "I am vegetarian."},
}


@pytest.fixture(scope="module", autouse=True)
def _one_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with ProfileClient.local(tmp_path_factory.mktemp("standard") / "profiles.db") as client:
        _Tool.tools = {tool.name: tool for tool in profile_tools(client, "ana")}
        yield


class _Tool:
    tools: dict[str, BaseTool]
    which: str

    @property
    def tool_constructor(self) -> BaseTool:
        return self.tools[self.which]

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return EXAMPLES[self.which]


class TestGetUnit(_Tool, ToolsUnitTests):
    which = "get_user_profile"


class TestGetIntegration(_Tool, ToolsIntegrationTests):
    which = "get_user_profile"


class TestObserveUnit(_Tool, ToolsUnitTests):
    which = "observe_interaction"


class TestObserveIntegration(_Tool, ToolsIntegrationTests):
    which = "observe_interaction"


class TestReviseUnit(_Tool, ToolsUnitTests):
    which = "revise_profile"


class TestReviseIntegration(_Tool, ToolsIntegrationTests):
    which = "revise_profile"


def test_every_tool_of_ours_is_tested() -> None:
    assert set(_Tool.tools) == set(EXAMPLES)
