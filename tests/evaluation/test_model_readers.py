from __future__ import annotations

import math
from typing import Any

import pytest

from prosona.core.errors import InvalidInputError
from prosona.evaluation.chat import ChatModel
from prosona.evaluation.data import Choice
from prosona.evaluation.readers import Question
from prosona.evaluation.readers.letters import LettersReader
from prosona.evaluation.readers.likelihood import LikelihoodReader
from prosona.evaluation.tables import accuracy_table

from .conftest import Answer, ScriptedServer

QUESTION = Question("Likes space.", "Which film?", ("Moon Base", "Crypt Night"))


def letters(a: float, b: float) -> list[tuple[str, float, dict[str, float]]]:
    first = "A" if a >= b else " B"
    return [(first, math.log(max(a, b)), {"A": math.log(a), " B": math.log(b), "The": math.log(0.01)})]


async def test_letters_are_asked_for_in_both_orders_so_that_a_liking_for_a_place_cancels_out(
    endpoint: ScriptedServer, model: ChatModel
) -> None:
    endpoint.answer = lambda _: endpoint.completion("A", tokens=letters(0.9, 0.1))
    (reading,) = await LettersReader(model).read([QUESTION])
    assert reading.scores == pytest.approx((0.5, 0.5))
    asked = [request["messages"][-1]["content"] for request in endpoint.requests]
    assert {text.index("Moon Base") < text.index("Crypt Night") for text in asked} == {True, False}
    assert all("Likes space." in text and "Which film?" in text for text in asked)
    assert {request["max_tokens"] for request in endpoint.requests} == {1}


async def test_the_item_whose_letter_is_likelier_in_both_orders_scores_higher(
    endpoint: ScriptedServer, model: ChatModel
) -> None:
    def answer(request: dict[str, Any]) -> Answer:
        text = request["messages"][-1]["content"]
        first = text.index("Moon Base") < text.index("Crypt Night")
        return endpoint.completion("?", tokens=letters(0.6, 0.2) if first else letters(0.3, 0.3))

    endpoint.answer = answer
    (reading,) = await LettersReader(model).read([QUESTION])
    assert reading.scores == pytest.approx((0.625, 0.375))


async def test_an_answer_without_letters_is_unparsed_and_a_tie(
    endpoint: ScriptedServer, model: ChatModel
) -> None:
    endpoint.answer = lambda _: endpoint.completion("Hm", tokens=[("Hm", -0.1, {"Oh": -3.0})])
    (reading,) = await LettersReader(model).read([QUESTION])
    assert (reading.outcome, reading.scores) == ("unparsed", (0.5, 0.5))


def completed(prompt: str, logprob: float) -> dict[str, Any]:
    """A completion with its echo, a token for each character, one of them new."""
    return {
        "id": "1",
        "object": "text_completion",
        "created": 0,
        "model": "scripted",
        "choices": [
            {
                "index": 0,
                "text": prompt + "!",
                "finish_reason": "length",
                "logprobs": {
                    "tokens": [*prompt, "!"],
                    "token_logprobs": [None, *[logprob] * len(prompt)],
                    "text_offset": list(range(len(prompt) + 1)),
                    "top_logprobs": [],
                },
            }
        ],
    }


async def test_likelihood_is_the_gain_over_no_profile_a_token(
    endpoint: ScriptedServer, model: ChatModel
) -> None:
    def answer(request: dict[str, Any]) -> Answer:
        knows, moon = "Likes space." in request["prompt"], request["prompt"].endswith("Moon Base")
        return completed(request["prompt"], -1.0 if knows and moon else -2.0 if moon else -3.0)

    endpoint.answer = answer
    (reading,) = await LikelihoodReader(model).read([QUESTION])
    assert reading.scores == pytest.approx((1.0, 0.0))
    assert all(request["echo"] for request in endpoint.requests)


async def test_without_a_profile_likelihoods_tie_and_nothing_is_asked(
    endpoint: ScriptedServer, model: ChatModel
) -> None:
    (reading,) = await LikelihoodReader(model).read([Question("", "Which film?", ("Moon", "Crypt"))])
    assert reading.scores == (0.0, 0.0)
    assert endpoint.requests == []


async def test_a_raw_history_stands_where_the_profile_would(
    endpoint: ScriptedServer, model: ChatModel
) -> None:
    endpoint.answer = lambda request: completed(request["prompt"], -1.0)
    history = (Choice("Which?", "Star Ark", "The Haunt"),)
    await LikelihoodReader(model).read([Question("", "Which film?", ("Moon", "Crypt"), history)])
    assert sum("Chosen: Star Ark" in request["prompt"] for request in endpoint.requests) == 2


async def test_an_endpoint_that_does_not_tell_likelihoods_is_named_as_such(
    endpoint: ScriptedServer, model: ChatModel
) -> None:
    def answer(request: dict[str, Any]) -> Answer:
        body = completed(request["prompt"], -1.0)
        body["choices"][0]["logprobs"] = None
        return body

    endpoint.answer = answer
    with pytest.raises(InvalidInputError, match="echo with logprobs"):
        await LikelihoodReader(model).read([QUESTION])


@pytest.mark.parametrize(
    ("low", "of_others", "reads"), [(51.0, 1.0, "yes"), (51.0, -1.0, "no"), (49.0, 1.0, "no")]
)
def test_the_table_says_whether_a_reader_reads_a_set_at_all(low: float, of_others: float, reads: str) -> None:
    figure = {"value": 60.0, "low": low, "high": 70.0, "n": 9}
    part = {
        "set": "films",
        "profiles": {},
        "without profile": {},
        "readers": {
            "r": {
                "columns": {"raw": figure},
                "differences": {"raw minus raw other": {**figure, "low": of_others}},
            }
        },
    }
    headings, rows = accuracy_table({"sets": [part], "averages": {}})
    assert rows[0][headings.index("reads")] == reads
