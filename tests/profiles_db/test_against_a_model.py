"""Random sequences of all calls on the file and on the fake: both must answer the same, always."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from pydantic import BaseModel

from prosona.core.errors import InvalidInputError
from prosona.core.requests import Claim, Commit, Forgetting, Head, Memory
from prosona.core.words import Edit, Interaction, Line, Retired, Support
from prosona.profiles_db.memory import MemoryPlace, MemoryStore
from prosona.profiles_db.sqlite import SQLiteStore
from prosona.profiles_db.store import Store

T = TypeVar("T")

WORDS = ["jasmine", "tea", "chess", "rüst", "苔藓"]
USERS = ["ana", "an"]
LATE = datetime(2026, 3, 1, tzinfo=UTC)
LONG = 3600.0

users = st.sampled_from(USERS)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join)
seqs = st.frozensets(st.integers(0, 9), min_size=1, max_size=6)
lengths = st.sampled_from([0.0, LONG])
interactions = st.builds(
    Interaction,
    chosen=texts,
    query=st.none() | texts,
    rejected=st.none() | texts,
    kind=st.sampled_from([None, "click"]),
    occurred_at=st.sampled_from([None, LATE]),
    idempotency_key=st.sampled_from([None, None, None, "k1", "tea-3"]),
    agent=st.sampled_from(["", "host", "chess"]),
    quarantined=st.sampled_from([None, None, None, "screened", "names tea"]),
)
lines = st.builds(
    Line,
    id=st.sampled_from(["a", "b", "c"]),
    kind=st.sampled_from(["stated", "owned", "inferred"]),
    text=texts,
    actor=st.sampled_from(["", "me", "chess"]),
    support=st.builds(
        Support,
        times=st.integers(0, 3),
        agents=st.sampled_from([(), ("host", "chess")]),
        sample=seqs.map(lambda found: tuple(sorted(found))),
    ),
)
profiles = st.lists(lines, max_size=3, unique_by=lambda line: line.id).map(tuple)
edited = st.builds(
    Edit,
    line=st.sampled_from("ab"),
    text=texts,
    through=st.integers(0, 5),
    how=st.just("removed"),
    at=st.just(LATE),
)
memories = st.sampled_from([None, None, b"", b"s\0\xff"]).map(
    lambda data: None if data is None else Memory(version="m" if data else "", data=data)
)

Both = tuple[Any, Any]

_TIMES = {"observed_at", "created_at", "updated_at", "last_observed_at", "retry_at", "since"}
"""Each store tells these by its own clock: only whether there is one can be compared."""


class StoresMachine(RuleBasedStateMachine):
    """Every rule asks both stores, each in one of two instances, as two processes would."""

    heads = Bundle("heads")
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.place = MemoryPlace()
        self.seen: tuple[dict[object, int], dict[object, int]] = ({}, {})
        self.open()

    def open(self) -> None:
        path = Path(self.folder.name) / "profiles.db"
        self.stores: list[tuple[Store, Store]] = [
            (MemoryStore(self.place), MemoryStore(self.place)),
            (SQLiteStore(path), SQLiteStore(path)),
        ]
        self.turn = 0

    def close(self) -> None:
        for pair in self.stores:
            for store in pair:
                self.runner.run(_awaited(store.close()))

    def teardown(self) -> None:
        for user in USERS:
            self.look(user, -1, 100, range(9))
        self.close()
        self.runner.close()
        self.folder.cleanup()

    def ask(self, call: Callable[[Store, int], Awaitable[Any]]) -> Both:
        """What each store answers, which must be the same; an error of the caller's is an answer, too."""
        self.turn += 1
        answers = []
        for number, pair in enumerate(self.stores):
            try:
                answers.append(self.runner.run(_awaited(call(pair[self.turn % 2], number))))
            except InvalidInputError:
                answers.append(InvalidInputError)
        assert self.told(answers[0], 0) == self.told(answers[1], 1)
        return answers[0], answers[1]

    def told(self, value: object, number: int) -> object:
        """An answer without what each store chooses for itself."""
        if isinstance(value, BaseModel):
            return {
                name: (one is not None)
                if name in _TIMES
                else self.seen[number].setdefault(one, len(self.seen[number]))
                if name in {"incarnation", "token"} and one != 0
                else self.told(one, number)
                for name, one in value
            }
        if isinstance(value, list | tuple):
            return [self.told(one, number) for one in value]
        return value

    @initialize(target=heads, items=st.lists(interactions, min_size=2, max_size=6))
    def begin(self, items: list[Interaction]) -> Both:
        for user in USERS:
            self.append(user, items, 0.0)
        return self.ask(lambda store, _: store.head("ana"))

    @rule(user=users, items=st.lists(interactions, min_size=1, max_size=4), echo=lengths)
    def append(self, user: str, items: list[Interaction], echo: float) -> None:
        self.ask(lambda store, _: store.append(user, items, echo_seconds=echo))

    @rule(user=users, found=seqs)
    def set_aside(self, user: str, found: Collection[int]) -> None:
        self.ask(lambda store, _: store.set_aside(user, found, "cannot read tea"))

    @rule(user=users, found=seqs, in_again=st.booleans())
    def decide(self, user: str, found: Collection[int], in_again: bool) -> None:
        self.ask(lambda store, _: store.let_in(user, found) if in_again else store.drop(user, found))

    @rule(target=heads, user=users)
    def read(self, user: str) -> Both:
        return self.ask(lambda store, _: store.head(user))

    @rule(
        at=heads,
        now=st.booleans(),
        kept=profiles,
        share=st.none() | st.integers(0, 4),
        memory=memories,
        added=st.lists(edited, max_size=1).map(tuple),
        lifted=st.sampled_from([(), ("a",)]),
        counters_only=st.booleans(),
        claim=st.none() | claims,
    )
    def commit(
        self, at: Both, now: bool, kept: tuple[Line, ...], share: int | None, memory: Memory | None,
        added: tuple[Edit, ...], lifted: tuple[str, ...], counters_only: bool, claim: Both | None,
    ) -> None:  # fmt: skip
        """A step from a reading that may be an old one, under a claim that may be lost or another user's."""
        at = self.ask(lambda store, _: store.head(at[0].user_id)) if now else at
        folded, observed = at[0].folded_through, at[0].observed
        through = None if share is None else folded + (observed - folded) * share // 4
        if counters_only and not at[0].version:
            kept = ()

        def step(head: Head, own: Claim | None) -> Commit:
            return Commit(
                incarnation=head.incarnation,
                base_version=head.version,
                cause="edit" if share is None else "fold",
                actor="me",
                lines=kept,
                text="\n".join(line.text for line in kept),
                counters_only=counters_only,
                retired=(Retired(line="z", why="no more tea"),),
                profiler="chess",
                first_seq=1,
                last_seq=through,
                folded_from=None if share is None else folded,
                folded_through=through,
                memory=memory,
                edits=added,
                lifted=lifted,
                token=own.token if own else None,
            )

        self.ask(lambda store, n: store.commit(at[n].user_id, step(at[n], claim[n] if claim else None)))

    @rule(
        at=heads,
        now=st.booleans(),
        word=st.sampled_from(WORDS),
        begin=st.none() | st.just(0),
        late=st.lists(interactions, max_size=2),
    )
    def forget(self, at: Both, now: bool, word: str, begin: int | None, late: list[Interaction]) -> None:
        user = at[0].user_id
        at = self.ask(lambda store, _: store.head(user)) if now else at
        if not at[0].incarnation:
            return
        log = self.ask(lambda store, _: store.interactions(user))[0]
        standing = self.ask(lambda store, _: store.standing(user))[0]
        found = frozenset(
            i.seq for i in log if word in f"{i.query} {i.chosen} {i.rejected} {i.idempotency_key}"
        )
        through = max((i.seq for i in log), default=0)
        kept = tuple(line for line in standing.lines if word not in line.text)
        self.append(user, late, 0.0)

        def forgetting(head: Head) -> Forgetting:
            return Forgetting(
                incarnation=head.incarnation,
                base_version=head.version,
                seqs=found,
                scanned_through=through,
                names=lambda text: word in text,
                doomed=lambda line: word in line.text,
                keeps_edits=lambda edit: word not in edit.text,
                commit=Commit(
                    incarnation=head.incarnation,
                    base_version=head.version,
                    cause="forget",
                    actor="me",
                    lines=kept,
                    text="",
                    folded_through=begin,
                    memory=None if begin is None else Memory(version="", data=b""),
                ),
            )

        self.ask(lambda store, n: store.forget(user, forgetting(at[n])))

    @rule(user=users)
    def erase(self, user: str) -> None:
        self.ask(lambda store, _: store.erase(user))

    @rule(target=claims, user=users, seconds=lengths)
    def claim(self, user: str, seconds: float) -> Both:
        return self.claimed(self.ask(lambda store, _: store.claim(user, seconds)))

    @rule(target=claims, pending=st.integers(1, 3), idle=lengths, limit=st.integers(0, 2), seconds=lengths)
    def claim_due(self, pending: int, idle: float, limit: int, seconds: float) -> Both:
        answers = self.ask(
            lambda store, _: store.claim_due(seconds, pending=pending, idle_seconds=idle, limit=limit)
        )
        return self.claimed((answers[0][0], answers[1][0]) if answers[0] else (None, None))

    def claimed(self, answers: Both) -> Both:
        nobodys = Claim(user_id="ana", token="none", incarnation=0)
        return answers if answers[0] else (nobodys, nobodys)

    @rule(claim=claims, seconds=lengths)
    def renew(self, claim: Both, seconds: float) -> None:
        self.ask(lambda store, n: store.renew([claim[n]], seconds))

    @rule(claim=claims, problem=st.sampled_from([None, "No tea."]), retry=lengths)
    def release(self, claim: Both, problem: str | None, retry: float) -> None:
        self.ask(lambda store, n: store.release(claim[n], problem=problem, retry_seconds=retry))

    @rule(user=users, day=st.dates(date(2026, 3, 1), date(2026, 3, 2)), calls=st.integers(0, 3))
    def spend(self, user: str, day: date, calls: int) -> None:
        self.ask(lambda store, _: store.spend(user, day, calls=calls, tokens=calls * 7))
        self.ask(lambda store, _: store.spent(user, date(2026, 3, 1)))

    @rule(user=users, after=st.integers(-1, 9), limit=st.integers(-1, 3), found=seqs)
    def look(self, user: str, after: int, limit: int, found: Collection[int]) -> None:
        self.ask(lambda store, _: store.interactions(user, after=after, limit=limit))
        self.ask(lambda store, _: store.interactions_at(user, found))
        self.ask(lambda store, _: store.quarantined(user, after=after, limit=limit))
        self.ask(lambda store, _: store.revisions(user))
        self.ask(lambda store, _: store.revisions(user, before=after, limit=limit))
        self.ask(lambda store, _: store.pending_totals())
        self.ask(lambda store, _: store.backlog(user, limit))
        self.ask(lambda store, _: store.users(prefix=user[:1], after=user, limit=limit))

    @rule()
    def maintain_and_open_again(self) -> None:
        self.ask(lambda store, _: store.maintain())
        self.close()
        self.open()

    @invariant()
    def everything_adds_up(self) -> None:
        for user in USERS:
            self.adds_up(user)

    def adds_up(self, user: str) -> None:
        backlog = self.ask(lambda store, _: store.backlog(user, 100))[1]
        log = self.ask(lambda store, _: store.interactions(user))[1]
        head = backlog.head
        waiting = [i for i in log if i.seq > head.folded_through and i.quarantined is None]
        assert (list(backlog.interactions), head.pending) == (waiting, len(waiting))
        assert head.observed >= max((i.seq for i in log), default=0)
        assert (backlog.revision.version if backlog.revision else 0) == head.version


async def _awaited(call: Awaitable[T]) -> T:
    return await call


TestStores = StoresMachine.TestCase
TestStores.settings = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
