"""A LangChain agent, a LlamaIndex agent and an MCP host share one profile: what one learns, the others use.

    python examples/agents/shared_profile.py [DATABASE]

Runs offline with a scripted model; see `models.py` for a real one.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from llama_index.core.agent.workflow import FunctionAgent
from mcp import Client, StdioServerParameters
from models import langchain_model, llama_index_model

from prosona.client import ProfileClient
from prosona.langchain import ProfileMiddleware
from prosona.llama_index import ProfileMemory

USER = "mira"


def langchain_agent(client: ProfileClient, said: str) -> str:
    """One turn with an agent of LangChain."""
    agent = create_agent(langchain_model(), middleware=[ProfileMiddleware(client, user_id=USER)])
    ended = agent.invoke({"messages": [HumanMessage(said)]})
    return str(ended["messages"][-1].text)


async def llama_index_agent(client: ProfileClient, said: str) -> str:
    """One turn with an agent of LlamaIndex."""
    agent = FunctionAgent(llm=llama_index_model(), streaming=False)
    return str(await agent.run(user_msg=said, memory=ProfileMemory.from_client(client, USER)))


async def mcp_host(db: Path, statement: str) -> str:
    """A host that speaks MCP: pins a line in the user's words, then reads the profile."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "prosona.cli", "serve", "--user", USER, "--db", str(db)]
    )
    async with Client(server) as host:
        await host.call_tool("revise_profile", {"statement": statement})
        result = await host.call_tool("get_user_profile", {})
    content = result.structured_content or {}
    return str(content["text"])


def main(db: Path) -> None:
    """Has the three speak in turn."""
    with ProfileClient.local(db, agent="examples") as client:
        print("LangChain:  ", langchain_agent(client, "I am vegetarian and I live in Oslo."))
        print("LlamaIndex: ", asyncio.run(llama_index_agent(client, "I work as a nurse.")))
        print("MCP host:   ", asyncio.run(mcp_host(db, "Keep answers short.")).replace("\n", " "))
        print("LangChain:  ", langchain_agent(client, "What do you know about me?"))
    print(f"The profile lies in {db}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else Path(tempfile.mkdtemp()) / "profiles.db")
