"""What lasts: closing and opening again, copies, the clock, and names that are no text."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import pytest

from prosona.core.errors import InvalidInputError, StoreError
from prosona.profiles_db.conformance._ground import Ground, chose, commit, edited, keep, kept, line
from prosona.profiles_db.store import Store

__all__ = ["KeepingConformance"]


async def fill(store: Store) -> None:
    """Something of everything."""
    await store.append("ana", chose("a", "b", "c"))
    await store.set_aside("ana", [3], "odd")
    edits = (edited("x"), edited("y"))
    await store.commit(
        "ana", await commit(store, "ana", line("a"), through=1, memory=b"\x00\xff", edits=edits)
    )
    await keep(store, "ana", line("a"), line("b"))
    await store.append("bö 🐈", chose("a"))


class KeepingConformance(Ground):
    """The promises of `Store` itself."""

    async def test_what_was_written_is_there_when_it_is_opened_again(
        self, store: Store, folder: Path
    ) -> None:
        await fill(store)
        before = [await kept(store, user) for user in ("ana", "bö 🐈")], await store.users()
        again = await self.reopen(store, folder)
        assert ([await kept(again, user) for user in ("ana", "bö 🐈")], await again.users()) == before
        assert await again.append("ana", chose("d"))
        assert (await again.interactions("ana"))[-1].seq == 4
        await again.close()

    async def test_what_one_store_wrote_another_reads_at_once(self, store: Store, other: Store) -> None:
        assert await kept(other, "ana") == await kept(store, "ana")
        await fill(store)
        assert await kept(other, "ana") == await kept(store, "ana")
        await keep(other, "ana", line("c"), through=2)
        assert await kept(other, "ana") == await kept(store, "ana")

    async def test_a_copy_holds_all_and_is_one_of_its_own(self, store: Store, tmp_path: Path) -> None:
        await fill(store)
        target = tmp_path / "copies" / "copy.db"
        target.parent.mkdir()
        await store.backup(target)
        copy = await self.open_copy(target)
        for user in ("ana", "bö 🐈"):
            assert await kept(copy, user) == await kept(store, user)
        assert await copy.users() == await store.users()
        await store.append("ana", chose("later"))
        assert (await copy.head("ana")).observed == 3
        await copy.append("ana", chose("elsewhere"))
        assert (await store.interactions("ana"))[-1].chosen == "later"
        incarnations = (await copy.head("bö 🐈")).incarnation, (await copy.head("ana")).incarnation
        await copy.append("new", chose("a"))
        assert (await copy.head("new")).incarnation not in incarnations
        await copy.close()

    async def test_a_copy_over_a_file_is_refused_and_leaves_it_alone(
        self, store: Store, tmp_path: Path
    ) -> None:
        await fill(store)
        target = tmp_path / "precious"
        target.write_text("mine")
        with pytest.raises(StoreError, match="precious"):
            await store.backup(target)
        assert target.read_text() == "mine"
        with pytest.raises(StoreError):
            await store.backup(target / "no folder.db")

    async def test_a_sound_store_has_nothing_wrong(self, store: Store) -> None:
        await fill(store)
        await store.erase("bö 🐈")
        steps: list[str] = []
        assert await store.maintain() == []
        assert await store.maintain(steps.append) == []
        assert (await store.head("ana")).version == 2

    async def test_the_clock_goes_forward_in_utc(self, store: Store, other: Store) -> None:
        first, second, third = await store.now(), await other.now(), await store.now()
        assert first <= second <= third
        assert first.utcoffset() == timedelta(0)
        assert first.astimezone(UTC) == first

    async def test_a_store_may_be_closed_twice(self, store: Store, other: Store) -> None:
        await store.append("ana", chose("a"))
        await store.close()
        await store.close()
        assert (await other.head("ana")).observed == 1

    async def test_half_a_character_in_a_name_is_a_clear_error(self, store: Store) -> None:
        wrong = "an\ud800a"
        for call in (
            store.append(wrong, chose("a")),
            store.head(wrong),
            store.interactions(wrong),
            store.standing(wrong),
            store.users(prefix=wrong),
            store.versions(["ana", wrong]),
            store.erase(wrong),
            store.claim(wrong, 1),
        ):
            with pytest.raises(InvalidInputError, match="surrogate"):
                await call
        assert (await store.append("ana", chose("a")))[0].status == "accepted"
        with pytest.raises(InvalidInputError, match="surrogate"):
            await store.set_aside("ana", [1], "\udfff")
        assert (await store.head("ana")).pending == 1

    async def test_names_that_differ_in_anything_are_different_users(self, store: Store) -> None:
        names = [
            "é",
            "e\u0301",
            "E\u0301",
            "a",
            "A",
            "a ",
            "ａ",
            "🐈",
            "🐈\u200d",
            "0",
            "00",
            "null",
            "'",
            '"',
            "%",
        ]
        for number, name in enumerate(names, start=1):
            await store.append(name, chose(*("x" * number)))
        assert [(await store.head(name)).observed for name in names] == list(range(1, len(names) + 1))
        assert len(await store.users()) == len(names)
