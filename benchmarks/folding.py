"""What folding by a model costs, printed as a table.

    python benchmarks/folding.py                                everything but the throughput
    python benchmarks/folding.py throughput --engine URL        against an engine that runs there
    python benchmarks/folding.py cpu prompt calls outage once   some of it

Only `throughput` needs an engine; the rest asks a scripted endpoint in a process of its own. On a machine
without a GPU `make engine; python -m tests.engine.serving deep 8127` is one, at http://127.0.0.1:8127.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from prosona.core.words import Interaction
from prosona.profiler.llm import LLMProfiler, LLMSettings
from prosona.profiler.llm.endpoint import Endpoint
from prosona.profiler.llm.prompt import PromptTemplate, past_of, triple_of
from prosona.profiler.seam import FoldRequest
from prosona.profiler.testing import Answer, ScriptedEndpoint
from prosona.profiles_db import SQLiteStore
from prosona.service import FoldPolicy, FoldReport, ProfileService, open_service

SUBJECTS = ["film", "book", "game", "song", "play", "story", "series", "album", "essay", "poem"]
SUMMARY = "\n".join(
    f"Likes a slow and quiet {SUBJECTS[n % 10]} about subject number {n}, mostly late in the evening."
    for n in range(20)
)
FORM = Path("alignxplore")
POLICY = FoldPolicy.for_model(calls_a_day=None, tokens_a_day=None)


def interactions(count: int, start: int = 0) -> list[Interaction]:
    return [
        Interaction(
            query=f"Which {SUBJECTS[n % 10]} would you like now, something new or something old?",
            chosen=f"A slow {SUBJECTS[n % 10]} about the sea, the winter and a lighthouse, number {n}",
            rejected=f"A loud {SUBJECTS[n % 10]} about cars, money and a robbery, number {n}",
            domain="leisure",
        )
        for n in range(start, start + count)
    ]


def service_on(folder: Path, url: str, policy: FoldPolicy = POLICY) -> ProfileService:
    return open_service(
        folder / "profiles.db", profiler=LLMProfiler(LLMSettings(url=url, template=FORM)), policy=policy
    )


async def load(folder: Path, users: int, each: int) -> None:
    """Puts interactions of many users into the file, and folds none."""
    service = service_on(folder, "http://127.0.0.1", replace(POLICY, background=False))
    for start in range(0, users, 200):
        some = range(start, min(users, start + 200))
        await asyncio.gather(*(service.observe(f"user {n}", interactions(each)) for n in some))
    await service.aclose()


# --- a scripted endpoint in a process of its own -------------------------------------------------------


def _serve(pipe: Connection, seconds: float) -> None:
    async def serve() -> None:
        async with ScriptedEndpoint(Answer(SUMMARY, seconds=seconds)) as endpoint:
            pipe.send(endpoint.url)
            loop = asyncio.get_running_loop()
            while (order := await loop.run_in_executor(None, pipe.recv)) != "end":
                if order == "stop":
                    await endpoint.stop()
                elif order == "start":
                    await endpoint.start()
                pipe.send(len(endpoint.requests))

    asyncio.run(serve())


class OtherProcess:
    """The scripted endpoint, and orders to it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.url: str = pipe.recv()

    async def order(self, word: str) -> int:
        """Does `stop`, `start` or nothing (`count`); the number of completions asked for so far."""
        self._pipe.send(word)
        count: int = await asyncio.to_thread(self._pipe.recv)
        return count


@asynccontextmanager
async def scripted(seconds: float) -> AsyncIterator[OtherProcess]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, seconds), daemon=True)
    process.start()
    try:
        yield OtherProcess(ours)
    finally:
        ours.send("end")
        await asyncio.to_thread(process.join, 10)


# --- the measures --------------------------------------------------------------------------------------


async def throughput(options: argparse.Namespace) -> list[str]:
    """Folds a second through our engine, and the same prompts by a bare client, in turns."""
    if not options.engine:
        return ["throughput against a bare client", "not measured: give --engine URL", "at least 95 %"]
    ours, bare = [], []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            await load(Path(folder), options.users, 8)
            service = service_on(Path(folder), options.engine)
            reports: list[FoldReport] = []
            service.watch_folds(reports.append)
            began = time.perf_counter()
            await service.fold_everyone()
            ours.append(options.users / (time.perf_counter() - began))
            await service.aclose()
        failed = [r for r in reports if r.problem]
        if failed:
            return ["throughput", f"{len(failed)} folds failed: {failed[0].problem}", "at least 95 %"]
        bare.append(await _bare(options))
    share = statistics.median(ours) / statistics.median(bare)
    figures = f"{share:.1%} (ours {_list(ours)}, bare {_list(bare)} folds/s)"
    return [f"throughput, {options.users} users x 8, of a bare client's", figures, "at least 95 %"]


async def _bare(options: argparse.Namespace) -> float:
    import httpx2

    endpoint = Endpoint(LLMSettings(url=options.engine))
    served = await endpoint.served()
    await endpoint.aclose()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        store = SQLiteStore(Path(folder) / "profiles.db")
        await store.append("user", interactions(8))
        recorded = (await store.backlog("user", 8)).interactions
        await store.close()
    request = FoldRequest((), (), recorded, memory=None, max_tokens=600, now=now)
    body = {
        "model": served.name,
        "messages": PromptTemplate().messages(past_of(request), [triple_of(i) for i in recorded], 600),
        "temperature": 0.6,
        "top_p": 0.95,
        "top_k": 20,
        "max_tokens": min(4096, (served.context_tokens or 16_384) // 2),
    }
    at_once = LLMSettings(url=options.engine).concurrency
    slots = asyncio.Semaphore(at_once)
    limits = httpx2.Limits(max_connections=at_once)
    async with httpx2.AsyncClient(timeout=180, limits=limits) as client:

        async def one() -> None:
            async with slots:
                (await client.post(f"{options.engine}/v1/chat/completions", json=body)).raise_for_status()

        began = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(options.users)))
        return float(options.users / (time.perf_counter() - began))


async def cpu(options: argparse.Namespace) -> list[str]:
    """CPU time of this process, all its threads, per fold."""
    async with scripted(0.05) as endpoint:
        with tempfile.TemporaryDirectory() as folder:
            service = service_on(Path(folder), endpoint.url)
            await load(Path(folder), 40, 8)
            await service.fold_everyone()
            await load(Path(folder), 640, 8)
            before = _cpu_seconds()
            await service.fold_everyone()
            spent = _cpu_seconds() - before
            await service.aclose()
    return ["CPU of our side per fold", f"{spent / 640 * 1000:.2f} ms", "under 10 ms"]


async def prompt(options: argparse.Namespace) -> list[str]:
    """Tokens of the prompt that folds 8 new interactions, early and late. The model writes 20 lines."""
    tokens = []
    async with scripted(0) as endpoint:
        for earlier in (10, 10_000):
            with tempfile.TemporaryDirectory() as folder:
                service = service_on(Path(folder), endpoint.url)
                for start in range(0, earlier, 1000):
                    await service.observe("ana", interactions(min(1000, earlier - start), start))
                await service.fold_everyone()
                reports: list[FoldReport] = []
                service.watch_folds(reports.append)
                await service.observe("ana", interactions(8, earlier))
                await service.get("ana", fresh=True)
                tokens.append(sum(r.usage.prompt_tokens for r in reports))
                await service.aclose()
    return [
        "prompt tokens after 10 and 10,000",
        f"{tokens[0]} and {tokens[1]} ({tokens[1] / tokens[0]:.3f} x)",
        "within 10 %",
    ]


async def calls(options: argparse.Namespace) -> list[str]:
    """Model calls for 800 interactions of one busy user, observed one at a time."""
    async with scripted(0.3) as endpoint:
        with tempfile.TemporaryDirectory() as folder:
            service = service_on(Path(folder), endpoint.url)
            service.start()
            for n in range(800):
                await service.observe("ana", interactions(1, n))
            await service.get("ana", fresh=True)
            asked = await endpoint.order("count")
            await service.aclose()
    return ["model calls per 8 interactions", f"{asked / 100:.2f}", "at most 1"]


async def outage(options: argparse.Namespace) -> list[str]:
    """50 observations a second while the endpoint is up, gone, and back."""
    users, rate = 100, 50
    took: dict[str, list[float]] = {"up": [], "down": []}
    async with scripted(0.3) as endpoint:
        with tempfile.TemporaryDirectory() as folder:
            service = service_on(Path(folder), endpoint.url, replace(POLICY, idle_seconds=5.0))
            reports: list[FoldReport] = []
            service.watch_folds(reports.append)
            service.start()
            sent = 0
            for phase, seconds in (("up", options.seconds), ("down", options.seconds), ("up", 10)):
                await endpoint.order("stop" if phase == "down" else "count")
                began = time.perf_counter()
                for n in range(int(seconds * rate)):
                    await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
                    before = time.perf_counter()
                    await service.observe(f"user {sent % users}", interactions(1, sent))
                    took[phase].append(time.perf_counter() - before)
                    sent += 1
                if phase == "down":
                    await endpoint.order("start")
            back = time.perf_counter()
            while (await service.pending_totals()).interactions:  # noqa: ASYNC110 - retries tell nobody
                await asyncio.sleep(0.2)
            caught_up = time.perf_counter() - back
            profiles = [await service.get(f"user {n}") for n in range(users)]
            kept = sum(p.interactions for p in profiles)
            await service.aclose()
    # Not by the history: a fold that leaves the lines as they read makes no version.
    folded = sum(report.interactions for report in reports)
    p99 = {phase: 1000 * statistics.quantiles(values, n=100)[98] for phase, values in took.items()}
    return [
        f"endpoint gone for {options.seconds:.0f} s, 50 observations/s",
        f"{sent} sent, {kept} kept, {folded} folded; observe p99 {p99['up']:.1f} ms up, {p99['down']:.1f} ms"
        f" down; caught up {caught_up:.1f} s after the last one",
        "all folded, p99 unchanged",
    ]


async def once(options: argparse.Namespace) -> list[str]:
    """1,000 users due at once, two processes that fold."""
    async with scripted(0.05) as endpoint:
        with tempfile.TemporaryDirectory() as folder:
            service = service_on(Path(folder), endpoint.url, replace(POLICY, background=False))
            await load(Path(folder), 1000, 8)
            command = [sys.executable, __file__, "--worker", folder, endpoint.url]
            began = time.perf_counter()
            workers = [await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE) for _ in "ab"]
            shares = [json.loads((await worker.communicate())[0]) for worker in workers]
            wall = time.perf_counter() - began
            asked = await endpoint.order("count")
            revisions = [len(await service.history(f"user {n}")) for n in range(1000)]
            await service.aclose()
    exactly = sum(count == 1 for count in revisions)
    return [
        "1,000 users due, two processes",
        f"{exactly} folded once, {asked} calls, {shares[0]} + {shares[1]} folds, {wall:.1f} s with start-up",
        "each exactly once",
    ]


async def _work(folder: str, url: str) -> None:
    """A process that folds what is due until nothing is pending, and prints how many it folded."""
    service = service_on(Path(folder), url)
    reports: list[FoldReport] = []
    service.watch_folds(reports.append)
    service.start()
    while (await service.pending_totals()).interactions:  # noqa: ASYNC110 - the other process folds too
        await asyncio.sleep(0.1)
    await service.aclose()
    print(sum(r.outcome == "folded" for r in reports))


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _list(values: list[float]) -> str:
    return "/".join(f"{value:.1f}" for value in values)


MEASURES: dict[str, Callable[[argparse.Namespace], Awaitable[list[str]]]] = {
    measure.__name__: measure for measure in (throughput, cpu, prompt, calls, outage, once)
}


async def main(options: argparse.Namespace) -> None:
    print("| what | measured | must be |\n|---|---|---|", flush=True)
    for name in options.measures or MEASURES:
        print(f"| {' | '.join(await MEASURES[name](options))} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        asyncio.run(_work(*sys.argv[2:4]))
    else:
        parser = argparse.ArgumentParser(
            description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        parser.add_argument("measures", nargs="*", metavar="MEASURE", help=", ".join(MEASURES))
        parser.add_argument("--engine", metavar="URL", help="a vLLM that runs, for throughput")
        parser.add_argument("--users", type=int, default=256, help="for throughput")
        parser.add_argument("--rounds", type=int, default=3, help="for throughput")
        parser.add_argument("--seconds", type=float, default=60.0, help="how long the endpoint is gone")
        chosen = parser.parse_args()
        if unknown := set(chosen.measures) - MEASURES.keys():
            parser.error(f"no such measure: {', '.join(sorted(unknown))}")
        asyncio.run(main(chosen))
