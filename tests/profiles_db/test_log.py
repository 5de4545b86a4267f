from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosona.core.errors import InvalidInputError
from prosona.core.requests import Commit, Head, Memory
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore, log
from prosona.profiles_db.sqlite.numbers import from_micros, to_micros


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
    step = Commit(
        incarnation=(await store.head("ana")).incarnation,
        base_version=0,
        cause="fold",
        actor="",
        lines=(),
        text="",
        first_seq=1,
        last_seq=2,
        folded_from=0,
        folded_through=2,
        memory=Memory(version="1", data=b"memory"),
    )
    assert await store.commit("ana", step) == 1
    backlog = await store.backlog("ana", 3)
    assert [i.seq for i in backlog.interactions] == [3, 4, 5]
    assert backlog.memory == Memory(version="1", data=b"memory")
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

    steps = await store._file.read(plan)
    assert "SEARCH users USING INDEX" in steps
    assert "TEMP B-TREE" not in steps


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_survives_as_whole_microseconds(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment


async def test_what_hooks_heard_is_stored_once_and_no_longer_waits(store: SQLiteStore, path: Path) -> None:
    hear(path, ("ana", "claude-code", "I live in Lyon.", "k1"), ("ana", "claude-code", "noise", "k2"))
    first, second = await store.heard()
    assert (first.user_id, first.host, first.text, first.key) == (
        "ana",
        "claude-code",
        "I live in Lyon.",
        "k1",
    )
    said = Interaction(chosen=first.text, idempotency_key=first.key, agent=first.host)
    receipt, nothing = await store.receive("ana", [(first.key, said), (second.key, None)])
    assert receipt is not None
    assert (receipt.status, receipt.pending, nothing) == ("accepted", 1, None)
    assert await store.heard() == []
    assert [i.chosen for i in await store.interactions("ana")] == ["I live in Lyon."]


async def test_a_prompt_that_another_delivery_took_is_not_stored_again(
    store: SQLiteStore, path: Path
) -> None:
    hear(path, ("ana", "claude-code", "I live in Lyon.", "k1"))
    (heard,) = await store.heard()
    said = [(heard.key, Interaction(chosen=heard.text))]
    outcomes = await asyncio.gather(*(store.receive("ana", said) for _ in range(5)))
    assert sum(receipt is not None for (receipt,) in outcomes) == 1
    assert len(await store.interactions("ana")) == 1


async def test_a_delivery_that_comes_late_leaves_what_was_heard_since(store: SQLiteStore, path: Path) -> None:
    hear(path, ("ana", "claude-code", "I live in Lyon.", "k1"))
    (heard,) = await store.heard()
    said = [(heard.key, Interaction(chosen=heard.text, idempotency_key=heard.key))]
    await store.receive("ana", said)
    hear(path, ("ana", "claude-code", "I keep bees.", "k2"))
    assert await store.receive("ana", said) == [None]
    assert [prompt.text for prompt in await store.heard()] == ["I keep bees."]


async def test_a_prompt_that_cannot_be_stored_goes_on_waiting(store: SQLiteStore, path: Path) -> None:
    await store.append("ana", [Interaction(chosen="other words", idempotency_key="k1")])
    hear(path, ("ana", "claude-code", "I live in Lyon.", "k1"))
    (heard,) = await store.heard()
    with pytest.raises(InvalidInputError, match="k1"):
        await store.receive("ana", [(heard.key, Interaction(chosen=heard.text, idempotency_key="k1"))])
    assert await store.heard() == [heard]


async def test_a_write_by_a_hook_is_a_change_like_any_other(store: SQLiteStore, path: Path) -> None:
    before = await store.changed()
    hear(path, ("ana", "claude-code", "I live in Lyon.", "k1"))
    assert await store.changed() > before


@pytest.mark.parametrize(
    "other", [{"kind": "chat"}, {"domain": "d"}, {"agent": "b"}, {"idempotency_key": "k"}]
)
async def test_the_same_words_in_other_trappings_are_an_echo_for_a_while(
    store: SQLiteStore, path: Path, other: dict[str, str]
) -> None:
    said = Interaction(chosen="I live in Lyon.", kind="message", domain="chat", agent="hook")
    echo = said.model_copy(update=other)
    await store.append("ana", [said])
    assert [r.status for r in await store.append("ana", [echo], echo_seconds=60)] == ["duplicate"]
    assert [r.status for r in await store.append("bo", [echo], echo_seconds=60)] == ["accepted"]
    long_ago(path, seconds=61)
    assert [r.status for r in await store.append("ana", [echo], echo_seconds=60)] == ["accepted"]


async def test_what_is_no_echo_is_kept(store: SQLiteStore) -> None:
    said = Interaction(chosen="tea", agent="hook")
    await store.append("ana", [said])
    for item in (
        said,
        said.model_copy(update={"query": "And to drink?"}),
        Interaction(chosen="tea", rejected="coffee"),
        Interaction(rejected="tea"),
        Interaction(chosen="Tea time"),
    ):
        assert [r.status for r in await store.append("ana", [item], echo_seconds=60)] == ["accepted"], item
    assert [r.status for r in await store.append("ana", [Interaction(chosen="tea", agent="x")])] == [
        "accepted"
    ]


async def test_looking_for_an_echo_does_not_go_through_the_log(store: SQLiteStore) -> None:
    def plan(conn: sqlite3.Connection) -> str:
        rows = conn.execute(f"EXPLAIN QUERY PLAN {log._SAME_WORDS}", (1, 2, 3, 4))
        return " ".join(str(row) for row in rows.fetchall())

    assert "USING INDEX interactions_by_echo" in await store._file.read(plan)


def hear(path: Path, *said: tuple[str, str, str, str]) -> None:
    """As a hook does: without this program."""
    conn = sqlite3.connect(path)
    with conn:
        conn.executemany(
            "INSERT INTO heard (user_id, host, text, key, heard_at) VALUES (?, ?, ?, ?, 1760000000000000)",
            said,
        )
    conn.close()


def long_ago(path: Path, seconds: int) -> None:
    conn = sqlite3.connect(path)
    with conn:
        conn.execute("UPDATE interactions SET observed_at = observed_at - ?", (seconds * 1_000_000,))
    conn.close()
