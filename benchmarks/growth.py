"""Files that have grown: many users with folded logs and a profile each."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from prosona.core.lines import render, text_until
from prosona.core.requests import Backlog, Commit
from prosona.core.words import Interaction
from prosona.profiler import BuiltinProfiler
from prosona.profiles_db import SQLiteStore
from prosona.profiles_db.memory import MemoryStore
from prosona.profiles_db.sqlite.log import append, user_number
from prosona.profiles_db.sqlite.opening import connect
from prosona.profiles_db.sqlite.profiles import commit
from prosona.profiles_db.sqlite.writer import COUNT_UP
from prosona.service import FoldPolicy, ProfileService


class Report(Protocol):
    """Is told how much was done since it was told last."""

    def __call__(self, *, advance: float) -> None: ...


def _unheard(*, advance: float) -> None:
    pass


_USERS_A_TRANSACTION = 2_000
_DOMAINS = ("films", "news", "shopping", "chat")
_PATTERN = "pattern"


def user_name(number: int) -> str:
    return f"user-{number:06}"


def build(path: Path, users: int, interactions_each: int, report: Report = _unheard) -> None:
    """Write a store of `users` users to a new file, their interactions interleaved as in life.

    The profile of each is what the builtin profiler makes of one of them: its lines and its memory.
    """
    fold = asyncio.run(_made(path, interactions_each))
    chance = random.Random(7)
    with _fast(path) as conn:
        order = list(range(users))
        for turn in range(interactions_each):
            chance.shuffle(order)
            for batch in _batches(order):
                with _transaction(conn):
                    for number in batch:
                        append(conn, user_name(number), [_interaction(chance, turn)], 0)
                report(advance=len(batch))
        for batch in _batches(order):
            with _transaction(conn):
                for number in batch:
                    fold.write(conn, user_name(number))


def _interaction(chance: random.Random, turn: int) -> Interaction:
    number = chance.randrange(50_000)
    return Interaction(
        query=f"What next after title {number % 977}?",
        chosen=f"Title {number}, a story of {chance.choice(('space', 'trains', 'bread', 'rivers'))}",
        rejected=f"Title {number + 1}, a story of {chance.choice(('ghosts', 'kings', 'war'))}",
        kind="click",
        domain=_DOMAINS[turn % len(_DOMAINS)],
        idempotency_key=f"{turn}-{number}",
    )


@dataclass(frozen=True, slots=True)
class _Fold:
    """The first fold of a user, to be written for everybody who has as many interactions."""

    step: Commit

    def write(self, conn: sqlite3.Connection, user_id: str) -> None:
        mine = self.step.model_copy(update={"incarnation": user_number(conn, user_id)})
        if commit(conn, user_id, mine) is None:
            raise RuntimeError(f"{user_id} has a profile already")


async def _made(path: Path, interactions: int) -> _Fold:
    """Makes the empty file, and one fold of a user who is not in it."""
    await SQLiteStore(path).close()
    store = MemoryStore()
    service = ProfileService(store, BuiltinProfiler(), policy=FoldPolicy(background=False, wait_seconds=600))
    chance = random.Random(11)
    await service.observe(_PATTERN, [_interaction(chance, turn) for turn in range(interactions)])
    await service.get(_PATTERN, fresh=True)
    known: Backlog = await store.backlog(_PATTERN, 1)
    today = (await store.now()).date()
    await service.aclose()
    return _Fold(
        Commit(
            incarnation=0,
            base_version=0,
            cause="fold",
            actor="builtin",
            lines=known.lines,
            text=render(known.lines, today),
            text_until=text_until(known.lines, today),
            profiler="builtin",
            first_seq=1,
            last_seq=interactions,
            folded_from=0,
            folded_through=interactions,
            memory=known.memory,
        )
    )


def _batches(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), _USERS_A_TRANSACTION):
        yield numbers[start : start + _USERS_A_TRANSACTION]


@contextmanager
def _transaction(conn: sqlite3.Connection) -> Iterator[None]:
    conn.execute("BEGIN")
    yield
    conn.execute(COUNT_UP)
    conn.execute("COMMIT")


@contextmanager
def _fast(path: Path) -> Iterator[sqlite3.Connection]:
    # A file that only this program knows of needs no durability while it is being made.
    conn = connect(path, "rw", 10.0)
    conn.execute("PRAGMA synchronous = OFF")
    conn.execute("PRAGMA cache_size = -400000")
    try:
        yield conn
    finally:
        conn.close()
    # Now, or whoever writes next would wait for all of it.
    with path.open("rb") as file:
        os.fsync(file.fileno())
