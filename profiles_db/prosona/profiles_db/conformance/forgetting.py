"""Forgetting a topic, and everything: what goes, what stays, and what comes too late."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prosona.core.requests import Forgotten, Head, Memory
from prosona.core.words import Interaction
from prosona.profiles_db.conformance._ground import (
    Ground,
    chose,
    commit,
    edited,
    forget,
    keep,
    kept,
    line,
)
from prosona.profiles_db.store import Store

__all__ = ["ForgettingConformance"]


class ForgettingConformance(Ground):
    """The promises of `forget` and `erase`."""

    async def test_what_is_forgotten_is_gone_from_the_log_and_from_every_version(
        self, store: Store, other: Store
    ) -> None:
        await store.append(
            "ana",
            [
                *chose("a xylophone", "tea"),
                Interaction(rejected="xylophones", chosen="moss"),
                Interaction(query="xylophone?", chosen="no", quarantined="odd"),
                *chose("chess"),
            ],
        )
        await keep(store, "ana", line("x", "owns a xylophone"), line("t", "likes tea"))
        await keep(store, "ana", line("t", "likes tea"))
        await keep(store, "ana", line("x", "plays the xylophone"), line("t", "likes tea"), through=4)
        forgotten = await store.forget("ana", await forget(store, "ana", "xylophone", line("t", "likes tea")))
        assert forgotten is not None
        assert (forgotten.interactions, forgotten.lines, forgotten.scrubbed) == (3, 1, True)
        assert forgotten.versions >= 1
        assert [(i.seq, i.chosen) for i in await other.interactions("ana")] == [(2, "tea"), (5, "chess")]
        revisions = await other.revisions("ana")
        assert [(r.version, r.cause) for r in revisions][:2] == [(4, "forget"), (3, "fold")]
        assert [[one.id for one in r.lines] for r in revisions] == [["t"]] * 4
        head = await other.head("ana")
        assert (head.version, head.text) == (4, "likes tea")
        assert (head.observed, head.folded_through, head.pending) == (5, 4, 1)

    async def test_folding_begins_anew_where_the_forget_says_and_without_memory(self, store: Store) -> None:
        await store.append("ana", chose("xylophone", "tea", "moss"))
        await store.append("ana", [Interaction(chosen="bad", quarantined="odd")])
        await store.commit("ana", await commit(store, "ana", line("a"), through=4, memory=b"xylophone: 1"))
        await store.forget("ana", await forget(store, "ana", "xylophone", line("a"), begin_at=0))
        backlog = await store.backlog("ana", 9)
        assert (backlog.head.folded_through, backlog.head.pending, backlog.memory) == (0, 2, None)
        assert [i.chosen for i in backlog.interactions] == ["tea", "moss"]
        await store.append("ana", chose("next"))
        assert (await store.head("ana")).observed == 5, "no number is given twice"

    async def test_memory_and_watermark_stay_where_the_forget_says_nothing_of_them(
        self, store: Store
    ) -> None:
        await store.append("ana", chose("xylophone", "tea", "moss"))
        await store.commit("ana", await commit(store, "ana", line("a"), through=2, memory=b"m"))
        await store.forget("ana", await forget(store, "ana", "xylophone", line("a")))
        backlog = await store.backlog("ana", 9)
        assert (backlog.head.folded_through, backlog.head.pending) == (2, 1)
        assert backlog.memory == Memory(version="m1", data=b"m")

    async def test_what_came_in_after_the_search_is_searched_too(self, store: Store, other: Store) -> None:
        await store.append("ana", chose("xylophone", "tea"))
        forgetting = await forget(store, "ana", "xylophone")
        late = [
            *chose("moss", "a late xylophone"),
            Interaction(rejected="xylophone"),
            Interaction(query="xylophone?", chosen="yes", quarantined="odd"),
        ]
        await other.append("ana", late)
        forgotten = await store.forget("ana", forgetting)
        assert forgotten is not None
        assert forgotten.interactions == 4
        assert [i.chosen for i in await store.interactions("ana")] == ["tea", "moss"]
        assert (await store.head("ana")).pending == 2

    async def test_what_was_searched_goes_by_its_seq_alone(self, store: Store) -> None:
        await store.append("ana", chose("xylophone", "tea", "xylophone"))
        forgetting = await forget(store, "ana", "xylophone", scanned_through=2)
        kept_after_all = await store.forget(
            "ana", replace(forgetting, seqs=frozenset({2, 77}), scanned_through=3)
        )
        assert kept_after_all is not None
        assert kept_after_all.interactions == 1
        assert [i.seq for i in await store.interactions("ana")] == [1, 3]

    async def test_edits_go_where_they_are_not_kept_and_new_ones_are_added(self, store: Store) -> None:
        edits = (edited("a", "hates xylophones"), edited("b", "hates tea"))
        await store.commit("ana", await commit(store, "ana", line("c"), edits=edits))
        await store.forget(
            "ana", await forget(store, "ana", "xylophone", line("c"), edits=(edited("d", "moss"),))
        )
        assert [(e.line, e.text) for e in (await store.standing("ana")).edits] == [
            ("b", "hates tea"),
            ("d", "moss"),
        ]

    async def test_a_problem_that_names_it_is_gone(self, store: Store) -> None:
        await store.append("ana", chose("xylophone", "tea"))
        claim = await store.claim("ana", 60)
        assert claim is not None
        await store.release(claim, problem="cannot read 'xylophone'")
        await store.forget("ana", await forget(store, "ana", "xylophone"))
        assert (await store.head("ana")).problem is None

    @pytest.mark.parametrize("late", [{"base_version": 0}, {"base_version": 2}, {"incarnation": 1 << 40}])
    async def test_a_forget_from_another_state_changes_nothing(
        self, store: Store, late: dict[str, Any]
    ) -> None:
        await store.append("ana", chose("xylophone", "tea"))
        await keep(store, "ana", line("x", "owns a xylophone"), through=1)
        before = await kept(store, "ana")
        forgetting = await forget(store, "ana", "xylophone")
        step = forgetting.commit.model_copy(update=late)
        assert await store.forget("ana", replace(forgetting, **late, commit=step)) is None
        assert await kept(store, "ana") == before

    async def test_a_step_read_before_a_forget_comes_too_late(self, store: Store, other: Store) -> None:
        await store.append("ana", chose("xylophone", "tea"))
        claim = await store.claim("ana", 60)
        fold = await commit(store, "ana", line("x", "owns a xylophone"), through=2, claim=claim)
        assert await other.forget("ana", await forget(other, "ana", "xylophone", begin_at=0)) is not None
        assert await store.commit("ana", fold) is None
        assert (await store.standing("ana")).lines == ()

    async def test_an_error_in_the_search_changes_nothing(self, store: Store) -> None:
        await store.append("ana", chose("xylophone", "tea"))
        await keep(store, "ana", line("x", "owns a xylophone"))
        forgetting = await forget(store, "ana", "xylophone")
        await store.append("ana", chose("late"))
        before = await kept(store, "ana")

        def broken(text: object) -> bool:
            raise ZeroDivisionError

        for wrong in (replace(forgetting, names=broken), replace(forgetting, doomed=broken)):
            with pytest.raises(ZeroDivisionError):
                await store.forget("ana", wrong)
            assert await kept(store, "ana") == before
        assert (await store.append("ana", chose("moss")))[0].pending == 4

    async def test_forgetting_leaves_other_users_alone(self, store: Store) -> None:
        for user in ("ana", "bo", "cy"):
            await store.append(user, chose("xylophone"))
            await keep(store, user, line("x", "owns a xylophone"))
        before = [await kept(store, user) for user in ("ana", "cy")]
        await store.forget("bo", await forget(store, "bo", "xylophone"))
        assert [await kept(store, user) for user in ("ana", "cy")] == before

    async def test_erasing_removes_all_of_a_user_and_nothing_of_others(
        self, store: Store, other: Store
    ) -> None:
        for user in ("ana", "bo"):
            await store.append(user, chose("a", "b", "c"))
            step = await commit(
                store, user, line("a"), line("b"), through=1, memory=b"m", edits=(edited("x"),)
            )
            await store.commit(user, step)
        before = await kept(store, "bo")
        forgotten = await store.erase("ana")
        assert (forgotten.interactions, forgotten.lines, forgotten.scrubbed) == (3, 2, True)
        assert await other.head("ana") == Head(user_id="ana")
        assert await other.interactions("ana") == []
        assert await other.revisions("ana") == []
        assert (await other.standing("ana")).edits == ()
        assert await other.versions(["ana"]) == {"ana": (0, 0)}
        assert [u.user_id for u in await other.users()] == ["bo"]
        assert await kept(other, "bo") == before

    async def test_erasing_a_user_never_seen_removes_nothing(self, store: Store) -> None:
        await store.append("bo", chose("tea"))
        assert await store.erase("ana") == Forgotten()
        assert len(await store.users()) == 1

    async def test_a_new_user_of_an_erased_name_begins_at_nothing(self, store: Store) -> None:
        await store.append("ana", [Interaction(chosen="a", idempotency_key="k"), *chose("b")])
        await store.commit(
            "ana", await commit(store, "ana", line("a"), through=1, memory=b"m", edits=(edited("x"),))
        )
        first = (await store.head("ana")).incarnation
        assert await store.claim("ana", 60)
        await store.erase("ana")
        (receipt,) = await store.append("ana", [Interaction(chosen="other", idempotency_key="k")])
        assert (receipt.status, receipt.pending) == ("accepted", 1)
        backlog = await store.backlog("ana", 9)
        assert backlog.head.incarnation not in (0, first)
        assert (backlog.head.version, backlog.head.observed, backlog.head.folded_through) == (0, 1, 0)
        assert (backlog.memory, backlog.edits, backlog.revision) == (None, (), None)
        assert [i.seq for i in backlog.interactions] == [1]
        assert await store.claim("ana", 60), "nobody holds a claim on somebody new"

    async def test_nothing_claimed_or_read_before_an_erase_can_be_written_after_it(
        self, store: Store, other: Store, folder: Path
    ) -> None:
        await store.append("ana", chose("a", "b"))
        claim = await store.claim("ana", 60)
        assert claim is not None
        fold = await commit(store, "ana", line("secret"), through=2, claim=claim)
        edit = await commit(store, "ana", line("secret"))
        forgetting = await forget(store, "ana", "a")
        await other.erase("ana")
        for _ in range(2):
            assert await store.commit("ana", fold) is None
            assert await store.commit("ana", fold.model_copy(update={"token": None})) is None
            assert await store.commit("ana", edit) is None
            assert await store.forget("ana", forgetting) is None
            await store.renew([claim], 60)
            await store.release(claim, problem="secret")
            # The same again for somebody new of the same name, who looks just like the one before.
            await other.append("ana", chose("c", "d"))
        assert (await store.head("ana")).problem is None
        assert (await store.standing("ana")).lines == ()
        assert (await store.head("ana")).pending == 4
        again = await self.reopen(other, folder)
        assert await again.commit("ana", edit) is None
        await again.close()

    async def test_incarnations_are_never_given_twice(self, store: Store, folder: Path) -> None:
        seen = []
        for _ in range(3):
            await store.append("ana", chose("a"))
            seen.append((await store.head("ana")).incarnation)
            await store.erase("ana")
            await keep(store, "ana", line("a"))
            seen.append((await store.head("ana")).incarnation)
            await store.erase("ana")
            store = await self.reopen(store, folder)
        assert len(set(seen)) == 6
        await store.close()
