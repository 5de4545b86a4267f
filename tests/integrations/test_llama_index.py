"""What LlamaIndex brings beyond the contract: people in the loop, the bare block, stored history, tools."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import DocumentBlock, TextBlock, ToolCallBlock
from llama_index.core.llms import ChatMessage
from llama_index.core.memory import Memory
from llama_index.core.workflow import Context, HumanResponseEvent, InputRequiredEvent

from prosona.client import ProfileClient
from prosona.llama_index import ProfileMemory, ProfileMemoryBlock, ProfileToolSpec


@pytest.fixture
def client(tmp_path: Path) -> Iterator[ProfileClient]:
    with ProfileClient.local(tmp_path / "profiles.db") as client:
        yield client


@pytest.fixture
def there(tmp_path: Path, elsewhere: Any) -> Any:
    return type(elsewhere)(tmp_path / "profiles.db")


async def ask(ctx: Context, question: str) -> str:
    """Ask the user."""
    answer = await ctx.wait_for_event(
        HumanResponseEvent, waiter_event=InputRequiredEvent(**{"prefix": question})
    )
    return str(answer.response)


async def test_a_run_that_waits_for_a_person_is_observed_once(
    client: ProfileClient, there: Any, make_llm: Any
) -> None:
    seen: list[str] = []
    call = ToolCallBlock(tool_call_id="1", tool_name="ask", tool_kwargs={"question": "Sure?"})
    steps: list[Any] = [ChatMessage(role="assistant", blocks=[call]), "Done."]
    agent = FunctionAgent(tools=[ask], llm=make_llm(steps, seen), streaming=False)
    memory = ProfileMemory.from_client(client, "ana")
    handler = agent.run(user_msg="Order for me.", memory=memory)
    async for event in handler.stream_events():
        if isinstance(event, InputRequiredEvent):
            assert await there.said("ana") == []
            handler.ctx.send_event(HumanResponseEvent(**{"response": "yes"}))
    await handler
    assert await there.said("ana") == ["Order for me."]


async def test_a_stored_history_taken_up_again_is_not_observed_again(
    client: ProfileClient, there: Any, tmp_path: Path
) -> None:
    uri = f"sqlite+aiosqlite:///{tmp_path}/chat.db"
    turn = [ChatMessage(role="user", content="I sail."), ChatMessage(role="assistant", content="Nice.")]
    for _ in range(2):
        memory = ProfileMemory.from_client(client, "ana", session_id="s", async_database_uri=uri)
        await memory.areset()
        await memory.aput_messages(turn)
    assert await there.said("ana") == ["I sail."]
    await memory.aput_messages(turn)
    assert await there.said("ana") == ["I sail.", "I sail."]


async def test_turns_are_observed_while_old_ones_fall_out_of_the_history(
    client: ProfileClient, there: Any
) -> None:
    memory = ProfileMemory.from_client(client, "ana", token_limit=60, token_flush_size=10)
    words = [f"This is what I said in turn number {n}." for n in range(8)]
    for text in words:
        await memory.aput(ChatMessage(role="user", content=text))
        await memory.aput(ChatMessage(role="assistant", content="I see, please go on."))
    assert len(await memory.aget()) < 8
    assert await there.said("ana") == words


async def test_the_block_alone_shows_the_profile_and_learns_nothing(
    client: ProfileClient, there: Any
) -> None:
    await there.state("ana", "I am vegetarian.")
    memory = Memory.from_defaults(
        memory_blocks=[ProfileMemoryBlock(client, "ana")], token_limit=40, token_flush_size=10
    )
    for n in range(6):
        await memory.aput(ChatMessage(role="user", content=f"A message of some words, number {n}."))
        await memory.aput(ChatMessage(role="assistant", content="An answer of some words."))
    first = (await memory.aget())[0]
    assert first.role == "system"
    assert "I am vegetarian." in (first.content or "")
    assert await there.said("ana") == []


def test_the_tools_serve_one_user_whom_the_model_cannot_choose(client: ProfileClient) -> None:
    tools = {str(tool.metadata.name): tool for tool in ProfileToolSpec(client, "ana").to_tool_list()}
    assert list(tools) == ["get_user_profile", "observe_interaction", "revise_profile"]
    for tool in tools.values():
        assert "user_id" not in tool.metadata.get_parameters_dict()["properties"]
        assert (tool.metadata.description or "").count("Call it") == 1
    assert "Nothing is known" in tools["get_user_profile"].call().content
    assert "I am vegetarian." in tools["revise_profile"].call(statement="I am vegetarian.").content
    observed = asyncio.run(tools["observe_interaction"].acall(chosen="a curry", rejected="beef stew"))
    assert observed.content == "accepted"
    assert "<user_profile>" in asyncio.run(tools["get_user_profile"].acall()).content
    assert "Nothing is known" in asyncio.run(tools["revise_profile"].acall(forget="*")).content


async def test_a_tool_that_fails_tells_the_model_why(client: ProfileClient, make_llm: Any) -> None:
    call = ToolCallBlock(tool_call_id="1", tool_name="observe_interaction", tool_kwargs={})
    seen: list[str] = []
    told: list[str] = []

    def answer(messages: Any, **kwargs: Any) -> ChatMessage:
        told.extend(m.content or "" for m in messages if m.role == "tool")
        return ChatMessage(
            role="assistant", content="Sorry." if told else None, blocks=None if told else [call]
        )

    llm = make_llm([], seen)
    llm.response_generator = answer
    agent = FunctionAgent(tools=[*ProfileToolSpec(client, "ana").to_tool_list()], llm=llm, streaming=False)
    await agent.run(user_msg="Note it.")
    assert "`chosen` or `rejected`" in told[0]


LETTER = "I am allergic to bees and I live in Rome. My boss hates me, and I hate my boss. " * 3


@pytest.mark.parametrize(
    "message",
    [
        ChatMessage(
            role="user",
            content=f"Context information is below.\n-----\n{LETTER}\n-----\nQuery: What now?\nAnswer: ",
        ),
        ChatMessage(role="user", blocks=[TextBlock(text=LETTER), TextBlock(text="What now?")]),
        ChatMessage(
            role="user",
            blocks=[DocumentBlock(data=LETTER.encode(), title="letter"), TextBlock(text="What now?")],
        ),
        ChatMessage(role="user", content=f"<context>{LETTER}</context>\nWhat now?"),
    ],
    ids=["template", "texts", "document", "tags"],
)
async def test_only_what_the_user_typed_is_theirs(
    client: ProfileClient, there: Any, message: ChatMessage
) -> None:
    memory = ProfileMemory.from_client(client, "ana")
    await memory.aput_messages([message, ChatMessage(role="assistant", content="Well.")])
    assert await there.said("ana") == ["What now?"]


async def test_another_speaker_is_not_the_user(client: ProfileClient, there: Any) -> None:
    memory = ProfileMemory.from_client(client, "ana")
    bob = ChatMessage(role="user", content=LETTER, additional_kwargs={"name": "bob"})
    answer = ChatMessage(role="assistant", content="Well.")
    await memory.aput_messages([bob, answer, ChatMessage(role="user", content="And me?"), answer])
    assert await there.said("ana") == ["And me?"]
