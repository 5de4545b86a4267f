"""The folding engine: many users at once, each by one fold at a time, across processes.

Users come in three ways: a hint when something was observed here, a scan of the store for those who
are due (left by other processes, a restart or a failure), and somebody who waits for a fresh profile.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable

from prosona.profiles_db import ProfilerUnavailableError, ProfileStore, ProsonaError
from prosona.service.folding import Folder
from prosona.service.policy import FoldPolicy
from prosona.service.reports import FoldReport

_log = logging.getLogger("prosona")

_SHORTEST_PAUSE_SECONDS = 0.2
_SHORT_PATIENCE_SECONDS = 0.4


class FoldingEngine:
    """Starts folds, joins those who ask for the same, and pauses while the profiler cannot be used."""

    def __init__(
        self,
        store: ProfileStore,
        folder: Folder,
        policy: FoldPolicy,
        on_report: Callable[[FoldReport], None],
    ) -> None:
        self._store = store
        self._folder = folder
        self._policy = policy
        self._on_report = on_report
        self._running: dict[str, asyncio.Task[FoldReport]] = {}
        self._wanted: dict[str, None] = {}
        self._claimed: deque[str] = deque()
        self._late: set[str] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._loops: list[asyncio.Task[None]] = []
        self._wake = asyncio.Event()
        self._claiming: asyncio.Future[list[str]] | None = None
        self._paused_until = 0.0
        self._recovering = False
        self._closed = False

    def start(self) -> None:
        """Begins to look for users who are due; without it only hints and requests start folds."""
        if self._policy.background and not self._loops and not self._closed:
            self._loops = [
                asyncio.create_task(self._scan(), name="prosona scan"),
                asyncio.create_task(self._renew(), name="prosona leases"),
            ]

    def observed(self, user_id: str, pending: int) -> None:
        """Notes that a user has `pending` interactions, and starts or schedules a fold."""
        if self._closed or not pending or not self._policy.background:
            return
        if user_id in self._running:
            self._late.add(user_id)
            return
        if timer := self._timers.pop(user_id, None):
            timer.cancel()
        wait = max(self._folder.waiting_time(user_id), self._paused_until - time.monotonic())
        if pending >= self._policy.pending and wait <= 0:
            self._wanted[user_id] = None
            self._fill()
        elif not self._loops:
            self._timers[user_id] = asyncio.get_running_loop().call_later(
                max(wait, self._policy.idle_seconds), self._timed, user_id
            )

    async def fold(self, user_id: str, *, within: float, force: bool = False) -> str | None:
        """Folds what is pending, or joins the fold under way. The reason why not, or None.

        Returns after `within` seconds at the latest; the fold itself goes on in the background.
        `force` tries even while earlier failures ask to wait.
        """
        if self._closed:
            return "the service is closing"
        wait = self._folder.waiting_time(user_id)
        if wait > 0 and not force and user_id not in self._running:
            return f"the last fold failed; the next try is in {wait:.0f} s"
        # Somebody waits: no queueing behind the background, whose slots bound only itself.
        # Only who asked for fresh text outwaits another process, which may have died with the lease.
        patience = within if force else min(within, _SHORT_PATIENCE_SECONDS)
        task = self._start(user_id, patience=patience)
        try:
            async with asyncio.timeout(within):
                await asyncio.wait([task])
        except TimeoutError:
            return "a fold is still running"
        return "the fold was stopped" if task.cancelled() else task.result().problem

    async def abandon(self, user_id: str) -> None:
        """Stops the fold of a user whom nothing may be written about any more."""
        self._wanted.pop(user_id, None)
        if task := self._running.get(user_id):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def drain(self, *, patience: float) -> None:
        """Folds every user with anything pending who is free and not waiting after a failure.

        Raises `ProfilerUnavailableError` once the profiler could not be used for `patience` seconds: run
        it again later, it goes on where it stopped.
        """
        renewing = asyncio.create_task(self._renew(), name="prosona leases")
        try:
            down_since: float | None = None
            while not self._closed:
                found = await self._claim_more(pending=1, idle_seconds=0.0)
                self._wake.clear()
                self._fill()
                if self._running:
                    await self._wake.wait()
                elif pause := max(0.0, self._paused_until - time.monotonic()):
                    down_since = down_since or time.monotonic()
                    if time.monotonic() + pause - down_since > patience:
                        raise ProfilerUnavailableError(
                            "the profiler cannot be used; what is pending stays pending", retry_seconds=pause
                        )
                    await asyncio.sleep(pause)
                elif not found and not self._claimed:
                    return
                if not self._recovering:
                    down_since = None
        finally:
            renewing.cancel()

    async def aclose(self, seconds: float) -> None:
        """Waits up to `seconds` for running folds, then stops them; a stopped fold stays pending.

        Leases are given back, so that another process can go on at once.
        """
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for loop in self._loops:
            loop.cancel()
        running = list(self._running.values())
        if running:
            await asyncio.wait(running, timeout=seconds)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, *self._loops, return_exceptions=True)
        if self._claiming is not None:
            with contextlib.suppress(ProsonaError):
                self._claimed.extend(await self._claiming)
        releases = [self._store.release(user_id, self._folder.holder) for user_id in self._claimed]
        await asyncio.gather(*releases, return_exceptions=True)

    def _timed(self, user_id: str) -> None:
        self._timers.pop(user_id, None)
        if not self._closed:
            self._wanted[user_id] = None
            self._fill()

    def _slots(self) -> int:
        """How many folds of the background may start now."""
        if self._closed or time.monotonic() < self._paused_until:
            return 0
        # After a pause one fold tries whether the profiler is back before all of them do.
        most = 1 if self._recovering else self._policy.in_flight
        return max(0, most - len(self._running))

    def _fill(self) -> None:
        """Starts folds while there are slots: users leased already first, then those hinted at."""
        for _ in range(self._slots()):
            # One that runs already was leased again as its fold ended: it has its turn right after.
            if claimed := next((u for u in self._claimed if u not in self._running), None):
                user_id = claimed
                self._claimed.remove(user_id)
            elif self._wanted:
                user_id = next(iter(self._wanted))
                del self._wanted[user_id]
            else:
                return
            self._start(user_id, patience=0.0)

    def _start(self, user_id: str, *, patience: float) -> asyncio.Task[FoldReport]:
        task = self._running.get(user_id)
        if task is None:
            self._wanted.pop(user_id, None)
            task = asyncio.create_task(self._folder.run(user_id, patience=patience), name="prosona fold")
            self._running[user_id] = task
            task.add_done_callback(lambda done: self._ended(user_id, done))
        return task

    def _ended(self, user_id: str, task: asyncio.Task[FoldReport]) -> None:
        self._running.pop(user_id, None)
        self._wake.set()
        if task.cancelled():
            return
        report = task.result()
        if report.outcome == "unavailable":
            self._recovering = True
            pause = max(_SHORTEST_PAUSE_SECONDS, report.retry_seconds)
            self._paused_until = max(self._paused_until, time.monotonic() + pause)
        elif report.outcome not in ("busy", "store", "nothing", "spent"):
            self._recovering = False
        if report.problem and report.outcome != "unavailable" and user_id in self._claimed:
            # Leased by the scan just before this fold began: it must wait its time out like any other.
            self._claimed.remove(user_id)
        if not self._loops and (user_id in self._late or report.problem):
            # A started engine finds them by its scan.
            self.observed(user_id, 1)
        self._late.discard(user_id)
        self._on_report(report)
        self._fill()

    async def _claim_more(self, *, pending: int, idle_seconds: float) -> list[str]:
        """Leases users who are due, some more than can start, so that a slot never waits for the store."""
        if not self._slots() and (self._paused_until > time.monotonic() or self._recovering):
            return []
        room = 2 * self._policy.in_flight - len(self._running) - len(self._claimed)
        if room < self._policy.in_flight // 2 + 1:
            return []
        # Shielded, so that a stop in mid-claim still learns which leases to give back.
        self._claiming = asyncio.ensure_future(
            self._store.claim_due(
                self._folder.holder,
                self._policy.lease_seconds,
                pending=pending,
                idle_seconds=idle_seconds,
                limit=room,
            )
        )
        found = await asyncio.shield(self._claiming)
        self._claimed.extend(found)
        return found

    async def _scan(self) -> None:
        while not self._closed:
            self._wake.clear()
            try:
                found = await self._claim_more(
                    pending=self._policy.pending, idle_seconds=self._policy.idle_seconds
                )
            except ProsonaError as error:
                found = []
                _log.warning("looking for users to fold failed: %s", error)
            self._fill()
            # Anything found may mean that there is more: look again as soon as a fold ends.
            wait = self._policy.scan_seconds
            pause = self._paused_until - time.monotonic()
            if pause > 0:
                await asyncio.sleep(min(pause, wait))
            elif found:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._wake.wait()
            else:
                await asyncio.sleep(wait)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._policy.lease_seconds / 3)
            await self._renew_leases()

    async def _renew_leases(self) -> None:
        """Prolongs the leases held here. One that is lost costs a call, not a profile: commits compare."""
        held = [*self._running, *self._claimed]
        claims = (self._store.claim(u, self._folder.holder, self._policy.lease_seconds) for u in held)
        await asyncio.gather(*claims, return_exceptions=True)
