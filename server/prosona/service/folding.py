"""Folding: one user at a time across processes, any number of users at once, nothing lost.

claim the user -> read past and pending -> profiler, outside any transaction -> check -> commit by
compare-and-swap -> release. A crash anywhere leaves the interactions pending and the old profile.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from prosona.profiler import FoldRequest, Profiler
from prosona.profiler.checks import check_fold
from prosona.profiles_db import (
    Backlog,
    Draft,
    OutputRejectedError,
    ProfilerError,
    ProfileStore,
    ProsonaError,
    RecordedInteraction,
    Revision,
)
from prosona.service.policy import FoldPolicy
from prosona.service.text import statements_cost

_log = logging.getLogger("prosona")


@dataclass(frozen=True, slots=True)
class _Folded:
    summary: str
    state: bytes | None
    first_seq: int
    last_seq: int


class Folder:
    """Folds users' pending interactions, each user by one fold at a time."""

    def __init__(
        self,
        store: ProfileStore,
        profiler: Profiler,
        policy: FoldPolicy,
        max_tokens: int,
        on_revision: Callable[[str, Revision], None],
    ) -> None:
        self._store = store
        self._profiler = profiler
        self._policy = policy
        self._max_tokens = max_tokens
        self._on_revision = on_revision
        self._holder = uuid.uuid4().hex
        self._running: dict[str, asyncio.Task[str | None]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._failures: dict[str, tuple[int, float]] = {}
        self._closed = False

    def observed(self, user_id: str, pending: int) -> None:
        """Notes that a user has `pending` interactions, and starts or schedules a fold."""
        if self._closed or not pending:
            return
        if timer := self._timers.pop(user_id, None):
            timer.cancel()
        wait = self._waiting_time(user_id)
        if pending >= self._policy.pending and wait <= 0:
            self._start(user_id)
        else:
            loop = asyncio.get_running_loop()
            self._timers[user_id] = loop.call_later(
                max(wait, self._policy.idle_seconds), self._start_if_open, user_id
            )

    async def fold(self, user_id: str, *, within: float, force: bool = False) -> str | None:
        """Folds what is pending, or joins the fold under way. The reason why not, or None.

        Returns after `within` seconds at the latest; the fold itself goes on in the background.
        `force` tries even while earlier failures ask to wait.
        """
        if self._closed:
            return "the service is closing"
        wait = self._waiting_time(user_id)
        if wait > 0 and not force and user_id not in self._running:
            return f"the last fold failed; the next try is in {wait:.0f} s"
        task = self._start(user_id)
        try:
            return await asyncio.wait_for(asyncio.shield(task), within)
        except TimeoutError:
            return "a fold is still running"

    async def aclose(self, seconds: float) -> None:
        """Waits up to `seconds` for running folds, then stops them; a stopped fold stays pending."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        running = list(self._running.values())
        if running:
            await asyncio.wait(running, timeout=seconds)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _waiting_time(self, user_id: str) -> float:
        _, until = self._failures.get(user_id, (0, 0.0))
        return until - time.monotonic()

    def _start_if_open(self, user_id: str) -> None:
        self._timers.pop(user_id, None)
        if not self._closed:
            self._start(user_id)

    def _start(self, user_id: str) -> asyncio.Task[str | None]:
        task = self._running.get(user_id)
        if task is None:
            task = asyncio.create_task(self._run(user_id), name=f"fold {user_id}")
            self._running[user_id] = task
            task.add_done_callback(lambda _: self._running.pop(user_id, None))
        return task

    async def _run(self, user_id: str) -> str | None:
        """One whole fold under a lease. Never raises: the reason of a failure is its result."""
        problem: str | None = None
        try:
            if not await self._claim(user_id):
                return "another process is folding this user"
            try:
                await self._fold_all(user_id)
                self._failures.pop(user_id, None)
            except ProfilerError as error:
                problem = f"the last fold failed: {error}"
                self._note_failure(user_id, problem)
            finally:
                await asyncio.shield(self._store.release(user_id, self._holder, problem))
        except ProsonaError as error:
            problem = str(error)
            self._note_failure(user_id, problem)
        return problem

    def _note_failure(self, user_id: str, problem: str) -> None:
        failures = self._failures.get(user_id, (0, 0.0))[0] + 1
        self._failures[user_id] = (failures, time.monotonic() + self._policy.backoff(failures))
        _log.warning("fold of a user failed (%d in a row): %s", failures, problem)

    async def _claim(self, user_id: str) -> bool:
        """Takes the lease; waits a moment for a fold elsewhere that is about to end."""
        for delay in (0.005, 0.02, 0.05, 0.1, 0.2, None):
            if await self._store.claim(user_id, self._holder, self._policy.lease_seconds):
                return True
            if delay is None:
                break
            await asyncio.sleep(delay)
        return False

    async def _fold_all(self, user_id: str) -> None:
        lost_races, target = 0, None
        while not self._closed:
            backlog = await self._store.backlog(user_id, self._policy.step)
            # What arrives meanwhile waits for its own fold, so that a busy user costs one a batch.
            target = target or backlog.head.observed
            if not backlog.interactions or backlog.interactions[0].seq > target:
                return
            folded = await self._fold_steps(user_id, backlog)
            revision = await self._commit(user_id, backlog, folded)
            if revision is None:
                lost_races += 1
                if lost_races >= self._policy.attempts:
                    raise ProfilerError("the profile kept changing while it was folded")
                continue
            self._on_revision(user_id, revision)
            # A long backlog takes a while: keep the lease alive between commits.
            await self._store.claim(user_id, self._holder, self._policy.lease_seconds)

    async def _fold_steps(self, user_id: str, backlog: Backlog) -> _Folded:
        """Folds step after step in memory, so that a long backlog becomes few revisions."""
        head = backlog.head
        revision = head.revision
        statements = tuple(s.text for s in revision.statements) if revision else ()
        summary, state = (revision.summary if revision else ""), backlog.state or None
        # After a forget a stateful profiler starts anew: until it has seen what is left again, its
        # summaries are short for a good reason, so none is committed before the last step.
        rebuilding = self._profiler.stateful and state is None and bool(summary)
        interactions: Sequence[RecordedInteraction] = backlog.interactions
        first_seq = interactions[0].seq
        last_seq, steps = first_seq, 0
        while interactions:
            request = FoldRequest(
                summary=summary,
                statements=statements,
                interactions=tuple(interactions),
                state=state,
                max_tokens=max(1, self._max_tokens - statements_cost(statements)),
                now=datetime.now(UTC),
            )
            summary, state, taken = await self._checked(request, may_shrink=rebuilding)
            last_seq, steps = interactions[taken - 1].seq, steps + 1
            interactions = interactions[taken:]
            if not interactions and last_seq < head.observed:
                if steps >= self._policy.steps_a_commit and not rebuilding:
                    break
                await self._store.claim(user_id, self._holder, self._policy.lease_seconds)
                more = await self._store.interactions(user_id, after=last_seq, limit=self._policy.step)
                interactions = [i for i in more if i.quarantined is None and i.seq <= head.observed]
        return _Folded(summary, state, first_seq, last_seq)

    async def _checked(self, request: FoldRequest, *, may_shrink: bool) -> tuple[str, bytes | None, int]:
        """One profiler call whose output passed the checks, retried a bounded number of times."""
        problems: list[str] = []
        for _ in range(self._policy.attempts):
            try:
                result = await self._profiler.fold(request)
            except OutputRejectedError as error:
                problems = list(error.problems)
                continue
            problems = check_fold(result.summary, request, may_shrink=may_shrink)
            if not 1 <= result.folded <= len(request.interactions):
                problems.append(f"it claims {result.folded} of {len(request.interactions)} interactions")
            if not problems:
                return result.summary, result.state, result.folded
        raise OutputRejectedError(problems)

    async def _commit(self, user_id: str, backlog: Backlog, folded: _Folded) -> Revision | None:
        revision = backlog.head.revision
        draft = Draft(
            cause="fold",
            actor=self._profiler.name,
            profiler=self._profiler.name,
            summary=folded.summary,
            statements=revision.statements if revision else (),
            first_seq=folded.first_seq,
            last_seq=folded.last_seq,
        )
        return await self._store.commit(
            user_id,
            draft,
            base_version=backlog.head.version,
            folded_from=backlog.head.folded_through,
            # A memory that another profiler left would not match this summary: it goes.
            state=folded.state or b"",
        )
