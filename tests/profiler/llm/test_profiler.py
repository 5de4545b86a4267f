from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from prosona.profiler import FoldRequest, count_tokens
from prosona.profiler.llm import LLMProfiler, LLMSettings
from prosona.profiler.llm.breaker import CircuitBreaker
from prosona.profiler.llm.fitting import shorten
from prosona.profiler.testing import Answer, Failure, Hangup, Raw, ScriptedEndpoint
from prosona.profiles_db import (
    InvalidInputError,
    OutputRejectedError,
    ProfilerError,
    ProfilerUnavailableError,
)

MakeRequest = Callable[..., FoldRequest]
MakeProfiler = Callable[..., Awaitable[tuple[LLMProfiler, ScriptedEndpoint]]]


async def test_a_fold_is_one_call_with_the_published_sampling(
    make_profiler: MakeProfiler, make_request: MakeRequest
) -> None:
    profiler, endpoint = await make_profiler(Answer("Likes slow films."))
    request = make_request()
    result = await profiler.fold(request)
    assert (result.summary, result.folded, result.state) == ("Likes slow films.", 1, None)
    [body] = endpoint.requests
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    asked = {k: body[k] for k in ("model", "temperature", "top_p", "top_k", "max_tokens")}
    assert asked == {
        "model": "scripted",
        "temperature": 0.6,
        "top_p": 0.95,
        "top_k": 20,
        "max_tokens": 4096,
    }
    assert "seed" not in body
    assert request.usage.calls == 1
    assert request.usage.prompt_tokens > 100
    assert request.usage.completion_tokens > 1


@pytest.mark.parametrize("where", ["reasoning", "reasoning_content", "inline"])
async def test_reasoning_is_found_where_each_engine_puts_it(
    make_profiler: MakeProfiler,
    make_request: MakeRequest,
    where: Literal["reasoning", "reasoning_content", "inline"],
) -> None:
    profiler, _ = await make_profiler(
        Answer("Likes slow films.", reasoning="Hm.", where=where), must_think=True
    )
    assert (await profiler.fold(make_request())).summary == "Likes slow films."


async def test_a_hosted_endpoint_is_not_sent_what_it_would_refuse(
    make_profiler: MakeProfiler, make_request: MakeRequest
) -> None:
    def picky(body: dict[str, Any]) -> Answer | Failure:
        for name in ("temperature", "max_tokens"):
            if name in body:
                return Failure(400, f"{name} is unsupported", code="unsupported_parameter", param=name)
        return Answer()

    profiler, endpoint = await make_profiler(picky, endpoint={"context_tokens": None, "tokenizes": False})
    await profiler.fold(make_request())
    assert "top_k" not in endpoint.requests[0]
    assert endpoint.requests[-1]["max_completion_tokens"] == 4096
    before = len(endpoint.requests)
    await profiler.fold(make_request())
    assert len(endpoint.requests) == before + 1


@pytest.mark.parametrize("tokenizes", [True, False])
async def test_what_does_not_fit_is_left_for_later_steps_oldest_first(
    make_profiler: MakeProfiler, make_request: MakeRequest, tokenizes: bool
) -> None:
    profiler, endpoint = await make_profiler(
        endpoint={"context_tokens": 4096, "tokenizes": tokenizes}, max_output_tokens=1024
    )
    films = [{"query": "Which?", "chosen": f"film {n} " + "slow and quiet " * 40} for n in range(40)]
    seen, left = 0, films
    while left:
        result = await profiler.fold(make_request(*left, summary="Likes films."))
        prompt = endpoint.requests[-1]["messages"][1]["content"]
        assert prompt.count("*QUERY:*") == result.folded
        assert f"film {seen} " in prompt
        assert f"film {seen + result.folded} " not in prompt
        assert count_tokens(prompt) <= 4096 - 1024
        seen, left = seen + result.folded, left[result.folded :]
    assert seen == 40
    assert 2 <= len(endpoint.requests) <= 6
    assert (endpoint.tokenized > 0) == tokenizes


async def test_a_short_prompt_is_not_measured_at_all(
    make_profiler: MakeProfiler, make_request: MakeRequest
) -> None:
    profiler, endpoint = await make_profiler()
    await profiler.fold(make_request(*({"chosen": f"film {n}"} for n in range(8))))
    assert endpoint.tokenized == 0


async def test_one_interaction_too_long_is_shortened_in_the_middle_with_a_mark(
    make_profiler: MakeProfiler, make_request: MakeRequest
) -> None:
    profiler, endpoint = await make_profiler(
        Answer("喜欢和平。"), endpoint={"context_tokens": 4096}, max_output_tokens=1024
    )
    long = "BEGINNING " + "和平 " * 9000 + " ENDING"
    assert (await profiler.fold(make_request({"chosen": long[:20_000]}))).folded == 1
    prompt = endpoint.requests[-1]["messages"][1]["content"]
    assert "BEGINNING" in prompt
    assert "characters left out ...]" in prompt
    assert count_tokens(prompt) <= 3072


def test_shortening_keeps_both_ends_and_says_how_much_went() -> None:
    assert shorten("short", 10) == "short"
    assert shorten("a" * 60 + "b" * 40, 30) == "a" * 20 + " [... 70 characters left out ...] " + "b" * 10


async def test_a_context_too_small_for_the_profile_is_said(
    make_profiler: MakeProfiler, make_request: MakeRequest
) -> None:
    profiler, _ = await make_profiler(endpoint={"context_tokens": 512})
    with pytest.raises(ProfilerError, match="does not fit"):
        await profiler.fold(make_request(summary="Likes a great many things. " * 60))


async def test_an_endpoint_that_finds_the_prompt_too_long_gets_a_shorter_one(
    make_profiler: MakeProfiler, make_request: MakeRequest
) -> None:
    def small(body: dict[str, Any]) -> Answer | Failure:
        if len(body["messages"][1]["content"]) > 12_000:
            return Failure(400, "maximum context length is 4096 tokens")
        return Answer()

    profiler, _ = await make_profiler(small, endpoint={"context_tokens": None, "tokenizes": False})
    films = [{"chosen": "slow film " * 50} for _ in range(64)]
    folded = 0
    for _ in range(5):
        try:
            folded = (await profiler.fold(make_request(*films))).folded
        except ProfilerError:
            continue
        break
    assert 0 < folded < 64


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
async def test_errors_that_pass_are_tried_again(
    make_profiler: MakeProfiler, make_request: MakeRequest, status: int
) -> None:
    profiler, endpoint = await make_profiler(Failure(status), Failure(status), Answer())
    assert (await profiler.fold(make_request())).folded == 1
    assert len(endpoint.requests) == 3


async def test_tries_are_bounded_and_then_the_endpoint_is_to_blame(
    make_profiler: MakeProfiler, make_request: MakeRequest
) -> None:
    profiler, endpoint = await make_profiler(Failure(503, "overloaded"))
    with pytest.raises(ProfilerUnavailableError, match="503: overloaded"):
        await profiler.fold(make_request())
    assert len(endpoint.requests) == 3


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_prompt_that_is_refused_is_not_sent_again(
    make_profiler: MakeProfiler, make_request: MakeRequest, status: int
) -> None:
    profiler, endpoint = await make_profiler(Failure(status, "no such thing"))
    with pytest.raises(ProfilerError, match="no such thing") as caught:
        await profiler.fold(make_request())
    assert not isinstance(caught.value, ProfilerUnavailableError)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_wrong_key_or_model_is_nobodys_fault_and_not_repeated(
    make_profiler: MakeProfiler, make_request: MakeRequest, status: int
) -> None:
    profiler, endpoint = await make_profiler(Failure(status, "wrong key"))
    with pytest.raises(ProfilerUnavailableError, match="wrong key") as caught:
        await profiler.fold(make_request())
    assert len(endpoint.requests) == 1
    assert caught.value.retry_seconds >= 10


async def test_retry_after_is_waited_for(make_profiler: MakeProfiler, make_request: MakeRequest) -> None:
    profiler, endpoint = await make_profiler(Failure(429, retry_after="0.3"), Answer())
    began = asyncio.get_running_loop().time()
    await profiler.fold(make_request())
    assert asyncio.get_running_loop().time() - began >= 0.3
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize("kind", ["seconds", "date"])
async def test_an_endpoint_that_asks_for_long_is_left_alone_that_long(
    make_profiler: MakeProfiler, make_request: MakeRequest, kind: str
) -> None:
    value = "120" if kind == "seconds" else format_datetime(datetime.now(UTC) + timedelta(seconds=120))
    profiler, endpoint = await make_profiler(Failure(429, retry_after=value))
    with pytest.raises(ProfilerUnavailableError) as caught:
        await profiler.fold(make_request())
    assert 100 < caught.value.retry_seconds <= 120
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "lie",
    [
        Raw(b"<html>gateway</html>", "text/html"),
        Raw(b"not json"),
        Raw(b"[]"),
        Raw(b"null"),
        Raw(b'{"choices": []}'),
        Raw(b'{"choices": null}'),
        Raw(b'{"choices": [{"finish_reason": "stop"}]}'),
        Raw(b'{"choices": [{"finish_reason": "stop", "message": {"content": 7}}]}'),
        Answer(text=None, reasoning=None),
        Answer(text=None, finish_reason="length"),
    ],
)
async def test_an_answer_that_is_none_never_becomes_a_summary(
    make_profiler: MakeProfiler, make_request: MakeRequest, lie: Raw | Answer
) -> None:
    profiler, _ = await make_profiler(lie)
    try:
        summary = (await profiler.fold(make_request())).summary
    except ProfilerError:
        return
    assert summary == ""


async def test_a_connection_cut_in_mid_answer_is_tried_again(
    make_profiler: MakeProfiler, make_request: MakeRequest
) -> None:
    profiler, endpoint = await make_profiler(Hangup(), Answer())
    await profiler.fold(make_request())
    assert len(endpoint.requests) == 2


async def test_an_answer_that_takes_too_long_is_given_up(
    make_profiler: MakeProfiler, make_request: MakeRequest
) -> None:
    profiler, endpoint = await make_profiler(Answer(seconds=30), timeout_seconds=0.2, attempts=2)
    with pytest.raises(ProfilerUnavailableError, match="in time"):
        await asyncio.wait_for(profiler.fold(make_request()), 10)
    assert len(endpoint.requests) == 2


async def test_after_failures_in_a_row_the_endpoint_is_left_alone_then_probed(
    make_profiler: MakeProfiler, make_request: MakeRequest
) -> None:
    profiler, endpoint = await make_profiler(attempts=1)
    await profiler.fold(make_request())
    await endpoint.stop()
    for _ in range(3):
        with pytest.raises(ProfilerUnavailableError, match="cannot be reached"):
            await profiler.fold(make_request())
    await endpoint.start()
    with pytest.raises(ProfilerUnavailableError, match="left alone"):
        await profiler.fold(make_request())
    assert len(endpoint.requests) == 1


def test_the_circuit_lets_one_probe_through_and_closes_when_it_works() -> None:
    now = [0.0]
    breaker = CircuitBreaker(failures=2, first_seconds=2, longest_seconds=30, clock=lambda: now[0])

    def fail() -> None:
        with breaker.guard():
            raise ProfilerUnavailableError("down", retry_seconds=0)

    for _ in range(2):
        with pytest.raises(ProfilerUnavailableError, match=r"^down$"):
            fail()
    assert breaker.open_seconds == 2
    with pytest.raises(ProfilerUnavailableError, match="left alone"):
        fail()
    now[0] = 2.5
    with breaker.guard(), pytest.raises(ProfilerUnavailableError, match="left alone"), breaker.guard():
        pass
    assert breaker.open_seconds == 0
    for expected in (2, 4, 8, 16, 30, 30):
        while breaker.open_seconds == 0:
            with pytest.raises(ProfilerUnavailableError):
                fail()
        assert breaker.open_seconds == expected
        now[0] += expected


def test_other_errors_neither_open_the_circuit_nor_close_it() -> None:
    breaker = CircuitBreaker(failures=1)
    with pytest.raises(OutputRejectedError), breaker.guard():
        raise OutputRejectedError(["it is empty"])
    assert breaker.open_seconds == 0


async def test_no_more_calls_are_in_flight_than_allowed(
    make_profiler: MakeProfiler, make_request: MakeRequest
) -> None:
    profiler, endpoint = await make_profiler(Answer(seconds=0.02), concurrency=4)
    await asyncio.gather(*(profiler.fold(make_request()) for _ in range(20)))
    assert len(endpoint.requests) == 20
    assert endpoint.most_in_flight == 4


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://a/b", "http://"])
def test_a_url_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(InvalidInputError, match="URL"):
        LLMSettings(url=url)


@pytest.mark.parametrize(
    ("url", "base", "root"),
    [
        ("http://a:8000", "http://a:8000/v1", "http://a:8000"),
        ("http://a:8000/v1/", "http://a:8000/v1", "http://a:8000"),
        ("https://a/gateway/v1", "https://a/gateway/v1", "https://a/gateway"),
    ],
)
def test_the_url_may_end_in_v1_or_not(url: str, base: str, root: str) -> None:
    settings = LLMSettings(url=url)
    assert (settings.base_url, settings.root_url) == (base, root)


def test_the_key_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSONA_PROFILER_API_KEY", "hush-hush")
    settings = LLMSettings(url="http://a")
    assert settings.api_key == "hush-hush"
    assert "hush" not in repr(settings)


def test_a_missing_template_is_refused_before_any_fold(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="absent"):
        LLMProfiler(LLMSettings(url="http://a", template=tmp_path / "absent.jinja"))
