from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosona.profiles_db import Draft, Head, Interaction, InvalidInputError, SQLiteStore
from prosona.profiles_db.sqlite_rows import from_micros, to_micros


async def test_an_unknown_user_has_an_empty_head_and_no_row(store: SQLiteStore) -> None:
    assert await store.head("ana") == Head(user_id="ana")
    assert await store.interactions("ana") == []
    assert await store.revisions("ana") == []
    assert (await store.backlog("ana", 10)).interactions == ()
    assert await store.users() == []


async def test_every_field_of_an_interaction_comes_back(store: SQLiteStore) -> None:
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
    before = datetime.now(UTC)
    await store.append("ana", [item])
    (kept,) = await store.interactions("ana")
    assert kept.model_dump(exclude={"seq", "observed_at"}) == item.model_dump()
    assert kept.seq == 1
    assert before <= kept.observed_at <= datetime.now(UTC)


async def test_each_user_counts_from_one(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="a"), Interaction(chosen="b")])
    await store.append("bo", [Interaction(chosen="c")])
    await store.append("ana", [Interaction(chosen="d")])
    assert [(i.seq, i.chosen) for i in await store.interactions("ana")] == [(1, "a"), (2, "b"), (3, "d")]
    assert [(i.seq, i.chosen) for i in await store.interactions("bo")] == [(1, "c")]


async def test_receipts_count_what_is_pending_and_leave_out_the_quarantined(store: SQLiteStore) -> None:
    receipts = await store.append(
        "ana",
        [Interaction(chosen="a"), Interaction(chosen="b", quarantined="secret"), Interaction(chosen="c")],
    )
    assert [(r.status, r.pending, r.quarantined) for r in receipts] == [
        ("accepted", 1, None),
        ("accepted", 1, "secret"),
        ("accepted", 2, None),
    ]
    head = await store.head("ana")
    assert (head.observed, head.pending) == (3, 2)
    assert [i.chosen for i in (await store.backlog("ana", 10)).interactions] == ["a", "c"]


async def test_the_same_key_and_content_again_is_a_duplicate(store: SQLiteStore) -> None:
    item = Interaction(chosen="a", query="q", idempotency_key="k")
    await store.append("ana", [item, Interaction(chosen="b")])
    (receipt,) = await store.append("ana", [item.model_copy(update={"agent": "another connection"})])
    assert (receipt.status, receipt.pending) == ("duplicate", 2)
    assert (await store.head("ana")).observed == 2


async def test_a_key_repeated_within_one_call_is_a_duplicate(store: SQLiteStore) -> None:
    item = Interaction(chosen="a", idempotency_key="k")
    receipts = await store.append("ana", [item, item])
    assert [r.status for r in receipts] == ["accepted", "duplicate"]


async def test_the_same_key_belongs_to_each_user_alone(store: SQLiteStore) -> None:
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
        {"occurred_at": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
)
async def test_a_key_with_other_content_is_refused_and_nothing_of_the_call_is_kept(
    store: SQLiteStore, changed: dict[str, object]
) -> None:
    item = Interaction(chosen="a", idempotency_key="key-7")
    await store.append("ana", [item])
    before = await store.head("ana")
    with pytest.raises(InvalidInputError, match="key-7"):
        await store.append("ana", [Interaction(chosen="new"), item.model_copy(update=changed)])
    assert await store.head("ana") == before
    assert [i.chosen for i in await store.interactions("ana")] == ["a"]


async def test_a_refused_first_call_leaves_no_user_behind(store: SQLiteStore) -> None:
    items = [Interaction(chosen="a", idempotency_key="k"), Interaction(chosen="b", idempotency_key="k")]
    with pytest.raises(InvalidInputError):
        await store.append("ana", items)
    assert await store.users() == []


async def test_appending_nothing_changes_nothing(store: SQLiteStore) -> None:
    assert await store.append("ana", []) == []
    assert await store.users() == []


async def test_half_a_surrogate_pair_in_a_user_id_is_a_clear_error(store: SQLiteStore) -> None:
    with pytest.raises(InvalidInputError, match="surrogate"):
        await store.append("an\ud800a", [Interaction(chosen="a")])
    with pytest.raises(InvalidInputError, match="surrogate"):
        await store.head("an\ud800a")
    assert (await store.append("ana", [Interaction(chosen="a")]))[0].status == "accepted"


async def test_interactions_come_in_pages(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen=f"c{n}") for n in range(7)])
    await store.append("zoe", [Interaction(chosen="hers")])
    assert [i.seq for i in await store.interactions("ana", limit=3)] == [1, 2, 3]
    assert [i.seq for i in await store.interactions("ana", after=5, limit=3)] == [6, 7]
    assert await store.interactions("ana", after=7) == []
    assert await store.interactions("ana", after=1 << 40) == []
    assert await store.interactions("ana", limit=-1) == []


async def test_a_backlog_is_the_oldest_pending_with_head_and_state(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen=f"c{n}") for n in range(6)])
    draft = Draft(cause="fold", actor="", summary="Likes c.", first_seq=1, last_seq=2)
    await store.commit("ana", draft, base_version=0, folded_from=0, state=b"memory")
    backlog = await store.backlog("ana", 3)
    assert [i.seq for i in backlog.interactions] == [3, 4, 5]
    assert backlog.state == b"memory"
    assert backlog.head == await store.head("ana")
    assert (backlog.head.folded_through, backlog.head.pending, backlog.head.version) == (2, 4, 1)


async def test_users_are_sorted_and_found_by_prefix_and_in_pages(store: SQLiteStore) -> None:
    names = ["b", "ab", "a", "aé", "a\U0010ffff", "a_c", "a%", "ac", "中文", "中国"]
    for name in names:
        await store.append(name, [Interaction(chosen="x")])
    assert [u.user_id for u in await store.users()] == sorted(names)
    assert [u.user_id for u in await store.users(prefix="a")] == sorted(n for n in names if n[0] == "a")
    assert [u.user_id for u in await store.users(prefix="a%")] == ["a%"]
    assert [u.user_id for u in await store.users(prefix="a\U0010ffff")] == ["a\U0010ffff"]
    assert [u.user_id for u in await store.users(prefix="中")] == sorted(["中文", "中国"])
    assert [u.user_id for u in await store.users(after="ab", limit=2)] == ["ac", "aé"]
    assert [u.user_id for u in await store.users(prefix="a", after="a", limit=1)] == ["a%"]
    assert await store.users(limit=0) == []


async def test_listing_users_does_not_scan_the_table(store: SQLiteStore) -> None:
    def plan(conn: object) -> str:
        rows = conn.execute(  # type: ignore[attr-defined]
            "EXPLAIN QUERY PLAN SELECT user_id, version FROM users "
            "WHERE user_id > ? AND user_id >= ? AND user_id < ? ORDER BY user_id LIMIT 5",
            ("", "a", "b"),
        )
        return " ".join(str(row) for row in rows.fetchall())

    steps = await store._readers.on_thread(plan)
    assert "SEARCH users USING INDEX" in steps
    assert "TEMP B-TREE" not in steps


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_survives_as_whole_microseconds(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment
