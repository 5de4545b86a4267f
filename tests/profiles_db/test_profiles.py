from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from prosona.profiles_db import Draft, Interaction, InvalidInputError, SQLiteStore, Statement

STATED = Statement(
    text="I am “vegetarian”.\n\\o/", stated_at=datetime(2026, 3, 1, 8, 0, 0, 7, UTC), actor="ana"
)


def edit(summary: str, *statements: Statement) -> Draft:
    return Draft(cause="edit", actor="cli", summary=summary, statements=statements)


def fold(last_seq: int | None, summary: str = "Likes tea.") -> Draft:
    return Draft(cause="fold", actor="", summary=summary, profiler="builtin", first_seq=1, last_seq=last_seq)


async def test_a_revision_comes_back_with_every_field(store: SQLiteStore) -> None:
    draft = Draft(
        cause="rollback",
        actor="claude",
        summary="Likes tea.\n喜欢茶。",
        statements=(STATED,),
        profiler="builtin",
        first_seq=3,
        last_seq=9,
        rolled_back_to=2,
    )
    written = await store.commit("ana", draft, base_version=0)
    assert written is not None
    assert written.model_dump(exclude={"version", "created_at"}) == draft.model_dump()
    head = await store.head("ana")
    assert head.revision == written
    assert (head.version, head.observed, head.pending) == (1, 0, 0)
    assert await store.revisions("ana") == [written]
    (user,) = await store.users()
    assert (user.version, user.updated_at) == (1, written.created_at)


async def test_a_commit_on_an_old_version_loses_and_writes_nothing(store: SQLiteStore) -> None:
    await store.commit("ana", edit("one"), base_version=0)
    assert await store.commit("ana", edit("two"), base_version=0, state=b"other") is None
    assert await store.commit("ana", edit("two"), base_version=2) is None
    backlog = await store.backlog("ana", 1)
    assert (backlog.head.version, backlog.state) == (1, None)
    assert [r.summary for r in await store.revisions("ana")] == ["one"]


async def test_a_commit_on_a_version_of_an_unknown_user_loses(store: SQLiteStore) -> None:
    assert await store.commit("ana", edit("one"), base_version=1) is None
    assert await store.users() == []


async def test_of_many_commits_on_one_version_exactly_one_wins(store: SQLiteStore) -> None:
    drafts = [edit(f"from {n}") for n in range(50)]
    for base in range(3):
        results = await asyncio.gather(*(store.commit("ana", d, base_version=base) for d in drafts))
        winners = [r for r in results if r is not None]
        assert len(winners) == 1
        assert (await store.head("ana")).revision == winners[0]


async def test_a_fold_moves_the_watermark_and_what_is_pending(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen=f"c{n}") for n in range(5)])
    await store.append("ana", [Interaction(chosen="bad", quarantined="screened"), Interaction(chosen="c6")])
    assert await store.commit("ana", fold(3), base_version=0, folded_from=0) is not None
    head = await store.head("ana")
    assert (head.folded_through, head.pending) == (3, 3)
    assert await store.commit("ana", fold(6), base_version=1, folded_from=3) is not None
    head = await store.head("ana")
    assert (head.folded_through, head.pending) == (6, 1)


async def test_a_fold_from_an_old_watermark_loses(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="a"), Interaction(chosen="b")])
    await store.commit("ana", fold(1), base_version=0, folded_from=0)
    assert await store.commit("ana", fold(2), base_version=1, folded_from=0) is None
    assert (await store.head("ana")).pending == 1


async def test_a_fold_of_a_log_that_was_erased_meanwhile_loses(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="a"), Interaction(chosen="b")])
    await store.erase("ana")
    assert await store.commit("ana", fold(2), base_version=0, folded_from=0) is None
    assert await store.users() == []


@pytest.mark.parametrize("last_seq", [None, 0])
async def test_a_fold_that_does_not_say_how_far_it_went_is_an_error(
    store: SQLiteStore, last_seq: int | None
) -> None:
    await store.append("ana", [Interaction(chosen="a"), Interaction(chosen="b")])
    await store.commit("ana", fold(1), base_version=0, folded_from=0)
    with pytest.raises(InvalidInputError, match="fold"):
        await store.commit("ana", fold(last_seq), base_version=1, folded_from=1)


async def test_an_edit_leaves_the_watermark_alone(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="a")])
    await store.commit("ana", edit("mine"), base_version=0)
    head = await store.head("ana")
    assert (head.folded_through, head.pending) == (0, 1)


async def test_state_is_kept_replaced_and_cleared(store: SQLiteStore) -> None:
    await store.commit("ana", edit("1"), base_version=0, state=b"\x00one")
    await store.commit("ana", edit("2"), base_version=1)
    assert (await store.backlog("ana", 0)).state == b"\x00one"
    await store.commit("ana", edit("3"), base_version=2, state=b"two")
    assert (await store.backlog("ana", 0)).state == b"two"
    await store.commit("ana", edit("4"), base_version=3, state=b"")
    assert (await store.backlog("ana", 0)).state is None


async def test_revisions_come_newest_first_and_in_pages(store: SQLiteStore) -> None:
    for version in range(5):
        await store.commit("ana", edit(f"text {version + 1}"), base_version=version)
    await store.commit("bo", edit("his"), base_version=0)
    assert [r.version for r in await store.revisions("ana", limit=2)] == [5, 4]
    assert [r.version for r in await store.revisions("ana", before=4, limit=2)] == [3, 2]
    assert await store.revisions("ana", before=1) == []
    assert [r.version for r in await store.revisions("ana", before=1 << 40, limit=1)] == [5]
    assert (await store.revisions("ana", before=3, limit=1))[0].summary == "text 2"


async def test_a_lease_has_one_holder_until_it_is_given_back(store: SQLiteStore) -> None:
    assert await store.claim("ana", "first", 60)
    assert not await store.claim("ana", "second", 60)
    assert await store.claim("ana", "first", 60)
    assert await store.claim("bo", "second", 60)
    await store.release("ana", "second")
    assert not await store.claim("ana", "second", 60)
    await store.release("ana", "first")
    assert await store.claim("ana", "second", 60)


async def test_a_lease_that_ran_out_is_free(store: SQLiteStore) -> None:
    assert await store.claim("ana", "first", 0)
    assert await store.claim("ana", "second", 60)
    assert not await store.claim("ana", "first", 60)


async def test_of_many_claims_exactly_one_wins(store: SQLiteStore) -> None:
    claims = await asyncio.gather(*(store.claim("ana", f"holder {n}", 60) for n in range(20)))
    assert sum(claims) == 1


async def test_a_problem_stands_in_the_head_until_a_fold_succeeds(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="a")])
    await store.claim("ana", "me", 60)
    await store.release("ana", "me", problem="The endpoint is down.")
    assert (await store.head("ana")).problem == "The endpoint is down."
    await store.commit("ana", edit("mine"), base_version=0)
    assert (await store.head("ana")).problem == "The endpoint is down."
    await store.commit("ana", fold(1), base_version=1, folded_from=0)
    assert (await store.head("ana")).problem is None


async def test_a_holder_who_lost_the_lease_reports_no_problem(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="a")])
    await store.claim("ana", "slow", 0)
    await store.claim("ana", "quick", 60)
    await store.release("ana", "slow", problem="Too late.")
    assert (await store.head("ana")).problem is None
    assert not await store.claim("ana", "slow", 60)
