"""A real vLLM on the CPU. The tests run in order: the engine is random first, then killed, then taught."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import openai
import pytest

from prosona.core.portable import PortableProfile
from prosona.core.words import Interaction, Line, RecordedInteraction
from prosona.profiler.llm import LLMProfiler, LLMSettings
from prosona.profiler.llm.endpoint import Endpoint
from prosona.profiler.llm.prompt import PromptTemplate, past_of, triple_of
from prosona.profiler.seam import FoldRequest, Usage
from prosona.service import FoldPolicy, FoldReport, ProfileService, open_service

from .serving import Engine

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

OpenService = Callable[..., ProfileService]
POLICY = replace(FoldPolicy.for_model(), scan_seconds=0.1, first_backoff_seconds=0.5)
PAST = (
    Line(id="s1", kind="stated", text="I am vegetarian."),
    Line(id="p1", text="Likes quiet trains."),
    Line(id="p2", text="Avoids loud bars."),
)


def films(count: int, start: int = 1) -> list[Interaction]:
    return [
        Interaction(
            query="Which film tonight?",
            chosen=f"Slow science fiction number {n}",
            rejected=f"Horror number {n}",
            domain="films",
        )
        for n in range(start, start + count)
    ]


def settings(engine: Engine) -> LLMSettings:
    template = Path("alignxplore")
    return LLMSettings(
        url=engine.url, template=template, max_output_tokens=192, must_think=True, timeout_seconds=60
    )


@pytest.fixture
async def opened(engine: Engine, tmp_path: Path) -> AsyncIterator[OpenService]:
    async with AsyncExitStack() as stack:

        def open_one(policy: FoldPolicy = POLICY) -> ProfileService:
            service = open_service(
                tmp_path / "profiles.db", profiler=LLMProfiler(settings(engine)), policy=policy
            )
            stack.push_async_callback(service.aclose)
            return service

        yield open_one


def counter(url: str, name: str) -> float:
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return sum(float(v) for v in re.findall(rf"^{re.escape(name)}(?:{{[^}}]*}})? ([0-9.e+]+)$", text, re.M))


async def test_the_engine_counts_a_prompt_as_it_later_bills_it(engine: Engine) -> None:
    endpoint = Endpoint(settings(engine))
    served = await endpoint.served()
    assert (served.name, served.context_tokens) == ("tiny", 4096)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    recorded = [
        RecordedInteraction(**i.model_dump(), seq=n, observed_at=now) for n, i in enumerate(films(8), 1)
    ]
    request = FoldRequest(PAST, (), tuple(recorded), memory=None, max_tokens=600, now=now)
    messages = PromptTemplate().messages(past_of(request), [triple_of(i) for i in recorded], 600)
    counted = await endpoint.count(messages)
    usage = Usage()
    completion = await endpoint.complete(messages, 16, usage)
    assert counted == usage.prompt_tokens
    assert completion.finish_reason == "length"
    assert completion.reasoning
    await endpoint.aclose()


async def test_the_engine_gives_the_logprobs_that_readers_need(engine: Engine) -> None:
    client = openai.AsyncOpenAI(base_url=f"{engine.url}/v1", api_key="none", max_retries=0)
    answer = await client.chat.completions.create(
        model="tiny",
        messages=[{"role": "user", "content": "A or B?"}],
        max_tokens=1,
        logprobs=True,
        top_logprobs=5,
        extra_body={"chat_template_kwargs": {"enable_thinking": False}},
    )
    logprobs = answer.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is not None
    assert len(logprobs.content[0].top_logprobs) == 5
    await client.close()


async def test_what_random_weights_write_is_refused_and_the_profile_survives(
    engine: Engine,
    opened: OpenService,
) -> None:
    service = opened()
    await service.import_profile("ana", PortableProfile(user_id="ana", lines=PAST), actor="test")
    before = await service.get("ana")
    finished = counter(engine.url, "vllm:request_success_total")
    await service.observe("ana", films(3))
    after = await service.get("ana", fresh=True)
    assert (after.text, after.version, after.pending) == (before.text, before.version, 3)
    # Most of it is cut off; what ends by chance is no profile either.
    assert str(after.stale).startswith("the last fold failed: ")
    assert counter(engine.url, "vllm:request_success_total") - finished == POLICY.attempts


async def test_an_engine_killed_in_mid_fold_loses_nothing_and_is_picked_up_again(
    engine: Engine,
    opened: OpenService,
) -> None:
    service = opened()
    reports: list[FoldReport] = []
    changed = asyncio.Event()

    def note(report: FoldReport) -> None:
        reports.append(report)
        changed.set()

    service.watch_folds(note)
    service.start()
    users = [f"user {n}" for n in range(24)]
    await asyncio.gather(*(service.observe(user, films(8)) for user in users))
    await asyncio.to_thread(engine.wait_until, lambda: counter(engine.url, "vllm:num_requests_running") >= 8)
    await asyncio.to_thread(engine.kill)
    async with asyncio.timeout(60):
        while not any(r.outcome == "unavailable" for r in reports):
            changed.clear()
            await changed.wait()
    totals = await service.pending_totals()
    assert (totals.users, totals.interactions) == (24, 24 * 8)
    # Observing goes on as if nothing had happened.
    await asyncio.gather(*(service.observe(user, films(1, start=9)) for user in users))
    engine.start("taught")
    await asyncio.to_thread(engine.wait_until_ready)
    async with asyncio.timeout(90):
        while (await service.pending_totals()).interactions:
            changed.clear()
            await changed.wait()
    for user in users:
        profile = await service.get(user)
        assert "science" in profile.text
        assert (profile.interactions, profile.pending, profile.stale) == (9, 0, None)
        spans = [(r.first_seq, r.last_seq) for r in await service.history(user)]
        assert spans[-1][0] == 1
        assert spans[0][1] == 9


async def test_many_users_fold_in_one_batch_of_the_engine(
    engine: Engine,
    opened: OpenService,
) -> None:
    service = opened()
    reports: list[FoldReport] = []
    service.watch_folds(reports.append)
    users = [f"user {n}" for n in range(64)]
    await asyncio.gather(*(service.observe(user, films(7)) for user in users))
    began = asyncio.get_running_loop().time()
    await service.fold_everyone()
    wall = asyncio.get_running_loop().time() - began
    assert sorted(r.user_id for r in reports if r.outcome == "folded") == sorted(users)
    assert sum(r.usage.calls for r in reports) == 64
    assert sum(r.seconds for r in reports) > 8 * wall
