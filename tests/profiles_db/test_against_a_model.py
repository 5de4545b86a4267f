"""Random sequences of calls, compared after each step with the store that is made of plain lists."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from prosona.core.errors import InvalidInputError
from prosona.core.requests import Commit, Forgetting, Head, Memory
from prosona.core.words import Edit, Interaction, Line, Revision
from prosona.profiles_db.memory import MemoryStore
from prosona.profiles_db.sqlite import SQLiteStore
from prosona.profiles_db.store import Store

T = TypeVar("T")

WORDS = ["jasmine", "tea", "chess", 'r"üst', "苔藓"]
USERS = ["ana", "an", "bo"]
WHEN = datetime(2026, 3, 1, tzinfo=UTC)

users = st.sampled_from(USERS)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
interactions = st.builds(
    Interaction,
    chosen=texts,
    query=st.none() | texts,
    rejected=st.none() | texts,
    idempotency_key=st.none() | st.sampled_from(["k1", "k2", "tea-3"]),
    agent=st.sampled_from(["", "host"]),
    quarantined=st.sampled_from([None, None, None, "screened"]),
)
lines = st.lists(
    st.builds(
        Line,
        id=st.sampled_from(["a", "b", "c", "d"]),
        text=texts,
        kind=st.sampled_from(["stated", "owned", "inferred"]),
    ),
    max_size=3,
    unique_by=lambda line: line.id,
).map(tuple)
edits = st.lists(
    st.builds(
        Edit,
        line=st.sampled_from("abc"),
        text=texts,
        through=st.just(0),
        how=st.just("removed"),
        at=st.just(WHEN),
    ),
    max_size=2,
).map(tuple)
seqs = st.frozensets(st.integers(0, 12), max_size=4)


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "profiles.db"
        self.runner = asyncio.Runner()
        self.store = SQLiteStore(self.path)
        self.model = MemoryStore()

    def teardown(self) -> None:
        self.run(self.store.close())
        self.runner.close()
        self.folder.cleanup()

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(call)

    def both(self, call: Any) -> Any:  # noqa: ANN401 - whatever the call gives
        """The same answer of both, or the same error."""
        outcomes = []
        for store in (self.store, self.model):
            try:
                outcomes.append(self.run(call(store)))
            except InvalidInputError as error:
                outcomes.append(type(error))
        assert outcomes[0] == outcomes[1]
        return outcomes[0]

    def head(self, store: Store, user: str) -> Head:
        return self.run(store.head(user))

    def committed(self, user: str, commit: Commit, late: bool = False) -> None:
        def step(store: Store) -> Any:  # noqa: ANN401 - whatever the call gives
            incarnation = self.head(store, user).incarnation + late
            return store.commit(user, commit.model_copy(update={"incarnation": incarnation}))

        self.both(step)

    @rule(
        user=users, items=st.lists(interactions, min_size=1, max_size=4), echo=st.sampled_from([0, 0, 3600])
    )
    def append(self, user: str, items: list[Interaction], echo: int) -> None:
        self.both(lambda store: store.append(user, items, echo_seconds=echo))

    @rule(user=users, lines=lines, edits=edits, lifted=st.sampled_from([(), ("a",)]), late=st.integers(-1, 1))
    def edit(
        self, user: str, lines: tuple[Line, ...], edits: tuple[Edit, ...], lifted: tuple[str, ...], late: int
    ) -> None:
        base = max(0, self.head(self.model, user).version + (late if late < 0 else 0))
        text = "\n".join(line.text for line in lines)
        self.committed(
            user,
            Commit(
                incarnation=0,
                base_version=base,
                cause="edit",
                actor="me",
                lines=lines,
                text=text,
                edits=edits,
                lifted=lifted,
            ),
            late=late > 0,
        )

    @rule(
        user=users,
        share=st.integers(0, 4),
        lines=lines,
        memory=st.sampled_from([None, b"", b"s\0"]),
        counters=st.booleans(),
    )
    def fold(
        self, user: str, share: int, lines: tuple[Line, ...], memory: bytes | None, counters: bool
    ) -> None:
        head = self.head(self.model, user)
        through = head.folded_through + (head.observed - head.folded_through) * share // 4
        if counters and not head.version:
            lines = ()
        self.committed(
            user,
            Commit(
                incarnation=0,
                base_version=head.version,
                cause="fold",
                actor="",
                lines=lines,
                text="\n".join(line.text for line in lines),
                folded_from=head.folded_through,
                folded_through=through,
                counters_only=counters,
                memory=None if memory is None else Memory(version="1", data=memory),
            ),
        )

    @rule(user=users, topic=st.sampled_from(WORDS))
    def forget(self, user: str, topic: str) -> None:
        def step(store: Store) -> Any:  # noqa: ANN401 - whatever the call gives
            standing = self.run(store.standing(user))
            head = standing.head
            log = self.run(store.interactions(user, limit=1000))
            left = tuple(line for line in standing.lines if topic not in line.text)
            return store.forget(
                user,
                Forgetting(
                    incarnation=head.incarnation,
                    base_version=head.version,
                    seqs=frozenset(i.seq for i in log if topic in texts_of(i)),
                    scanned_through=head.observed,
                    names=lambda text: topic in text,
                    doomed=lambda line: topic in line.text,
                    keeps_edits=lambda edit: topic not in edit.text,
                    commit=Commit(
                        incarnation=head.incarnation,
                        base_version=head.version,
                        cause="forget",
                        actor="me",
                        lines=left,
                        text="\n".join(line.text for line in left),
                        folded_through=0,
                        memory=Memory(version="", data=b""),
                    ),
                ),
            )

        if self.head(self.model, user).incarnation:
            self.both(step)
        if not any(topic in self.everything(other) for other in USERS):
            assert topic.encode() not in self.bytes_of_the_file()
            assert topic.replace('"', '\\"').encode() not in self.bytes_of_the_file()

    @rule(user=users)
    def erase(self, user: str) -> None:
        self.both(lambda store: store.erase(user))
        assert self.head(self.store, user) == Head(user_id=user)

    @rule(user=users, seqs=seqs, what=st.sampled_from(["let_in", "drop", "set_aside"]))
    def quarantine(self, user: str, seqs: frozenset[int], what: str) -> None:
        match what:
            case "let_in":
                self.both(lambda store: store.let_in(user, seqs))
            case "drop":
                self.both(lambda store: store.drop(user, seqs))
            case _:
                self.both(lambda store: store.set_aside(user, seqs, "unreadable"))

    @rule()
    def open_again(self) -> None:
        self.run(self.store.close())
        self.store = SQLiteStore(self.path)

    @invariant()
    def both_hold_the_same(self) -> None:
        untimed = {"updated_at", "observed_at", "created_at", "last_observed_at", "incarnation"}

        def plain(found: list[Any]) -> list[Any]:
            return [one.model_dump(exclude=untimed) for one in found]

        assert plain(self.run(self.store.users())) == plain(self.run(self.model.users()))
        for user in USERS:
            ours, theirs = (self.run(store.backlog(user, 100)) for store in (self.store, self.model))
            assert ours.head.model_dump(exclude=untimed) == theirs.head.model_dump(exclude=untimed)
            assert plain(list(ours.interactions)) == plain(list(theirs.interactions))
            assert (ours.edits, ours.memory, ours.lines) == (theirs.edits, theirs.memory, theirs.lines)
            assert self.run(self.store.head(user)) == ours.head
            for read in ("interactions", "quarantined", "revisions"):
                found = [self.run(getattr(store, read)(user)) for store in (self.store, self.model)]
                assert plain(found[0]) == plain(found[1])

    def everything(self, user: str) -> str:
        log = self.run(self.model.interactions(user, limit=1000))
        revisions: list[Revision] = self.run(self.model.revisions(user, limit=1000))
        kept = self.run(self.model.standing(user)).edits
        found = [texts_of(i) + (i.idempotency_key or "") for i in log]
        found += [line.text for revision in revisions for line in revision.lines]
        return "|".join([*found, *(edit.text for edit in kept)])

    def bytes_of_the_file(self) -> bytes:
        self.run(self.store.close())
        everything = b"".join(file.read_bytes() for file in self.path.parent.iterdir())
        self.store = SQLiteStore(self.path)
        return everything


def texts_of(item: Interaction) -> str:
    return "|".join(filter(None, (item.query, item.chosen, item.rejected)))


TestStore = StoreMachine.TestCase
TestStore.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
