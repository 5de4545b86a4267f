"""Random sequences of calls, compared after each step with a store made of plain lists."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from prosona.profiles_db import Draft, Interaction, InvalidInputError, SQLiteStore, Statement

T = TypeVar("T")

WORDS = ["jasmine", "tea", "chess", "rüst", "苔藓"]
USERS = ["ana", "an", "bo"]

users = st.sampled_from(USERS)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
interactions = st.builds(
    Interaction,
    chosen=texts,
    query=st.none() | texts,
    rejected=st.none() | texts,
    idempotency_key=st.none() | st.sampled_from(["k1", "k2", "tea-3"]),
    agent=st.sampled_from(["", "host", "chess"]),
    quarantined=st.sampled_from([None, None, None, "screened"]),
)
statements = st.builds(
    Statement, text=texts, stated_at=st.just(datetime(2026, 3, 1, tzinfo=UTC)), actor=st.just("me")
)
summaries = st.lists(texts, max_size=3).map("\n".join)


@dataclass
class Remembered:
    log: dict[int, Interaction] = field(default_factory=dict)
    observed: int = 0
    folded_through: int = 0
    drafts: list[Draft] = field(default_factory=list)
    state: bytes | None = None

    def pending(self) -> list[int]:
        return [s for s, i in self.log.items() if s > self.folded_through and i.quarantined is None]

    def earlier(self, item: Interaction) -> Interaction | None:
        keyed = [i for i in self.log.values() if i.idempotency_key == item.idempotency_key]
        return keyed[0] if item.idempotency_key and keyed else None


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "profiles.db"
        self.runner = asyncio.Runner()
        self.store = SQLiteStore(self.path)
        self.known: dict[str, Remembered] = {}

    def teardown(self) -> None:
        self.run(self.store.close())
        self.runner.close()
        self.folder.cleanup()

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(call)

    @rule(user=users, items=st.lists(interactions, min_size=1, max_size=4))
    def append(self, user: str, items: list[Interaction]) -> None:
        before = self.known.get(user, Remembered())
        after = Remembered(
            {**before.log}, before.observed, before.folded_through, before.drafts, before.state
        )
        expected = []
        for item in items:
            earlier = after.earlier(item)
            if earlier is None:
                after.observed += 1
                after.log[after.observed] = item
                expected.append(("accepted", len(after.pending()), item.quarantined))
            elif (earlier.chosen, earlier.query, earlier.rejected) == (
                item.chosen,
                item.query,
                item.rejected,
            ):
                expected.append(("duplicate", len(after.pending()), earlier.quarantined))
            else:
                with pytest.raises(InvalidInputError):
                    self.run(self.store.append(user, items))
                return
        receipts = self.run(self.store.append(user, items))
        assert [(r.status, r.pending, r.quarantined) for r in receipts] == expected
        self.known[user] = after

    @rule(user=users, summary=summaries, stated=st.lists(statements, max_size=2), late=st.booleans())
    def edit(self, user: str, summary: str, stated: list[Statement], late: bool) -> None:
        expected = self.known.get(user, Remembered())
        draft = Draft(cause="edit", actor="me", summary=summary, statements=tuple(stated))
        base = len(expected.drafts) + late
        revision = self.run(self.store.commit(user, draft, base_version=base))
        assert (revision is None) == late
        if not late:
            expected.drafts.append(draft)
            self.known[user] = expected

    @rule(user=users, share=st.integers(0, 4), summary=summaries, state=st.sampled_from([None, b"", b"s\0"]))
    def fold(self, user: str, share: int, summary: str, state: bytes | None) -> None:
        expected = self.known.get(user)
        if expected is None:
            return
        start = expected.folded_through
        last = start + (expected.observed - start) * share // 4
        draft = Draft(
            cause="fold", actor="", summary=summary, profiler="p", first_seq=start + 1, last_seq=last
        )
        version = len(expected.drafts)
        assert not self.run(self.store.commit(user, draft, base_version=version, folded_from=start + 1))
        assert self.run(self.store.commit(user, draft, base_version=version, folded_from=start, state=state))
        expected.drafts.append(draft)
        expected.folded_through = last
        expected.state = expected.state if state is None else state or None

    @rule(user=users, topic=st.sampled_from(WORDS), refold=st.booleans())
    def forget(self, user: str, topic: str, refold: bool) -> None:
        forgotten = self.run(self.store.forget(user, lambda text: topic in text, actor="me", refold=refold))
        assert forgotten.scrubbed
        expected = self.known.get(user)
        if expected is None:
            return
        gone = [s for s, i in expected.log.items() if topic in _all_of(i)]
        assert forgotten.interactions == len(gone)
        for seq in gone:
            del expected.log[seq]
        kept_log = {
            s: i.model_copy(update={"agent": "" if topic in i.agent else i.agent})
            for s, i in expected.log.items()
        }
        kept_drafts = [_without(d, topic) for d in expected.drafts]
        if gone or kept_log != expected.log or kept_drafts != expected.drafts:
            if gone or kept_drafts != expected.drafts:
                last = kept_drafts[-1] if kept_drafts else Draft(cause="forget", actor="me", summary="")
                kept_drafts.append(
                    Draft(cause="forget", actor="me", summary=last.summary, statements=last.statements)
                )
                expected.state = None
                expected.folded_through = 0 if refold else expected.folded_through
            expected.log, expected.drafts = kept_log, kept_drafts
        if not any(topic in _everything(other) for other in self.known.values()):
            assert topic.encode() not in self.bytes_of_the_file()

    @rule(user=users)
    def erase(self, user: str) -> None:
        forgotten = self.run(self.store.erase(user))
        expected = self.known.pop(user, Remembered())
        assert (forgotten.interactions, forgotten.scrubbed) == (len(expected.log), True)

    @rule()
    def open_again(self) -> None:
        self.run(self.store.close())
        self.store = SQLiteStore(self.path)

    @invariant()
    def everything_is_as_expected(self) -> None:
        entries = self.run(self.store.users())
        assert [(e.user_id, e.version, e.observed, e.pending) for e in entries] == [
            (user, len(r.drafts), r.observed, len(r.pending())) for user, r in sorted(self.known.items())
        ]
        for user in USERS:
            expected = self.known.get(user, Remembered())
            backlog = self.run(self.store.backlog(user, 100))
            assert backlog.head == self.run(self.store.head(user))
            head = backlog.head
            assert (head.version, head.observed, head.folded_through, head.pending) == (
                len(expected.drafts),
                expected.observed,
                expected.folded_through,
                len(expected.pending()),
            )
            assert [i.seq for i in backlog.interactions] == expected.pending()
            assert backlog.state == expected.state
            log = self.run(self.store.interactions(user))
            assert {
                i.seq: Interaction(**i.model_dump(exclude={"seq", "observed_at"})) for i in log
            } == expected.log
            revisions = self.run(self.store.revisions(user))
            drafts = [Draft(**r.model_dump(exclude={"version", "created_at"})) for r in reversed(revisions)]
            assert drafts == expected.drafts
            assert head.revision == (revisions[0] if revisions else None)

    def bytes_of_the_file(self) -> bytes:
        self.run(self.store.close())
        everything = b"".join(file.read_bytes() for file in self.path.parent.iterdir())
        self.store = SQLiteStore(self.path)
        return everything


def _all_of(item: Interaction) -> str:
    return "|".join(filter(None, (item.query, item.chosen, item.rejected, item.idempotency_key)))


def _everything(user: Remembered) -> str:
    texts = [*map(_all_of, user.log.values()), *(i.agent for i in user.log.values())]
    return "|".join([*texts, *(d.model_dump_json() for d in user.drafts)])


def _without(draft: Draft, topic: str) -> Draft:
    lines = [line for line in draft.summary.split("\n") if topic not in line]
    kept = tuple(s for s in draft.statements if topic not in s.text)
    return draft.model_copy(update={"summary": "\n".join(lines), "statements": kept})


TestStore = StoreMachine.TestCase
TestStore.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
