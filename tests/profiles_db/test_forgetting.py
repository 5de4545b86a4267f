from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prosona.core.requests import Commit, Forgetting, Forgotten, Memory
from prosona.core.words import Edit, Interaction, Line, Retired, Support
from prosona.profiles_db.sqlite import SQLiteStore

WHEN = datetime(2026, 3, 1, tzinfo=UTC)
TOPIC = "xylophone"


def line(line_id: str, text: str, **more: object) -> Line:
    return Line.model_validate({"id": line_id, "text": text, **more})


TEA = line("tea", "Likes tea.")
OWNS = line("owns", 'Owns a "xylophone".\\')
SAID = line("said", "No xylophone!", kind="stated")


def names(text: str) -> bool:
    return TOPIC in text.casefold()


async def commit(store: SQLiteStore, *lines: Line, **more: object) -> None:
    head = await store.head("ana")
    values = {
        "incarnation": head.incarnation,
        "base_version": head.version,
        "cause": "fold",
        "actor": "cli",
        "lines": lines,
        "text": "\n".join(one.text for one in lines),
        **more,
    }
    assert await store.commit("ana", Commit.model_validate(values)) is not None


async def forgetting(store: SQLiteStore, **more: object) -> Forgetting:
    """What a service asks for: all that names the topic, and the lines that are left."""
    standing = await store.standing("ana")
    head = standing.head
    log = await store.interactions("ana", limit=10_000)
    left = tuple(one for one in standing.lines if not names(one.text))
    values: dict[str, object] = {
        "incarnation": head.incarnation,
        "base_version": head.version,
        "cause": "forget",
        "actor": "me",
        "lines": left,
        "text": "\n".join(one.text for one in left),
        "folded_through": 0,
        "memory": Memory(version="", data=b""),
    }
    return Forgetting(
        incarnation=head.incarnation,
        base_version=head.version,
        seqs=frozenset(i.seq for i in log if any(names(t) for t in (i.query, i.chosen, i.rejected) if t)),
        scanned_through=head.observed,
        names=names,
        doomed=lambda one: names(one.text),
        commit=Commit.model_validate({**values, **more}),
        keeps_edits=lambda edit: not names(edit.text),
    )


async def forget(store: SQLiteStore) -> Forgotten:
    forgotten = await store.forget("ana", await forgetting(store))
    assert forgotten is not None
    return forgotten


async def test_nothing_of_a_topic_is_left_in_any_version_or_byte(
    store: SQLiteStore, path: Path, file_bytes: Callable[[], bytes]
) -> None:
    items = [Interaction(chosen=c) for c in ("tea", f"a {TOPIC}", "moss")]
    await store.append("ana", [*items, Interaction(chosen="bad", quarantined="screened")])
    await commit(
        store, OWNS, TEA, folded_from=0, folded_through=3, memory=Memory(version="1", data=b"xylophone")
    )
    await commit(store, TEA, retired=(Retired(line="owns", why=f"no {TOPIC} lately"),))
    edit = Edit(line="e", text=f"a {TOPIC}", through=3, how="removed", at=WHEN)
    await commit(
        store,
        TEA,
        SAID,
        line("also", f"{TOPIC} again"),
        edits=(edit, edit.model_copy(update={"line": "f", "text": "z"})),
    )
    assert TOPIC.encode() in file_bytes()

    assert await forget(store) == Forgotten(interactions=1, lines=2, versions=3)

    assert TOPIC.encode() not in file_bytes()
    backlog = await store.backlog("ana", 10)
    assert [i.chosen for i in backlog.interactions] == ["tea", "moss"]
    assert (backlog.head.folded_through, backlog.head.pending, backlog.memory) == (0, 2, None)
    assert [edit.line for edit in backlog.edits] == ["f"]
    newest, third, second, first = await store.revisions("ana")
    assert (newest.cause, newest.actor, newest.version) == ("forget", "me", 4)
    assert newest.lines == third.lines == second.lines == first.lines == (TEA,)
    assert [(one.line, one.why) for one in second.retired] == [("owns", "forgotten")]


async def test_what_was_observed_after_the_search_is_looked_through_too(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen=f"a {TOPIC}"), Interaction(chosen="tea")])
    asked = await forgetting(store)
    await store.append(
        "ana",
        [
            Interaction(chosen=f"late {TOPIC}"),
            Interaction(chosen="moss"),
            Interaction(chosen="x", query=f"{TOPIC}?"),
            Interaction(chosen="y", idempotency_key=TOPIC),
            Interaction(chosen="z", domain=TOPIC),
        ],
    )
    forgotten = await store.forget("ana", asked)
    assert forgotten is not None
    assert forgotten.interactions == 3
    # Keys and domains are labels, not what a topic names.
    assert [i.chosen for i in await store.interactions("ana")] == ["tea", "moss", "y", "z"]


async def test_a_profile_that_moved_since_the_search_is_left_alone(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen=f"a {TOPIC}")])
    await commit(store, OWNS)
    asked = await forgetting(store)
    await commit(store, OWNS, TEA)
    assert await store.forget("ana", asked) is None
    await store.erase("ana")
    await store.append("ana", [Interaction(chosen="anew")])
    assert await store.forget("ana", asked) is None
    assert len(await store.interactions("ana")) == 1


async def test_lines_that_got_new_counters_during_the_search_are_looked_through_again(
    store: SQLiteStore, file_bytes: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.append("ana", [Interaction(chosen="tea")])
    await commit(store, TEA)
    asked = await forgetting(store)
    write = store._file.write_in_reserve

    async def after_a_fold(run: Callable[[sqlite3.Connection], object]) -> object:
        await commit(store, TEA, line("late", f"a late {TOPIC}"), counters_only=True)
        return await write(run)

    monkeypatch.setattr(store._file, "write_in_reserve", after_a_fold)
    forgotten = await store.forget("ana", asked)
    assert forgotten is not None
    assert (forgotten.lines, forgotten.versions) == (1, 1)
    assert TOPIC.encode() not in file_bytes()


async def test_what_hooks_heard_is_forgotten_and_counted(
    store: SQLiteStore, path: Path, file_bytes: Callable[[], bytes]
) -> None:
    await store.append("ana", [Interaction(chosen="tea")])
    conn = sqlite3.connect(path)
    with conn:
        conn.executemany(
            "INSERT INTO heard (user_id, host, text, key, heard_at) VALUES (?, 'h', ?, ?, 0)",
            [("ana", f"a {TOPIC}", "k1"), ("ana", "moss", "k2"), ("bo", "zither", "k3")],
        )
    conn.close()
    assert (await forget(store)).interactions == 1
    assert TOPIC.encode() not in file_bytes()
    assert [(h.user_id, h.text) for h in await store.heard()] == [("ana", "moss"), ("bo", "zither")]
    assert (await store.erase("ana")).interactions == 2
    assert b"moss" not in file_bytes()
    assert (await store.erase("bo")).interactions == 1
    assert b"zither" not in file_bytes()


async def test_names_and_problems_that_match_are_blanked(
    store: SQLiteStore, file_bytes: Callable[[], bytes]
) -> None:
    items = [
        Interaction(chosen="tea", agent=TOPIC),
        Interaction(chosen="moss", quarantined=f"has {TOPIC}"),
    ]
    await store.append("ana", items)
    vegan = line("v", "Vegan.", actor=TOPIC, support=Support(times=2, agents=(TOPIC, "b"), sample=(1,)))
    await commit(store, vegan, actor=TOPIC, profiler=TOPIC)
    claim = await store.claim("ana", 60)
    assert claim
    await store.release(claim, problem=f"The {TOPIC} model is down.")
    clean = vegan.model_copy(update={"actor": "", "support": Support(times=2, agents=("b",), sample=(1,))})
    asked = await forgetting(store, lines=(clean,))
    assert await store.forget("ana", asked) == Forgotten(versions=1)
    first, second = await store.interactions("ana")
    assert (first.agent, second.quarantined) == ("", "screened")
    head = await store.head("ana")
    assert (head.problem, head.pending) == (None, 1)
    newest, old = await store.revisions("ana")
    assert newest.lines == old.lines == (clean,)
    assert (old.actor, old.profiler) == ("", None)
    assert TOPIC.encode() not in file_bytes()


async def test_lines_that_stay_name_no_interaction_that_is_gone(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="tea"), Interaction(chosen=f"tea by the {TOPIC}")])
    await commit(store, line("tea", "Likes tea.", support=Support(times=2, sample=(2, 1))))
    await forget(store)
    assert [one.support.sample for one in (await store.revisions("ana"))[1].lines] == [(1,)]


async def test_forgetting_leaves_other_users_alone(store: SQLiteStore) -> None:
    for user in ("ana", "bo"):
        await store.append(user, [Interaction(chosen=TOPIC)])
    await forget(store)
    assert await store.interactions("ana") == []
    assert len(await store.interactions("bo")) == 1


async def test_an_error_in_the_test_for_a_match_undoes_the_forget(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen=TOPIC), Interaction(chosen="tea")])
    await commit(store, OWNS)
    asked = await forgetting(store)

    def broken(edit: Edit) -> bool:
        raise ZeroDivisionError

    edit = Edit(line="e", text="t", through=0, how="removed", at=WHEN)
    await commit(store, OWNS, edits=(edit,), counters_only=True)
    with pytest.raises(ZeroDivisionError):
        await store.forget(
            "ana",
            Forgetting(
                incarnation=asked.incarnation,
                base_version=asked.base_version,
                seqs=asked.seqs,
                scanned_through=asked.scanned_through,
                names=asked.names,
                doomed=asked.doomed,
                commit=asked.commit,
                keeps_edits=broken,
            ),
        )
    assert len(await store.interactions("ana")) == 2
    assert (await store.append("ana", [Interaction(chosen="moss")]))[0].pending == 3


async def test_dropping_what_was_quarantined_leaves_no_byte(
    store: SQLiteStore, file_bytes: Callable[[], bytes]
) -> None:
    await store.append("ana", [Interaction(chosen="tea"), Interaction(chosen=TOPIC, quarantined="screened")])
    assert await store.drop("ana", [1, 2, 3]) == Forgotten(interactions=1)
    assert TOPIC.encode() not in file_bytes()
    assert [i.chosen for i in await store.interactions("ana")] == ["tea"]


async def test_erasing_removes_every_trace_of_a_user(
    store: SQLiteStore, file_bytes: Callable[[], bytes]
) -> None:
    items = [Interaction(chosen=f"xylophone {n} " * 20, idempotency_key=f"zither {n}") for n in range(700)]
    await store.append("ana-quentin", items)
    await store.append("bo", [Interaction(chosen="tea")])
    edit = Edit(line="e", text="a lute", through=0, how="removed", at=WHEN)
    for version in range(50):
        step = Commit(
            incarnation=(await store.head("ana-quentin")).incarnation,
            base_version=version,
            cause="edit",
            actor="cli",
            lines=(line("b", "Owns a bassoon."), line("t", "No tubas.", kind="stated")),
            text="bassoon, tubas",
            memory=Memory(version="1", data=b"celesta"),
            edits=(edit,),
        )
        assert await store.commit("ana-quentin", step)
    assert await store.claim("ana-quentin", 60)
    before = await store.head("ana-quentin")
    assert await store.erase("ana-quentin") == Forgotten(interactions=700, lines=2, versions=49)
    left = file_bytes()
    for word in (b"quentin", b"xylophone", b"zither", b"bassoon", b"tubas", b"celesta", b"lute"):
        assert word not in left, word
    assert [u.user_id for u in await store.users()] == ["bo"]
    assert (await store.append("ana-quentin", [Interaction(chosen="anew")]))[0].pending == 1
    after = await store.head("ana-quentin")
    assert after.incarnation > before.incarnation
    assert len(await store.interactions("ana-quentin")) == 1


async def test_nothing_claimed_or_read_before_an_erasing_can_commit_after_it(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="tea")])
    claim = await store.claim("ana", 60)
    assert claim
    head = await store.head("ana")
    await store.erase("ana")
    await store.append("ana", [Interaction(chosen="x"), Interaction(chosen="y")])
    late = Commit(
        incarnation=head.incarnation,
        base_version=0,
        cause="fold",
        actor="",
        lines=(TEA,),
        text="tea",
        folded_from=0,
        folded_through=1,
        token=claim.token,
    )
    assert await store.commit("ana", late) is None
    anew = late.model_copy(update={"incarnation": (await store.head("ana")).incarnation})
    assert await store.commit("ana", anew) is None, "the claim is gone, too"


async def test_erasing_a_name_that_only_a_claim_holds_removes_it_too(
    store: SQLiteStore, file_bytes: Callable[[], bytes]
) -> None:
    assert await store.claim("quentin", 60)
    assert await store.erase("quentin") == Forgotten()
    assert b"quentin" not in file_bytes()


async def test_erasing_an_unknown_user_removes_nothing(store: SQLiteStore) -> None:
    await store.append("bo", [Interaction(chosen="tea")])
    assert await store.erase("ana") == Forgotten()
    assert len(await store.users()) == 1


async def test_a_user_is_gone_for_every_reader_before_the_rows_are(
    store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.append("ana", [Interaction(chosen=f"c{n}") for n in range(900)])
    never: Future[bool] = Future()
    never.set_result(False)
    assert store._file._care is not None
    monkeypatch.setattr(store._file._care, "scrub", lambda: never)
    forgotten = await store.erase("ana")
    assert (forgotten.interactions, forgotten.scrubbed) == (900, False)
    assert await store.interactions("ana") == []
    assert await store.users() == []
    conn = sqlite3.connect(path)
    assert conn.execute("SELECT count(*) FROM interactions").fetchone() == (900,)
    conn.close()
