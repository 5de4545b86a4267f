"""How long somebody who observes must wait while another user is erased from a large file."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.growth import Report, build, user_name
from benchmarks.results import Result, milliseconds
from benchmarks.stdio_client import StdioServer, prosona_command

from prosona.core.errors import ProfilerUnavailableError
from prosona.profiler import FoldRequest, FoldResult

EACH = 1_000
"""Interactions of each user: so many rows that deleting them at once would be felt."""

GET, OBSERVE, REVISE = "get_user_profile", "observe_interaction", "revise_profile"
Observe = Callable[[], float]


class NeverFolds:
    """A profiler that is never there."""

    name = "never"
    memory_version: str | None = None
    writes_prose = False

    async def fold(self, request: FoldRequest) -> FoldResult:
        raise ProfilerUnavailableError("nothing is folded here", retry_seconds=600.0)


def erasing(users: int, erased: int, folder: Path, report: Report) -> list[Result]:
    """The longest of the observations that one user makes while `erased` others are erased, one by one.

    Once with a server for each, as two hosts on one machine have, and once with one server for both. The
    base is as many observations while nobody is erased. `users` must be more than twice `erased`.
    """
    database = folder / "large.db"
    build(database, users, EACH, report)
    megabytes = database.stat().st_size / 1e6
    observer, *others = map(user_name, range(users))
    titles = map(_observation, itertools.count())
    # Nothing is folded meanwhile: nobody waits but for what is erased.
    command = prosona_command(database, "--profiler", "benchmarks.erasing:NeverFolds")
    with StdioServer(command) as ours, StdioServer(command) as theirs:
        for server in (ours, theirs):
            server.call(GET, {"user_id": observer})

        def observe() -> float:
            return ours.call(OBSERVE, {"user_id": observer, **next(titles)})

        # The first loads what the door needs, and is no wait for an erasing.
        observe()
        apart = list(_while_another_erases(theirs, others[:erased], observe))
        together = list(_while_it_erases(ours, others[erased : 2 * erased], observe))
        quiet = [observe() for _ in range(max(len(apart), len(together)))]
    what = f"longest wait while another's {EACH:,} are erased from {megabytes:,.0f} MB"
    return [
        _longest(f"{what}, two processes", quiet, apart),
        _longest(f"{what}, one process", quiet, together),
    ]


def _while_another_erases(server: StdioServer, doomed: list[str], observe: Observe) -> Iterator[float]:
    with ThreadPoolExecutor(1) as pool:
        for name in doomed:
            erased = pool.submit(server.call, REVISE, {"user_id": name, "forget": "*"})
            while not erased.done():
                yield observe()
            erased.result()


def _while_it_erases(server: StdioServer, doomed: list[str], observe: Observe) -> Iterator[float]:
    for name in doomed:
        erased = server.begin(REVISE, {"user_id": name, "forget": "*"})
        while not server.has_answered(erased):
            yield observe()


def _longest(what: str, quiet: list[float], seconds: list[float]) -> Result:
    longest = max(seconds)
    shown = milliseconds(longest)
    return Result(what, milliseconds(max(quiet)), shown, shown, longest * 1e3, 50)


def _observation(number: int) -> dict[str, Any]:
    return {"chosen": f"Title {number}, a story of rivers", "rejected": "a story of war", "domain": "films"}
