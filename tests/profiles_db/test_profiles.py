from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from prosona.core.errors import InvalidInputError
from prosona.core.requests import Commit, Head, Memory
from prosona.core.words import Edit, Interaction, Line, Retired, Revision, Support
from prosona.profiles_db.sqlite import SQLiteStore

WHEN = datetime(2026, 3, 1, 8, 0, 0, 7, UTC)

FULL = Line(
    id="bcdfgh",
    kind="inferred",
    text="Likes “tea”\\ 喜欢茶 'and' \"more\".",
    topic="drinks",
    consequence="example",
    support=Support(
        times=3,
        of=4,
        first=date(2026, 1, 2),
        last=date(2026, 3, 1),
        agents=("claude",),
        sample=(3, 1),
        carried="import",
    ),
    evidence="3 of 4",
    until=date(2027, 1, 1),
    facts=("f1", "f2"),
    actor="builtin",
    since=WHEN,
)
BARE = Line(id="bcdfgj", text="Plain.")
FIRST_DAY = Line(id="bcdfgk", kind="stated", text="Old.", since=datetime(1970, 1, 1, tzinfo=UTC))


def step(head: Head, *lines: Line, **more: object) -> Commit:
    values: dict[str, Any] = {
        "incarnation": head.incarnation,
        "base_version": head.version,
        "cause": "edit",
        "actor": "cli",
        "lines": lines,
        "text": "\n".join(line.text for line in lines),
    }
    return Commit(**{**values, **more})


def fold(head: Head, through: int, *lines: Line, **more: object) -> Commit:
    return step(head, *lines, cause="fold", folded_from=head.folded_through, folded_through=through, **more)


async def test_a_revision_comes_back_with_every_field(store: SQLiteStore) -> None:
    written = step(
        Head(user_id="ana"),
        FULL,
        BARE,
        FIRST_DAY,
        cause="rollback",
        actor="claude",
        text_until=date(2027, 1, 1),
        retired=(Retired(line="zzzzzz", why="“rolled back”"),),
        profiler="builtin",
        first_seq=3,
        last_seq=9,
        rolled_back_to=2,
    )
    before = await store.now()
    assert await store.commit("ana", written) == 1
    (kept,) = await store.revisions("ana")
    for name in ("cause", "actor", "lines", "retired", "profiler", "first_seq", "last_seq", "rolled_back_to"):
        assert getattr(kept, name) == getattr(written, name), name
    assert before <= kept.created_at <= await store.now()
    standing = await store.standing("ana")
    assert (standing.revision, standing.lines) == (kept, written.lines)
    assert standing.head == await store.head("ana")
    head = standing.head
    assert (head.version, head.text, head.text_until) == (1, written.text, date(2027, 1, 1))
    assert (head.updated_at, head.observed, head.pending) == (kept.created_at, 0, 0)


async def test_a_head_is_read_without_reading_the_lines(store: SQLiteStore) -> None:
    await store.commit("ana", step(Head(user_id="ana"), FULL))

    def break_lines(conn: sqlite3.Connection) -> None:
        conn.execute("UPDATE revisions SET lines = 'broken'")

    await store._file.write(break_lines)
    assert (await store.head("ana")).text == FULL.text


@pytest.mark.parametrize(
    "late",
    [
        {"base_version": 0},
        {"base_version": 2},
        {"incarnation": 0},
        {"incarnation": 77},
        {"folded_from": 0, "folded_through": 2},
        {"token": "of nobody"},
    ],
)
async def test_a_step_from_anywhere_else_writes_nothing(store: SQLiteStore, late: dict[str, Any]) -> None:
    await store.append("ana", [Interaction(chosen=f"c{n}") for n in range(3)])
    await store.commit("ana", fold(await store.head("ana"), 1, BARE))
    before = await store.backlog("ana", 10)
    more = {"memory": Memory(version="2", data=b"other"), **late}
    assert await store.commit("ana", step(before.head, FULL, **more)) is None
    assert await store.backlog("ana", 10) == before


async def test_of_many_commits_on_one_version_exactly_one_wins(store: SQLiteStore) -> None:
    for base in range(3):
        head = await store.head("ana")
        lines = [Line(id=f"x{n}", text=f"from {n}") for n in range(50)]
        results = await asyncio.gather(*(store.commit("ana", step(head, line)) for line in lines))
        winners = [n for n, result in enumerate(results) if result is not None]
        assert len(winners) == 1
        assert (await store.head("ana")).text == f"from {winners[0]}"
        assert (await store.head("ana")).version == base + 1


async def test_a_fold_moves_the_watermark_and_what_is_pending(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen=f"c{n}") for n in range(5)])
    await store.append("ana", [Interaction(chosen="bad", quarantined="screened"), Interaction(chosen="c6")])
    await store.commit("ana", fold(await store.head("ana"), 3, BARE))
    head = await store.head("ana")
    assert (head.folded_through, head.pending) == (3, 3)
    await store.commit("ana", fold(head, 6, BARE))
    head = await store.head("ana")
    assert (head.folded_through, head.pending) == (6, 1)


async def test_counters_are_brought_up_to_date_within_the_version(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen=f"c{n}") for n in range(5)])
    await store.commit("ana", fold(await store.head("ana"), 2, BARE, actor="first"))
    before = await store.standing("ana")
    counted = BARE.model_copy(update={"support": Support(times=4, sample=(4,))})
    memory = Memory(version="1", data=b"m")
    commit = fold(before.head, 4, counted, counters_only=True, memory=memory)
    assert await store.commit("ana", commit) == 1
    after = await store.backlog("ana", 5)
    assert (after.head.version, after.head.folded_through, after.head.pending) == (1, 4, 1)
    assert after.lines == (counted,)
    assert after.memory == memory
    assert after.revision is not None
    assert before.revision is not None
    assert (after.revision.created_at, after.revision.actor) == (before.revision.created_at, "first")
    assert len(await store.revisions("ana")) == 1


async def test_a_fold_that_yields_no_line_is_counted_before_there_is_a_version(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="c")])
    assert await store.commit("ana", fold(await store.head("ana"), 1, counters_only=True)) == 0
    head = await store.head("ana")
    assert (head.version, head.folded_through, head.pending) == (0, 1, 0)
    assert await store.revisions("ana") == []


async def test_a_problem_stands_until_a_fold_succeeds(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="c")])
    claim = await store.claim("ana", 60)
    assert claim
    await store.release(claim, problem="The model is down.", retry_seconds=60)
    await store.commit("ana", step(await store.head("ana"), BARE))
    head = await store.head("ana")
    assert head.problem == "The model is down."
    assert head.retry_at is not None
    await store.commit("ana", fold(head, 1, BARE))
    head = await store.head("ana")
    assert (head.problem, head.retry_at) == (None, None)


async def test_edits_are_kept_in_their_order_replaced_and_lifted(store: SQLiteStore) -> None:
    def edit(line: str, text: str) -> Edit:
        return Edit(line=line, text=text, topic="t", facts=("f",), through=3, how="removed", at=WHEN)

    one, two, three = edit("a", "one"), edit("b", "two"), edit("c", "three")
    await store.commit("ana", step(Head(user_id="ana"), edits=(one, two)))
    await store.commit("ana", step(await store.head("ana"), edits=(three,)))
    again = edit("a", "again")
    await store.commit("ana", step(await store.head("ana"), edits=(again,), lifted=("b",)))
    assert (await store.standing("ana")).edits == (three, again)
    assert (await store.backlog("ana", 1)).edits == (three, again)
    assert (await store.standing("bo")).edits == ()


async def test_a_history_comes_before_the_first_step(store: SQLiteStore) -> None:
    history = tuple(
        Revision(version=n, created_at=WHEN, cause="fold", actor="", lines=(BARE,)) for n in (1, 2, 5)
    )
    assert await store.commit("ana", step(Head(user_id="ana"), FULL, cause="import", history=history)) == 6
    assert [r.version for r in await store.revisions("ana")] == [6, 5, 2, 1]
    assert (await store.revisions("ana"))[1] == history[-1]
    with pytest.raises(InvalidInputError):
        await store.commit("ana", step(await store.head("ana"), history=history))
    with pytest.raises(InvalidInputError, match="rise"):
        await store.commit("bo", step(Head(user_id="bo"), history=history[::-1]))


async def test_versions_of_many_users_come_in_one_answer(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="c")])
    await store.commit("bo", step(Head(user_id="bo"), BARE))
    names = ["ana", "bo", *(f"nobody {n}" for n in range(1200))]
    found = await store.versions(names)
    assert (found["ana"][1], found["bo"][1], len(found)) == (0, 1, 1202)
    assert found["nobody 7"] == (0, 0)
    assert found["ana"][0] != found["bo"][0]


async def test_changes_by_another_program_change_the_number(store: SQLiteStore, path: Path) -> None:
    other = SQLiteStore(path)
    before = await store.changed()
    assert await store.changed() == before
    await other.append("ana", [Interaction(chosen="c")])
    assert await store.changed() != before
    await other.close()
