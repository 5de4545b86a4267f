"""The sections of the table, each measured with ours and the base taking turns."""

from __future__ import annotations

import asyncio
import itertools
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bare_server import TOOL
from benchmarks.growth import Report, build, user_name
from benchmarks.http_client import HttpLoad, free_port, http_server
from benchmarks.results import Result, median, over, quantile, ratio
from benchmarks.stdio_client import BARE, StdioServer, prosona_command

GET, OBSERVE = "get_user_profile", "observe_interaction"
Call = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure."""

    starts: int
    calls: int
    windows: int
    window_seconds: float
    users: int
    interactions_each: int
    earlier_interactions: int
    folds: int
    observations: int
    users_beside: int
    """Users of a thousand interactions each in the file from which some are erased."""
    erased: int


FULL = Effort(15, 3_000, 7, 2.0, 100_000, 10, 100_000, 40, 100_000, 1_150, 10)
QUICK = Effort(1, 60, 1, 0.3, 500, 4, 300, 4, 1_000, 5, 1)


def cold_start(effort: Effort, folder: Path) -> list[Result]:
    database = _seeded(folder)
    bare: list[float] = []
    ours: list[float] = []
    # The first start of each fills the caches of the machine and is not counted.
    for _ in range(effort.starts + 1):
        bare.append(_first_result(BARE, TOOL))
        ours.append(_first_result(prosona_command(database, "--user", "ana"), GET))
    return [over("cold start to first result, stdio", median(bare[1:]), median(ours[1:]), 75)]


def round_trips(effort: Effort, folder: Path) -> list[Result]:
    with ExitStack() as stack:
        bare = stack.enter_context(StdioServer(BARE))
        ours = stack.enter_context(StdioServer(prosona_command(_seeded(folder), "--user", "ana")))
        ours.call(GET, {})
        titles = map(_observation, itertools.count())
        base, get = taking_turns(effort.calls, lambda: bare.call(TOOL, {}), lambda: ours.call(GET, {}))
        observe_base, observe = taking_turns(
            effort.calls, lambda: bare.call(TOOL, {}), lambda: ours.call(OBSERVE, next(titles))
        )
        bare_memory, our_memory = bare.resident_megabytes(), ours.resident_megabytes()
    extra = our_memory - bare_memory
    return [
        over("get_user_profile p50, stdio", median(base), median(get), 0.2),
        over("get_user_profile p99, stdio", quantile(base, 0.99), quantile(get, 0.99), 1),
        over("observe_interaction p50, stdio, fsynced", median(observe_base), median(observe), 0.7),
        Result("memory", f"{bare_memory:.0f} MB", f"{our_memory:.0f} MB", f"{extra:+.0f} MB", extra, 60),
    ]


def http_rate(effort: Effort, folder: Path) -> list[Result]:
    with ExitStack() as stack:
        bare_port, our_port = free_port(), free_port()
        stack.enter_context(http_server([*BARE, str(bare_port)], bare_port))
        command = prosona_command(_seeded(folder), "--transport", "http", "--port", str(our_port))
        stack.enter_context(http_server(command, our_port))
        bare = HttpLoad(bare_port, TOOL, {})
        ours = HttpLoad(our_port, GET, {"user_id": "ana"})
        rates: tuple[list[float], list[float]] = ([], [])
        for window in range(effort.windows + 1):
            for load, measured in zip((bare, ours), rates, strict=True):
                rate = asyncio.run(load.calls_a_second(effort.window_seconds, connections=8))
                if window:
                    measured.append(rate)
    base, get = median(rates[0]), median(rates[1])
    # Each window beside its neighbour: a machine that others use, too, is now faster and now slower.
    share = 100 * median([ours / bare for bare, ours in zip(*rates, strict=True)])
    return [
        Result(
            "HTTP calls a second, one worker, get",
            f"{base:,.0f} /s",
            f"{get:,.0f} /s",
            f"{share:.0f} %",
            share,
            80,
            at_least=True,
        )
    ]


def growth(effort: Effort, folder: Path, report: Report) -> list[Result]:
    small_users = min(effort.users, effort.calls // 4)
    small, large = folder / "small.db", folder / "large.db"
    build(small, small_users, effort.interactions_each)
    build(large, effort.users, effort.interactions_each, report)
    with ExitStack() as stack:
        near = stack.enter_context(StdioServer(prosona_command(small)))
        far = stack.enter_context(StdioServer(prosona_command(large)))
        base, get = taking_turns(
            effort.calls, _any_user(near, GET, small_users), _any_user(far, GET, effort.users)
        )
        observe_base, observe = taking_turns(
            effort.calls, _any_user(near, OBSERVE, small_users), _any_user(far, OBSERVE, effort.users)
        )
    size = f"{effort.users * effort.interactions_each:,} interactions, {effort.users:,} users"
    return [
        ratio(f"get p50 with {size}", median(base), median(get), 1.1),
        ratio(f"observe p50 with {size}", median(observe_base), median(observe), 1.1),
    ]


def _any_user(server: StdioServer, tool: str, users: int) -> Call:
    chance = random.Random(1)
    titles = map(_observation, itertools.count())

    def call() -> float:
        arguments = {"user_id": user_name(chance.randrange(users))}
        return server.call(tool, arguments | (next(titles) if tool == OBSERVE else {}))

    return call


def _observation(number: int) -> dict[str, Any]:
    return {
        "query": "What shall I watch tonight?",
        "chosen": f"Title {number}, a science-fiction film about a distant station",
        "rejected": f"Title {number + 1}, a horror film",
        "domain": "films",
    }


def _seeded(folder: Path) -> Path:
    """A file with one user who has a profile."""
    database = folder / "one.db"
    if not database.exists():
        with StdioServer(prosona_command(database, "--user", "ana")) as server:
            for number in range(40):
                server.call(OBSERVE, _observation(number))
            server.call(GET, {})
    return database


def _first_result(command: list[str], tool: str) -> float:
    with StdioServer(command) as server:
        server.call(tool, {})
        return time.perf_counter() - server.started_at


def taking_turns(calls: int, base: Call, ours: Call) -> tuple[list[float], list[float]]:
    """Seconds of `calls` calls of each, in turns of fifty, after a turn that is not counted."""
    turn = min(50, calls)
    measured: tuple[list[float], list[float]] = ([], [])
    for number in range(calls // turn + 1):
        for call, seconds in zip((base, ours), measured, strict=True):
            taken = [call() for _ in range(turn)]
            if number:
                seconds.extend(taken)
    return measured


@contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="prosona-benchmark-") as name:
        yield Path(name)
