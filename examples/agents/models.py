"""The model of the examples: a scripted one that needs no network, or a real one by one setting.

Set `EXAMPLE_MODEL=openai:gpt-5-mini` (any model that LangChain's `init_chat_model` knows) and install
what it asks for, for example `langchain-openai` and `llama-index-llms-openai`. `OPENAI_BASE_URL`
then leads to any endpoint that speaks OpenAI's protocol.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from langchain.chat_models import init_chat_model
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from llama_index.core.llms import ChatMessage
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.mock import MockFunctionCallingLLM

MODEL = os.environ.get("EXAMPLE_MODEL", "")

_TOPICS = {
    "films": {"film", "films", "watch", "movie", "series"},
    "food": {"eat", "dinner", "cook", "recipe", "lunch", "restaurant"},
}


def langchain_model() -> BaseChatModel:
    """The model as LangChain takes it."""
    return init_chat_model(MODEL) if MODEL else ScriptedChatModel()


def llama_index_model() -> FunctionCallingLLM:
    """The model as LlamaIndex takes it."""
    if MODEL:
        from llama_index.llms.openai import OpenAI  # type: ignore[import-untyped, unused-ignore]

        llm: FunctionCallingLLM = OpenAI(model=MODEL.partition(":")[2])
        return llm

    def respond(messages: Sequence[ChatMessage], **kwargs: object) -> ChatMessage:
        system = "\n".join(m.content or "" for m in messages if m.role == "system")
        said = next(m.content or "" for m in reversed(messages) if m.role == "user")
        return ChatMessage(role="assistant", content=reply(system, said))

    return MockFunctionCallingLLM(response_generator=respond)


class ScriptedChatModel(BaseChatModel):
    """Answers from what stands in its prompt, by a few fixed rules."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: object) -> Runnable[Any, AIMessage]:
        """Itself: it calls no tools."""
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        system = "\n".join(str(m.text) for m in messages if isinstance(m, SystemMessage))
        said = next(str(m.text) for m in reversed(messages) if isinstance(m, HumanMessage))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(reply(system, said)))])


def reply(system: str, said: str) -> str:
    """What the scripted model answers: a ranking, a topic, or what it knows of the user."""
    found = re.search(r"<user_profile>\n(.*?)\n</user_profile>", system, re.DOTALL)
    profile = found.group(1).splitlines() if found else []
    if "Candidates:" in said:
        candidates = said.split("Candidates:\n")[1].splitlines()
        return "\n".join(sorted(candidates, key=lambda c: -_liking(profile, c)))
    if "Answer with one topic" in system:
        words = set(re.findall(r"[a-z]+", said.lower()))
        return max(_TOPICS, key=lambda topic: len(words & _TOPICS[topic]))
    return f"I know this about you: {' '.join(profile)}" if profile else "I do not know you yet."


def _liking(profile: list[str], candidate: str) -> int:
    words = set(re.findall(r"[a-z]{3,}", candidate.lower()))
    score = 0
    for line in profile:
        shared = len(words & set(re.findall(r"[a-z]{3,}", line.lower())))
        score += -shared if re.search(r"\bavoids\b|^Rejected ", line) else shared
    return score
