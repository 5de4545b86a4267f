"""What the tests of a store stand on: how one is opened, and short ways to fill it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from prosona.core.requests import Backlog, Claim, Commit, Forgetting, Memory
from prosona.core.words import Edit, Interaction, Line, RecordedInteraction, Revision
from prosona.profiles_db.store import Store

__all__ = [
    "DAY",
    "Ground",
    "Kept",
    "chose",
    "commit",
    "edited",
    "forget",
    "keep",
    "kept",
    "line",
]

DAY = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
"""Some moment, to the microsecond."""


class Ground:
    """How the stores of a test are opened. Override `open_store`, and `open_copy` for backups."""

    pytestmark = pytest.mark.asyncio

    async def open_store(self, folder: Path) -> Store:
        """A store on what `folder` holds; the same for every store that is opened there."""
        raise NotImplementedError(f"{type(self).__name__} must say how a store is opened")

    async def open_copy(self, copy: Path) -> Store:
        """A store on the file that `backup` wrote."""
        raise NotImplementedError(f"{type(self).__name__} must say how a copy is opened")

    async def reopen(self, store: Store, folder: Path) -> Store:
        """A store like `store` after the end of its process."""
        await store.close()
        return await self.open_store(folder)

    async def wait_until(self, store: Store, moment: datetime) -> None:
        """Waits until it is `moment` by the store's clock: a fraction of a second."""
        while await store.now() < moment:
            pass

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """The place of a test."""
        return tmp_path

    @pytest_asyncio.fixture
    async def store(self, folder: Path) -> AsyncIterator[Store]:
        """A new store."""
        opened = await self.open_store(folder)
        yield opened
        await opened.close()

    @pytest_asyncio.fixture
    async def other(self, store: Store, folder: Path) -> AsyncIterator[Store]:
        """Another store on the same place."""
        opened = await self.open_store(folder)
        yield opened
        await opened.close()


def chose(*titles: str) -> list[Interaction]:
    """An interaction for each title."""
    return [Interaction(chosen=title) for title in titles]


def line(name: str, text: str = "", *, actor: str = "ana", sample: tuple[int, ...] = ()) -> Line:
    """A line with this id; its text names the id if none is given."""
    return Line.model_validate(
        {"id": name, "text": text or f"line {name}", "actor": actor, "support": {"sample": sample}}
    )


def edited(name: str, text: str = "gone", through: int = 0) -> Edit:
    """What an owner did to a line."""
    return Edit(line=name, text=text, through=through, how="removed", at=DAY)


async def commit(
    store: Store,
    user_id: str,
    *lines: Line,
    through: int | None = None,
    claim: Claim | None = None,
    memory: bytes | None = None,
    counters_only: bool = False,
    edits: tuple[Edit, ...] = (),
    lifted: tuple[str, ...] = (),
    history: tuple[Revision, ...] = (),
) -> Commit:
    """The next step of a user as things stand: a fold `through` a seq if one is given, else an edit."""
    head = await store.head(user_id)
    fold = through is not None
    return Commit(
        incarnation=head.incarnation,
        base_version=head.version,
        cause="fold" if fold else "edit",
        actor="" if fold else "ana",
        lines=lines,
        text="\n".join(one.text for one in lines),
        profiler="scripted" if fold else None,
        first_seq=head.folded_through + 1 if fold else None,
        last_seq=through,
        folded_from=head.folded_through if fold else None,
        folded_through=through,
        token=claim.token if claim else None,
        memory=None if memory is None else Memory(version="m1" if memory else "", data=memory),
        counters_only=counters_only,
        edits=edits,
        lifted=lifted,
        history=history,
    )


async def keep(store: Store, user_id: str, *lines: Line, through: int | None = None) -> int:
    """Commits lines as the next step and returns the version."""
    version = await store.commit(user_id, await commit(store, user_id, *lines, through=through))
    assert version is not None
    return version


async def forget(
    store: Store,
    user_id: str,
    word: str,
    *lines: Line,
    scanned_through: int | None = None,
    begin_at: int | None = None,
    edits: tuple[Edit, ...] = (),
) -> Forgetting:
    """What forgets a word, as things stand: `lines` remain, and folding begins anew behind `begin_at`."""
    head = await store.head(user_id)
    through = head.observed if scanned_through is None else scanned_through
    found = [
        item
        for item in await store.interactions(user_id, limit=1_000)
        if item.seq <= through and word in f"{item.query} {item.chosen} {item.rejected}"
    ]
    return Forgetting(
        incarnation=head.incarnation,
        base_version=head.version,
        seqs=frozenset(item.seq for item in found),
        scanned_through=through,
        names=lambda text: word in text,
        doomed=lambda one: word in one.text,
        keeps_edits=lambda edit: word not in edit.text,
        commit=Commit(
            incarnation=head.incarnation,
            base_version=head.version,
            cause="forget",
            actor="ana",
            lines=lines,
            text="\n".join(one.text for one in lines),
            folded_through=begin_at,
            memory=None if begin_at is None else Memory(version="", data=b""),
            edits=edits,
        ),
    )


@dataclass(frozen=True)
class Kept:
    """All that can be read of a user."""

    backlog: Backlog
    log: tuple[RecordedInteraction, ...]
    revisions: tuple[Revision, ...]


async def kept(store: Store, user_id: str) -> Kept:
    """What a store holds of a user, to be compared."""
    return Kept(
        await store.backlog(user_id, 1_000),
        tuple(await store.interactions(user_id, limit=1_000)),
        tuple(await store.revisions(user_id, limit=1_000)),
    )
