"""What was observed: numbers, keys, echoes, pages, quarantine."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from prosona.core.errors import InvalidInputError
from prosona.core.requests import Head
from prosona.core.words import MAX_TEXT, Interaction
from prosona.profiles_db.conformance._ground import DAY, Ground, chose, keep, kept, line
from prosona.profiles_db.store import Store

__all__ = ["LogConformance"]

HOUR = 3600.0


class LogConformance(Ground):
    """The promises of `Log`."""

    async def test_an_unknown_user_has_nothing_and_reading_makes_no_user(self, store: Store) -> None:
        assert await store.head("ana") == Head(user_id="ana")
        assert await store.interactions("ana") == []
        assert await store.interactions_at("ana", [1, 2]) == []
        assert await store.quarantined("ana") == []
        assert (await store.backlog("ana", 10)).interactions == ()
        assert await store.set_aside("ana", [1], "odd") == 0
        assert await store.let_in("ana", [1]) == 0
        assert (await store.drop("ana", [1])).interactions == 0
        assert await store.users() == []

    async def test_every_field_of_an_interaction_comes_back(self, store: Store) -> None:
        item = Interaction(
            query="What next? 下一部",
            chosen="Solaris\nSoderbergh's",
            rejected="Cats 🐈",
            kind="rating",
            domain="films",
            occurred_at=datetime(1969, 7, 20, 20, 17, 40, 123456, tzinfo=timezone(timedelta(hours=2))),
            idempotency_key="k-1",
            origin="external",
            agent="importer",
            quarantined="looks like an instruction",
        )
        before = await store.now()
        await store.append("ana", [item])
        (found,) = await store.interactions("ana")
        assert found.model_dump(exclude={"seq", "observed_at"}) == item.model_dump()
        assert found.seq == 1
        assert before <= found.observed_at <= await store.now()

    async def test_each_user_counts_from_one_across_calls(self, store: Store) -> None:
        await store.append("ana", chose("a", "b"))
        await store.append("bo", chose("c"))
        await store.append("ana", chose("d"))
        assert [(i.seq, i.chosen) for i in await store.interactions("ana")] == [(1, "a"), (2, "b"), (3, "d")]
        assert [(i.seq, i.chosen) for i in await store.interactions("bo")] == [(1, "c")]
        head = await store.head("ana")
        assert (head.observed, head.pending, head.folded_through) == (3, 3, 0)
        assert head.last_observed_at == (await store.interactions("ana"))[2].observed_at

    async def test_appends_from_several_stores_at_once_get_numbers_without_gaps(
        self, store: Store, other: Store
    ) -> None:
        calls = [(store, other)[n % 2].append("ana", chose(f"c{n}", f"d{n}")) for n in range(20)]
        receipts = await asyncio.gather(*calls)
        log = await store.interactions("ana")
        assert [i.seq for i in log] == list(range(1, 41))
        assert sorted(i.chosen or "" for i in log) == sorted(f"{c}{n}" for c in "cd" for n in range(20))
        assert all(r.status == "accepted" for call in receipts for r in call)
        # The two of a call stand side by side.
        assert all(log[n].chosen == f"d{(log[n - 1].chosen or '')[1:]}" for n in range(1, 40, 2))

    async def test_appending_nothing_changes_nothing(self, store: Store) -> None:
        assert await store.append("ana", []) == []
        assert await store.users() == []

    async def test_receipts_count_what_is_pending_and_leave_out_the_quarantined(self, store: Store) -> None:
        items = [*chose("a"), Interaction(chosen="b", quarantined="secret"), *chose("c")]
        receipts = await store.append("ana", items)
        assert [(r.status, r.pending, r.quarantined) for r in receipts] == [
            ("accepted", 1, None),
            ("accepted", 1, "secret"),
            ("accepted", 2, None),
        ]
        head = await store.head("ana")
        assert (head.observed, head.pending) == (3, 2)
        assert [i.chosen for i in (await store.backlog("ana", 10)).interactions] == ["a", "c"]

    async def test_the_same_key_and_content_again_is_a_duplicate_whoever_carries_it(
        self, store: Store, other: Store
    ) -> None:
        item = Interaction(chosen="a", query="q", idempotency_key="k", quarantined="odd")
        await store.append("ana", [item, *chose("b")])
        again = item.model_copy(update={"agent": "another connection", "origin": "tool", "quarantined": None})
        (receipt,) = await other.append("ana", [again])
        assert (receipt.status, receipt.pending, receipt.quarantined) == ("duplicate", 1, "odd")
        assert (await store.head("ana")).observed == 2

    async def test_a_key_repeated_within_one_call_is_a_duplicate(self, store: Store) -> None:
        item = Interaction(chosen="a", idempotency_key="k")
        assert [r.status for r in await store.append("ana", [item, item])] == ["accepted", "duplicate"]

    async def test_the_same_key_belongs_to_each_user_alone(self, store: Store) -> None:
        await store.append("ana", [Interaction(chosen="a", idempotency_key="k")])
        (receipt,) = await store.append("bo", [Interaction(chosen="b", idempotency_key="k")])
        assert receipt.status == "accepted"

    @pytest.mark.parametrize(
        "changed",
        [
            {"chosen": "z"},
            {"query": "z"},
            {"rejected": "z"},
            {"kind": "z"},
            {"domain": "z"},
            {"occurred_at": DAY},
        ],
    )
    async def test_a_key_with_other_content_is_refused_and_nothing_of_the_call_is_kept(
        self, store: Store, changed: dict[str, Any]
    ) -> None:
        item = Interaction(chosen="a", idempotency_key="key-7")
        await store.append("ana", [item])
        before = await kept(store, "ana")
        with pytest.raises(InvalidInputError, match="key-7"):
            await store.append("ana", [*chose("new"), item.model_copy(update=changed)])
        assert await kept(store, "ana") == before

    async def test_a_refused_first_call_leaves_no_user_behind(self, store: Store) -> None:
        items = [Interaction(chosen=c, idempotency_key="k") for c in "ab"]
        with pytest.raises(InvalidInputError):
            await store.append("ana", items)
        assert await store.users() == []

    @pytest.mark.parametrize(
        "changed", [{"kind": "message"}, {"domain": "chat"}, {"agent": "hook"}, {"idempotency_key": "k"}]
    )
    async def test_what_was_reported_in_other_trappings_is_an_echo(
        self, store: Store, other: Store, changed: dict[str, Any]
    ) -> None:
        said = Interaction(chosen="I am vegetarian.", agent="model")
        await store.append("ana", [said], echo_seconds=HOUR)
        (receipt,) = await other.append("ana", [said.model_copy(update=changed)], echo_seconds=HOUR)
        assert (receipt.status, receipt.pending) == ("duplicate", 1)
        assert (await store.head("ana")).observed == 1

    @pytest.mark.parametrize("words", ["i am vegetarian", '"I am vegetarian!"', " I  am Vegetarian "])
    async def test_an_echo_may_differ_in_case_and_in_the_marks_around_it(
        self, store: Store, words: str
    ) -> None:
        await store.append("ana", [Interaction(chosen="I am vegetarian.")], echo_seconds=HOUR)
        heard = Interaction(chosen=words, agent="hook")
        (receipt,) = await store.append("ana", [heard], echo_seconds=HOUR)
        assert receipt.status == "duplicate"

    async def test_the_same_words_on_another_day_are_no_echo(self, store: Store) -> None:
        for day in (DAY, DAY + timedelta(days=1)):
            said = Interaction(chosen="I am vegetarian.", kind=f"turn {day.day}", occurred_at=day)
            (receipt,) = await store.append("ana", [said], echo_seconds=HOUR)
            assert receipt.status == "accepted"

    async def test_an_echo_within_one_call_is_one(self, store: Store) -> None:
        said = Interaction(chosen="I am vegetarian.")
        heard = said.model_copy(update={"kind": "message"})
        receipts = await store.append("ana", [said, heard], echo_seconds=HOUR)
        assert [r.status for r in receipts] == ["accepted", "duplicate"]

    async def test_no_echo_is_what_is_the_same_in_everything_or_rejects_or_came_too_late_or_is_anothers(
        self, store: Store
    ) -> None:
        said = Interaction(chosen="Solaris", kind="click")
        other_way = said.model_copy(update={"kind": "rating"})
        await store.append("ana", [said])
        for user, item, seconds in [
            ("ana", said, HOUR),  # done twice
            ("ana", said.model_copy(update={"query": "Another?"}), HOUR),
            ("ana", said.model_copy(update={"kind": "rating", "rejected": "Cats"}), HOUR),
            ("ana", other_way.model_copy(update={"chosen": "Cats"}), HOUR),
            ("ana", Interaction(rejected="Solaris"), HOUR),
            ("ana", other_way, 0.0),
            ("ana", said.model_copy(update={"kind": "post"}), 1e-6),
            ("bo", other_way, HOUR),
        ]:
            (receipt,) = await store.append(user, [item], echo_seconds=seconds)
            assert receipt.status == "accepted", (item, seconds)

    async def test_two_keys_by_one_agent_are_two_sayings_and_by_two_agents_an_echo(
        self, store: Store
    ) -> None:
        turn = Interaction(chosen="I like hiking.", agent="chat", idempotency_key="turn-1")
        later = turn.model_copy(update={"query": "Noted.", "idempotency_key": "turn-2"})
        hook = later.model_copy(update={"agent": "hook", "idempotency_key": "heard-1"})
        receipts = [(await store.append("ana", [item], echo_seconds=HOUR))[0] for item in (turn, later, hook)]
        assert [r.status for r in receipts] == ["accepted", "accepted", "duplicate"]

    async def test_interactions_come_in_pages(self, store: Store) -> None:
        await store.append("ana", chose(*(f"c{n}" for n in range(7))))
        await store.append("zoe", chose("hers"))
        assert [i.seq for i in await store.interactions("ana", limit=3)] == [1, 2, 3]
        assert [i.seq for i in await store.interactions("ana", after=5, limit=3)] == [6, 7]
        assert await store.interactions("ana", after=7) == []
        assert await store.interactions("ana", after=1 << 40) == []
        assert await store.interactions("ana", limit=0) == []
        assert [i.seq for i in await store.interactions_at("ana", [6, 99, 2, 2, 0])] == [2, 6]
        assert await store.interactions_at("ana", []) == []

    async def test_interactions_are_found_by_seq_in_any_number(self, store: Store) -> None:
        await store.append("ana", chose(*(f"c{n}" for n in range(1_500))))
        found = await store.interactions_at("ana", range(1, 3_000))
        assert [i.seq for i in found] == list(range(1, 1_501))

    async def test_what_is_set_aside_is_quarantined_and_not_pending(self, store: Store, other: Store) -> None:
        await store.append("ana", chose("a", "b", "c"))
        assert await store.set_aside("ana", [2, 3, 9], "the profiler cannot read it") == 2
        head = await other.head("ana")
        assert (head.observed, head.pending) == (3, 1)
        found = await other.quarantined("ana")
        assert [(i.seq, i.quarantined) for i in found] == [(n, "the profiler cannot read it") for n in (2, 3)]
        assert [i.seq for i in (await store.backlog("ana", 9)).interactions] == [1]
        assert [i.seq for i in await store.interactions("ana")] == [1, 2, 3]
        assert [i.seq for i in await store.quarantined("ana", after=2)] == [3]
        assert [i.seq for i in await store.quarantined("ana", limit=1)] == [2]

    async def test_what_is_let_in_is_pending_at_the_end_of_the_log_and_keeps_its_day(
        self, store: Store
    ) -> None:
        old = Interaction(chosen="old", occurred_at=DAY, quarantined="odd", idempotency_key="k")
        await store.append("ana", [old, Interaction(chosen="now", quarantined="odd"), *chose("c")])
        await keep(store, "ana", line("a"), through=3)
        days = [i.day for i in await store.quarantined("ana")]
        assert await store.let_in("ana", [1, 2, 3, 9]) == 2
        waiting = (await store.backlog("ana", 9)).interactions
        assert [(i.seq, i.chosen, i.quarantined) for i in waiting] == [(4, "old", None), (5, "now", None)]
        assert [i.day for i in waiting] == days
        head = await store.head("ana")
        assert (head.observed, head.pending, head.version) == (5, 2, 1)
        assert [i.seq for i in await store.interactions("ana")] == [3, 4, 5]
        assert await store.quarantined("ana") == []

    @pytest.mark.parametrize("occurred_at", [None, DAY])
    async def test_a_report_repeated_after_it_was_let_in_is_a_duplicate(
        self, store: Store, occurred_at: datetime | None
    ) -> None:
        item = Interaction(chosen="a", idempotency_key="k", quarantined="odd", occurred_at=occurred_at)
        await store.append("ana", [item])
        await store.let_in("ana", [1])
        (receipt,) = await store.append("ana", [item])
        assert (receipt.status, receipt.pending, receipt.quarantined) == ("duplicate", 1, None)

    async def test_what_is_dropped_is_gone_and_only_what_was_quarantined(self, store: Store) -> None:
        items = [Interaction(chosen="a", quarantined="odd", idempotency_key="k"), *chose("b")]
        await store.append("ana", items)
        assert (await store.drop("ana", [1, 2, 9])).interactions == 1
        assert [i.chosen for i in await store.interactions("ana")] == ["b"]
        head = await store.head("ana")
        assert (head.observed, head.pending, head.version) == (2, 1, 0)
        await store.append("ana", items[:1])
        assert [i.seq for i in await store.interactions("ana")] == [2, 3]

    async def test_the_longest_texts_and_unusual_characters_come_back(self, store: Store) -> None:
        texts = [
            "a" * MAX_TEXT,
            "🐈" * MAX_TEXT,
            "a\U0010ffff\u0301\u200d\u2028b",
            "e\u0301 is not \u00e9",
            "a tab\tand\n\nlines",
            "'; DROP TABLE users; --",
            "%_\\",
        ]
        items = [Interaction(chosen=text, query=text) for text in texts]
        await store.append("ana", items)
        found = await store.interactions("ana")
        assert [(i.chosen, i.query) for i in found] == [(i.chosen, i.query) for i in items]
