from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.service.ground import MODEL, OpenService, Watcher, films

from prosona.core.errors import OutputRejectedError, ProfilerUnavailableError
from prosona.profiler import FoldRequest, FoldResult
from prosona.profiler.testing import ScriptedProfiler
from prosona.profiles_db import SQLiteStore


async def test_a_started_service_folds_what_others_left(opened: OpenService) -> None:
    quiet = opened(ScriptedProfiler(), replace(MODEL, background=False))
    for user in ("ana", "bo", "cy"):
        await quiet.observe(user, films(8))
    await quiet.observe("few", films(2))
    service = opened(ScriptedProfiler(), MODEL)
    watcher = Watcher(service)
    service.start()
    await watcher.until(lambda: len(watcher.folded()) == 3)
    assert sorted(watcher.folded()) == ["ana", "bo", "cy"]
    assert (await service.get("few")).pending == 2


async def test_a_started_service_folds_a_user_who_went_quiet(opened: OpenService) -> None:
    service = opened(ScriptedProfiler(), replace(MODEL, idle_seconds=0.05))
    watcher = Watcher(service)
    service.start()
    await service.observe("ana", films(1))
    await watcher.until(lambda: watcher.folded() == ["ana"])


async def test_many_users_fold_at_once_but_not_more_than_allowed(opened: OpenService) -> None:
    profiler = ScriptedProfiler()
    profiler.gate.clear()
    service = opened(profiler, replace(MODEL, in_flight=5))
    watcher = Watcher(service)
    service.start()
    users = [f"user {n}" for n in range(23)]
    await asyncio.gather(*(service.observe(user, films(8)) for user in users))
    await asyncio.wait_for(profiler.started.wait(), 5)
    # A fold that is asked for needs no slot, and ends behind five that wait at the gate.
    reader = asyncio.create_task(service.get("user 22", fresh=True))
    for _ in range(200):
        await asyncio.sleep(0)
    assert len(profiler.requests) <= 6
    profiler.gate.set()
    await reader
    await watcher.until(lambda: len(watcher.folded()) == 23)
    assert sorted(watcher.folded()) == sorted(users)


async def test_a_busy_user_costs_at_most_one_call_per_eight_interactions(opened: OpenService) -> None:
    profiler = ScriptedProfiler("Likes films.")
    service = opened(profiler, MODEL)
    watcher = Watcher(service)
    service.start()
    for n in range(160):
        await service.observe("ana", films(1, start=n))
    assert (await service.get("ana", fresh=True)).pending == 0
    await watcher.until(lambda: sum(r.interactions for r in watcher.reports) == 160)
    assert len(profiler.requests) <= 160 / 8 + 1
    assert [i.seq for r in profiler.requests for i in r.interactions] == list(range(1, 161))


async def test_two_started_services_fold_each_user_once(opened: OpenService) -> None:
    profilers = ScriptedProfiler(), ScriptedProfiler()
    services = [opened(profiler, MODEL) for profiler in profilers]
    loader = opened(ScriptedProfiler(), replace(MODEL, background=False))
    users = [f"user {n}" for n in range(200)]
    await asyncio.gather(*(loader.observe(user, films(8)) for user in users))
    watcher = Watcher(*services)
    for service in services:
        service.start()
    await watcher.until(lambda: len(watcher.folded()) >= 200)
    assert sorted(watcher.folded()) == sorted(users)
    assert sum(len(p.requests) for p in profilers) == 200
    assert all(p.requests for p in profilers)
    assert (await loader.pending_totals()).users == 0


async def test_a_fresh_read_does_not_chase_what_comes_meanwhile(opened: OpenService) -> None:
    profiler = ScriptedProfiler()
    service = opened(profiler, MODEL)
    await service.observe("ana", films(3))

    def and_more(request: FoldRequest) -> str:
        arriving.append(asyncio.create_task(service.observe("ana", films(1))))
        return f"Likes {request.interactions[-1].chosen}."

    arriving: list[asyncio.Task[object]] = []
    busy = ScriptedProfiler(and_more)
    service = opened(busy, MODEL)
    await service.get("ana", fresh=True)
    assert len(busy.requests) <= 2
    await asyncio.gather(*arriving)


async def test_while_the_profiler_is_down_nobody_is_punished_and_get_says_why(opened: OpenService) -> None:
    down = [True]

    def flaky(request: FoldRequest) -> str:
        if down[0]:
            raise ProfilerUnavailableError("the engine cannot be reached", retry_seconds=0.05)
        return f"Likes {request.interactions[-1].chosen}."

    profiler = ScriptedProfiler(flaky)
    service = opened(profiler, replace(MODEL, first_backoff_seconds=3600, longest_backoff_seconds=3600))
    watcher = Watcher(service)
    service.start()
    users = [f"user {n}" for n in range(50)]
    await asyncio.gather(*(service.observe(user, films(8)) for user in users))
    await watcher.until(lambda: len(watcher.reports) >= 3)
    failed = watcher.reports[0].user_id
    assert "cannot be reached" in str((await service.get(failed)).stale)
    asked_while_down = len(profiler.requests)
    assert asked_while_down <= MODEL.in_flight + 10
    down[0] = False
    await watcher.until(lambda: len(watcher.folded()) == 50)
    assert sorted(watcher.folded()) == sorted(users)
    assert (await service.get(failed)).stale is None


async def test_a_user_whose_folds_fail_waits_in_every_process_and_through_a_restart(
    opened: OpenService,
) -> None:
    policy = replace(MODEL, first_backoff_seconds=3600, longest_backoff_seconds=3600)
    bad = ScriptedProfiler("")
    first = opened(bad, policy)
    watcher = Watcher(first)
    first.start()
    await first.observe("ana", films(8))
    await watcher.until(lambda: [r.outcome for r in watcher.reports] == ["rejected"])
    assert len(bad.requests) == policy.attempts
    await first.aclose()
    good = ScriptedProfiler()
    second = opened(good, policy)
    second_watcher = Watcher(second)
    second.start()
    await second.observe("bo", films(8))
    await second_watcher.until(lambda: second_watcher.folded() == ["bo"])
    assert {r.interactions[0].chosen for r in good.requests} == {"film 1"}
    assert len(good.requests) == 1
    assert "it is empty" in str((await second.get("ana")).stale)
    assert (await second.get("ana", fresh=True)).stale is None


class CountedProfiler(ScriptedProfiler):
    """A profiler that takes three interactions at once and says what it cost."""

    async def fold(self, request: FoldRequest) -> FoldResult:
        request.usage.calls += 1
        request.usage.prompt_tokens += 100
        result = await super().fold(replace(request, interactions=request.interactions[:3]))
        return replace(result, folded=min(3, len(request.interactions)))


async def test_a_backlog_beyond_the_context_is_folded_in_steps_each_committed(opened: OpenService) -> None:
    profiler = CountedProfiler()
    service = opened(profiler, MODEL)
    await service.observe("ana", films(8))
    profile = await service.get("ana", fresh=True)
    assert (profile.version, profile.pending) == (3, 0)
    assert [i.seq for r in profiler.requests for i in r.interactions] == list(range(1, 9))
    spans = [(r.first_seq, r.last_seq) for r in await service.history("ana")]
    assert spans == [(7, 8), (4, 6), (1, 3)]


@pytest.mark.parametrize(("calls", "tokens"), [(2, None), (None, 150)])
async def test_a_spent_budget_stops_folding_until_tomorrow_and_survives_a_restart(
    opened: OpenService, calls: int | None, tokens: int | None
) -> None:
    policy = replace(MODEL, calls_a_day=calls, tokens_a_day=tokens)
    service = opened(CountedProfiler(), policy)
    await service.observe("ana", films(8))
    profile = await service.get("ana", fresh=True)
    assert (profile.version, profile.pending) == (2, 2)
    assert "budget" in str(profile.stale)
    assert "is spent" in str(profile.stale)
    await service.aclose()
    profiler = CountedProfiler()
    again = opened(profiler, policy)
    again.start()
    assert "is spent" in str((await again.get("ana", fresh=True)).stale)
    assert not profiler.requests
    await again.observe("bo", films(3))
    assert (await again.get("bo", fresh=True)).pending == 0


async def test_failed_calls_are_spent_too(opened: OpenService, tmp_path: Path) -> None:
    service = opened(CountedProfiler(OutputRejectedError(["it is cut off"])), MODEL)
    await service.observe("ana", films(3))
    await service.get("ana", fresh=True)
    store = SQLiteStore(tmp_path / "profiles.db")
    spent = await store.spent("ana", datetime.now(UTC).date())
    assert (spent.calls, spent.tokens) == (2, 200)
    await store.close()


async def test_everyone_is_folded_on_demand_and_an_interrupted_run_goes_on(opened: OpenService) -> None:
    loader = opened(ScriptedProfiler(), replace(MODEL, background=False))
    users = [f"user {n:02}" for n in range(40)]
    await asyncio.gather(*(loader.observe(user, films(1 + n % 9)) for n, user in enumerate(users)))
    seen = 0

    def breaks_down(request: FoldRequest) -> str:
        nonlocal seen
        seen += 1
        if seen > 15:
            raise ProfilerUnavailableError("the engine is gone", retry_seconds=0.3)
        return "Likes films."

    first = opened(ScriptedProfiler(breaks_down), MODEL)
    watcher = Watcher(first)
    with pytest.raises(ProfilerUnavailableError):
        await first.fold_everyone(patience=0.5)
    await first.aclose()
    second = opened(ScriptedProfiler("Likes films."), MODEL)
    watcher_of_second = Watcher(second)
    await second.fold_everyone()
    done = watcher.folded() + watcher_of_second.folded()
    assert sorted(done) == users
    assert len(watcher.folded()) == 15
    assert (await second.pending_totals()).interactions == 0


async def test_folds_are_traced_when_tracing_is_configured(opened: OpenService) -> None:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    service = opened(CountedProfiler(), MODEL)
    await service.observe("ana", films(3))
    await service.get("ana", fresh=True)
    [span] = [s for s in exporter.get_finished_spans() if s.name == "prosona.fold"]
    assert dict(span.attributes or {}) == {
        "prosona.profiler": "scripted",
        "prosona.outcome": "folded",
        "prosona.interactions": 3,
        "prosona.tokens": 100,
    }
