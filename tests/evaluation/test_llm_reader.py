from __future__ import annotations

import json
import math
from typing import Any

import pytest

from prosona.core.errors import InvalidInputError, UnavailableError
from prosona.evaluation.chat import ChatModel, ContextTooLongError, Endpoint, without_thinking
from prosona.evaluation.data import Choice
from prosona.evaluation.readers import Question, Reading
from prosona.evaluation.readers.llm import LLMReader

from .conftest import Answer, ScriptedServer

QUESTION = Question("Likes science fiction.", "Which film?", ("Moon Base", "Crypt Night"))


async def read(
    endpoint: ScriptedServer, question: Question = QUESTION, model_name: str = "Qwen/Qwen3-8B"
) -> Reading:
    model = ChatModel(Endpoint(endpoint.url, model_name))
    try:
        (reading,) = await LLMReader(model).read([question])
        return reading
    finally:
        await model.aclose()


async def test_the_request_follows_the_published_protocol(endpoint: ScriptedServer) -> None:
    await read(endpoint)
    (request,) = endpoint.requests
    assert request["model"] == "Qwen/Qwen3-8B"
    assert (request["temperature"], request["top_p"], request["top_k"]) == (0.6, 0.95, 20)
    assert (request["max_tokens"], request["seed"]) == (16, 42)
    assert request["chat_template_kwargs"] == {"enable_thinking": False}
    assert request["logprobs"] is True
    asked = request["messages"][-1]["content"]
    order = [
        asked.index(part) for part in ("science fiction", "Which film?", "Item A:\nMoon", "Item B:\nCrypt")
    ]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("answer", "choice"),
    [
        ('{"selection": "Item A"}', 0),
        ('```json\n{"selection": "Item B"}\n```', 1),
        ("{'selection': 'B'}", 1),
        ("Item A", 0),
        ('<think>\nItem A or B? {"selection": "Item A"}\n</think>\n{"selection": "Item B"}', 1),
    ],
)
async def test_a_selection_is_found_in_what_models_write(
    endpoint: ScriptedServer, answer: str, choice: int
) -> None:
    endpoint.answer = lambda _: endpoint.completion(answer)
    reading = await read(endpoint)
    assert (reading.outcome, reading.choice, reading.tokens) == ("answered", choice, 100)
    assert reading.scores == ((1, 0) if choice == 0 else (0, 1))
    assert reading.answer == answer


async def test_the_score_is_the_probability_of_the_letter(endpoint: ScriptedServer) -> None:
    tokens = [
        ('{"', 0.0, {}),
        ("selection", 0.0, {}),
        ('":', 0.0, {}),
        (' "', 0.0, {}),
        ("Item", 0.0, {}),
        (" B", math.log(0.7), {" B": math.log(0.7), " A": math.log(0.3)}),
        ('"}', 0.0, {}),
    ]
    endpoint.answer = lambda _: endpoint.completion('{"selection": "Item B"}', tokens=tokens)
    reading = await read(endpoint)
    assert reading.scores == pytest.approx((0.3, 0.7))
    assert reading.choice == 1


async def test_a_letter_without_a_probability_gets_what_the_other_leaves(endpoint: ScriptedServer) -> None:
    tokens = [(" A", -9999.0, {" B": math.log(0.2)})]
    endpoint.answer = lambda _: endpoint.completion('{"selection": "Item A"}', tokens=tokens)
    assert (await read(endpoint)).scores == pytest.approx((0.8, 0.2))


@pytest.mark.parametrize(
    ("answer", "refusal", "outcome"),
    [
        ("I'm sorry, but I cannot determine that.", None, "refused"),
        (None, "No.", "refused"),
        ("抱歉，无法判断。", None, "refused"),
        ("Both are fine films", None, "unparsed"),
        ('{"selection": "Item C"}', None, "unparsed"),
        ("", None, "unparsed"),
        ("<think>Item A would be", None, "unparsed"),
    ],
)
async def test_refusals_and_answers_without_a_selection_are_told_apart(
    endpoint: ScriptedServer, answer: str | None, refusal: str | None, outcome: str
) -> None:
    endpoint.answer = lambda _: endpoint.completion(answer, refusal=refusal)
    reading = await read(endpoint)
    assert (reading.outcome, reading.choice) == (outcome, None)


async def test_a_model_that_thinks_in_channels_gets_room_and_its_final_channel_counts(
    endpoint: ScriptedServer,
) -> None:
    said = (
        '<|channel|>analysis<|message|>Item A is tempting. {"selection": "Item A"}<|end|><|start|>assistant'
        '<|channel|>final<|message|>{"selection": "Item B"}<|return|>'
    )
    endpoint.answer = lambda _: endpoint.completion(said)
    reading = await read(endpoint, model_name="openai/gpt-oss-20b")
    assert reading.choice == 1
    (request,) = endpoint.requests
    assert request["max_tokens"] == 2048
    assert "chat_template_kwargs" not in request


def test_channels_written_without_their_markers_are_understood() -> None:
    assert without_thinking('analysisItem A fits.assistantfinal{"selection": "Item B"}') == (
        '{"selection": "Item B"}'
    )


async def test_a_raw_history_stands_in_the_prompt_in_place_of_a_profile(endpoint: ScriptedServer) -> None:
    history = (Choice("Tonight?", "Star Ark", "The Haunt"), Choice("", "Red Orbit", None))
    await read(endpoint, Question("", "Which film?", ("Moon Base", "Crypt Night"), history))
    asked = endpoint.requests[0]["messages"][-1]["content"]
    assert "Choice 1\nQuery: Tonight?\nChosen: Star Ark\nRejected: The Haunt" in asked
    assert "Choice 2\nChosen: Red Orbit\n" in asked


async def test_a_history_that_does_not_fit_loses_its_older_half(endpoint: ScriptedServer) -> None:
    def answer(request: dict[str, Any]) -> Answer:
        if request["messages"][-1]["content"].count("Chosen:") > 2:
            return 400, {"error": {"message": "maximum context length is 8192 tokens", "code": 400}}
        return endpoint.completion('{"selection": "Item A"}')

    endpoint.answer = answer
    history = tuple(Choice("", f"film {number}", None) for number in range(8))
    reading = await read(endpoint, Question("", "", ("a", "b"), history))
    assert reading.choice == 0
    assert len(endpoint.requests) == 3
    assert "film 7" in reading.prompt
    assert "film 5" not in reading.prompt


async def test_a_profile_that_does_not_fit_is_an_error(endpoint: ScriptedServer) -> None:
    endpoint.answer = lambda _: (400, {"error": {"message": "maximum context length exceeded"}})
    with pytest.raises(ContextTooLongError):
        await read(endpoint)


async def test_a_request_the_endpoint_does_not_take_is_said_to_be_wrong(endpoint: ScriptedServer) -> None:
    endpoint.answer = lambda _: (400, {"error": {"message": "no such option"}})
    with pytest.raises(InvalidInputError, match="no such option"):
        await read(endpoint)


async def test_a_passing_failure_is_tried_again(endpoint: ScriptedServer) -> None:
    def answer(_: dict[str, Any]) -> Answer:
        if len(endpoint.requests) < 2:
            return 503, {"error": {"message": "starting"}}
        return endpoint.completion('{"selection": "Item A"}')

    endpoint.answer = answer
    assert (await read(endpoint)).choice == 0


async def test_an_endpoint_that_is_not_there_is_unavailable(endpoint: ScriptedServer) -> None:
    model = ChatModel(Endpoint("http://127.0.0.1:9/v1", "m", timeout_seconds=0.5))
    model._client.max_retries = 0
    with pytest.raises(UnavailableError, match="did not answer"):
        await model.ask([{"role": "user", "content": "hello"}], max_tokens=1)
    await model.aclose()


async def test_readings_come_in_the_order_of_the_questions_however_many_are_asked_at_once(
    endpoint: ScriptedServer, model: ChatModel
) -> None:
    def answer(request: dict[str, Any]) -> Answer:
        letter = "A" if "even" in json.dumps(request["messages"]) else "B"
        return endpoint.completion(json.dumps({"selection": f"Item {letter}"}))

    endpoint.answer = answer
    questions = [Question("", "even" if n % 2 == 0 else "odd", ("x", "y")) for n in range(20)]
    readings = await LLMReader(model).read(questions)
    assert [reading.choice for reading in readings] == [n % 2 for n in range(20)]


async def test_the_first_failure_stops_all_other_questions(
    endpoint: ScriptedServer, model: ChatModel
) -> None:
    endpoint.answer = lambda _: (400, {"error": {"message": "no such model"}})
    with pytest.raises(InvalidInputError, match="no such model"):
        await LLMReader(model).read([QUESTION] * 200)
    assert len(endpoint.requests) <= 16
