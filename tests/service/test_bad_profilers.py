"""Whatever a profiler does, forgets or hands back: the old text stands with a reason, and nothing loops."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.service.ground import FAST_RETRY, MODEL, InMemory, OpenService, Watcher, chose, films

from prosona.core.errors import MemoryLostError
from prosona.core.requests import Memory
from prosona.core.words import Line
from prosona.profiler import BuiltinProfiler, FoldRequest, FoldResult
from prosona.profiler.testing import ScriptedProfiler
from prosona.service import FoldPolicy, ProfileService
from prosona.service.settling import Batch, settle, to_commit

SLOW_RETRY = FoldPolicy(background=False, first_backoff_seconds=60)


async def test_a_profiler_that_always_breaks_leaves_the_old_text_with_a_reason(in_memory: InMemory) -> None:
    good = in_memory(ScriptedProfiler("Likes slow films."))
    await good.observe("ana", films(1))
    await good.get("ana")
    broken = ScriptedProfiler(KeyError("genre"))
    service = in_memory(broken, SLOW_RETRY)
    await service.observe("ana", films(8))
    for _ in range(20):
        profile = await service.get("ana")
        assert (profile.text, profile.version, profile.pending) == ("Likes slow films.", 1, 8)
        assert profile.stale is not None
    assert "crashed (KeyError)" in str(profile.stale) or "next try" in str(profile.stale)
    assert len(broken.requests) == 1
    assert await service.quarantined("ana") == []


async def test_a_broken_profiler_is_asked_less_and_less(opened: OpenService) -> None:
    broken = ScriptedProfiler(KeyError("genre"))
    policy = replace(MODEL, first_backoff_seconds=0.05, longest_backoff_seconds=60.0)
    service = opened(broken, policy)
    watcher = Watcher(service)
    service.start()
    await service.observe("ana", films(8))
    await watcher.until(lambda: len(watcher.reports) >= 4)
    waits = [report.retry_seconds for report in watcher.reports[:4]]
    assert waits == [0.05, 0.1, 0.2, 0.4]
    # Looking for who is to blame costs a handful of calls a try, not thousands.
    assert len(broken.requests) <= 4 * 9


async def damage(service: ProfileService, data: bytes, version: str | None = None) -> None:
    """Puts something else in place of what the profiler remembers of ana."""
    standing = await service._store.standing("ana")
    commit = to_commit(
        standing,
        standing.lines,
        cause="fold",
        actor="test",
        now=await service._store.now(),
        counters_only=True,
        memory=Memory(version=version or service.profiler.memory_version or "", data=data),
    )
    assert await service._store.commit("ana", commit) is not None


@pytest.mark.parametrize("how", ["another version", "garbage", "cut off", "none"])
async def test_a_memory_that_cannot_be_read_is_built_anew_from_the_log(in_memory: InMemory, how: str) -> None:
    service = in_memory(BuiltinProfiler())
    for n in range(60):
        side = "Western" if n % 3 else "Drama"
        await service.observe("ana", chose(f"Title {n} ({side})", rejected=f"Blood {n} (Horror)"))
    before = await service.get("ana")
    kept = {line.id for line in await service.lines("ana")}
    memory = (await service._store.backlog("ana", 1)).memory
    assert memory is not None
    match how:
        case "another version":
            await damage(service, memory.data, "builtin-1")
        case "garbage":
            await damage(service, b"\x00garbage")
        case "cut off":
            await damage(service, memory.data[: len(memory.data) // 2])
        case _:
            await damage(service, b"")
    await service.observe("ana", chose("Title 60 (Western)", rejected="Blood 60 (Horror)"))
    profile = await service.get("ana")
    assert (profile.pending, profile.stale) == (0, None)
    assert kept & {line.id for line in await service.lines("ana")}
    assert "Western" in profile.text
    assert "(rejected 61 of 61" in profile.text
    assert len(profile.text) > len(before.text) // 2


async def test_a_memory_lost_again_and_again_is_a_failure_and_no_loop(in_memory: InMemory) -> None:
    forgetful = ScriptedProfiler(MemoryLostError("gone"), memory_version="1")
    service = in_memory(forgetful, SLOW_RETRY)
    await service.observe("ana", films(3))
    assert "gone" in str((await service.get("ana")).stale)
    assert len(forgetful.requests) == 1


@pytest.mark.parametrize(
    "result",
    [
        None,
        "Likes films.",
        FoldResult((None,), 3),  # type: ignore[arg-type]  # as careless as anybody
        FoldResult((), 3, memory="x"),  # type: ignore[arg-type]  # as above
    ],
)
async def test_what_is_no_result_is_a_crash(in_memory: InMemory, result: object) -> None:
    class Careless(ScriptedProfiler):
        async def fold(self, request: FoldRequest) -> FoldResult:
            await super().fold(request)
            return result  # type: ignore[return-value]  # as above

    for writes_prose in (True, False):
        careless = Careless(writes_prose=writes_prose)
        service = in_memory(careless, SLOW_RETRY)
        user = f"user {writes_prose}"
        await service.observe(user, films(3))
        for _ in range(3):
            profile = await service.get(user)
        assert (profile.version, profile.pending) == (0, 3)
        assert "TypeError" in str(profile.stale) or "next try" in str(profile.stale)
        assert len(careless.requests) == 1


async def test_something_cancelled_within_a_profiler_is_its_crash(in_memory: InMemory) -> None:
    def cancelled(request: FoldRequest) -> str:
        raise asyncio.CancelledError

    profiler = ScriptedProfiler(cancelled)
    service = in_memory(profiler, SLOW_RETRY)
    await service.observe("ana", films(3))
    for _ in range(3):
        stale = str((await service.get("ana")).stale)
        assert "CancelledError" in stale or "next try" in stale
    assert len(profiler.requests) == 1


async def test_an_error_of_the_house_about_one_user_waits_its_time_and_harms_no_other(
    in_memory: InMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(past: list[Line], written: list[Line], batch: Batch, *rest: object, **more: object) -> object:
        if any("odd" in (item.chosen or "") for item in batch.interactions):
            raise ZeroDivisionError
        return settle(past, written, batch, *rest, **more)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr("prosona.service._run.settle", breaks)
    profiler = ScriptedProfiler()
    service = in_memory(profiler, SLOW_RETRY)
    await service.observe("ana", chose("odd"))
    await service.observe("bo", chose("Solaris"))
    for _ in range(3):
        stale = str((await service.get("ana")).stale)
        assert "broke (ZeroDivisionError)" in stale or "next try" in stale
    assert (await service.get("bo")).pending == 0
    assert len(profiler.requests) == 2


async def test_every_line_of_any_profiler_rests_on_something(in_memory: InMemory) -> None:
    for version in (None, "1"):
        bare = ScriptedProfiler([Line(text="Likes films.")], memory_version=version, writes_prose=False)
        service = in_memory(bare)
        for n in range(3):
            await service.observe(f"user {version}", films(1, start=n))
            [line] = await service.lines(f"user {version}")
            assert (await service.why(f"user {version}", line.id)).interactions


async def test_a_profiler_that_claims_more_than_it_was_given_moves_nothing(in_memory: InMemory) -> None:
    for folded in (0, -1, 99):
        boasting = ScriptedProfiler(FoldResult((Line(text="Likes films."),), folded))
        service = in_memory(boasting, FAST_RETRY)
        await service.observe(f"user {folded}", films(3))
        profile = await service.get(f"user {folded}")
        assert (profile.version, profile.pending) == (0, 3)
        assert f"it claims {folded} of 3" in str(profile.stale)


async def test_a_line_out_of_shape_is_brought_into_one(in_memory: InMemory) -> None:
    odd = [Line(text="Likes\nslow\x1b[31m \u202efilms. " + "x" * 900, kind="stated"), Line(text="  ")]
    service = in_memory(ScriptedProfiler(odd, writes_prose=False))
    await service.observe("ana", films(1))
    [line] = await service.lines("ana")
    assert line.kind == "inferred"
    assert line.text.startswith("Likes slow films.")
    assert len(line.text) <= 500
