"""Real files of the release before lines (schema 2), as `files/make_schema2.txt` made them."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from prosona.core.errors import StoreReadOnlyError
from prosona.core.requests import Head
from prosona.core.words import Line
from prosona.profiles_db.sqlite import SQLiteStore
from prosona.profiles_db.sqlite.bytes import RawFile
from prosona.profiles_db.sqlite.schema import SCHEMA

FILES = Path(__file__).parent / "files"


@pytest.fixture
def old(path: Path) -> Path:
    path.parent.mkdir()
    shutil.copy(FILES / "schema2.db", path)
    return path


@pytest.fixture
def with_heard(old: Path) -> Path:
    shutil.copytree(FILES / "schema2.db-heard", old.with_name(f"{old.name}-heard"))
    return old


def texts(lines: tuple[Line, ...]) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in lines]


async def test_statements_and_summaries_become_lines_in_every_version(old: Path) -> None:
    store = SQLiteStore(old)
    revisions = {r.version: r for r in await store.revisions("ana")}
    await store.close()
    allergy = ("stated", "I am allergic to “peanuts”.")
    musicals = ("inferred", "Avoids musicals.")
    three = ("inferred", "Films: likes science fiction (chose 3 of 3)")
    assert {version: texts(r.lines) for version, r in revisions.items()} == {
        1: [three, musicals],
        2: [allergy, three, musicals],
        3: [
            allergy,
            ("inferred", "Films: likes science fiction (chose 6 of 6)"),
            musicals,
            ("inferred", "Asked for short answers."),
        ],
        4: [allergy, ("stated", "我喜欢茶。"), musicals, ("inferred", "Films: likes slow Westerns.")],
        5: [allergy, three, musicals],
    }
    assert [(r.cause, r.actor) for _, r in sorted(revisions.items())] == [
        ("fold", ""),
        ("statement", "claude"),
        ("fold", ""),
        ("edit", "ana"),
        ("rollback", "ana"),
    ]
    assert (revisions[5].rolled_back_to, revisions[3].first_seq, revisions[3].last_seq) == (2, 4, 6)


async def test_the_same_text_has_the_same_id_in_every_version(old: Path) -> None:
    store = SQLiteStore(old)
    ids: dict[tuple[str, str], set[str]] = {}
    for revision in await store.revisions("ana"):
        assert len({line.id for line in revision.lines}) == len(revision.lines)
        for line in revision.lines:
            ids.setdefault((line.kind, line.text), set()).add(line.id)
    await store.close()
    assert {len(found) for found in ids.values()} == {1}
    assert len({line_id for found in ids.values() for line_id in found}) == len(ids)


async def test_a_statement_keeps_its_actor_and_day_and_gets_its_consequence(old: Path) -> None:
    store = SQLiteStore(old)
    lines = (await store.standing("ana")).lines
    await store.close()
    allergy, science, _ = lines
    assert (allergy.actor, allergy.since) == ("claude", datetime(2026, 3, 1, 8, 0, 0, 7, UTC))
    assert (allergy.consequence, allergy.support.carried) == ("safety", None)
    assert (science.actor, science.support.carried, science.support.sample) == ("builtin", "upgrade", ())
    assert science.since == (await _first_day(old, "ana"))


async def _first_day(path: Path, user: str) -> datetime:
    store = SQLiteStore(path)
    *_, first = await store.revisions(user)
    await store.close()
    return first.created_at


async def test_what_was_observed_is_folded_again_and_memories_are_gone(old: Path) -> None:
    store = SQLiteStore(old)
    backlog = await store.backlog("ana", 10)
    assert (backlog.head.folded_through, backlog.head.pending, backlog.head.observed) == (0, 6, 7)
    assert [i.chosen for i in backlog.interactions] == [f"Film {n}" for n in range(6)]
    assert backlog.memory is None
    assert (backlog.head.version, backlog.head.problem) == (5, None)
    assert backlog.head.text.startswith("Stated by the user:\n- I am allergic to “peanuts”.")
    assert len(await store.quarantined("ana")) == 1
    cy = await store.head("cy")
    assert (cy.pending, cy.problem, cy.retry_at) == (1, None, None)
    claims = await store.claim_due(60, pending=1, idle_seconds=0, limit=10)
    assert {claim.user_id for claim in claims} == {"ana", "cy", "eve"}, "claims of the old release are over"
    await store.close()


async def test_a_profile_without_a_log_stays_as_it_is(old: Path) -> None:
    store = SQLiteStore(old)
    standing = await store.standing("bo")
    assert texts(standing.lines) == [("stated", "我喜欢茶。"), ("inferred", "Likes tea.")]
    assert (standing.head.version, standing.head.pending) == (1, 0)
    await store.close()


async def test_numbers_of_erased_users_are_not_given_again(old: Path) -> None:
    store = SQLiteStore(old)
    known = {(await store.head(user.user_id)).incarnation for user in await store.users()}
    await store.append("new", [(await store.interactions("cy"))[0]])
    assert (await store.head("new")).incarnation > max(known)
    assert await store.head("dee") == Head(user_id="dee")
    await store.close()


async def test_what_hooks_left_in_files_waits_in_the_store(
    with_heard: Path, file_bytes: Callable[[], bytes]
) -> None:
    store = SQLiteStore(with_heard)
    heard = await store.heard()
    assert [(h.user_id, h.host, h.text) for h in heard] == [
        ("ana", "claude-code", "I live in Lyon now."),
        ("eve", "gemini-cli", "I love “moss”."),
    ]
    assert all(h.key.startswith("hook-") and h.heard_at.date() >= date(2026, 1, 1) for h in heard)
    assert not with_heard.with_name("profiles.db-heard").exists()
    assert (await store.erase("eve")).interactions == 2
    assert b"moss" not in file_bytes()
    assert [h.user_id for h in await store.heard()] == ["ana"]
    await store.close()


async def test_files_that_an_old_hook_writes_later_are_taken_in_once(with_heard: Path) -> None:
    store = SQLiteStore(with_heard)
    await store.close()
    shutil.copytree(FILES / "schema2.db-heard", with_heard.with_name("profiles.db-heard"))
    (with_heard.with_name("profiles.db-heard") / "1-1.json").write_text('{"user_id": "half')
    store = SQLiteStore(with_heard)
    assert len(await store.heard()) == 2
    await store.close()


async def test_the_old_tables_leave_no_bytes_behind(old: Path, file_bytes: Callable[[], bytes]) -> None:
    store = SQLiteStore(old)
    raw = RawFile(old)
    assert raw.mark() is not None, "the epoch stands among the first pages"
    raw.close()
    assert b"gone too" not in file_bytes(), "the holder of a lease"
    await store.close()
    conn = sqlite3.connect(old)
    names = {name for (name,) in conn.execute("SELECT name FROM sqlite_schema")}
    assert conn.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    conn.close()
    assert not names & {"states", "leases", "old_revisions"}


async def test_two_programs_that_open_an_old_file_at_once_bring_it_up_to_date_once(
    old: Path, start_program: Callable[..., object]
) -> None:
    program = (
        "import asyncio, sys\nfrom prosona.profiles_db.sqlite import SQLiteStore\n"
        "sys.stdin.readline()\nasyncio.run(SQLiteStore(sys.argv[1]).close())"
    )
    programs = [start_program(program, old) for _ in range(3)]
    for one in programs:
        one.stdin.write("go\n")  # type: ignore[attr-defined]
        one.stdin.flush()  # type: ignore[attr-defined]
    for one in programs:
        _, errors = one.communicate(timeout=60)  # type: ignore[attr-defined]
        assert one.returncode == 0, errors  # type: ignore[attr-defined]
    store = SQLiteStore(old)
    assert len((await store.standing("ana")).lines) == 3
    await store.close()


def test_an_old_file_that_may_not_be_written_says_what_to_do(
    old: Path, read_only: Callable[[Path], None]
) -> None:
    read_only(old.parent)
    with pytest.raises(StoreReadOnlyError, match="Open it once"):
        SQLiteStore(old)
