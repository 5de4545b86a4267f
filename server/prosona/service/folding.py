"""Folding one user, once: nothing lost, nothing twice.

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
from prosona.profiler.seam import Usage
from prosona.profiler.tracing import span
from prosona.profiles_db import (
    Backlog,
    Draft,
    OutputRejectedError,
    ProfilerError,
    ProfilerUnavailableError,
    ProfileStore,
    ProsonaError,
    RecordedInteraction,
    Revision,
)
from prosona.service.budgets import BudgetSpentError, check_budget, store_usage
from prosona.service.policy import FoldPolicy
from prosona.service.reports import FoldReport
from prosona.service.text import statements_cost

_log = logging.getLogger("prosona")

_FIRST_LOOK_SECONDS = 0.005
_LONGEST_LOOK_SECONDS = 0.25


class _RacedError(ProfilerError):
    """The profile kept changing while it was folded."""


@dataclass(frozen=True, slots=True)
class _Folded:
    summary: str
    state: bytes | None
    first_seq: int
    last_seq: int
    interactions: int


class Folder:
    """Folds single users under a lease."""

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
        self._failures: dict[str, tuple[int, float]] = {}
        self.holder = uuid.uuid4().hex
        """The name under which leases are held."""

    def waiting_time(self, user_id: str) -> float:
        """Seconds until a user whose folds failed here should be tried again; 0 or less for now."""
        _, until = self._failures.get(user_id, (0, 0.0))
        return until - time.monotonic()

    async def run(self, user_id: str, *, patience: float) -> FoldReport:
        """Folds what is pending now. Never raises for a fold that fails: the report says why.

        Waits up to `patience` seconds for another process that holds the user.
        """
        report = FoldReport(user_id)
        began = time.perf_counter()
        with span("prosona.fold", **{"prosona.profiler": self._profiler.name}) as current:
            try:
                if await self._claim(user_id, patience):
                    await self._run_claimed(user_id, report)
                else:
                    report.outcome, report.problem = "busy", "another process is folding this user"
            except ProsonaError as error:
                report.outcome, report.problem = "store", str(error)
                self._note_failure(report)
            report.seconds = time.perf_counter() - began
            current.set_attribute("prosona.outcome", report.outcome)
            current.set_attribute("prosona.interactions", report.interactions)
            current.set_attribute("prosona.tokens", report.usage.tokens)
        return report

    async def _run_claimed(self, user_id: str, report: FoldReport) -> None:
        try:
            await self._fold_all(user_id, report)
            self._failures.pop(user_id, None)
        except ProfilerUnavailableError as error:
            # No user is to blame, so none has to wait longer than the profiler does.
            report.outcome, report.retry_seconds = "unavailable", error.retry_seconds
            report.problem = str(error)
        except BudgetSpentError as error:
            report.outcome, report.problem, report.retry_seconds = "spent", str(error), error.retry_seconds
        except ProfilerError as error:
            rejected, raced = isinstance(error, OutputRejectedError), isinstance(error, _RacedError)
            report.outcome = "rejected" if rejected else "raced" if raced else "failed"
            report.problem = f"the last fold failed: {error}"
            self._note_failure(report)
        finally:
            await asyncio.shield(self._end(user_id, report))

    async def _end(self, user_id: str, report: FoldReport) -> None:
        # Together, so that both ride on one commit to disk. A profiler that is down has its own wait.
        retry_seconds = 0.0 if report.outcome == "unavailable" else report.retry_seconds
        await asyncio.gather(
            store_usage(self._store, user_id, report.usage),
            self._store.release(user_id, self.holder, report.problem, retry_seconds),
        )

    def _note_failure(self, report: FoldReport) -> None:
        failures = self._failures.get(report.user_id, (0, 0.0))[0] + 1
        report.retry_seconds = self._policy.backoff(failures)
        self._failures[report.user_id] = (failures, time.monotonic() + report.retry_seconds)
        _log.warning("fold of a user failed (%d in a row): %s", failures, report.problem)

    async def _claim(self, user_id: str, patience: float) -> bool:
        deadline, delay = time.monotonic() + patience, _FIRST_LOOK_SECONDS
        while not await self._store.claim(user_id, self.holder, self._policy.lease_seconds):
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            await asyncio.sleep(min(delay, left))
            delay = min(delay * 2, _LONGEST_LOOK_SECONDS)
        return True

    async def _fold_all(self, user_id: str, report: FoldReport) -> None:
        lost_races, target = 0, None
        while True:
            await check_budget(self._store, self._policy, user_id, report.usage)
            backlog = await self._store.backlog(user_id, self._policy.step)
            # What arrives meanwhile waits for its own fold, so that a busy user costs one a batch.
            target = target or backlog.head.observed
            if not backlog.interactions or backlog.interactions[0].seq > target:
                return
            folded = await self._fold_steps(user_id, backlog, report.usage)
            revision = await self._commit(user_id, backlog, folded)
            if revision is None:
                lost_races += 1
                if lost_races >= self._policy.attempts:
                    raise _RacedError("the profile kept changing while it was folded")
                continue
            report.outcome = "folded"
            report.revisions += 1
            report.interactions += folded.interactions
            self._on_revision(user_id, revision)

    async def _fold_steps(self, user_id: str, backlog: Backlog, usage: Usage) -> _Folded:
        """Folds one step or more in memory, so that a long backlog becomes as many revisions as agreed."""
        head = backlog.head
        revision = head.revision
        statements = tuple(s.text for s in revision.statements) if revision else ()
        summary, state = (revision.summary if revision else ""), backlog.state or None
        # After a forget a stateful profiler starts anew: until it has seen what is left again, its
        # summaries are short for a good reason, so none is committed before the last step.
        rebuilding = self._profiler.stateful and state is None and bool(summary)
        interactions: Sequence[RecordedInteraction] = backlog.interactions
        first_seq = last_seq = interactions[0].seq
        steps, count = 0, 0
        while interactions:
            request = FoldRequest(
                summary=summary,
                statements=statements,
                interactions=tuple(interactions),
                state=state,
                max_tokens=max(1, self._max_tokens - statements_cost(statements)),
                now=datetime.now(UTC),
                usage=usage,
            )
            summary, state, taken = await self._checked(request, may_shrink=rebuilding)
            last_seq, steps, count = interactions[taken - 1].seq, steps + 1, count + taken
            interactions = interactions[taken:]
            if steps >= self._policy.steps_a_commit and not rebuilding:
                break
            if not interactions and last_seq < head.observed:
                more = await self._store.interactions(user_id, after=last_seq, limit=self._policy.step)
                interactions = [i for i in more if i.quarantined is None and i.seq <= head.observed]
        return _Folded(summary, state, first_seq, last_seq, count)

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
