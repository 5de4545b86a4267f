"""The frameworks' own MCP adapters speak to the same server, with no code of ours."""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

TOOLS = {"get_user_profile", "observe_interaction", "revise_profile"}


async def test_langchains_mcp_adapter_hands_an_agent_our_tools(
    make_model: Any, shared_server: Any, user: str, elsewhere: Any
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It is in beta, and says so on import.
        MCPAdapter = pytest.importorskip("langchain.mcp").MCPAdapter  # noqa: N806
    model = make_model()
    call = {"name": "observe_interaction", "args": {"user_id": user, "chosen": "a curry"}}
    async with MCPAdapter(shared_server.url) as adapter:
        tools = await adapter.list_tools()
        assert {tool.name for tool in tools} == TOOLS
        agent = create_agent(model, tools)
        model.steps[:] = [AIMessage("", tool_calls=[{**call, "id": "1", "type": "tool_call"}]), "Done."]
        ended = await agent.ainvoke({"messages": [HumanMessage("I take the curry.")]})
    (answer,) = [m for m in ended["messages"] if isinstance(m, ToolMessage)]
    assert "accepted" in str(answer.text)
    assert await elsewhere.said(user) == ["a curry"]


async def test_llama_indexs_mcp_tool_spec_hands_an_agent_our_tools(tmp_path: Path) -> None:
    theirs = pytest.importorskip("llama_index.tools.mcp")
    db = tmp_path / "profiles.db"
    client = theirs.BasicMCPClient(
        sys.executable, args=["-m", "prosona.cli", "serve", "--user", "ana", "--db", str(db)]
    )
    tools = {str(t.metadata.name): t for t in await theirs.McpToolSpec(client).to_tool_list_async()}
    assert set(tools) == TOOLS
    await asyncio.wait_for(tools["revise_profile"].acall(statement="I am vegetarian."), 30)
    read = await asyncio.wait_for(tools["get_user_profile"].acall(), 30)
    assert "I am vegetarian." in json.dumps(read.raw_output, default=str)
