"""The four things Prosona does with a profile: observe, get, revise, forget."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence

from prosona.profiler import Profiler
from prosona.profiler.checks import check_fold, check_text
from prosona.profiler.seam import ClosingProfiler
from prosona.profiles_db import (
    Backlog,
    ConflictError,
    Draft,
    Forgotten,
    Head,
    Interaction,
    InvalidInputError,
    NotFoundError,
    PendingTotals,
    Profile,
    ProfileStore,
    Receipt,
    RecordedInteraction,
    Revised,
    Revision,
    UserEntry,
)
from prosona.service.change import EVERYTHING, ProfileChange, parse_user_id
from prosona.service.engine import FoldingEngine
from prosona.service.folding import Folder
from prosona.service.policy import FoldPolicy
from prosona.service.reports import FoldReport
from prosona.service.revising import edited, fold_by_host, imported, pinned, rolled_back
from prosona.service.screen import screen
from prosona.service.text import compose
from prosona.service.topics import topic_matcher

DEFAULT_BUDGET_TOKENS = 600
_CLOSE_SECONDS = 2.0
_RACES = 20


class ProfileService:
    """Keeps profiles: what every server, client and command works through.

    Belongs to the event loop it is used on. All methods raise `ProsonaError`s only for what a caller
    can do something about; a fold that fails is not one: `get` says so in `Profile.stale`.
    """

    def __init__(
        self,
        store: ProfileStore,
        profiler: Profiler,
        *,
        policy: FoldPolicy | None = None,
        budget_tokens: int = DEFAULT_BUDGET_TOKENS,
    ) -> None:
        self._store = store
        self._profiler = profiler
        self._policy = policy or FoldPolicy()
        self._budget = budget_tokens
        self._listeners: list[Callable[[str, int], None]] = []
        self._reported: list[Callable[[FoldReport], None]] = []
        folder = Folder(store, profiler, self._policy, budget_tokens, self._revised)
        self._engine = FoldingEngine(store, folder, self._policy, self._report)

    @property
    def profiler(self) -> Profiler:
        """What folds."""
        return self._profiler

    @property
    def policy(self) -> FoldPolicy:
        """When it folds."""
        return self._policy

    def start(self) -> None:
        """Folds users who are due in the background until `aclose`, whoever observed them: for servers.

        Without it, what is observed here is folded still, but nothing that others left. Where reads fold
        anyway there is nothing to look for.
        """
        if not self._policy.on_read:
            self._engine.start()

    async def fold_everyone(self, *, patience: float = 60.0) -> None:
        """Folds every user with anything pending, many at once.

        Raises `ProfilerUnavailableError` if the profiler cannot be used for `patience` seconds; called
        again it goes on where it stopped. Users whose folds failed wait out their time.
        """
        await self._engine.drain(patience=patience)

    async def pending_totals(self) -> PendingTotals:
        """How much is pending over all users, and since when."""
        return await self._store.pending_totals()

    async def observe(self, user_id: str, interactions: Sequence[Interaction]) -> list[Receipt]:
        """Appends interactions, all or none, and returns a receipt for each once they are on disk.

        Never waits for a profiler. The same idempotency key with the same content is a duplicate.
        """
        user_id = parse_user_id(user_id)
        receipts = await self._store.append(user_id, [screen(interaction) for interaction in interactions])
        if receipts:
            self._engine.observed(user_id, receipts[-1].pending)
        return receipts

    async def get(self, user_id: str, *, max_tokens: int | None = None, fresh: bool = False) -> Profile:
        """The profile as it stands; an empty text at version 0 for a user never observed.

        With a fast profiler, or with `fresh`, pending interactions are folded first within the
        policy's time limit. `stale` says why the text does not hold all of them, if so.
        """
        if max_tokens is not None and max_tokens < 1:
            raise InvalidInputError("max_tokens must be at least 1")
        user_id = parse_user_id(user_id)
        head = await self._store.head(user_id)
        reason: str | None = None
        wanted = head.observed
        deadline = time.monotonic() + self._policy.wait_seconds
        # A fold that was under way may have begun before the newest interactions came: fold again. What
        # comes while this one waits is not waited for.
        while (
            head.pending and head.folded_through < wanted and not reason and (fresh or self._policy.on_read)
        ):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            reason = await self._engine.fold(user_id, within=left, force=fresh)
            head = await self._store.head(user_id)
        return self._profile(head, max_tokens, reason)

    async def revise(self, user_id: str, change: ProfileChange, *, actor: str = "") -> Revised:
        """Makes one revision: a pinned statement, a forget, an edit, a rollback; or folds now.

        Raises `ConflictError` with both texts if `base_version` is no longer the current version,
        `NotFoundError` for an unknown version, `InvalidInputError` for a text that fails the checks.
        """
        user_id = parse_user_id(user_id)
        if change.forget is not None:
            return await self._forget(user_id, change.forget, base_version=change.base_version, actor=actor)
        if change.statement is not None:
            statement = change.statement
            return await self._revise(
                user_id, change, statement, lambda head: pinned(head, statement, actor, budget=self._budget)
            )
        if change.text is not None:
            return await self._revise_text(user_id, change, change.text, actor)
        if change.rollback_to is not None:
            target = await self._version(user_id, change.rollback_to)
            text = compose([s.text for s in target.statements], target.summary)
            return await self._revise(user_id, change, text, lambda head: rolled_back(head, target, actor))
        return await self._fold_now(user_id, change)

    async def history(self, user_id: str, *, limit: int = 20, before: int | None = None) -> list[Revision]:
        """Revisions, newest first, of versions below `before` if given."""
        return await self._store.revisions(parse_user_id(user_id), limit=limit, before=before)

    async def interactions(
        self, user_id: str, *, after: int = 0, limit: int = 500
    ) -> list[RecordedInteraction]:
        """The log in order, quarantined interactions included, of numbers above `after`."""
        return await self._store.interactions(parse_user_id(user_id), after=after, limit=limit)

    async def backlog(self, user_id: str, limit: int = 50) -> Backlog:
        """The profile and its oldest pending interactions, as one consistent read."""
        return await self._store.backlog(parse_user_id(user_id), limit)

    async def users(self, *, prefix: str = "", after: str = "", limit: int = 100) -> list[UserEntry]:
        """Users in order of id, of ids above `after` that start with `prefix`."""
        return await self._store.users(prefix=prefix, after=after, limit=limit)

    async def import_profile(
        self, user_id: str, *, summary: str, statements: Sequence[str], actor: str = ""
    ) -> Revised:
        """Takes in a profile written elsewhere: its statements join, its summary replaces."""
        user_id = parse_user_id(user_id)
        problems = check_text(summary, max_tokens=self._budget) if summary.strip() else []
        if problems:
            raise InvalidInputError(f"the profile was not imported: {'; '.join(problems)}")
        return await self._revise(
            user_id,
            ProfileChange(),
            summary,
            lambda head: imported(head, summary, statements, actor, budget=self._budget),
            state=b"",
        )

    def subscribe(self, callback: Callable[[str, int], None]) -> Callable[[], None]:
        """Calls back with (user_id, version) after each revision made here; returns the way to stop."""
        self._listeners.append(callback)

        def stop() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(callback)

        return stop

    def watch_folds(self, callback: Callable[[FoldReport], None]) -> None:
        """Calls back after each attempt at folding a user, for metrics and progress."""
        self._reported.append(callback)

    async def aclose(self) -> None:
        """Gives running folds a moment, stops them (nothing is lost) and closes the store."""
        await self._engine.aclose(_CLOSE_SECONDS)
        # Some profilers hold connections, others have nothing to close.
        if isinstance(self._profiler, ClosingProfiler):
            await self._profiler.aclose()
        await self._store.close()

    def _revised(self, user_id: str, revision: Revision) -> None:
        self._tell(user_id, revision.version)

    def _report(self, report: FoldReport) -> None:
        for callback in self._reported:
            callback(report)

    def _tell(self, user_id: str, version: int) -> None:
        for callback in list(self._listeners):
            callback(user_id, version)

    def _profile(self, head: Head, max_tokens: int | None, reason: str | None) -> Profile:
        revision = head.revision
        stale = None
        if head.pending:
            stale = reason or head.problem or f"{head.pending} interactions wait to be folded"
        text = ""
        if revision:
            text = compose([s.text for s in revision.statements], revision.summary, max_tokens)
        return Profile(
            user_id=head.user_id,
            text=text,
            version=head.version,
            updated_at=revision.created_at if revision else None,
            interactions=head.observed,
            pending=head.pending,
            stale=stale,
        )

    async def _version(self, user_id: str, version: int) -> Revision:
        found = await self._store.revisions(user_id, limit=1, before=version + 1)
        if not found or found[0].version != version:
            raise NotFoundError(f"there is no version {version} of this profile; see its history")
        return found[0]

    async def _revise_text(self, user_id: str, change: ProfileChange, text: str, actor: str) -> Revised:
        through = change.folded_through
        if through is None:
            return await self._revise(
                user_id, change, text, lambda head: edited(head, text, actor, budget=self._budget)
            )
        pending = await self._store.backlog(user_id, 1000)
        draft, request = fold_by_host(pending, text, through, actor, budget=self._budget)
        problems = check_fold(draft.summary, request)
        if problems:
            raise InvalidInputError(f"the old profile stays: {'; '.join(problems)}. Write it again")
        return await self._revise(
            user_id, change, text, lambda head: draft, folded_from=pending.head.folded_through, state=b""
        )

    async def _revise(
        self,
        user_id: str,
        change: ProfileChange,
        proposed: str,
        draft_for: Callable[[Head], Draft | None],
        *,
        folded_from: int | None = None,
        state: bytes | None = None,
    ) -> Revised:
        """Commits `draft_for(head)` by compare-and-swap; None from it means there is nothing to do.

        A caller who named no `base_version` asked for something that holds on any version, so a lost
        race is run again on the new one.
        """
        for _ in range(_RACES):
            head = await self._store.head(user_id)
            if change.base_version not in (None, head.version):
                raise self._conflict(head, proposed)
            draft = draft_for(head)
            if draft is None:
                return self._outcome(head, None)
            revision = await self._store.commit(
                user_id, draft, base_version=head.version, folded_from=folded_from, state=state
            )
            if revision is not None:
                self._tell(user_id, revision.version)
                return self._outcome(head.model_copy(update={"revision": revision}), revision.cause)
        raise self._conflict(await self._store.head(user_id), proposed)

    async def _fold_now(self, user_id: str, change: ProfileChange) -> Revised:
        before = await self._store.head(user_id)
        if change.base_version not in (None, before.version):
            raise self._conflict(before, "")
        reason = await self._engine.fold(user_id, within=self._policy.wait_seconds, force=True)
        head = await self._store.head(user_id)
        if head.version == before.version and reason and head.pending:
            raise InvalidInputError(f"nothing was folded: {reason}")
        return self._outcome(head, "fold" if head.version != before.version else None)

    async def _forget(self, user_id: str, what: str, *, base_version: int | None, actor: str) -> Revised:
        head = await self._store.head(user_id)
        if base_version not in (None, head.version):
            raise self._conflict(head, "")
        if what.strip() == EVERYTHING:
            # A new user of the same name starts at the same version; no old fold may end there.
            await self._engine.abandon(user_id)
            forgotten = await self._store.erase(user_id)
            self._tell(user_id, 0)
            return Revised(user_id=user_id, version=0, text="", cause="forget", forgotten=forgotten)
        # A statement is a topic like any other: what it was learned from goes with it.
        forgotten = await self._store.forget(
            user_id, topic_matcher(what), actor=actor, refold=self._profiler.stateful
        )
        if forgotten == Forgotten(scrubbed=forgotten.scrubbed):
            return self._outcome(await self._store.head(user_id), None, forgotten)
        # What is left is folded anew at once: the profile of a stateful profiler is rebuilt from it.
        await self._engine.fold(user_id, within=self._policy.wait_seconds, force=True)
        head = await self._store.head(user_id)
        self._tell(user_id, head.version)
        return self._outcome(head, "forget", forgotten)

    def _outcome(self, head: Head, cause: str | None, forgotten: Forgotten | None = None) -> Revised:
        profile = self._profile(head, None, None)
        return Revised.model_validate(
            {
                "user_id": head.user_id,
                "version": head.version,
                "text": profile.text,
                "cause": cause,
                "forgotten": forgotten,
            }
        )

    def _conflict(self, head: Head, proposed: str) -> ConflictError:
        return ConflictError(current=self._profile(head, None, None), proposed=proposed)
