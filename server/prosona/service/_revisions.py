"""Revisions as compare-and-swap: what an owner, an agent or a file makes of a profile, written or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from prosona.core.errors import ConflictError, InvalidInputError, NotFoundError
from prosona.core.lines import render
from prosona.core.portable import PortableProfile
from prosona.core.requests import Commit, Forgotten, Head, Memory, Standing
from prosona.core.words import Profile
from prosona.profiler.seam import Profiler
from prosona.profiles_db.store import Store
from prosona.service._changes import Changes
from prosona.service.answers import Imported, Preview, Revised
from prosona.service.change import EVERYTHING, NO_END, ProfileChange
from prosona.service.door import Writer
from prosona.service.explaining import find_line
from prosona.service.finding import check_found, find, labelled_note, preview_of
from prosona.service.forgetting import plan
from prosona.service.hosted import folded_by_host, unread
from prosona.service.policy import FoldPolicy
from prosona.service.queue import FoldQueue
from prosona.service.revising import (
    Change,
    confirmed,
    edited,
    pinned,
    removed,
    rewritten,
    rows_of,
)
from prosona.service.rolling_back import rolled_back
from prosona.service.settling import to_commit
from prosona.service.transfer import history_of, taken_in

__all__ = ["Revisions"]

_RACES = 20
"""How often a change that holds on any version is made again after a lost race."""
_MOST_BETWEEN = 50
"""Versions that may have come while an agent wrote: one a prompt, for as long as anybody waits for an answer."""


class Revisions:
    """Writes every revision that is not a profiler's fold."""

    def __init__(
        self,
        store: Store,
        profiler: Profiler,
        policy: FoldPolicy,
        budget_tokens: int,
        queue: FoldQueue,
        changes: Changes,
    ) -> None:
        self._store = store
        self._profiler = profiler
        self._policy = policy
        self._budget = budget_tokens
        self._queue = queue
        self._changes = changes

    async def change_lines(self, user_id: str, change: ProfileChange, actor: str, by: Writer) -> Revised:
        """Writes a statement, a whole text, or a change of one line."""
        now = await self._store.now()
        today, budget = now.date(), self._budget
        if change.until is not None and change.until < today:
            raise InvalidInputError(
                f"the last day {change.until} has passed, so the line would never stand:"
                f" give a day from {today} on, or remove the line"
            )

        def changed(standing: Standing) -> Change | None:
            if change.statement is not None:
                return pinned(
                    standing, change.statement, actor, until=change.until, now=now, budget=budget, by=by
                )
            if change.line is not None:
                return rewritten(
                    standing,
                    find_line(standing.lines, change.line, today),
                    change.text,
                    actor,
                    until=None if change.until == NO_END else change.until,
                    ends=change.until is not None,
                    now=now,
                    budget=budget,
                    by=by,
                )
            if change.pin is not None:
                target = find_line(standing.lines, change.pin, today)
                return confirmed(standing, target, actor, until=change.until, now=now, budget=budget)
            if change.remove is not None:
                return removed(standing, find_line(standing.lines, change.remove, today), now)
            wanted = rows_of(standing, change.text or "", today, budget)
            return edited(standing, wanted, actor, now=now, budget=budget, by=by)

        cause = "statement" if change.statement is not None else "edit"
        proposed = change.text or change.statement or ""
        return await self._revise(user_id, change.base_version, proposed, cause, actor, changed)

    async def edit_lines(
        self, user_id: str, wanted: Sequence[tuple[str, str]], base_version: int, actor: str
    ) -> Revised:
        """Writes the whole profile as its owner wrote it, by (id, text) of each line."""
        now = await self._store.now()
        return await self._revise(
            user_id,
            base_version,
            "\n".join(text for _, text in wanted),
            "edit",
            actor,
            lambda standing: edited(standing, wanted, actor, now=now, budget=self._budget),
        )

    async def roll_back(self, user_id: str, change: ProfileChange, version: int, actor: str) -> Revised:
        """Writes an earlier version's lines as the next one."""
        found = await self._store.revisions(user_id, limit=1, before=version + 1)
        if not found or found[0].version != version:
            raise NotFoundError(f"there is no version {version} of this profile; see its history")
        now = await self._store.now()
        return await self._revise(
            user_id,
            change.base_version,
            render(found[0].lines, now.date()),
            "rollback",
            actor,
            lambda standing: rolled_back(standing, found[0], now),
            rolled_back_to=version,
        )

    async def fold_by_host(
        self, user_id: str, change: ProfileChange, text: str, through: int, actor: str
    ) -> Revised:
        """Writes the fold that an agent's model made."""
        for _ in range(_RACES):
            standing = await self._store.standing(user_id)
            if not await self._only_counted_since(user_id, change.base_version, standing.head.version):
                raise self.conflict(standing.head, text)
            interactions = await unread(self._store, standing.head)
            now = await self._store.now()
            commit = await asyncio.to_thread(
                folded_by_host, standing, interactions, text, through, actor, now=now, budget=self._budget
            )
            if await self._commit(user_id, commit):
                return self.outcome(await self._store.head(user_id), "fold")
        raise self.conflict(await self._store.head(user_id), text)

    async def _only_counted_since(self, user_id: str, base: int | None, version: int) -> bool:
        """Whether nothing but folds of what counts changed the profile since `base`: an agent takes a while to
        write, and the lines of those folds are inferred anew beside its own."""
        if base is None or base > version or version - base > _MOST_BETWEEN:
            return base == version
        if base == version:
            return True
        between = await self._store.revisions(user_id, limit=version - base, before=version + 1)
        return all(revision.cause == "fold" and revision.profiler != "host" for revision in between)

    async def forget(self, user_id: str, what: str, change: ProfileChange, actor: str) -> Revised:
        """Takes away a topic, a line or everything."""
        head = await self._store.head(user_id)
        if change.base_version not in (None, head.version):
            raise self.conflict(head, "")
        if what.strip() == EVERYTHING:
            forgotten = await self._store.erase(user_id)
            self._changes.tell(user_id, 0)
            return Revised(user_id=user_id, version=0, text="", cause="forget", forgotten=forgotten)
        for _ in range(_RACES):
            found = await find(self._store, user_id, what)
            check_found(found, change.confirm)
            forgetting = await plan(self._store, self._profiler, self._policy, found, actor, self._budget)
            done = await self._store.forget(user_id, forgetting)
            if done is None:
                continue
            head = await self._store.head(user_id)
            if head.pending and self._policy.background:
                await self._queue.fold(user_id, within=self._policy.wait_seconds, force=True)
                head = await self._store.head(user_id)
            self._changes.tell(user_id, head.version)
            notes = _notes_of(preview_of(found))
            return self.outcome(head, "forget", forgotten=done.model_copy(update={"notes": notes}))
        raise self.conflict(await self._store.head(user_id), "")

    async def import_profile(self, user_id: str, profile: PortableProfile, actor: str) -> Imported:
        """Takes in a profile made elsewhere: its lines join those that stand; for a user not known yet its
        history comes with it."""
        now = await self._store.now()
        for _ in range(_RACES):
            standing = await self._store.standing(user_id)
            taken = await asyncio.to_thread(taken_in, standing, profile, actor, now=now, budget=self._budget)
            if tuple(taken.lines) == standing.lines and not taken.edits and not taken.lifted:
                break
            fresh = standing.head.version == 0 and not standing.head.observed
            history = await asyncio.to_thread(history_of, profile) if fresh else ()
            commit = to_commit(
                standing,
                taken.lines,
                cause="import",
                actor=actor,
                now=now,
                edits=taken.edits,
                lifted=taken.lifted,
                history=history,
            )
            if await self._commit(user_id, commit):
                break
        else:
            raise self.conflict(await self._store.head(user_id), "")
        revised = self.outcome(await self._store.head(user_id), "import" if taken.added else None)
        return Imported(revised=revised, lines=taken.added, known=taken.known, refused=tuple(taken.refused))

    async def _revise(
        self,
        user_id: str,
        base_version: int | None,
        proposed: str,
        cause: str,
        actor: str,
        changed: Callable[[Standing], Change | None],
        *,
        rolled_back_to: int | None = None,
    ) -> Revised:
        """Commits what `changed` makes of the profile by compare-and-swap; None means nothing is to do.

        A caller who named no `base_version` asked for something that holds on any version, so a lost
        race is run again on the new one.
        """
        for _ in range(_RACES):
            standing = await self._store.standing(user_id)
            if base_version not in (None, standing.head.version):
                raise self.conflict(standing.head, proposed)
            # A rewritten text is matched with the lines that stand, which takes longer than the loop has.
            change = await asyncio.to_thread(changed, standing)
            if change is None:
                return self.outcome(standing.head, None)
            commit = to_commit(
                standing,
                change.lines,
                cause=cause,
                actor=actor,
                now=await self._store.now(),
                retired=change.retired,
                # What was taken out of a memory for an edit that is lifted must be read again.
                memory=Memory(version="", data=b"") if change.lifted else None,
                edits=change.edits,
                lifted=change.lifted,
                rolled_back_to=rolled_back_to,
            )
            if await self._commit(user_id, commit):
                note = f"{change.redacted} was taken out before it was kept" if change.redacted else None
                head = await self._store.head(user_id)
                return self.outcome(head, cause, line=change.line, note=note)
        raise self.conflict(await self._store.head(user_id), proposed)

    async def _commit(self, user_id: str, commit: Commit) -> bool:
        version = await self._store.commit(user_id, commit)
        if version is not None:
            self._changes.tell(user_id, version)
        return version is not None

    def outcome(
        self,
        head: Head,
        cause: str | None,
        *,
        line: str | None = None,
        note: str | None = None,
        forgotten: Forgotten | None = None,
    ) -> Revised:
        """What a revision came to, as of `head`."""
        return Revised.model_validate(
            {
                "user_id": head.user_id,
                "version": head.version,
                "text": head.text,
                "cause": cause,
                "line": line,
                "note": note,
                "forgotten": forgotten,
            }
        )

    def conflict(self, head: Head, proposed: str) -> ConflictError:
        """The error of a lost race, with the text as it stands and the one that was not stored."""
        current = Profile(
            user_id=head.user_id,
            text=head.text,
            version=head.version,
            updated_at=head.updated_at,
            interactions=head.observed,
            pending=head.pending,
        )
        return ConflictError(current=current, proposed=proposed)


def _notes_of(preview: Preview) -> tuple[str, ...]:
    """What a receipt says beside its counts."""
    notes = []
    if preview.dismissed:
        notes.append(
            "the line was dismissed and does not come back; the interactions it rests on stay, since it"
            " rests on more of them than it names: forget a topic to erase those"
        )
    elif preview.lines and not preview.interactions:
        notes.append("no interaction names it, so none was erased; the lines were dismissed")
    if preview.labelled:
        notes.append(labelled_note(preview.labelled))
    if preview.anew:
        lines = "1 line" if len(preview.anew) == 1 else f"{len(preview.anew)} lines"
        notes.append(f"what rested on it in part is inferred again from what remains: {lines}")
    return tuple(notes)
