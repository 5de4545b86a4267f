"""How programs use the adapters. Checked by mypy, never run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_type

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langgraph.runtime import Runtime
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.memory import Memory

from prosona.client import AsyncProfileClient, ProfileClient, UndeliveredError
from prosona.core.requests import Receipt
from prosona.langchain import ProfileMiddleware, profile_tools, with_profile
from prosona.llama_index import ProfileMemory, ProfileMemoryBlock, ProfileToolSpec


@dataclass
class Context:
    user: str


def whose(runtime: Runtime[Any]) -> str:
    context: Context = runtime.context
    return context.user


def langchain_agents(model: BaseChatModel) -> None:
    with ProfileClient.local("profiles.db") as client:
        create_agent(model, middleware=[ProfileMiddleware(client, user_id="ana")])
        create_agent(model, middleware=[ProfileMiddleware(client, user_id=whose)], context_schema=Context)
        tools = profile_tools(client, "ana")
        assert_type(tools, list[BaseTool])
        create_agent(model, tools, middleware=[ProfileMiddleware(client, user_id="ana", observe=False)])


def langchain_chains(model: BaseChatModel) -> str:
    with ProfileClient.connect("http://127.0.0.1:8765/mcp", user_id="ana", token="secret") as client:
        personal = with_profile(model, client)
        assert_type(personal, Runnable[LanguageModelInput, AIMessage])
        with_profile(model, client, lambda config: str(config["configurable"]["user"]))
        chain = ChatPromptTemplate([("user", "{said}")]) | with_profile(model, client) | StrOutputParser()
        return chain.invoke({"said": "Hello."})


async def llama_index_agents(llm: FunctionCallingLLM) -> None:
    async with AsyncProfileClient.connect(["prosona", "serve"]) as client:
        memory = ProfileMemory.from_client(client, "ana", token_limit=8000)
        assert_type(memory, ProfileMemory)
        await FunctionAgent(llm=llm).run(user_msg="Hello.", memory=memory)
        Memory.from_defaults(memory_blocks=[ProfileMemoryBlock(client, "ana")])
        FunctionAgent(llm=llm, tools=[*ProfileToolSpec(client, "ana").to_tool_list()])


def feedback(client: ProfileClient) -> None:
    assert_type(client.chose("Alien", over=["Titanic"], query="a film?", domain="films"), Receipt)
    assert_type(client.corrected("Kind regards", "Cheers", query="sign it", user_id="ana"), Receipt)
    assert_type(client.rated("a short answer", liked=True), Receipt)
    assert_type(client.said("I sail.", answering="Any hobbies?"), Receipt)


async def later(client: AsyncProfileClient) -> None:
    assert_type(await client.context("ana"), str)
    assert_type(await client.observe_turn("I sail.", turn_id="t", user_id="ana"), Receipt | None)
    try:
        await client.aclose()
    except UndeliveredError as error:
        for user_id, interaction in error.interactions:
            assert_type(user_id, str | None)
            print(interaction["chosen"])
