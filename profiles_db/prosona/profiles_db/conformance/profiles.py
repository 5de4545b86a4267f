"""Where a profile stands and how it got there: steps by compare-and-swap, lines, memory, edits, history."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from prosona.core.requests import Commit, Memory
from prosona.core.words import MAX_TEXT, Edit, Line, Retired, Revision, Support
from prosona.profiles_db.conformance._ground import DAY, Ground, chose, commit, edited, keep, kept, line
from prosona.profiles_db.store import Store

__all__ = ["ProfilesConformance"]

WHOLE = Line(
    id="k7f2mx",
    kind="stated",
    text="I am “vegetarian”. \\o/ 我不吃肉 🐈",
    topic="Food & drink",
    consequence="safety",
    support=Support(
        times=3,
        of=4,
        first=DAY.date(),
        last=date(2026, 4, 1),
        agents=("a", "b"),
        sample=(3, 1),
        carried="import",
    ),
    evidence="3 of 4; last in April 2026",
    until=date(2027, 1, 1),
    facts=("diet/vegetarian",),
    actor="ana",
    since=DAY,
)


class ProfilesConformance(Ground):
    """The promises of `Profiles` but forgetting."""

    async def test_a_step_comes_back_with_every_field(self, store: Store, other: Store) -> None:
        await store.append("ana", chose(*"abcdefghij"))
        before = await store.now()
        step = Commit(
            incarnation=(await store.head("ana")).incarnation,
            base_version=0,
            cause="rollback",
            actor="claude",
            lines=(WHOLE, line("b")),
            text="Stated by the user:\n- I am vegetarian",
            text_until=date(2027, 1, 1),
            retired=(Retired(line="zz", why="nothing speaks for it"), Retired(line="yy", why="")),
            profiler="builtin",
            first_seq=3,
            last_seq=9,
            rolled_back_to=2,
        )
        assert await store.commit("ana", step) == 1
        standing = await other.standing("ana")
        assert standing.revision is not None
        same = {"cause", "actor", "lines", "retired", "profiler", "first_seq", "last_seq", "rolled_back_to"}
        assert standing.revision.model_dump(include=same) == step.model_dump(include=same)
        assert standing.revision.version == 1
        assert before <= standing.revision.created_at <= await store.now()
        head = standing.head
        assert (head.version, head.text, head.text_until) == (1, step.text, step.text_until)
        assert head.updated_at == standing.revision.created_at
        assert (head.folded_through, head.pending) == (0, 10)
        assert await other.head("ana") == head
        assert await other.revisions("ana") == [standing.revision]
        (entry,) = await other.users()
        assert (entry.version, entry.observed, entry.pending) == (1, 10, 10)
        assert entry.updated_at == head.updated_at

    async def test_a_user_never_seen_begins_with_a_commit(self, store: Store) -> None:
        assert await store.commit("ana", await commit(store, "ana", line("a"))) == 1
        head = await store.head("ana")
        assert head.incarnation > 0
        assert (head.version, head.observed) == (1, 0)
        await store.append("ana", chose("a"))
        assert (await store.head("ana")).incarnation == head.incarnation

    @pytest.mark.parametrize(
        "late",
        [
            {"incarnation": 0},
            {"incarnation": 1 << 40},
            {"base_version": 0},
            {"base_version": 2},
            {"folded_from": 0},
            {"folded_from": 3},
            {"token": "nobody's"},
        ],
    )
    async def test_a_step_from_another_state_writes_nothing(self, store: Store, late: dict[str, Any]) -> None:
        await store.append("ana", chose("a", "b", "c"))
        await store.commit(
            "ana", await commit(store, "ana", line("a"), through=2, memory=b"m", edits=(edited("x"),))
        )
        before = await kept(store, "ana")
        step = await commit(
            store, "ana", line("b"), through=3, memory=b"n", edits=(edited("y"),), lifted=("x",)
        )
        assert await store.commit("ana", step.model_copy(update=late)) is None
        assert await kept(store, "ana") == before
        assert await store.commit("ana", step) == 2

    async def test_a_step_from_a_version_of_a_user_never_seen_writes_nothing(self, store: Store) -> None:
        step = await commit(store, "ana", line("a"))
        for late in ({"base_version": 1}, {"incarnation": 1 << 40}):
            assert await store.commit("ana", step.model_copy(update=late)) is None
        assert await store.users() == []

    async def test_of_many_steps_from_one_version_exactly_one_is_taken(
        self, store: Store, other: Store
    ) -> None:
        for version in range(3):
            step = await commit(store, "ana")
            steps = [step.model_copy(update={"lines": (line(f"k{n}"),)}) for n in range(20)]
            calls = [(store, other)[n % 2].commit("ana", one) for n, one in enumerate(steps)]
            results = await asyncio.gather(*calls)
            assert [r for r in results if r is not None] == [version + 1]
            won = next(n for n, r in enumerate(results) if r is not None)
            assert (await other.standing("ana")).lines == steps[won].lines

    async def test_a_fold_moves_the_watermark_and_an_edit_does_not(self, store: Store) -> None:
        await store.append("ana", chose("a", "b", "c", "d"))
        await store.set_aside("ana", [4], "odd")
        await keep(store, "ana", line("a"), through=2)
        head = await store.head("ana")
        assert (head.folded_through, head.pending) == (2, 1)
        await keep(store, "ana", line("a"), line("b"))
        head = await store.head("ana")
        assert (head.version, head.folded_through, head.pending) == (2, 2, 1)
        await keep(store, "ana", line("a"), through=4)
        head = await store.head("ana")
        assert (head.version, head.folded_through, head.pending) == (3, 4, 0)

    async def test_folding_may_begin_anew(self, store: Store) -> None:
        await store.append("ana", chose("a", "b", "c"))
        await keep(store, "ana", line("a"), through=3)
        step = await commit(store, "ana", line("a"), through=1)
        assert await store.commit("ana", step.model_copy(update={"folded_from": None})) == 2
        head = await store.head("ana")
        assert (head.folded_through, head.pending) == (1, 2)
        assert [i.seq for i in (await store.backlog("ana", 9)).interactions] == [2, 3]

    async def test_counters_alone_make_no_version(self, store: Store, other: Store) -> None:
        await store.append("ana", chose("a", "b"))
        await keep(store, "ana", line("a"), through=1)
        (before,) = await store.revisions("ana")
        counted = line("a").model_copy(update={"support": Support(times=2), "evidence": "2 of 2"})
        step = await commit(store, "ana", counted, through=2, memory=b"m", counters_only=True)
        assert await store.commit("ana", step.model_copy(update={"text": "line a (2 of 2)"})) == 1
        backlog = await other.backlog("ana", 9)
        assert (backlog.head.version, backlog.head.text) == (1, "line a (2 of 2)")
        assert (backlog.head.folded_through, backlog.head.pending) == (2, 0)
        assert backlog.memory == Memory(version="m1", data=b"m")
        (after,) = await other.revisions("ana")
        assert after.lines == (counted,) == backlog.lines
        assert (after.created_at, after.cause) == (before.created_at, before.cause)
        # A step from another state is refused here, too.
        assert await store.commit("ana", step) is None

    async def test_a_fold_that_finds_nothing_to_say_makes_no_first_version(self, store: Store) -> None:
        await store.append("ana", chose("a"))
        step = await commit(store, "ana", through=1, memory=b"m", counters_only=True)
        assert await store.commit("ana", step) == 0
        backlog = await store.backlog("ana", 9)
        assert (backlog.head.version, backlog.head.folded_through, backlog.head.pending) == (0, 1, 0)
        assert backlog.memory == Memory(version="m1", data=b"m")
        assert await store.revisions("ana") == []

    async def test_memory_is_kept_replaced_and_cleared(self, store: Store, other: Store) -> None:
        for memory, expected in [
            (None, None),
            (b"\x00one\xff", b"\x00one\xff"),
            (None, b"\x00one\xff"),
            (b"2" * 1_000_000, b"2" * 1_000_000),
            (b"", None),
            (None, None),
        ]:
            await store.commit("ana", await commit(store, "ana", line("a"), memory=memory))
            found = (await other.backlog("ana", 0)).memory
            assert (found and found.data) == expected
            assert found is None or found.version == "m1"

    async def test_edits_are_added_replaced_and_lifted_oldest_first(self, store: Store, other: Store) -> None:
        async def step(*edits: Edit, lifted: tuple[str, ...] = ()) -> list[tuple[str, str]]:
            await store.commit("ana", await commit(store, "ana", edits=edits, lifted=lifted))
            found = await other.standing("ana")
            assert (await other.backlog("ana", 0)).edits == found.edits
            return [(edit.line, edit.text) for edit in found.edits]

        later = edited("a", "again", 3).model_copy(update={"at": DAY + timedelta(days=1), "facts": ("f",)})
        assert await step(edited("a", "one"), edited("b", "two")) == [("a", "one"), ("b", "two")]
        assert await step() == [("a", "one"), ("b", "two")]
        assert await step(later) == [("b", "two"), ("a", "again")]
        assert (await other.standing("ana")).edits[1] == later
        assert await step(lifted=("b", "never")) == [("a", "again")]

    async def test_revisions_come_newest_first_and_in_pages(self, store: Store) -> None:
        for version in range(1, 6):
            assert await keep(store, "ana", line("a", f"text {version}")) == version
        await keep(store, "bo", line("his"))
        assert [r.version for r in await store.revisions("ana", limit=2)] == [5, 4]
        assert [r.version for r in await store.revisions("ana", before=4, limit=2)] == [3, 2]
        assert await store.revisions("ana", before=1) == []
        assert [r.version for r in await store.revisions("ana", before=1 << 40, limit=1)] == [5]
        assert await store.revisions("ana", limit=0) == []
        assert (await store.revisions("ana", before=3, limit=1))[0].lines[0].text == "text 2"

    async def test_an_imported_profile_brings_its_history(self, store: Store, other: Store) -> None:
        history = tuple(
            Revision(
                version=version, created_at=DAY, cause="fold", actor="", lines=(WHOLE, line(f"k{version}"))
            )
            for version in (1, 2, 5)
        )
        step = await commit(store, "ana", WHOLE, history=history)
        assert await store.commit("ana", step) == 6
        found = await other.revisions("ana")
        assert [r.version for r in found] == [6, 5, 2, 1]
        assert found[:0:-1] == list(history)
        assert (await other.head("ana")).version == 6
        assert await keep(store, "ana", line("b")) == 7

    async def test_a_large_profile_comes_back(self, store: Store) -> None:
        lines = tuple(line(f"k{n}", f"{n} 🐈" * 60) for n in range(500))
        big = WHOLE.model_copy(update={"text": "长" * MAX_TEXT})
        await keep(store, "ana", big, *lines)
        assert (await store.standing("ana")).lines == (big, *lines)

    async def test_users_are_sorted_and_found_by_prefix_and_in_pages(self, store: Store) -> None:
        names = ["b", "ab", "a", "aé", "a\U0010ffff", "a\ue000", "a_c", "a%", "ac", "A", "中文", "中国"]
        for name in names:
            await store.append(name, chose("x"))

        async def found(prefix: str = "", after: str = "", limit: int = 100) -> list[str]:
            return [entry.user_id for entry in await store.users(prefix=prefix, after=after, limit=limit)]

        assert await found() == sorted(names), "by code point"
        assert await found(prefix="a") == sorted(n for n in names if n[0] == "a")
        assert await found(prefix="a%") == ["a%"]
        assert await found(prefix="a_") == ["a_c"]
        assert await found(prefix="a\U0010ffff") == ["a\U0010ffff"]
        assert await found(prefix="中") == sorted(["中文", "中国"])
        assert await found(after="ab", limit=2) == ["ac", "aé"]
        assert await found(prefix="a", after="a", limit=1) == ["a%"]
        assert await found(prefix="zz") == []
        assert await found(limit=0) == []

    async def test_versions_tell_where_many_users_stand(self, store: Store, other: Store) -> None:
        await keep(store, "ana", line("a"))
        await keep(store, "ana", line("b"))
        await store.append("bo", chose("a"))
        assert await other.versions([]) == {}
        ana, bo = (await store.head("ana")).incarnation, (await store.head("bo")).incarnation
        assert await other.versions(["ana", "bo", "cy"]) == {"ana": (ana, 2), "bo": (bo, 0), "cy": (0, 0)}
        many = [f"user {n}" for n in range(2_000)]
        assert await other.versions(many) == dict.fromkeys(many, (0, 0))

    async def test_a_change_by_any_store_changes_the_number_of_changes(
        self, store: Store, other: Store
    ) -> None:
        await store.append("ana", chose("a"))
        for writer in (store, other):
            before = await store.changed(), await other.changed()
            await keep(writer, "ana", line("a"), through=1)
            after = await store.changed(), await other.changed()
            assert before[0] != after[0]
            assert before[1] != after[1]
        before = await store.changed(), await other.changed()
        await store.erase("ana")
        after = await store.changed(), await other.changed()
        assert before[0] != after[0]
        assert before[1] != after[1]
