"""What Prosona does with a profile: observe, get, why, revise, forget, carry."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from prosona.core.errors import InvalidInputError
from prosona.core.lines import render, shown
from prosona.core.requests import (
    Head,
    Receipt,
)
from prosona.core.words import Interaction, Line, Profile
from prosona.profiler.seam import ClosingProfiler, Profiler
from prosona.profiles_db.store import Store
from prosona.service._changes import Changes
from prosona.service._echoes import ECHO_SECONDS, is_sentence
from prosona.service._keeping import Keeping
from prosona.service.change import EVERYTHING, ProfileChange, parse_actor, parse_user_id
from prosona.service.folding import Folder
from prosona.service.hearing import HearingStore, take_in
from prosona.service.policy import FoldPolicy, FoldReport
from prosona.service.queue import FoldQueue

if TYPE_CHECKING:
    from prosona.core.portable import PortableProfile
    from prosona.service._revisions import Revisions
    from prosona.service.answers import Imported, Preview, Reasons, Reviewed, Revised, Work
    from prosona.service.door import Admitted, Writer

__all__ = ["DEFAULT_BUDGET_TOKENS", "ProfileService"]

DEFAULT_BUDGET_TOKENS = 600
_CLOSE_SECONDS = 2.0
"""How long closing waits for folds that run; what they read stays pending."""


class ProfileService(Keeping):
    """Keeps profiles: what every server, client and command works through.

    Belongs to the event loop it is used on. All methods raise `ProsonaError`s only for what a caller
    can do something about; a fold that fails is not one: `get` says so in `Profile.stale`.
    """

    def __init__(
        self,
        store: Store,
        profiler: Profiler,
        *,
        policy: FoldPolicy | None = None,
        budget_tokens: int = DEFAULT_BUDGET_TOKENS,
    ) -> None:
        self._store = store
        self._profiler = profiler
        self._policy = policy or FoldPolicy()
        self._budget = budget_tokens
        self._reported: list[Callable[[FoldReport], None]] = []
        self._changes = Changes(store)
        folder = Folder(store, profiler, self._policy, budget_tokens, self._changes.tell)
        self._queue = FoldQueue(store, folder, self._policy, self._report)

    @property
    def profiler(self) -> Profiler:
        """What folds."""
        return self._profiler

    @cached_property
    def _revisions(self) -> Revisions:
        # Imported with the first revision: a server starts before it needs to know how.
        from prosona.service._revisions import Revisions

        return Revisions(self._store, self._profiler, self._policy, self._budget, self._queue, self._changes)

    @property
    def policy(self) -> FoldPolicy:
        """When it folds."""
        return self._policy

    @property
    def budget_tokens(self) -> int:
        """How long a profile's text may be."""
        return self._budget

    def start(self) -> None:
        """Folds users who are due in the background until `aclose`, whoever observed them: for servers.

        Without it, what is observed here is folded still, but nothing that others left. Where reads fold
        anyway there is nothing to look for.
        """
        if not self._policy.on_read:
            self._queue.start()

    # What comes in and goes out.

    async def observe(self, user_id: str, interactions: Sequence[Interaction]) -> list[Receipt]:
        """Appends interactions, all or none, and returns a receipt for each once they are on disk.

        Never waits for a profiler. The same idempotency key with the same content is a duplicate, and so
        is a sentence that two ways of reporting bring within one turn. What is secret is taken out first.
        """
        user_id = parse_user_id(user_id)
        admitted = await self._admitted(interactions)
        echo = ECHO_SECONDS if all(map(is_sentence, interactions)) else 0.0
        receipts = await self._store.append(
            user_id, [entry.interaction for entry in admitted], echo_seconds=echo
        )
        if receipts:
            self._queue.observed(receipts[-1].pending)
        return [
            receipt.model_copy(update={"redacted": entry.redacted}) if entry.redacted else receipt
            for receipt, entry in zip(receipts, admitted, strict=True)
        ]

    async def receive_heard(self) -> None:
        """Takes in what hooks wrote down and nobody has stored yet, whoever said it."""
        if isinstance(self._store, HearingStore):
            self._queue.observed(await take_in(self._store, self._admitted))

    async def get(
        self, user_id: str, *, max_tokens: int | None = None, fresh: bool = False, lines: bool = False
    ) -> Profile:
        """The profile as it stands; an empty text at version 0 for a user never observed.

        With a fast profiler, or with `fresh`, pending interactions are folded first within the
        policy's time limit. `stale` says why the text does not hold all of them, if so. `lines` adds the
        lines of the text.
        """
        if max_tokens is not None and max_tokens < 1:
            raise InvalidInputError("max_tokens must be at least 1")
        user_id = parse_user_id(user_id)
        head = await self._store.head(user_id)
        reason: str | None = None
        wanted = head.observed
        if head.pending and (fresh or self._policy.on_read):
            deadline = time.monotonic() + self._policy.wait_seconds
            # A fold that was under way may have begun before the newest interactions came: fold again.
            # What comes while this one waits is not waited for.
            while head.pending and head.folded_through < wanted and not reason:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                reason = await self._queue.fold(user_id, within=left, force=fresh)
                head = await self._store.head(user_id)
        return await self._profile(head, reason, max_tokens, lines=lines)

    async def lines(self, user_id: str) -> tuple[Line, ...]:
        """The lines of the profile in the order of its text, folded first as `get` does."""
        return (await self.get(user_id, lines=True)).lines or ()

    async def why(self, user_id: str, line: str) -> Reasons:
        """Why a line is in the profile; `line` is its id, its number or a part of its text.

        Raises `NotFoundError` for none, `InvalidInputError` for several.
        """
        from prosona.service.explaining import explain_line

        standing = await self._store.standing(parse_user_id(user_id))
        today = (await self._store.now()).date()
        return await explain_line(self._store, standing, line, today, self.profiler)

    async def review(self, user_id: str) -> list[Reviewed]:
        """The lines that end soon or have ended, and those that nobody confirmed for a year."""
        from prosona.service.explaining import to_review

        standing = await self._store.standing(parse_user_id(user_id))
        return to_review(standing.lines, (await self._store.now()).date())

    # What is changed.

    async def revise(
        self, user_id: str, change: ProfileChange, *, actor: str = "", by: Writer = "owner"
    ) -> Revised:
        """Makes one revision: a statement, an edit of a line or of all, a forget, a rollback; or folds now.

        `by` says who wrote its words: an agent that passes on a person's may not pass on orders to agents.

        Raises `ConflictError` with both texts if `base_version` is no longer the current version,
        `NotFoundError` for an unknown version or line, `InvalidInputError` for what the door refuses,
        `BroadForgetError` and `NotForgottenError` as `forget` does.
        """
        user_id, actor = parse_user_id(user_id), parse_actor(actor)
        if change.forget is not None:
            await self.receive_heard()
            return await self._revisions.forget(user_id, change.forget, change, actor)
        if change.text is not None and change.folded_through is not None:
            return await self._revisions.fold_by_host(
                user_id, change, change.text, change.folded_through, actor
            )
        if change.rollback_to is not None:
            return await self._revisions.roll_back(user_id, change, change.rollback_to, actor)
        if change == ProfileChange(base_version=change.base_version):
            return await self._fold_now(user_id, change)
        return await self._revisions.change_lines(user_id, change, actor, by)

    async def edit_lines(
        self, user_id: str, wanted: Sequence[tuple[str, str]], *, base_version: int, actor: str = ""
    ) -> Revised:
        """The whole profile as its owner wrote it: (id, text) of each line in order, "" for a new one.

        A line in other words is the owner's from then on, one that is missing is removed. Errors as of
        `revise`.
        """
        return await self._revisions.edit_lines(
            parse_user_id(user_id), wanted, base_version, parse_actor(actor)
        )

    async def preview(self, user_id: str, what: str) -> Preview:
        """What a forget of `what` would take away; nothing is changed."""
        from prosona.service.answers import Preview
        from prosona.service.finding import find, preview_of

        user_id = parse_user_id(user_id)
        if what.strip() == EVERYTHING:
            standing = await self._store.standing(user_id)
            return Preview(
                what=EVERYTHING,
                interactions=standing.head.observed,
                of=standing.head.observed,
                examples=(),
                lines=standing.lines,
            )
        await self.receive_heard()
        return preview_of(await find(self._store, user_id, what))

    async def work(self, user_id: str) -> Work | None:
        """The fold that the calling agent's own model is asked to make; None if it has read everything."""
        from prosona.service.hosted import unread, work_of

        standing = await self._store.standing(parse_user_id(user_id))
        interactions = await unread(self._store, standing.head)
        return work_of(standing, interactions, self._budget, (await self._store.now()).date())

    # What is carried.

    async def export(self, user_id: str) -> PortableProfile:
        """The profile to be carried elsewhere, with its history."""
        from prosona.service.explaining import every_revision
        from prosona.service.transfer import exported

        user_id = parse_user_id(user_id)
        standing = await self._store.standing(user_id)
        return exported(standing, await every_revision(self._store, user_id))

    async def import_profile(self, user_id: str, profile: PortableProfile, *, actor: str = "") -> Imported:
        """Takes in a profile made elsewhere: its lines join those that stand; for a user not known yet its
        history comes with it."""
        return await self._revisions.import_profile(parse_user_id(user_id), profile, parse_actor(actor))

    # The house.

    async def fold_everyone(self, *, patience: float = 60.0) -> dict[str, str]:
        """Folds every user with anything pending, many at once; who could not be, each with the reason.

        Raises `ProfilerUnavailableError` if the profiler cannot be used for `patience` seconds; called
        again it goes on where it stopped. Users whose folds failed wait out their time.
        """
        return await self._queue.drain(patience=patience)

    def subscribe(self, callback: Callable[[str, int], None]) -> Callable[[], None]:
        """Calls back with (user_id, version) after each version made here, and after those that any other
        process makes of users who are watched; returns the way to stop."""
        return self._changes.subscribe(callback)

    async def watch(self, user_id: str) -> None:
        """Has subscribers told of what other processes make of this user's profile, too."""
        await self._changes.watch(parse_user_id(user_id))

    def watch_folds(self, callback: Callable[[FoldReport], None]) -> None:
        """Calls back after each attempt at folding a user, for metrics and progress."""
        self._reported.append(callback)

    async def aclose(self) -> None:
        """Gives running folds a moment, stops them (nothing is lost) and closes the store."""
        await self._changes.aclose()
        await self._queue.aclose(_CLOSE_SECONDS)
        # Some profilers hold connections, others have nothing to close.
        if isinstance(self._profiler, ClosingProfiler):
            await self._profiler.aclose()
        await self._store.close()

    # Inside.

    def _report(self, report: FoldReport) -> None:
        for callback in self._reported:
            callback(report)

    async def _admitted(self, interactions: Sequence[Interaction]) -> list[Admitted]:
        # Imported with the first observation: a server starts before it needs its patterns.
        from prosona.service.door import admit, needs_thread

        if needs_thread(interactions):
            return await asyncio.to_thread(lambda: list(map(admit, interactions)))
        return list(map(admit, interactions))

    async def _profile(
        self, head: Head, reason: str | None, max_tokens: int | None, *, lines: bool = False
    ) -> Profile:
        stale = None
        if head.pending:
            stale = reason or head.problem or f"{head.pending} interactions wait to be folded"
        text, found = head.text, None
        if lines or max_tokens is not None or head.text_until is not None:
            today = (await self._store.now()).date()
            if lines or max_tokens is not None or (head.text_until and head.text_until < today):
                standing = await self._store.standing(head.user_id)
                head = standing.head
                in_text = shown(standing.lines, max_tokens, today)
                text, found = render(in_text, today), tuple(in_text) if lines else None
                if max_tokens is not None and standing.lines and not in_text:
                    # An empty text alone would read as if nothing were known.
                    stale = f"no line fits into {max_tokens} tokens: ask for more"
        return Profile.model_construct(
            user_id=head.user_id,
            text=text,
            version=head.version,
            updated_at=head.updated_at,
            interactions=head.observed,
            pending=head.pending,
            stale=stale,
            lines=found,
        )

    async def _fold_now(self, user_id: str, change: ProfileChange) -> Revised:
        before = await self._store.head(user_id)
        if change.base_version not in (None, before.version):
            raise self._revisions.conflict(before, "")
        reason = await self._queue.fold(user_id, within=self._policy.wait_seconds, force=True)
        head = await self._store.head(user_id)
        if head.folded_through == before.folded_through and reason and head.pending:
            raise InvalidInputError(f"nothing was folded: {reason}")
        return self._revisions.outcome(head, "fold" if head.folded_through != before.folded_through else None)
