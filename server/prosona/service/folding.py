"""Folding one user, once: nothing lost, nothing twice.

claim the user -> read lines, edits, pending and memory -> profiler, outside any transaction -> check ->
commit by compare-and-swap -> release. A crash anywhere leaves the interactions pending and the old lines.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import TYPE_CHECKING

from prosona.core.errors import (
    BudgetSpentError,
    CrashedError,
    OutputRejectedError,
    ProfilerError,
    ProfilerUnavailableError,
    ProsonaError,
    RacedError,
)
from prosona.core.requests import Backlog, Claim, Memory
from prosona.profiler.seam import Profiler, Usage
from prosona.profiler.tracing import span
from prosona.profiles_db.store import Store
from prosona.service.policy import FoldPolicy, FoldReport

if TYPE_CHECKING:
    from prosona.service._run import Run

__all__ = ["Folder"]

_log = logging.getLogger("prosona")

_FIRST_LOOK_SECONDS = 0.005
_LONGEST_LOOK_SECONDS = 0.25
"""How often somebody who waits looks whether another process has let go of a user."""


class Folder:
    """Folds single users under a claim."""

    def __init__(
        self,
        store: Store,
        profiler: Profiler,
        policy: FoldPolicy,
        budget_tokens: int,
        on_version: Callable[[str, int], None],
    ) -> None:
        self._store = store
        self._profiler = profiler
        self._policy = policy
        self._budget = budget_tokens
        self._on_version = on_version
        self._failures: dict[str, int] = {}

    async def run(self, user_id: str, *, patience: float = 0.0, claim: Claim | None = None) -> FoldReport:
        """Folds what is pending now. Never raises for a fold that fails: the report says why.

        Waits up to `patience` seconds for another process that holds the user.
        """
        report = FoldReport(user_id)
        began = time.perf_counter()
        with span("prosona.fold", **{"prosona.profiler": self._profiler.name}) as current:
            try:
                claim = claim or await self._claim(user_id, patience)
                if claim is None:
                    report.outcome, report.problem = "busy", "another process is folding this user"
                else:
                    await self._run_claimed(claim, report)
            except ProsonaError as error:
                report.outcome, report.problem = "store", str(error)
                _log.warning("a fold could not reach the store: %s", error)
            report.seconds = time.perf_counter() - began
            current.set_attribute("prosona.outcome", report.outcome)
            current.set_attribute("prosona.interactions", report.interactions)
            current.set_attribute("prosona.tokens", report.usage.tokens)
        return report

    async def _run_claimed(self, claim: Claim, report: FoldReport) -> None:
        try:
            async with self._renewed(claim):
                await self._fold_all(claim, report)
            self._failures.pop(claim.user_id, None)
        except ProfilerUnavailableError as error:
            # No user is to blame, so none has to wait longer than the profiler does.
            report.outcome, report.retry_seconds = "unavailable", error.retry_seconds
            report.problem = str(error)
        except BudgetSpentError as error:
            report.outcome, report.problem, report.retry_seconds = "spent", str(error), error.retry_seconds
        except ProfilerError as error:
            rejected, raced = isinstance(error, OutputRejectedError), isinstance(error, RacedError)
            report.outcome = "rejected" if rejected else "raced" if raced else "failed"
            report.problem = f"the last fold failed: {error}"
            self._note_failure(report)
        except ProsonaError:
            raise
        except Exception as error:  # noqa: BLE001 - an error of ours about one user holds up no other
            _log.exception("a fold broke")
            report.outcome = "failed"
            report.problem = f"the last fold failed: it broke ({type(error).__name__}); see the log"
            self._note_failure(report)
        finally:
            await asyncio.shield(self._end(claim, report))

    async def _end(self, claim: Claim, report: FoldReport) -> None:
        # Together, so that both ride on one commit to disk. A profiler that is down has its own wait.
        retry_seconds = 0.0 if report.outcome == "unavailable" else report.retry_seconds
        work = [self._store.release(claim, problem=report.problem, retry_seconds=retry_seconds)]
        if report.usage.calls:
            today = (await self._store.now()).date()
            spent = self._store.spend(
                claim.user_id, today, calls=report.usage.calls, tokens=report.usage.tokens
            )
            await asyncio.gather(*work, spent)
        else:
            await work[0]

    def _note_failure(self, report: FoldReport) -> None:
        failures = self._failures[report.user_id] = self._failures.get(report.user_id, 0) + 1
        report.retry_seconds = self._policy.backoff(failures)
        _log.warning("the fold of a user failed (%d in a row): %s", failures, report.problem)

    async def _claim(self, user_id: str, patience: float) -> Claim | None:
        deadline, delay = time.monotonic() + patience, _FIRST_LOOK_SECONDS
        while True:
            claim = await self._store.claim(user_id, self._policy.lease_seconds)
            left = deadline - time.monotonic()
            if claim is not None or left <= 0:
                return claim
            await asyncio.sleep(min(delay, left))
            delay = min(delay * 2, _LONGEST_LOOK_SECONDS)

    @asynccontextmanager
    async def _renewed(self, claim: Claim) -> AsyncIterator[None]:
        """Keeps the claim while the block runs. One that is lost costs a call, not a profile."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(self._policy.lease_seconds / 3)
                with contextlib.suppress(ProsonaError):
                    await self._store.renew([claim], self._policy.lease_seconds)

        renewing = asyncio.create_task(renew(), name="prosona claim")
        try:
            yield
        finally:
            renewing.cancel()

    async def _fold_all(self, claim: Claim, report: FoldReport) -> None:
        # Imported with the first fold: a server starts before it needs to know how.
        from prosona.service._run import Run

        lost_races, target = 0, None
        while True:
            now = await self._store.now()
            await self._check_budget(claim.user_id, report.usage, now)
            backlog = await self._store.backlog(claim.user_id, self._policy.step)
            # What arrives meanwhile waits for its own fold, so that a busy user costs one a batch.
            target = target or backlog.head.observed
            if not backlog.interactions or backlog.interactions[0].seq > target:
                return
            run = Run(self._store, self._profiler, self._policy, backlog, report.usage, now, self._budget)
            try:
                await run.steps()
            except (OutputRejectedError, CrashedError):
                # What was folded before the bad item is kept.
                if run.count:
                    await self._commit(claim, backlog, run, report)
                raise
            if await self._commit(claim, backlog, run, report):
                continue
            lost_races += 1
            if lost_races >= self._policy.attempts:
                raise RacedError("the profile kept changing while it was folded")

    async def _commit(self, claim: Claim, backlog: Backlog, run: Run, report: FoldReport) -> bool:
        from prosona.service.settling import retired_between, to_commit

        version = self._profiler.memory_version
        commit = to_commit(
            backlog,
            run.lines,
            cause="fold",
            actor=self._profiler.name,
            now=run.now,
            retired=retired_between(backlog.lines, run.lines, run.now),
            counters_only=True,
            # A memory that another profiler left would not match these lines: it goes.
            memory=Memory(version=version or "", data=run.memory or b""),
            profiler=self._profiler.name,
            first_seq=run.first_seq or None,
            last_seq=run.last_seq,
            folded_from=backlog.head.folded_through,
            folded_through=run.last_seq,
            token=claim.token,
        )
        became = await self._store.commit(claim.user_id, commit)
        if became is None:
            return False
        report.outcome = "folded"
        report.interactions += run.count
        report.set_aside += run.set_aside
        if became != backlog.head.version:
            report.revisions += 1
            self._on_version(claim.user_id, became)
        return True

    async def _check_budget(self, user_id: str, usage: Usage, now: datetime) -> None:
        """Raises `BudgetSpentError` if the user's budget of today is used up, with `usage` not yet stored."""
        policy = self._policy
        if policy.calls_a_day is None and policy.tokens_a_day is None:
            return
        spent = await self._store.spent(user_id, now.date())
        limits = (
            ("model calls", policy.calls_a_day, spent.calls + usage.calls),
            ("tokens", policy.tokens_a_day, spent.tokens + usage.tokens),
        )
        for unit, limit, used in limits:
            if limit is not None and used >= limit:
                midnight = datetime.combine(now.date() + timedelta(days=1), time_of_day(), UTC)
                raise BudgetSpentError(
                    f"today's budget of {limit} {unit} for this user is spent; folding goes on after"
                    f" {midnight:%Y-%m-%d %H:%M} UTC",
                    retry_seconds=(midnight - now).total_seconds(),
                )
