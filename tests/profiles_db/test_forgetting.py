from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prosona.profiles_db import Draft, Forgotten, Interaction, SQLiteStore, Statement
from prosona.profiles_db.sqlite_forget import fragment
from prosona.profiles_db.sqlite_raw import RawFile

WHEN = datetime(2026, 3, 1, tzinfo=UTC)


def about(topic: str) -> Callable[[str], bool]:
    return lambda text: topic in text.casefold()


def stated(text: str, actor: str = "ana") -> Statement:
    return Statement(text=text, stated_at=WHEN, actor=actor)


def draft(summary: str, *statements: Statement, last_seq: int | None = None, actor: str = "cli") -> Draft:
    return Draft(cause="fold", actor=actor, summary=summary, statements=statements, last_seq=last_seq)


@pytest.mark.parametrize("field", ["query", "chosen", "rejected", "kind", "domain", "idempotency_key"])
async def test_an_interaction_goes_when_any_of_its_texts_matches(
    store: SQLiteStore, file_bytes: Callable[[], bytes], field: str
) -> None:
    item = Interaction.model_validate({"chosen": "x", field: "so xylophone"})
    await store.append("ana", [Interaction(chosen="tea"), item, Interaction(chosen="moss")])
    forgotten = await store.forget("ana", about("xylophone"), actor="me", refold=False)
    assert forgotten == Forgotten(interactions=1, scrubbed=True)
    assert [i.seq for i in await store.interactions("ana")] == [1, 3]
    head = await store.head("ana")
    assert (head.observed, head.pending) == (3, 2)
    assert b"xylophone" not in file_bytes()


async def test_statements_and_lines_go_from_every_revision(
    store: SQLiteStore, file_bytes: Callable[[], bytes]
) -> None:
    await store.commit(
        "ana", draft("Likes tea.\nOwns a xylophone.", stated("No Xylophones!")), base_version=0
    )
    await store.commit(
        "ana",
        draft(
            "Likes tea.\nXylophone a.\nXylophone b.\nLikes moss.", stated("No xylophone!"), stated("Vegan.")
        ),
        base_version=1,
    )
    forgotten = await store.forget("ana", about("xylophone"), actor="me", refold=False)
    assert forgotten == Forgotten(statements=1, lines=2)
    newest, second, first = await store.revisions("ana")
    assert (newest.cause, newest.actor, newest.version) == ("forget", "me", 3)
    assert newest.summary == second.summary == "Likes tea.\nLikes moss."
    assert newest.statements == second.statements == (stated("Vegan."),)
    assert (first.summary, first.statements) == ("Likes tea.", ())
    assert b"ylophone" not in file_bytes()


async def test_a_line_that_stands_only_in_old_revisions_goes_too(store: SQLiteStore) -> None:
    await store.commit("ana", draft("Owns a xylophone."), base_version=0)
    await store.commit("ana", draft("Likes tea."), base_version=1)
    assert await store.forget("ana", about("xylophone"), actor="me", refold=False) == Forgotten()
    assert [r.summary for r in await store.revisions("ana")] == ["Likes tea.", "Likes tea.", ""]


async def test_names_and_problems_that_match_are_blanked(
    store: SQLiteStore, file_bytes: Callable[[], bytes]
) -> None:
    topic = "xylophone"
    await store.append(
        "ana",
        [Interaction(chosen="tea", agent=topic), Interaction(chosen="moss", quarantined=f"has {topic}")],
    )
    await store.commit("ana", draft("Likes tea.", stated("Vegan.", actor=topic), actor=topic), base_version=0)
    await store.claim("ana", "me", 60)
    await store.release("ana", "me", problem=f"The {topic} model is down.")
    assert (await store.forget("ana", about(topic), actor=topic, refold=False)).interactions == 0
    first, second = await store.interactions("ana")
    assert (first.agent, second.quarantined) == ("", "screened")
    head = await store.head("ana")
    assert head.problem is None
    assert head.pending == 1
    assert {r.actor for r in await store.revisions("ana")} == {""}
    assert head.revision is not None
    assert head.revision.statements == (stated("Vegan.", actor=""),)
    assert topic.encode() not in file_bytes()


async def test_forgetting_with_refold_makes_the_rest_pending_and_drops_the_state(
    store: SQLiteStore, file_bytes: Callable[[], bytes]
) -> None:
    items = [Interaction(chosen=c) for c in ("tea", "xylophone", "moss")]
    await store.append("ana", [*items, Interaction(chosen="bad", quarantined="screened")])
    await store.commit(
        "ana", draft("Likes tea.", last_seq=3), base_version=0, folded_from=0, state=b"xylophone: 1"
    )
    await store.forget("ana", about("xylophone"), actor="me", refold=True)
    backlog = await store.backlog("ana", 10)
    assert (backlog.head.folded_through, backlog.head.pending, backlog.state) == (0, 2, None)
    assert [i.chosen for i in backlog.interactions] == ["tea", "moss"]
    assert b"xylophone" not in file_bytes()


async def test_forgetting_without_refold_keeps_the_watermark(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen=c) for c in ("xylophone", "tea", "xylophone", "moss")])
    await store.commit("ana", draft("Likes.", last_seq=2), base_version=0, folded_from=0)
    await store.forget("ana", about("xylophone"), actor="me", refold=False)
    head = await store.head("ana")
    assert (head.folded_through, head.pending, head.version) == (2, 1, 2)


async def test_a_fold_that_read_what_is_forgotten_meanwhile_loses(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="xylophone"), Interaction(chosen="tea")])
    await store.forget("ana", about("xylophone"), actor="me", refold=True)
    late = draft("Owns a xylophone.", last_seq=2)
    assert await store.commit("ana", late, base_version=0, folded_from=0) is None


async def test_forgetting_what_is_not_there_changes_nothing(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="tea")])
    await store.commit("ana", draft("Likes tea."), base_version=0, state=b"s")
    before = await store.backlog("ana", 10)
    assert await store.forget("ana", about("xylophone"), actor="me", refold=True) == Forgotten()
    assert await store.backlog("ana", 10) == before
    assert await store.forget("nobody", about("tea"), actor="me", refold=True) == Forgotten()
    assert [u.user_id for u in await store.users()] == ["ana"]


async def test_forgetting_leaves_other_users_alone(store: SQLiteStore) -> None:
    for user in ("ana", "bo", "cy"):
        await store.append(user, [Interaction(chosen="xylophone")])
        await store.commit(user, draft("Owns a xylophone."), base_version=0)
    await store.forget("bo", about("xylophone"), actor="me", refold=True)
    for user in ("ana", "cy"):
        assert len(await store.interactions(user)) == 1
        assert (await store.head(user)).version == 1


async def test_an_error_in_the_test_for_a_match_undoes_the_forget(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="xylophone"), Interaction(chosen="tea")])

    def broken(text: str) -> bool:
        if text == "tea":
            raise ZeroDivisionError
        return True

    with pytest.raises(ZeroDivisionError):
        await store.forget("ana", broken, actor="me", refold=True)
    assert len(await store.interactions("ana")) == 2
    assert (await store.append("ana", [Interaction(chosen="moss")]))[0].pending == 3


async def test_no_byte_of_a_topic_is_left_in_a_file_with_split_pages(
    store: SQLiteStore, file_bytes: Callable[[], bytes]
) -> None:
    chance = random.Random(5)
    words = ["tea", "moss", "chess", "xylophone", "rust"]
    for _ in range(60):
        for user in chance.sample(["ana", "bo", "cy", "di"], 4):
            items = [
                Interaction(
                    chosen=f"{chance.choice(words)} " * chance.randrange(1, 30),
                    idempotency_key=f"{chance.choice(words)}-{chance.random()}" if user == "ana" else None,
                )
                for _ in range(chance.randrange(1, 6))
            ]
            if user != "ana":
                items = [
                    item.model_copy(update={"chosen": (item.chosen or "").replace("xylophone", "x")})
                    for item in items
                ]
            await store.append(user, items)
    await store.commit("ana", draft("Owns a xylophone.\n" * 400), base_version=0, state=b"xylophone" * 5000)
    assert b"xylophone" in file_bytes()
    assert (await store.forget("ana", about("xylophone"), actor="me", refold=True)).scrubbed
    assert b"xylophone" not in file_bytes()
    assert await store.interactions("bo")


def test_old_copies_between_live_rows_are_found_and_live_rows_are_not(tmp_path: Path) -> None:
    path = tmp_path / "split.db"
    raw = RawFile(path)
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA secure_delete = OFF")
    conn.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
    conn.execute("INSERT INTO t VALUES (1, 'a live xylophone')")
    assert not raw.residue([b"xylophone"]), "a live row, as that of another user, is no residue"
    conn.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"zither {n}") for n in range(2, 500)])
    conn.execute("DELETE FROM t WHERE id % 7 = 0")
    assert raw.residue([b"tuba", b"zither"])
    assert not raw.residue([b"tuba"])
    conn.execute("DELETE FROM t WHERE id > 1")
    conn.execute("VACUUM")
    assert not raw.residue([b"zither"])
    conn.close()
    raw.close()


async def test_old_copies_that_escaped_overwriting_make_the_file_be_rebuilt(
    store: SQLiteStore, path: Path, file_bytes: Callable[[], bytes]
) -> None:
    await store.append("ana", [Interaction(chosen=f"zither {n}" if n % 6 == 0 else "tea") for n in range(50)])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA secure_delete = OFF")
    other.execute("DELETE FROM interactions WHERE chosen LIKE 'zither%' AND chosen <> 'zither 0'")
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    await store.append("ana", [Interaction(chosen="tea")])
    assert (await store.forget("ana", about("zither"), actor="me", refold=False)).scrubbed
    assert b"zither" not in file_bytes()


async def test_an_open_read_delays_the_scrub_and_the_next_forget_makes_up_for_it(
    store: SQLiteStore, path: Path, file_bytes: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prosona.profiles_db.sqlite_scrub._WAIT_SECONDS", 0.05)
    await store.append(
        "ana", [Interaction(chosen=f"xylophone {n}" if n % 7 == 0 else "tea") for n in range(50)]
    )
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("PRAGMA secure_delete = OFF")
    reader.execute("DELETE FROM interactions WHERE chosen LIKE 'x%' AND chosen <> 'xylophone 0'")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM users").fetchone()
    assert not (await store.forget("ana", about("xylophone"), actor="me", refold=True)).scrubbed
    assert b"xylophone" in file_bytes()
    reader.execute("ROLLBACK")
    reader.close()
    assert await store.forget("ana", about("xylophone"), actor="me", refold=True) == Forgotten()
    assert b"xylophone" not in file_bytes()


async def test_erasing_removes_every_trace_of_a_user(
    store: SQLiteStore, file_bytes: Callable[[], bytes]
) -> None:
    items = [Interaction(chosen=f"xylophone {n} " * 20, idempotency_key=f"zither {n}") for n in range(200)]
    await store.append("quentin", items)
    await store.append("bo", [Interaction(chosen="tea")])
    await store.commit(
        "quentin", draft("Owns a bassoon.\nLikes tea.", stated("No tubas.")), base_version=0, state=b"celesta"
    )
    await store.claim("quentin", "me", 60)
    forgotten = await store.erase("quentin")
    assert forgotten == Forgotten(interactions=200, statements=1, lines=2)
    left = file_bytes()
    for word in (b"quentin", b"xylophone", b"zither", b"bassoon", b"tubas", b"celesta"):
        assert word not in left
    assert [u.user_id for u in await store.users()] == ["bo"]
    assert (await store.head("quentin")).observed == 0
    assert (await store.append("quentin", [Interaction(chosen="anew")]))[0].pending == 1


async def test_erasing_a_name_that_only_a_lease_holds_removes_it_too(
    store: SQLiteStore, file_bytes: Callable[[], bytes]
) -> None:
    await store.claim("quentin", "me", 60)
    assert await store.erase("quentin") == Forgotten()
    assert b"quentin" not in file_bytes()


async def test_erasing_an_unknown_user_removes_nothing(store: SQLiteStore) -> None:
    await store.append("bo", [Interaction(chosen="tea")])
    assert await store.erase("ana") == Forgotten()
    assert len(await store.users()) == 1


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("I own a Xylophone, a loud one", "Xylophone"),
        ("xylophone", "xylophone"),
        ("我会弹xylophone。", "xylophone"),
        ("a xylophone and another xylophone", "xylophone"),
    ],
)
def test_what_is_looked_for_is_the_words_that_matched(text: str, piece: str) -> None:
    assert fragment(text, about("xylophone")) == piece.encode()
