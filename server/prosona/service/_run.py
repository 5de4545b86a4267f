"""The steps of one fold in memory: from a backlog to the lines, a batch at a time.

One bad item cannot stop the rest: a batch on which the profiler breaks again is halved until the item
that breaks it is found, and that one is set aside if the profiler can read what comes after it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime

from prosona.core.errors import CrashedError, MemoryLostError, OutputRejectedError, ProfilerError
from prosona.core.lines import cost
from prosona.core.requests import Backlog
from prosona.core.words import Line, RecordedInteraction
from prosona.profiler.seam import FoldRequest, FoldResult, Profiler, Usage
from prosona.profiles_db.store import Store
from prosona.service.policy import FoldPolicy
from prosona.service.settling import Batch, checked, settle

__all__ = ["Run"]

_log = logging.getLogger("prosona")


class Run:
    """One fold: `steps` moves `lines`, `memory` and `last_seq` on; nothing is written by it."""

    def __init__(
        self,
        store: Store,
        profiler: Profiler,
        policy: FoldPolicy,
        backlog: Backlog,
        usage: Usage,
        now: datetime,
        budget: int,
        without: frozenset[int] = frozenset(),
    ) -> None:
        self._store = store
        self._profiler = profiler
        self._policy = policy
        self._backlog = backlog
        self._usage = usage
        self._budget = budget
        self._without = without
        self._agents: dict[int, str] = {}
        self._written: tuple[Line, ...] = ()
        self._batch: Sequence[RecordedInteraction] = ()
        self._tried_again = backlog.head.problem is not None
        self.now = now
        self.memory, self.rebuilt = self._start(backlog)
        self.lines: tuple[Line, ...] = backlog.lines
        self.first_seq, self.last_seq = 0, 0 if self.rebuilt else backlog.head.folded_through
        self.count = 0
        self.set_aside = 0

    def _start(self, backlog: Backlog) -> tuple[bytes | None, bool]:
        """The memory to begin with, and whether all is folded from the log again."""
        version = self._profiler.memory_version
        if version is None:
            return None, False
        known = backlog.memory
        if known is not None and known.version == version and known.data and not self._without:
            return known.data, False
        return None, True

    async def steps(self) -> None:
        """Folds up to `steps_a_commit` batches; all there are where the log is folded again.

        Raises the profiler's error when it can go no further; what it had done stands in the run.
        """
        try:
            await self._steps()
        except MemoryLostError:
            if self.rebuilt:
                raise
            _log.warning("a profiler could not read its memory of a user: folding the log again")
            self.memory, self.rebuilt = None, True
            self.lines, self.first_seq, self.last_seq, self.count = self._backlog.lines, 0, 0, 0
            await self._steps()

    async def _steps(self) -> None:
        target = self._backlog.head.observed
        from_start = self.rebuilt and self._backlog.head.folded_through > 0
        pending = [] if from_start else [i for i in self._backlog.interactions if i.seq not in self._without]
        size, steps = self._policy.step, 0
        error: ProfilerError | None = None
        while error is None:
            if not pending:
                pending = await self._more(target)
                if not pending:
                    break
            batch = pending[:size]
            try:
                taken = await self._step(batch)
            except (OutputRejectedError, CrashedError) as failure:
                if not self._tried_again:
                    error = failure
                elif len(batch) > 1:
                    size = len(batch) // 2
                elif await self._is_to_blame(batch[0], pending[1:], target):
                    # Bad ones come together: the next is read by itself, too.
                    pending, self.last_seq = pending[1:], batch[0].seq
                else:
                    error = failure
                continue
            self.first_seq = self.first_seq or batch[0].seq
            self.last_seq, self.count = batch[taken - 1].seq, self.count + taken
            pending, steps = pending[taken:], steps + 1
            size = min(self._policy.step, size * 2)
            if steps >= self._policy.steps_a_commit and not self.rebuilt:
                break
        if error is not None and self.rebuilt:
            # Until it has read the whole log again, such a profiler's lines are short for a good reason.
            self.count = 0
        elif self._profiler.memory_version is not None and (self.count or self.rebuilt):
            # A profiler with a memory writes all its lines anew each time: only the last ones count.
            self.lines = self._settled(self._backlog.lines)
        if error is not None:
            raise error

    async def _more(self, target: int) -> list[RecordedInteraction]:
        while self.last_seq < target:
            page = await self._store.interactions(
                self._backlog.head.user_id, after=self.last_seq, limit=self._policy.step
            )
            found = [
                item
                for item in page
                if item.quarantined is None and item.seq <= target and item.seq not in self._without
            ]
            if found:
                return found
            self.last_seq = page[-1].seq if page and page[-1].seq < target else target
        return []

    async def _step(self, batch: list[RecordedInteraction]) -> int:
        """One batch into the lines; how many of its interactions they account for."""
        result = await self._checked(self._request(batch), self._policy.attempts)
        self._agents |= {item.seq: item.agent for item in batch if item.agent}
        self.memory, self._written, self._batch = result.memory, result.lines, batch[: result.folded]
        if self._profiler.memory_version is None:
            self.lines = await asyncio.to_thread(self._settled, self.lines)
        return result.folded

    def _settled(self, past: Sequence[Line]) -> tuple[Line, ...]:
        return settle(
            past,
            self._written,
            Batch(self._batch, self._agents),
            self._backlog.edits,
            self._profiler,
            now=self.now,
            budget=self._budget,
            read_through=self._backlog.head.read_through,
        )

    def _request(self, batch: Sequence[RecordedInteraction]) -> FoldRequest:
        today = self.now.date()
        own = sum(cost(line, today) for line in self.lines if line.kind != "inferred")
        return FoldRequest(
            lines=self.lines,
            edits=self._backlog.edits,
            interactions=tuple(batch),
            memory=self.memory,
            max_tokens=max(1, self._budget - own),
            now=self.now,
            usage=self._usage,
        )

    async def _checked(self, request: FoldRequest, attempts: int) -> FoldResult:
        """One profiler call whose output passed the checks, retried a bounded number of times."""
        problems: list[str] = []
        for _ in range(attempts):
            try:
                result = await self._profiler.fold(request)
                _check_shape(result)
                # Where nothing stood, and a model says that nothing lasts, there is nothing to check.
                none = result.nothing_lasts and not (result.lines or request.inferred)
                if self._profiler.writes_prose and not none:
                    # Likeness of many lines takes milliseconds that the event loop does not have.
                    lines, notes = await asyncio.to_thread(checked, result.lines, request)
                    for note in notes:
                        _log.info("a line was left out of a fold: %s", note)
                    result = FoldResult(tuple(lines), result.folded, result.memory)
            except OutputRejectedError as error:
                problems = list(error.problems)
                continue
            except ProfilerError:
                raise
            except (Exception, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and _is_stopped():
                    raise
                # The boundary to a profiler, which may be anybody's: its crash is an outcome.
                _log.exception("the profiler %s crashed", self._profiler.name)
                raise CrashedError(f"the profiler crashed ({type(error).__name__})") from error
            if 1 <= result.folded <= len(request.interactions):
                return result
            problems = [f"it claims {result.folded} of {len(request.interactions)} interactions"]
        raise OutputRejectedError(problems)

    async def _is_to_blame(
        self, suspect: RecordedInteraction, following: Sequence[RecordedInteraction], target: int
    ) -> bool:
        """Sets `suspect` aside if the profiler can read anything that comes after it; otherwise the profiler
        is to blame."""
        # One, two, four behind it, and the newest: a whole row may be as bad.
        others = [following[2**power - 1] for power in range(len(following).bit_length())]
        others += await self._store.interactions_at(self._backlog.head.user_id, [target])
        for other in others:
            if other.seq <= suspect.seq or other.quarantined is not None or other.seq in self._without:
                continue
            try:
                await self._checked(self._request([other]), attempts=1)
            except (OutputRejectedError, CrashedError):
                continue
            reason = f"the profiler {self._profiler.name} could not read it"
            await self._store.set_aside(self._backlog.head.user_id, [suspect.seq], reason)
            self.set_aside += 1
            return True
        return False


def _is_stopped() -> bool:
    """Whether this fold was cancelled, rather than something within the profiler."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _check_shape(result: FoldResult) -> None:
    """Raises `TypeError` for what is no result: a profiler may be anybody's."""
    shaped = isinstance(result, FoldResult) and isinstance(result.folded, int)
    if not shaped or not all(isinstance(line, Line) for line in result.lines):
        raise TypeError(f"it returned no FoldResult but {type(result).__name__}")
    if result.memory is not None and not isinstance(result.memory, bytes):
        raise TypeError(f"its memory is of the type {type(result.memory).__name__}")
