"""The reference memory server from npm, and ours, with as many observations stored in each."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.growth import build, user_name
from benchmarks.messages import LEGACY
from benchmarks.results import Result, Skipped, median, milliseconds
from benchmarks.sections import GET, OBSERVE, taking_turns
from benchmarks.stdio_client import StdioServer, prosona_command

_PACKAGES = Path(__file__).parent / "npm"
_SERVER = _PACKAGES / "node_modules" / "@modelcontextprotocol" / "server-memory" / "dist" / "index.js"
_EACH = 10
_WHAT = "reference memory server"


def against_reference(
    observations: int, calls: int, folder: Path, *, install: bool
) -> list[Result | Skipped]:
    """Writes and reads of both, taking turns. `install` fetches the server from npm when it is missing."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node is None or npm is None:
        return [Skipped(_WHAT, "needs node and npm")]
    if not _SERVER.exists():
        if not install:
            return [Skipped(_WHAT, "not installed; a full run fetches it from npm")]
        subprocess.run(
            [npm, "--prefix", str(_PACKAGES), "ci", "--no-audit", "--no-fund", "--silent"],
            check=True,
            env={**os.environ, "PATH": path},
            stdout=sys.stderr,
        )
    users = observations // _EACH
    theirs, ours = folder / "memory.jsonl", folder / "compared.db"
    _fill_theirs(theirs, users)
    build(ours, users, _EACH)
    return _compare([node, str(_SERVER)], theirs, ours, users, calls)


def _fill_theirs(path: Path, users: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number in range(users):
            entity = {
                "type": "entity",
                "name": user_name(number),
                "entityType": "person",
                "observations": [f"Chose title {number + n}, a story of rivers" for n in range(_EACH)],
            }
            file.write(json.dumps(entity) + "\n")


def _compare(command: list[str], theirs: Path, ours: Path, users: int, calls: int) -> list[Result | Skipped]:
    chance = random.Random(5)
    numbers = itertools.count()

    def name() -> str:
        return user_name(chance.randrange(users))

    def text() -> str:
        return f"Chose film {next(numbers)}, a story of trains"

    def addition() -> dict[str, Any]:
        return {"observations": [{"entityName": name(), "contents": [text()]}]}

    with ExitStack() as stack:
        them = stack.enter_context(StdioServer(command, era=LEGACY, env={"MEMORY_FILE_PATH": str(theirs)}))
        us = stack.enter_context(StdioServer(prosona_command(ours), era=LEGACY))
        reads = taking_turns(
            calls,
            lambda: them.call("open_nodes", {"names": [name()]}),
            lambda: us.call(GET, {"user_id": name()}),
        )
        writes = taking_turns(
            calls,
            lambda: them.call("add_observations", addition()),
            lambda: us.call(OBSERVE, {"user_id": name(), "chosen": text()}),
        )
    stored = f"{users * _EACH:,} observations stored"
    return [
        _times_faster(f"write beside the {_WHAT}, {stored}", writes, 20),
        _times_faster(f"read beside the {_WHAT}, {stored}", reads, 8),
    ]


def _times_faster(what: str, measured: tuple[list[float], list[float]], limit: float) -> Result:
    theirs, ours = median(measured[0]), median(measured[1])
    times = theirs / ours
    return Result(
        what, milliseconds(theirs), milliseconds(ours), f"{times:.0f} x", times, limit, at_least=True
    )
