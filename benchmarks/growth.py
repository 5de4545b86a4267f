"""Files that have grown: many users with folded logs and a profile each."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from prosona.profiles_db.sqlite_open import connect
from prosona.profiles_db.sqlite_writes import append, commit

from prosona.core.words import Interaction
from prosona.profiles_db import Draft, SQLiteStore


class Report(Protocol):
    """Is told how much was done since it was told last."""

    def __call__(self, *, advance: float) -> None: ...


def _unheard(*, advance: float) -> None:
    pass


_USERS_A_TRANSACTION = 2_000
_DOMAINS = ("films", "news", "shopping", "chat")
_LINES = (
    "Films: chose 14 of 15 science-fiction titles, most of them older than 1990; last in March.",
    "Films: turned down horror in 9 of 10 cases.",
    "News: reads about space flight and cycling, 31 of 44 choices; skips celebrity news.",
    "Shopping: prefers second-hand and repairable things; 7 of 8 choices below the median price.",
    "Answers: prefers short ones with code first; twice asked for sources.",
    "Lately: more cycling, less football than in the first half.",
)


def user_name(number: int) -> str:
    return f"user-{number:06}"


def build(path: Path, users: int, interactions_each: int, report: Report = _unheard) -> None:
    """Write a store of `users` users to a new file, their interactions interleaved as in life."""
    SQLiteStore(path)._close()
    chance = random.Random(7)
    with _fast(path) as conn:
        order = list(range(users))
        for turn in range(interactions_each):
            chance.shuffle(order)
            for batch in _batches(order):
                conn.execute("BEGIN")
                for number in batch:
                    append(conn, user_name(number), [_interaction(chance, turn)])
                conn.execute("COMMIT")
                report(advance=len(batch))
        for batch in _batches(order):
            conn.execute("BEGIN")
            for number in batch:
                _fold(conn, user_name(number), interactions_each)
            conn.execute("COMMIT")


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


def _fold(conn: sqlite3.Connection, user_id: str, interactions: int) -> None:
    draft = Draft(
        cause="fold",
        actor="",
        summary="\n".join(_LINES),
        profiler="builtin",
        first_seq=1,
        last_seq=interactions,
    )
    commit(conn, user_id, draft, 0, 0, None)


def _batches(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), _USERS_A_TRANSACTION):
        yield numbers[start : start + _USERS_A_TRANSACTION]


@contextmanager
def _fast(path: Path) -> Iterator[sqlite3.Connection]:
    # A file that only this program knows of needs no durability while it is being made.
    conn = connect(path, 10.0)
    conn.execute("PRAGMA synchronous = OFF")
    conn.execute("PRAGMA cache_size = -400000")
    try:
        yield conn
    finally:
        conn.close()
