from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from prosona.core.requests import Spending
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore, folds

YEAR = 365 * 86_400_000_000

HOLD = """
import asyncio, sys
from prosona.profiles_db.sqlite import SQLiteStore

async def main():
    store = SQLiteStore(sys.argv[1])
    assert await store.claim("ana", 3600)
    print("held", flush=True)
    sys.stdin.readline()

asyncio.run(main())
"""


def clock_was_ahead(path: Path, micros: int = YEAR) -> None:
    """As if all that was noted had been noted while the clock was wrong."""
    conn = sqlite3.connect(path)
    with conn:
        conn.execute("UPDATE claims SET taken_at = taken_at + ?1, expires_at = expires_at + ?1", (micros,))
        conn.execute(
            "UPDATE users SET retry_at = retry_at + ?1, problem_at = problem_at + ?1,"
            " last_observed_at = last_observed_at + ?1, pending_since = pending_since + ?1",
            (micros,),
        )
    conn.close()


async def test_a_claim_has_one_holder_until_it_is_given_back(store: SQLiteStore) -> None:
    first = await store.claim("ana", 60)
    assert first
    assert await store.claim("ana", 60) is None
    assert await store.claim("bo", 60)
    await store.release(first)
    second = await store.claim("ana", 60)
    assert second
    assert second.token != first.token
    await store.release(first, problem="Too late.")
    assert await store.claim("ana", 60) is None


async def test_of_many_claims_exactly_one_wins(store: SQLiteStore) -> None:
    claims = await asyncio.gather(*(store.claim("ana", 60) for _ in range(20)))
    assert sum(claim is not None for claim in claims) == 1


async def test_a_claim_that_ran_out_is_free_and_one_that_is_renewed_is_not(store: SQLiteStore) -> None:
    short = await store.claim("ana", 0)
    assert short
    await store.renew([short], 60)
    assert await store.claim("ana", 60) is None
    await store.renew([short], 0)
    long = await store.claim("ana", 60)
    assert long
    await store.renew([short], 60)
    await store.release(short)
    assert await store.claim("ana", 60) is None


@pytest.mark.skipif(os.name == "nt", reason="kills")
async def test_what_a_killed_process_held_is_free_at_once(
    path: Path, store: SQLiteStore, start_program: Callable[..., subprocess.Popen[str]]
) -> None:
    await store.append("ana", [Interaction(chosen="tea")])
    holder = start_program(HOLD, path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert await store.claim("ana", 60) is None
    assert await store.claim_due(60, pending=1, idle_seconds=0, limit=5) == []
    holder.kill()
    holder.wait()
    (claim,) = await store.claim_due(60, pending=1, idle_seconds=0, limit=5)
    assert claim.user_id == "ana"
    assert await store.claim("ana", 60) is None


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only where /proc tells")
async def test_another_process_that_got_the_number_of_a_dead_one_holds_nothing(
    path: Path, store: SQLiteStore
) -> None:
    assert await store.claim("ana", 3600)
    conn = sqlite3.connect(path)
    with conn:
        conn.execute("UPDATE claims SET born = born - 1")
    conn.close()
    assert await store.claim("ana", 60)


async def test_a_process_elsewhere_holds_its_claim_until_it_runs_out(path: Path, store: SQLiteStore) -> None:
    assert await store.claim("ana", 3600)
    conn = sqlite3.connect(path)
    with conn:
        conn.execute("UPDATE claims SET place = 'another machine', pid = 1, born = 1")
    assert await store.claim("ana", 60) is None
    with conn:
        conn.execute("UPDATE claims SET expires_at = 1")
    conn.close()
    assert await store.claim("ana", 60)


async def test_what_was_noted_by_a_clock_that_was_ahead_holds_nobody_up(
    path: Path, store: SQLiteStore
) -> None:
    await store.append("ana", [Interaction(chosen="tea")])
    claim = await store.claim("ana", 60)
    assert claim
    await store.release(claim, problem="The model is down.", retry_seconds=3600)
    assert await store.claim_due(60, pending=1, idle_seconds=0, limit=5) == []
    assert (await store.head("ana")).retry_at is not None
    assert await store.claim("ana", 60)
    clock_was_ahead(path)
    head = await store.head("ana")
    assert (head.problem, head.retry_at) == ("The model is down.", None)
    (claim,) = await store.claim_due(60, pending=5, idle_seconds=600, limit=5)
    assert claim.user_id == "ana"


async def test_a_clock_that_was_put_right_by_a_second_changes_nothing(path: Path, store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="tea")])
    assert await store.claim("ana", 60)
    clock_was_ahead(path, 1_000_000)
    assert await store.claim("ana", 60) is None
    assert await store.claim_due(60, pending=5, idle_seconds=600, limit=5) == []


async def test_the_longest_waiting_are_due_first_and_others_claims_are_passed_over(
    store: SQLiteStore,
) -> None:
    names = [f"user {n}" for n in range(10)]
    for name in names:
        await store.append(name, [Interaction(chosen="tea")])
    assert await store.claim(names[0], 60)
    claims = await store.claim_due(60, pending=1, idle_seconds=0, limit=3)
    assert [claim.user_id for claim in claims] == names[1:4]
    claims = await store.claim_due(60, pending=1, idle_seconds=0, limit=100)
    assert [claim.user_id for claim in claims] == names[4:]


async def test_claiming_who_is_due_goes_by_index(store: SQLiteStore) -> None:
    def plan(conn: sqlite3.Connection) -> str:
        rows = conn.execute(f"EXPLAIN QUERY PLAN {folds._DUE}", (1, 2, 3, 4))
        return " ".join(str(row) for row in rows.fetchall())

    steps = await store._file.read(plan)
    assert "users_pending" in steps
    assert "TEMP B-TREE" not in steps


async def test_spending_counts_one_day(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="tea")])
    monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    await store.spend("ana", monday, calls=1, tokens=10)
    assert await store.spend("ana", monday, calls=2, tokens=5) == Spending(calls=3, tokens=15)
    assert await store.spend("ana", tuesday, calls=1, tokens=1) == Spending(calls=1, tokens=1)
    assert await store.spent("ana", monday) == Spending()
