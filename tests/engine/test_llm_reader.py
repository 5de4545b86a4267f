from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from prosona.evaluation.chat import ChatModel, ContextTooLongError, Endpoint
from prosona.evaluation.data import Choice
from prosona.evaluation.readers import Question
from prosona.evaluation.readers.llm import LLMReader

from .serving import Engine

pytestmark = [pytest.mark.engine, pytest.mark.timeout(240)]


@pytest.fixture
async def model(engine: Engine) -> AsyncIterator[ChatModel]:
    chat = ChatModel(Endpoint(f"{engine.url}/v1", "tiny"))
    yield chat
    await chat.aclose()


async def test_a_real_engine_takes_the_request_and_gives_log_probabilities(model: ChatModel) -> None:
    reply = await model.ask([{"role": "user", "content": "Item A or B?"}], max_tokens=16, logprobs=True)
    assert 1 <= len(reply.tokens) <= 16
    assert all(token.logprob <= 0 and len(token.others) >= 20 for token in reply.tokens)
    assert reply.cost > len(reply.tokens)


async def test_a_model_that_writes_nonsense_is_counted_and_not_dropped(model: ChatModel) -> None:
    questions = [Question("Likes tea.", "Drink?", ("tea", f"coffee {number}")) for number in range(12)]
    readings = await LLMReader(model).read(questions)
    assert len(readings) == 12
    assert {reading.outcome for reading in readings} == {"unparsed"}
    assert all(reading.tokens > 0 for reading in readings)


async def test_a_real_engines_word_for_too_long_is_understood(model: ChatModel) -> None:
    with pytest.raises(ContextTooLongError):
        await LLMReader(model).read([Question("tea " * 9000, "", ("tea", "coffee"))])
    history = tuple(Choice("", f"{number} " + "tea " * 200, None) for number in range(64))
    (reading,) = await LLMReader(model).read([Question("", "", ("tea", "coffee"), history)])
    assert "Chosen: 63 tea" in reading.prompt
    assert "Chosen: 0 tea" not in reading.prompt
