"""Who is due, who folds, how a claim ends, and what folding costs."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from prosona.core.requests import Claim, PendingTotals, Spending
from prosona.profiles_db.conformance._ground import Ground, chose, commit, keep, line
from prosona.profiles_db.store import Store

__all__ = ["FoldsConformance"]

MINUTE = 60.0
BRIEF = 0.05
"""Seconds of a claim that is waited out: long against one call, short against a test."""


async def claimed(store: Store, user_id: str, seconds: float = MINUTE) -> Claim:
    """A claim that must be had."""
    claim = await store.claim(user_id, seconds)
    assert claim is not None
    assert claim.user_id == user_id
    return claim


async def due(store: Store, *, pending: int = 1, idle: float = 0.0, limit: int = 10) -> list[str]:
    """Who is due, in order; the claims are given back."""
    claims = await store.claim_due(MINUTE, pending=pending, idle_seconds=idle, limit=limit)
    for claim in claims:
        await store.release(claim)
    return [claim.user_id for claim in claims]


class FoldsConformance(Ground):
    """The promises of `Folds`."""

    async def test_a_claim_has_one_holder_until_it_is_given_back(self, store: Store, other: Store) -> None:
        await store.append("ana", chose("a"))
        await store.append("bo", chose("a"))
        first = await claimed(store, "ana")
        assert first.incarnation == (await store.head("ana")).incarnation
        assert await other.claim("ana", MINUTE) is None
        assert await store.claim("ana", MINUTE) is None
        await claimed(other, "bo")
        await store.release(first)
        second = await claimed(other, "ana")
        assert second.token != first.token
        await store.release(first)
        assert await store.claim("ana", MINUTE) is None, "a claim given back once cannot give back another's"

    async def test_of_many_claims_exactly_one_is_granted(self, store: Store, other: Store) -> None:
        await store.append("ana", chose("a"))
        calls = [(store, other)[n % 2].claim("ana", MINUTE) for n in range(20)]
        assert sum(claim is not None for claim in await asyncio.gather(*calls)) == 1

    async def test_a_claim_that_ran_out_is_free_and_its_holder_cannot_commit_or_interfere(
        self, store: Store, other: Store
    ) -> None:
        await store.append("ana", chose("a", "b"))
        slow = await claimed(store, "ana", 0)
        late = await commit(store, "ana", line("late"), through=2, claim=slow)
        quick = await claimed(other, "ana")
        assert await store.commit("ana", late) is None
        await store.renew([slow], MINUTE)
        await store.release(slow, problem="Too late.", retry_seconds=MINUTE)
        head = await store.head("ana")
        assert (head.problem, head.retry_at, head.version) == (None, None, 0)
        assert await store.claim("ana", MINUTE) is None
        assert await other.commit("ana", await commit(other, "ana", line("a"), through=2, claim=quick)) == 1

    async def test_a_claim_that_is_renewed_lasts_longer(self, store: Store, other: Store) -> None:
        await store.append("ana", chose("a"))
        await store.append("bo", chose("a"))
        ana, bo = await claimed(store, "ana", BRIEF), await claimed(store, "bo", BRIEF)
        await store.renew([ana], MINUTE)
        await self.wait_until(store, await store.now() + timedelta(seconds=2 * BRIEF))
        assert await other.claim("ana", MINUTE) is None
        await claimed(other, "bo")
        await store.renew([], MINUTE)
        assert await store.commit("ana", await commit(store, "ana", line("a"), through=1, claim=ana)) == 1
        assert await store.commit("bo", await commit(store, "bo", line("a"), through=1, claim=bo)) is None

    async def test_a_commit_under_a_claim_given_back_is_refused(self, store: Store) -> None:
        await store.append("ana", chose("a"))
        claim = await claimed(store, "ana")
        step = await commit(store, "ana", line("a"), through=1, claim=claim)
        await store.release(claim)
        assert await store.commit("ana", step) is None
        assert (await store.head("ana")).version == 0

    async def test_a_claim_serves_several_steps_of_one_holder(self, store: Store) -> None:
        await store.append("ana", chose("a", "b"))
        claim = await claimed(store, "ana")
        for version in (1, 2):
            step = await commit(store, "ana", line("a"), through=version, claim=claim)
            assert await store.commit("ana", step) == version
        await keep(store, "ana", line("a"))
        assert await store.claim("ana", MINUTE) is None

    async def test_who_is_due_has_enough_or_has_been_quiet(self, store: Store) -> None:
        await store.append("few", chose("a"))
        await store.append("many", chose("a", "b", "c"))
        await store.append("none", chose("a"))
        await keep(store, "none", line("a"), through=1)
        await store.append("aside", chose("a"))
        await store.set_aside("aside", [1], "odd")
        assert await due(store, pending=3, idle=3600) == ["many"]
        assert await due(store, pending=1, idle=3600) == ["few", "many"]
        assert await due(store, pending=3, idle=0) == ["few", "many"]
        assert await due(store, pending=4, idle=3600) == []

    async def test_the_longest_waiting_come_first_and_up_to_the_limit(
        self, store: Store, other: Store
    ) -> None:
        for user in ("zoe", "bo", "ana"):
            await store.append(user, chose("a"))
        await store.append("zoe", chose("b"))
        assert await due(other) == ["zoe", "bo", "ana"]
        assert await due(other, limit=2) == ["zoe", "bo"]
        assert await due(other, limit=0) == []
        await keep(store, "zoe", line("a"), through=2)
        await store.append("zoe", chose("c"))
        assert await due(other) == ["bo", "ana", "zoe"]

    async def test_who_is_claimed_is_not_due_to_others(self, store: Store, other: Store) -> None:
        for user in ("ana", "bo", "cy"):
            await store.append(user, chose("a"))
        bo = await claimed(store, "bo")
        taken = await other.claim_due(MINUTE, pending=1, idle_seconds=0, limit=1)
        assert [claim.user_id for claim in taken] == ["ana"]
        assert taken[0].incarnation == (await store.head("ana")).incarnation
        assert await due(store) == ["cy"]
        await store.release(bo)
        await other.release(taken[0])
        assert await due(store) == ["ana", "bo", "cy"]

    async def test_of_several_stores_that_look_for_work_each_gets_its_own(
        self, store: Store, other: Store
    ) -> None:
        names = [f"user {n}" for n in range(12)]
        for name in names:
            await store.append(name, chose("a"))
        calls = [s.claim_due(MINUTE, pending=1, idle_seconds=0, limit=3) for s in (store, other) * 3]
        taken = [claim for claims in await asyncio.gather(*calls) for claim in claims]
        assert sorted(claim.user_id for claim in taken) == sorted(names)
        assert len({claim.token for claim in taken}) == 12

    async def test_after_a_failure_its_reason_stands_there_and_the_user_is_due_again_later(
        self, store: Store, other: Store
    ) -> None:
        await store.append("ana", chose("a"))
        before = await store.now()
        await store.release(await claimed(store, "ana"), problem="The endpoint is down.", retry_seconds=3600)
        head = await other.head("ana")
        assert head.problem == "The endpoint is down."
        assert head.retry_at is not None
        assert before + timedelta(hours=1) <= head.retry_at <= await store.now() + timedelta(hours=1)
        assert await due(other) == []
        assert await other.claim("ana", MINUTE) is not None, "who asks by name need not wait"

    async def test_after_the_time_to_retry_the_user_is_due(self, store: Store) -> None:
        await store.append("ana", chose("a"))
        await store.release(await claimed(store, "ana"), problem="It is busy.", retry_seconds=BRIEF)
        await self.wait_until(store, await store.now() + timedelta(seconds=2 * BRIEF))
        assert await due(store) == ["ana"]
        await store.release(await claimed(store, "ana"), problem="It is busy.")
        head = await store.head("ana")
        assert (head.problem, head.retry_at) == ("It is busy.", None)
        assert await due(store) == ["ana"]

    async def test_a_problem_stands_until_a_fold_succeeds(self, store: Store) -> None:
        await store.append("ana", chose("a"))
        await store.release(await claimed(store, "ana"), problem="No.", retry_seconds=3600)
        await store.release(await claimed(store, "ana"))
        await keep(store, "ana", line("mine"))
        assert (await store.head("ana")).problem == "No."
        await keep(store, "ana", line("mine"), through=1)
        head = await store.head("ana")
        assert (head.problem, head.retry_at) == (None, None)

    async def test_totals_count_what_waits_and_since_when(self, store: Store, other: Store) -> None:
        assert await store.pending_totals() == PendingTotals()
        await store.append("bo", chose("a", "b"))
        await store.append("ana", chose("a"))
        await store.append("ana", chose("b"))
        await store.append("cy", chose("a"))
        await store.set_aside("cy", [1], "odd")
        (bo, *_), (ana, *_) = await store.interactions("bo"), await store.interactions("ana")
        assert await other.pending_totals() == PendingTotals(users=2, interactions=4, since=bo.observed_at)
        await keep(store, "bo", line("a"), through=2)
        assert await other.pending_totals() == PendingTotals(users=1, interactions=2, since=ana.observed_at)
        await store.erase("ana")
        assert await other.pending_totals() == PendingTotals()

    async def test_spending_adds_up_over_a_day(self, store: Store, other: Store) -> None:
        monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
        await store.append("ana", chose("a"))
        assert await store.spent("ana", monday) == Spending()
        assert await store.spend("ana", monday, calls=1, tokens=10) == Spending(calls=1, tokens=10)
        assert await other.spend("ana", monday, calls=2, tokens=0) == Spending(calls=3, tokens=10)
        assert await store.spent("ana", monday) == Spending(calls=3, tokens=10)
        assert await store.spent("bo", monday) == Spending()
        assert await store.spend("ana", tuesday, calls=1, tokens=1) == Spending(calls=1, tokens=1)
        assert await store.spent("ana", monday) == Spending()
        assert await other.spent("ana", tuesday) == Spending(calls=1, tokens=1)

    async def test_spending_at_once_loses_nothing(self, store: Store, other: Store) -> None:
        day = date(2026, 3, 2)
        await store.append("ana", chose("a"))
        await asyncio.gather(*((store, other)[n % 2].spend("ana", day, calls=1, tokens=n) for n in range(20)))
        assert await store.spent("ana", day) == Spending(calls=20, tokens=190)
