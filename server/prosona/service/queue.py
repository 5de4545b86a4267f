"""The fold queue: one a process, over all users, with the store as its list.

Observing sets its clock; it claims who is due, folds, commits and releases. Who waits for a fresh profile
starts a fold at once, or joins the one under way. Waiting after a failure stands in the store.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from prosona.core.errors import ProfilerUnavailableError, ProsonaError
from prosona.core.requests import Claim
from prosona.profiles_db.store import Store
from prosona.service.folding import Folder
from prosona.service.policy import FoldPolicy, FoldReport

__all__ = ["FoldQueue"]

_log = logging.getLogger("prosona")

_GATHERING_SECONDS = 0.2
"""How long after the interaction that makes a user due the fold begins: what comes in a burst is folded
together, and does not wait for the fold of its beginning."""
_SHORTEST_PAUSE_SECONDS = 0.2
"""How long to leave a profiler that is down and says no time of its own."""
_SHORT_PATIENCE_SECONDS = 0.4
"""How long an ordinary read outwaits another process that folds its user."""


class FoldQueue:
    """Starts folds, lets those who ask for the same join, and pauses while the profiler is down."""

    def __init__(
        self, store: Store, folder: Folder, policy: FoldPolicy, on_report: Callable[[FoldReport], None]
    ) -> None:
        self._store = store
        self._folder = folder
        self._policy = policy
        self._on_report = on_report
        self._running: dict[str, asyncio.Task[FoldReport]] = {}
        self._ended_one = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        """Set for when somebody may be due; None: nobody that is known of."""
        self._looking: asyncio.Task[None] | None = None
        self._scanning = False
        self._short_of_slots = False
        self._paused_until = 0.0
        self._recovering = False
        self._closed = False

    def start(self) -> None:
        """Looks for users who are due, whoever left them, until closed."""
        self._scanning = True
        self._look(0.0)

    def observed(self, pending: int) -> None:
        """Notes that a user has `pending` interactions: who is due is folded, now or once it is quiet."""
        if pending:
            due = pending >= self._policy.pending
            self._look(_GATHERING_SECONDS if due else self._policy.idle_seconds)

    async def fold(self, user_id: str, *, within: float, force: bool = False) -> str | None:
        """Folds what is pending, or joins the fold under way. The reason why not, or None.

        Returns after `within` seconds at the latest; the fold itself goes on in the background.
        `force` tries even while earlier failures ask to wait.
        """
        if self._closed:
            return "the service is closing"
        if not force and user_id not in self._running:
            retry_at = (await self._store.head(user_id)).retry_at
            wait = (retry_at - await self._store.now()).total_seconds() if retry_at else 0.0
            if wait > 0:
                return f"the last fold failed; the next try is in {wait:.0f} s"
        # Somebody waits: no queueing behind the background, whose slots bound only itself.
        # Only who asked for fresh text outwaits another process, which may be slow.
        patience = within if force else min(within, _SHORT_PATIENCE_SECONDS)
        task = self._running.get(user_id) or self._begin(user_id, patience=patience)
        done, _ = await asyncio.wait([task], timeout=within)
        if not done:
            return "a fold is still running"
        if task.cancelled():
            return "the fold was stopped"
        return "the fold ended with an error; see the log" if task.exception() else task.result().problem

    async def drain(self, *, patience: float) -> dict[str, str]:
        """Folds every user with anything pending; those who could not be folded, each with the reason.

        Raises `ProfilerUnavailableError` once the profiler could not be used for `patience` seconds: run
        it again later, it goes on where it stopped.
        """
        left: dict[str, str] = {}
        watched, used = self._on_report, time.monotonic()

        def note(report: FoldReport) -> None:
            watched(report)
            left.pop(report.user_id, None)
            if report.problem and report.outcome != "unavailable":
                left[report.user_id] = report.problem

        self._on_report = note
        try:
            while not self._closed:
                claims = await self._claim_due(pending=1, idle_seconds=0.0)
                pause = self._paused_until - time.monotonic()
                if not self._recovering:
                    used = time.monotonic()
                if self._running:
                    self._ended_one.clear()
                    await self._ended_one.wait()
                elif pause > 0 and time.monotonic() + pause - used > patience:
                    message = "the profiler cannot be used; what is pending stays pending"
                    raise ProfilerUnavailableError(message, retry_seconds=pause)
                elif pause > 0:
                    await asyncio.sleep(pause)
                elif not claims:
                    break
            return left
        finally:
            self._on_report = watched

    async def aclose(self, seconds: float) -> None:
        """Waits up to `seconds` for running folds, then stops them; a stopped fold stays pending, and its
        claim is given back, so that another process can go on at once."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._looking is not None:
            await asyncio.gather(self._looking, return_exceptions=True)
        running = list(self._running.values())
        if running:
            await asyncio.wait(running, timeout=seconds)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _look(self, seconds: float) -> None:
        """Looks for who is due in so many seconds, or earlier if that was asked for."""
        if self._closed or not self._policy.background:
            return
        loop = asyncio.get_running_loop()
        when = loop.time() + max(seconds, self._paused_until - time.monotonic())
        if self._timer is None or when < self._timer.when():
            if self._timer is not None:
                self._timer.cancel()
            self._timer = loop.call_at(when, self._look_now)

    def _look_now(self) -> None:
        self._timer = None
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._start_who_is_due(), name="prosona queue")
        else:
            self._look(_GATHERING_SECONDS)

    async def _start_who_is_due(self) -> None:
        policy = self._policy
        try:
            claims = await self._claim_due(pending=policy.pending, idle_seconds=policy.idle_seconds)
        except ProsonaError as error:
            _log.warning("looking for users to fold failed: %s", error)
            self._look(policy.scan_seconds)
            return
        if claims:
            # More may be due than there were slots.
            self._look(0.0)
        elif self._scanning:
            self._look(policy.scan_seconds)

    async def _claim_due(self, *, pending: int, idle_seconds: float) -> list[Claim]:
        """Claims who is due, as many as there are slots, and starts their folds."""
        slots = self._slots()
        self._short_of_slots = not slots
        if not slots:
            return []
        claims = await self._store.claim_due(
            self._policy.lease_seconds, pending=pending, idle_seconds=idle_seconds, limit=slots
        )
        for claim in claims:
            self._begin(claim.user_id, claim=claim)
        return claims

    def _slots(self) -> int:
        """How many folds of the background may start now."""
        if self._closed or time.monotonic() < self._paused_until:
            return 0
        # After a pause one fold tries whether the profiler is back before all of them do.
        most = 1 if self._recovering else self._policy.in_flight
        return max(0, most - len(self._running))

    def _begin(
        self, user_id: str, *, patience: float = 0.0, claim: Claim | None = None
    ) -> asyncio.Task[FoldReport]:
        work = self._folder.run(user_id, patience=patience, claim=claim)
        task = self._running[user_id] = asyncio.create_task(work, name="prosona fold")
        task.add_done_callback(lambda done: self._ended(user_id, done))
        return task

    def _ended(self, user_id: str, task: asyncio.Task[FoldReport]) -> None:
        if self._running.get(user_id) is task:
            del self._running[user_id]
        self._ended_one.set()
        if self._short_of_slots:
            self._look(0.0)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            _log.error("a fold ended with an error of ours", exc_info=error)
            return
        report = task.result()
        if report.outcome == "unavailable":
            self._recovering = True
            pause = max(_SHORTEST_PAUSE_SECONDS, report.retry_seconds)
            self._paused_until = max(self._paused_until, time.monotonic() + pause)
            self._look(pause)
        elif report.outcome not in ("busy", "store", "nothing", "spent"):
            self._recovering = False
            # What came while it was folded, and what failed, waits for its own turn.
            self._look(report.retry_seconds or self._policy.idle_seconds)
        self._on_report(report)
