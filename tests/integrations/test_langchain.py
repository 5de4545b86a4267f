"""What LangChain brings beyond the contract: interrupts, runtime context, other middleware, tools."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import SummarizationMiddleware
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from prosona.client import AsyncProfileClient, ProfileClient
from prosona.core.errors import InvalidInputError
from prosona.langchain import ProfileMiddleware, profile_tools, with_profile


@pytest.fixture
def client(tmp_path: Path) -> Iterator[ProfileClient]:
    with ProfileClient.local(tmp_path / "profiles.db") as client:
        yield client


@pytest.fixture
def said(client: ProfileClient, tmp_path: Path, elsewhere: Any) -> Any:
    """What was observed of a user."""
    there = type(elsewhere)(tmp_path / "profiles.db")
    return lambda user_id: asyncio.run(there.said(user_id))


@pytest.fixture
def model(make_model: Any) -> Any:
    return make_model()


def ask(question: str) -> str:
    """Ask the user."""
    return str(interrupt(question))


def test_a_run_resumed_after_an_interrupt_sees_the_profile_and_is_observed_once(
    client: ProfileClient, said: Any, model: Any
) -> None:
    client.revise("ana", statement="I am vegetarian.")
    agent = create_agent(
        model, [ask], middleware=[ProfileMiddleware(client, user_id="ana")], checkpointer=InMemorySaver()
    )
    config: Any = {"configurable": {"thread_id": "t"}}
    call = {"name": "ask", "args": {"question": "Sure?"}, "id": "1", "type": "tool_call"}
    model.steps[:] = [AIMessage("", tool_calls=[call])]
    agent.invoke({"messages": [HumanMessage("Order for me.")]}, config)
    assert said("ana") == []
    client.revise("ana", statement="I moved to Oslo.")
    model.steps[:] = ["Done."]
    agent.invoke(Command(resume="yes"), config)
    assert ["Oslo" in prompt for prompt in model.seen] == [False, True]
    assert all("vegetarian" in prompt for prompt in model.seen)
    assert said("ana") == ["Order for me."]


def test_a_finished_thread_run_again_is_not_observed_again(
    client: ProfileClient, said: Any, model: Any
) -> None:
    middleware = ProfileMiddleware(client, user_id="ana")
    turn: Any = {"messages": [HumanMessage("Hello.", id="h1"), AIMessage("Hi.", id="a1")]}
    for _ in range(3):
        middleware.after_agent(turn, Runtime())
    assert said("ana") == ["Hello."]


@dataclass
class Context:
    user: str


def test_the_user_comes_from_the_runtime_context(client: ProfileClient, said: Any, model: Any) -> None:
    agent = create_agent(
        model,
        middleware=[ProfileMiddleware(client, user_id=lambda runtime: runtime.context.user)],
        context_schema=Context,
    )
    for user in ("ana", "bo"):
        model.steps[:] = ["Noted."]
        agent.invoke({"messages": [HumanMessage(f"I am {user}.")]}, context=Context(user))
    assert said("ana") == ["I am ana."]
    assert said("bo") == ["I am bo."]


def test_an_agent_that_a_program_speaks_to_reads_and_does_not_observe(
    client: ProfileClient, said: Any, model: Any
) -> None:
    client.revise("ana", statement="I am vegetarian.")
    agent = create_agent(model, middleware=[ProfileMiddleware(client, user_id="ana", observe=False)])
    model.steps[:] = ["Soup."]
    agent.invoke({"messages": [HumanMessage("Task: find a recipe.")]})
    assert "vegetarian" in model.seen[0]
    assert said("ana") == []


def test_a_summary_written_in_the_users_place_is_not_observed(
    client: ProfileClient, said: Any, model: Any
) -> None:
    summary = SummarizationMiddleware(model, trigger=("messages", 3), keep=("messages", 1))
    agent = create_agent(
        model,
        middleware=[summary, ProfileMiddleware(client, user_id="ana")],
        checkpointer=InMemorySaver(),
    )
    config: Any = {"configurable": {"thread_id": "t"}}
    for text in ("I sail.", "I ski.", "I cook."):
        model.steps[:] = ["Noted.", "Noted.", "Noted."]
        ended = agent.invoke({"messages": [HumanMessage(text)]}, config)
    assert any("lc_source" in message.additional_kwargs for message in ended["messages"])
    assert said("ana") == ["I sail.", "I ski.", "I cook."]


def test_an_agent_called_without_await_asks_for_the_sync_client(model: Any, tmp_path: Path) -> None:
    asyncio.run(_sync_call_of_an_async_client(model, tmp_path / "p.db"))


async def _sync_call_of_an_async_client(model: Any, db: Path) -> None:
    async with AsyncProfileClient.local(db, user_id="ana") as client:
        agent = create_agent(model, middleware=[ProfileMiddleware(client)])
        with pytest.raises(InvalidInputError, match="give its adapter a ProfileClient"):
            agent.invoke({"messages": [HumanMessage("Hello.")]})


def test_a_slow_profile_does_not_hold_up_the_event_loop(model: Any, tmp_path: Path) -> None:
    started, go_on = threading.Event(), threading.Event()

    class Slow(ProfileClient):
        def context(self, user_id: str | None = None) -> str:
            started.set()
            assert go_on.wait(10)
            return super().context(user_id)

    async def run(client: ProfileClient) -> None:
        agent = create_agent(model, middleware=[ProfileMiddleware(client, user_id="ana")])
        model.steps[:] = ["Noted."]
        running = asyncio.create_task(agent.ainvoke({"messages": [HumanMessage("Hello.")]}))
        assert await asyncio.to_thread(started.wait, 10)
        # Only a loop that is free gets here while the read still waits.
        go_on.set()
        await running

    with Slow(lambda: AsyncProfileClient.local(tmp_path / "p.db")) as client:
        asyncio.run(asyncio.wait_for(run(client), 20))


def test_a_chain_takes_text_messages_and_prompts_and_its_user_from_the_configuration(
    client: ProfileClient, said: Any, model: Any
) -> None:
    chain = with_profile(model, client, lambda config: config["configurable"]["user"])
    config: Any = {"configurable": {"user": "ana"}}
    for given in ("One.", [HumanMessage("Two.")], [("user", "Three.")]):
        model.steps[:] = ["Noted."]
        chain.invoke(given, config)
    model.steps[:] = ["Noted.", "Noted."]
    chain.batch(["Four.", "Five."], config)
    assert sorted(said("ana")) == ["Five.", "Four.", "One.", "Three.", "Two."]


def test_a_chain_that_retries_what_succeeded_is_observed_once(
    client: ProfileClient, said: Any, model: Any
) -> None:
    failures = [ValueError("not parsed"), None]

    def parse(message: AIMessage) -> str:
        if error := failures.pop(0):
            raise error
        return str(message.text)

    parser = RunnableLambda(parse)
    model.steps[:] = ["one", "two", "one", "two"]
    inside = with_profile(model | parser, client, "ana").with_retry(wait_exponential_jitter=False)
    assert inside.invoke("I sail.") == "two"
    failures[:] = [ValueError("not parsed"), None]
    outside = (with_profile(model, client, "bo") | parser).with_retry(wait_exponential_jitter=False)
    assert outside.invoke([HumanMessage("I ski.", id="turn 1")]) == "two"
    assert said("ana") == ["I sail."]
    assert said("bo") == ["I ski."]


def test_a_model_calls_the_tools_and_cannot_choose_whose_profile(
    client: ProfileClient, said: Any, model: Any
) -> None:
    client.revise("bo", statement="I collect stamps.")
    tools = profile_tools(client, lambda config: config["configurable"]["user"])
    assert all("user_id" not in tool.args for tool in tools)
    agent = create_agent(model, tools)
    calls = [
        {"name": "revise_profile", "args": {"statement": "I am vegetarian."}, "id": "1", "type": "tool_call"},
        {"name": "observe_interaction", "args": {"chosen": "a curry"}, "id": "2", "type": "tool_call"},
        {"name": "get_user_profile", "args": {}, "id": "3", "type": "tool_call"},
        {"name": "observe_interaction", "args": {}, "id": "4", "type": "tool_call"},
        {"name": "get_user_profile", "args": {"user_id": "bo"}, "id": "5", "type": "tool_call"},
    ]
    model.steps[:] = [*(AIMessage("", tool_calls=[call]) for call in calls), "Done."]
    config: Any = {"configurable": {"user": "ana"}}
    ended = agent.invoke({"messages": [HumanMessage("Remember me.")]}, config)
    answers = [str(m.text) for m in ended["messages"] if isinstance(m, ToolMessage)]
    assert "I am vegetarian." in answers[0]
    assert answers[1] == "accepted"
    assert "<user_profile>" in answers[2]
    assert "chosen" in answers[3]
    assert "stamps" not in answers[4]
    assert said("ana") == ["a curry"]
    assert said("bo") == []


LETTER = "I am allergic to bees and I live in Rome. My boss hates me, and I hate my boss. " * 3


@pytest.mark.parametrize(
    "messages",
    [
        [("human", f"Context:\n{LETTER}\n\nQuestion: What should I reply?")],
        [("human", f"<documents>{LETTER}</documents>\n\nWhat should I reply?")],
        [("system", "Be kind."), ("human", f"Sources:\n{LETTER}\n\nUser: What should I reply?\nAssistant:")],
        [HumanMessage([{"type": "text", "text": LETTER}, {"type": "text", "text": "What should I reply?"}])],
        [HumanMessage([{"type": "text", "text": "What should I reply?"}, {"type": "text", "text": LETTER}])],
        [HumanMessage(LETTER * 3), HumanMessage("What should I reply?")],
        [HumanMessage(LETTER, name="bob"), HumanMessage("What should I reply?", name="user")],
        [HumanMessage(LETTER, name="bob"), AIMessage("Noted."), HumanMessage("What should I reply?")],
    ],
)
def test_only_what_the_user_typed_is_theirs(
    client: ProfileClient, said: Any, model: Any, messages: Any
) -> None:
    model.steps[:] = [AIMessage("Well.")]
    with_profile(model, client, "ana").invoke(messages)
    assert said("ana") == ["What should I reply?"]


@pytest.mark.parametrize(
    "messages",
    [
        [("human", f"Context:\n{LETTER}")],
        [HumanMessage(LETTER, name="bob")],
        [HumanMessage("Hi."), HumanMessage(LETTER, additional_kwargs={"lc_source": "summarization"})],
    ],
)
def test_where_nobody_can_tell_who_wrote_it_nothing_is_the_users(
    client: ProfileClient, said: Any, model: Any, messages: Any
) -> None:
    model.steps[:] = [AIMessage("Well.")]
    with_profile(model, client, "ana").invoke(messages)
    assert not any("bees" in text for text in said("ana"))


def test_a_program_may_say_what_the_user_typed(client: ProfileClient, said: Any, model: Any) -> None:
    model.steps[:] = [AIMessage("Well."), AIMessage("Well.")]
    chain = with_profile(model, client, "ana", said=lambda messages: "I am vegan.")
    chain.invoke([("human", f"Here is a letter: {LETTER} And that is what they ask: What should I reply?")])
    agent = create_agent(model, [], middleware=[ProfileMiddleware(client, user_id="bo", said=lambda m: None)])
    agent.invoke({"messages": [HumanMessage("Order for me.")]})
    assert (said("ana"), said("bo")) == (["I am vegan."], [])
