"""`doctor`: is this installation in order? Each check says what it found and what to do about it."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prosona.cli import exits
from prosona.cli.checks import Result, check_database
from prosona.cli.options import Settings, db_option, json_option, pass_settings
from prosona.cli.output import print_json, print_table
from prosona.cli.profilers import chosen_profiler, profiler_options
from prosona.core.errors import OutputRejectedError, ProsonaError, UnavailableError
from prosona.hosts.change import program

if TYPE_CHECKING:
    from typing import Unpack

    from prosona.cli.profilers import ProfilerOptions
    from prosona.profiler.seam import Profiler
    from prosona.service import ProfilerChoice

__all__ = ["doctor"]

_SERVER_SECONDS = 30.0
"""How long a server may take to start and answer: a cold disk is slow, a broken one never answers."""
_PROFILER_SECONDS = 120.0
"""How long a fold of the sample may take: a small model on a CPU needs a minute."""

_SAMPLE = (
    ("Which film tonight?", "Solaris, slow and set in space", "Saw, a horror film"),
    ("Which book for the train?", "A quiet novel about a lighthouse", "A loud thriller"),
    ("Which film next?", "Arrival, about talking with strangers", "A car chase"),
)


@click.command(short_help="Check the installation.")
@profiler_options()
@json_option()
@db_option()
@pass_settings
def doctor(settings: Settings, as_json: bool, **options: Unpack[ProfilerOptions]) -> None:
    """Check the installation: Python, the database, the profiler, a real server, the configured hosts.

    Changes nothing in the database; the server is tried on a file of its own, the profiler on a
    sample. The exit code is 1 if a check failed; warnings leave it at 0.

    \b
    Examples:
      prosona doctor
      prosona doctor --json | jq '.[] | select(.status != "ok")'
    """
    chosen = chosen_profiler(options)
    results = [_python(), *check_database(settings), _profiler(chosen), _round_trip(), _hosts()]
    if as_json:
        print_json([{"check": r.check, "status": r.status, "detail": r.detail} for r in results])
    else:
        print_table(("", "check", "finding"), [(r.status, r.check, r.detail) for r in results])
    if any(result.status == "fail" for result in results):
        click.get_current_context().exit(exits.FAILED)


def _python() -> Result:
    running = (
        f"Prosona {version('prosona')} on Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"
    )
    return Result("python", "ok", f"{running}, {sys.executable}")


def _profiler(chosen: ProfilerChoice) -> Result:
    from prosona.service import make_profiler

    try:
        tried = asyncio.run(_try_out(make_profiler(chosen)[0]))
        if chosen.kind == "host":
            return replace(tried, detail=f"the calling agent's own model, and beside it {tried.detail}")
        return tried
    except OutputRejectedError as error:
        return Result("profiler", "warn", f"it answers, but a fold of a sample was refused: {error}")
    except ProsonaError as error:
        return Result("profiler", "fail", str(error))
    except TimeoutError:
        return Result("profiler", "fail", f"a fold of a sample took more than {_PROFILER_SECONDS:.0f} s")
    except Exception as error:  # noqa: BLE001 - somebody's own profiler may raise anything
        return Result("profiler", "fail", f"a fold of a sample raised {type(error).__name__}: {error}")


async def _try_out(profiler: Profiler) -> Result:
    """Asks an endpoint for its model, and any profiler for one fold of a sample."""
    from prosona.core.words import RecordedInteraction
    from prosona.profiler.seam import ClosingProfiler, FoldRequest

    now = datetime.now(UTC)
    interactions = tuple(
        RecordedInteraction(seq=n, observed_at=now, query=query, chosen=chosen, rejected=rejected)
        for n, (query, chosen, rejected) in enumerate(_SAMPLE, start=1)
    )
    request = FoldRequest((), (), interactions, None, 600, now)
    try:
        async with asyncio.timeout(_PROFILER_SECONDS):
            whose = await _whose(profiler)
            began = time.perf_counter()
            await profiler.fold(request)
            took = time.perf_counter() - began
    finally:
        if isinstance(profiler, ClosingProfiler):
            await profiler.aclose()
    cost = f", {request.usage.tokens} tokens" if request.usage.calls else ""
    return Result("profiler", "ok", f"{whose}: folded a sample in {took:.2f} s{cost}")


async def _whose(profiler: Profiler) -> str:
    if not profiler.name.startswith("llm"):
        return profiler.name
    from prosona.profiler.llm import LLMProfiler

    if not isinstance(profiler, LLMProfiler):
        return profiler.name
    served = await profiler.served()
    context = f", context {served.context_tokens} tokens" if served.context_tokens else ""
    return f"llm: {served.name}{context}"


def _round_trip() -> Result:
    begun = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_converse(Path(folder) / "doctor.db"))
    except ProsonaError as error:
        return Result("server", "fail", f"a stdio server did not answer as it should: {error}")
    except TimeoutError:
        return Result("server", "fail", f"a stdio server did not answer within {_SERVER_SECONDS:.0f} s")
    took = time.perf_counter() - begun
    return Result("server", "ok", f"started over stdio, observed, handed out a profile in {took:.1f} s")


async def _converse(db: Path) -> None:
    from prosona.client import AsyncProfileClient

    command = [*program(), "serve", "--user", "doctor", "--db", str(db)]
    async with asyncio.timeout(_SERVER_SECONDS), AsyncProfileClient.connect(command) as client:
        await client.observe(chosen="a long walk in the rain", domain="leisure")
        profile = await client.get()
        if profile.interactions != 1:
            raise UnavailableError(f"{profile.interactions} interactions after one was observed")


def _hosts() -> Result:
    from prosona.hosts.check import check

    standing = check()
    if not standing:
        return Result("hosts", "warn", "none is configured; run prosona install HOST")
    problems = [f"{one.host.name}: {problem}" for one in standing for problem in one.problems]
    if problems:
        # One person's server beside another's hooks is told by each scope that it shows in.
        return Result("hosts", "warn", "; ".join(dict.fromkeys(problems)))
    return Result("hosts", "ok", ", ".join(f"{one.host.name} ({one.scope})" for one in standing))
