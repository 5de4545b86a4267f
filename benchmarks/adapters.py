"""What an adapter adds to one model call, and to one turn.

    python benchmarks/adapters.py [--turns 200]

A model that answers at once is called through each adapter, in process and over HTTP. Beside each call
stands its floor, made by turns with it: one bare `get` (or `observe`) of the same client, which over
HTTP is one round trip; for LlamaIndex also the plain `Memory` underneath. What the adapter adds to
its floor must stay under 2 ms, and over HTTP must not be another round trip. Needs the extras
`langchain` and `llama-index`.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langchain.agents.middleware import ModelRequest, ModelResponse
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langgraph.runtime import Runtime
from llama_index.core.llms import ChatMessage
from llama_index.core.memory import Memory

from prosona.client import AsyncProfileClient, ProfileClient
from prosona.langchain import ProfileMiddleware, with_profile
from prosona.llama_index import ProfileMemory

USER = "ana"
LIMIT_MS = 2.0


@contextmanager
def served(db: Path) -> Iterator[str]:
    """The URL of a server on `db`."""
    command = [sys.executable, "-m", "prosona.cli", "serve", "--db", str(db), "--transport", "http"]
    with subprocess.Popen([*command, "--port", "0"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "http://" in line)
        found = re.search(r"http://\S+", line)
        assert found
        yield found.group()
        process.terminate()


Row = tuple[str, list[float], list[float]]
"""What was measured, and the milliseconds of each call and of the floor beside it."""


def timed(name: str, turns: int, call: Callable[[int], object], floor: Callable[[int], object]) -> Row:
    """Calls both by turns, so that a busy machine slows both, after a tenth to warm up."""
    taken: tuple[list[float], list[float]] = ([], [])
    for n in range(turns + turns // 10):
        for kept, made in zip(taken, (call, floor), strict=True):
            began = time.perf_counter()
            made(n)
            kept.append((time.perf_counter() - began) * 1000)
    return name, taken[0][turns // 10 :], taken[1][turns // 10 :]


async def atimed(
    name: str,
    turns: int,
    call: Callable[[int], Awaitable[object]],
    floor: Callable[[int], Awaitable[object]],
) -> Row:
    """`timed` on an event loop."""
    taken: tuple[list[float], list[float]] = ([], [])
    for n in range(turns + turns // 10):
        for kept, made in zip(taken, (call, floor), strict=True):
            began = time.perf_counter()
            await made(n)
            kept.append((time.perf_counter() - began) * 1000)
    return name, taken[0][turns // 10 :], taken[1][turns // 10 :]


def request() -> ModelRequest[Any]:
    """A model call as `create_agent` makes it."""
    model: BaseChatModel = FakeListChatModel(responses=["ok"])
    return ModelRequest(
        model=model,
        messages=[HumanMessage("Hello.")],
        system_message=SystemMessage("You help."),
        state={"messages": []},
        runtime=Runtime(),
    )


ANSWER: ModelResponse[Any] = ModelResponse(result=[AIMessage("ok")])


def sync_rows(client: ProfileClient, turns: int) -> Iterator[Row]:
    """What the synchronous adapters of LangChain take."""
    middleware = ProfileMiddleware(client, user_id=USER)
    model: BaseChatModel = FakeListChatModel(responses=["ok"])
    chain = with_profile(model, client, USER, observe=False)
    made = request()
    yield timed(
        "LangChain agent, model call",
        turns,
        lambda n: middleware.wrap_model_call(made, lambda r: ANSWER),
        lambda n: client.get(USER),
    )
    yield timed(
        "LangChain chain, model call", turns, lambda n: chain.invoke("Hello."), lambda n: client.get(USER)
    )
    yield timed(
        "LangChain agent, end of a turn",
        turns,
        lambda n: middleware.after_agent({"messages": [HumanMessage("Hello.", id=f"{n}")]}, Runtime()),
        lambda n: client.observe(USER, chosen="Hello."),
    )


async def async_rows(client: AsyncProfileClient, turns: int) -> list[Row]:
    """What the asynchronous adapters take."""
    middleware = ProfileMiddleware(client, user_id=USER)
    made = request()

    async def handler(asked: ModelRequest[Any]) -> ModelResponse[Any]:
        return ANSWER

    memory = ProfileMemory.from_client(client, USER)
    plain = Memory.from_defaults()
    for either in (memory, plain):
        await either.aset([ChatMessage(role="user", content="Hello.")])

    async def floor(n: int) -> None:
        """What LlamaIndex takes for its own part, and a read of the profile."""
        await plain.aget()
        await client.get(USER)

    return [
        await atimed(
            "LangChain agent, model call, async",
            turns,
            lambda n: middleware.awrap_model_call(made, handler),
            lambda n: client.get(USER),
        ),
        await atimed("LlamaIndex memory, model call, async", turns, lambda n: memory.aget(), floor),
    ]


def show(where: str, rows: Iterable[Row]) -> None:
    """Prints each row, and whether what the adapter adds keeps to its limit."""
    for name, taken, floor in rows:
        half, bare = statistics.median(taken), statistics.median(floor)
        worst = sorted(taken)[int(len(taken) * 0.99) - 1]
        # A second round trip would double the floor; a busy machine moves it by less.
        kept = half - bare <= LIMIT_MS or (where == "remote" and half < 1.5 * bare)
        verdict = "ok" if kept else "TOO SLOW"
        print(f"{f'{where}: {name}':<46}{half:>8.2f}{worst:>8.2f}{bare:>8.2f}{half - bare:>8.2f}  {verdict}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--turns", type=int, default=200)
    turns = parser.parse_args().turns
    db = Path(tempfile.mkdtemp()) / "profiles.db"
    with ProfileClient.local(db) as client:
        client.revise(USER, statement="I am vegetarian.")
    print(f"{'ms':<46}{'p50':>8}{'p99':>8}{'floor':>8}{'added':>8}")

    async def alocal() -> list[Row]:
        async with AsyncProfileClient.local(db) as client:
            return await async_rows(client, turns)

    async def aremote(url: str) -> list[Row]:
        async with AsyncProfileClient.connect(url) as client:
            return await async_rows(client, turns)

    with ProfileClient.local(db) as client:
        show("local", sync_rows(client, turns))
    show("local", asyncio.run(alocal()))
    with served(db) as url:
        with ProfileClient.connect(url) as client:
            show("remote", sync_rows(client, turns))
        show("remote", asyncio.run(aremote(url)))


if __name__ == "__main__":
    main()
