"""Agents of both frameworks behind one driver, so that one contract is tested on all of them."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from langchain.agents import create_agent
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable
from langgraph.checkpoint.memory import InMemorySaver
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ToolCallBlock
from llama_index.core.chat_engine import SimpleChatEngine
from llama_index.core.llms import ChatMessage
from llama_index.core.llms.mock import MockFunctionCallingLLM
from pydantic import Field

from prosona.client import AsyncProfileClient, ProfileClient
from prosona.client.calls import LocalCalls
from prosona.core.words import Profile, RecordedInteraction
from prosona.langchain import ProfileMiddleware, with_profile
from prosona.llama_index import ProfileMemory
from prosona.profiler import BuiltinProfiler
from prosona.profiles_db import SQLiteStore
from prosona.service import ProfileService, open_service

Step = str | int | Exception
"""What a scripted model does when called: answer, call the tool so many times at once, or fail."""
AnyClient = ProfileClient | AsyncProfileClient

_SYSTEM = "You are a careful helper."


def look(place: str = "here") -> str:
    """Look around."""
    return f"nothing {place}"


class ScriptedChatModel(BaseChatModel):
    """A LangChain chat model that does what `steps` say, and keeps the system text of each call."""

    steps: list[Any] = Field(default_factory=list)
    seen: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.seen.append("\n".join(str(m.text) for m in messages if isinstance(m, SystemMessage)))
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, AIMessage):
            message = step
        elif isinstance(step, int):
            calls = [
                {"name": "look", "args": {"place": f"at {n}"}, "id": f"{uuid.uuid4()}", "type": "tool_call"}
                for n in range(step)
            ]
            message = AIMessage("", tool_calls=calls)
        else:
            message = AIMessage(step)
        return ChatResult(generations=[ChatGeneration(message=message)])


def scripted_llm(steps: list[Step], seen: list[str]) -> MockFunctionCallingLLM:
    """The same for LlamaIndex."""

    def respond(messages: Sequence[ChatMessage], **kwargs: Any) -> ChatMessage:
        seen.append("\n".join(m.content or "" for m in messages if m.role == "system"))
        step = steps.pop(0)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, ChatMessage):
            return step
        if isinstance(step, int):
            calls = [
                ToolCallBlock(tool_call_id=f"{uuid.uuid4()}", tool_name="look", tool_kwargs={"place": f"{n}"})
                for n in range(step)
            ]
            return ChatMessage(role="assistant", blocks=calls)
        return ChatMessage(role="assistant", content=step)

    return MockFunctionCallingLLM(response_generator=respond)


class Agent(Protocol):
    """A conversation with one agent about one user."""

    seen: list[str]
    """The system text of every model call."""
    uses_tools: bool

    async def say(self, text: str, *steps: Step, stream: bool = False) -> None:
        """One turn; the model does `steps`, and answers "Noted." without any."""

    async def say_again(self, text: str) -> None:
        """The same turn again, after it failed."""


class LangChainAgent:
    uses_tools = True

    def __init__(self, client: AnyClient, user_id: str, blocking: bool) -> None:
        self._model = ScriptedChatModel()
        self.seen = self._model.seen
        self._blocking = blocking
        self._config: Any = {"configurable": {"thread_id": str(uuid.uuid4())}}
        self._agent = create_agent(
            self._model,
            [look],
            system_prompt=_SYSTEM,
            middleware=[ProfileMiddleware(client, user_id=user_id)],
            checkpointer=InMemorySaver(),
        )

    async def say(self, text: str, *steps: Step, stream: bool = False) -> None:
        self._model.steps[:] = steps or ["Noted."]
        await self._run({"messages": [HumanMessage(text)]}, stream)

    async def say_again(self, text: str) -> None:
        self._model.steps[:] = ["Noted."]
        await self._run(None, False)

    async def _run(self, given: Any, stream: bool) -> None:
        agent, config = self._agent, self._config
        if self._blocking and stream:
            await asyncio.to_thread(lambda: list(agent.stream(given, config, stream_mode="messages")))
        elif self._blocking:
            await asyncio.to_thread(agent.invoke, given, config)
        elif stream:
            _ = [chunk async for chunk in agent.astream(given, config, stream_mode="messages")]
        else:
            await agent.ainvoke(given, config)


class LangChainChain:
    uses_tools = False

    def __init__(self, client: AnyClient, user_id: str, blocking: bool) -> None:
        self._model = ScriptedChatModel()
        self.seen = self._model.seen
        self._blocking = blocking
        prompt = ChatPromptTemplate([("system", _SYSTEM), ("user", "{said}")])
        self._chain = prompt | with_profile(self._model, client, user_id)

    async def say(self, text: str, *steps: Step, stream: bool = False) -> None:
        self._model.steps[:] = steps or ["Noted."]
        given = {"said": text}
        if self._blocking and stream:
            await asyncio.to_thread(lambda: list(self._chain.stream(given)))
        elif self._blocking:
            await asyncio.to_thread(self._chain.invoke, given)
        elif stream:
            _ = [chunk async for chunk in self._chain.astream(given)]
        else:
            await self._chain.ainvoke(given)

    async def say_again(self, text: str) -> None:
        await self.say(text)


class LlamaIndexChatEngine:
    uses_tools = False

    def __init__(self, client: AnyClient, user_id: str, blocking: bool) -> None:
        self._steps: list[Step] = []
        self.seen: list[str] = []
        self._blocking = blocking
        self._engine = SimpleChatEngine.from_defaults(
            llm=scripted_llm(self._steps, self.seen),
            memory=ProfileMemory.from_client(client, user_id),
            system_prompt=_SYSTEM,
        )

    async def say(self, text: str, *steps: Step, stream: bool = False) -> None:
        self._steps[:] = steps or ["Noted."]
        if self._blocking and stream:
            await asyncio.to_thread(lambda: list(self._engine.stream_chat(text).response_gen))
        elif self._blocking:
            await asyncio.to_thread(self._engine.chat, text)
        elif stream:
            answer = await self._engine.astream_chat(text)
            _ = [token async for token in answer.async_response_gen()]
        else:
            await self._engine.achat(text)

    async def say_again(self, text: str) -> None:
        await self.say(text)


class LlamaIndexAgent:
    uses_tools = True

    def __init__(self, client: AnyClient, user_id: str, blocking: bool) -> None:
        self._steps: list[Step] = []
        self.seen: list[str] = []
        self._memory = ProfileMemory.from_client(client, user_id)
        self._streaming, self._plain = (
            FunctionAgent(
                tools=[look],
                llm=scripted_llm(self._steps, self.seen),
                system_prompt=_SYSTEM,
                streaming=streaming,
            )
            for streaming in (True, False)
        )

    async def say(self, text: str, *steps: Step, stream: bool = False) -> None:
        self._steps[:] = steps or ["Noted."]
        agent = self._streaming if stream else self._plain
        handler = agent.run(user_msg=text, memory=self._memory)
        _ = [event async for event in handler.stream_events()]
        await handler

    async def say_again(self, text: str) -> None:
        await self.say(text)


FRAMEWORKS: dict[str, type[Any]] = {
    "langchain agent": LangChainAgent,
    "langchain chain": LangChainChain,
    "llama-index chat engine": LlamaIndexChatEngine,
    "llama-index agent": LlamaIndexAgent,
}
MODES = ("sync", "async", "async with the sync client")
KINDS = [
    (framework, mode)
    for framework in FRAMEWORKS
    for mode in MODES
    # LlamaIndex has no way to run its agents without an event loop.
    if not (framework == "llama-index agent" and mode == "sync")
]


class Server:
    """`prosona serve --transport http` on one file, which can go away and come back."""

    def __init__(self, db: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._db = db
        self.url = f"http://127.0.0.1:{self._port}/mcp"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "prosona.cli", "serve", "--db", str(self._db)]
        self._process = subprocess.Popen(
            [*command, "--transport", "http", "--port", str(self._port)],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stderr is not None
        lines = iter(self._process.stderr.readline, "")
        assert any(re.search(r"http://\S+/mcp", line) for line in lines), "the server ended at once"

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            assert self._process.stderr is not None
            self._process.stderr.close()
            self._process = None


class Elsewhere:
    """The same profiles seen by somebody else: another process, another client."""

    def __init__(self, db: Path) -> None:
        self.db = db

    async def interactions(self, user_id: str) -> list[RecordedInteraction]:
        service = open_service(self.db)
        try:
            return await service.interactions(user_id)
        finally:
            await service.aclose()

    async def said(self, user_id: str) -> list[str | None]:
        return [item.chosen for item in await self.interactions(user_id)]

    async def profile(self, user_id: str) -> Profile:
        async with AsyncProfileClient.local(self.db) as client:
            return await client.get(user_id)

    async def state(self, user_id: str, statement: str) -> None:
        async with AsyncProfileClient.local(self.db) as client:
            await client.revise(user_id, statement=statement)


@pytest.fixture(scope="session")
def shared_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared") / "profiles.db"


@pytest.fixture(scope="session")
def shared_server(shared_db: Path) -> Iterator[Server]:
    server = Server(shared_db)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def elsewhere(shared_db: Path) -> Elsewhere:
    return Elsewhere(shared_db)


@pytest.fixture
def make_model() -> Callable[[], ScriptedChatModel]:
    """Makes a scripted LangChain model."""
    return ScriptedChatModel


@pytest.fixture
def make_llm() -> Callable[[list[Step], list[str]], MockFunctionCallingLLM]:
    """Makes a scripted LlamaIndex model of its steps and where to keep what it saw."""
    return scripted_llm


@pytest.fixture
def user() -> str:
    return f"ana-{uuid.uuid4()}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of one test, not started."""
    server = Server(tmp_path / "profiles.db")
    yield server
    server.kill()


@asynccontextmanager
async def open_client(mode: str, target: Path | str) -> AsyncIterator[AnyClient]:
    remote = isinstance(target, str)
    if mode == "async":
        opened = AsyncProfileClient.connect(str(target)) if remote else AsyncProfileClient.local(target)
        async with opened as client:
            yield client
    else:
        blocking = ProfileClient.connect(str(target)) if remote else ProfileClient.local(target)
        try:
            yield blocking
        finally:
            await asyncio.to_thread(blocking.close)


@pytest.fixture(params=KINDS, ids=lambda kind: ", ".join(kind))
def kind(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A framework and a way to call it."""
    framework, mode = request.param
    return framework, mode


@pytest.fixture
def make_agent(kind: tuple[str, str]) -> Callable[[AnyClient, str], Agent]:
    """Makes agents of one kind."""
    framework, mode = kind
    return lambda client, user_id: FRAMEWORKS[framework](client, user_id, mode == "sync")


@pytest.fixture
def opened(kind: tuple[str, str]) -> Callable[[Path | str], Any]:
    """Opens a client of the kind that `make_agent` takes."""
    return lambda target: open_client(kind[1], target)


@pytest.fixture(params=["local", "remote"])
async def client(
    request: pytest.FixtureRequest, kind: tuple[str, str], shared_db: Path
) -> AsyncIterator[AnyClient]:
    """A client of the shared profiles, in process or through the shared server."""
    target = shared_db if request.param == "local" else request.getfixturevalue("shared_server").url
    async with open_client(kind[1], target) as opened_client:
        yield opened_client


@pytest.fixture
def impatient_client(kind: tuple[str, str]) -> Callable[[Path], AnyClient]:
    """A local client whose store waits 50 ms for a lock, not 10 s."""

    def make(db: Path) -> AnyClient:
        def open_one() -> AsyncProfileClient:
            store = SQLiteStore(db, busy_seconds=0.05)
            return AsyncProfileClient(LocalCalls(ProfileService(store, BuiltinProfiler()), "test"))

        return open_one() if kind[1] == "async" else ProfileClient(open_one)

    return make
