"""Two processes on one file, killed at random in the middle of whatever they do; what must hold afterwards.

python -m tests.laws.kills --kills 200
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.laws.worker import SHARED

from prosona.profiles_db import SQLiteStore
from prosona.service.explaining import every_revision

NAMES = ("ada", "bob")
_ROOT = Path(__file__).parents[2]
_LONGEST_LIFE_SECONDS = 0.4
"""How long a process works before it is killed: long enough for some dozens of operations."""


@dataclass
class Outcome:
    """What was found after the kills; all lists must be empty."""

    kills: int = 0
    acknowledged: int = 0
    forgotten: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    in_bytes: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled or brought back."""
        return not (self.lost or self.doubled or self.back or self.in_bytes)


def kill_many(folder: Path, kills: int, seed: int = 1) -> Outcome:
    """Runs the processes, kills them one after the other, and looks at what is left."""
    chance = random.Random(seed)
    db = folder / "profiles.db"
    outcome = Outcome(kills=kills)
    running = {name: _start(folder, db, name, 0) for name in NAMES}
    for turn in range(1, kills + 1):
        name = chance.choice(NAMES)
        _wait_until_it_works(folder, name, turn)
        time.sleep(chance.uniform(0.0, _LONGEST_LIFE_SECONDS))
        running[name].send_signal(signal.SIGKILL)
        running[name].wait()
        running[name] = _start(folder, db, name, turn)
    for process in running.values():
        process.kill()
        process.wait()
    asyncio.run(_check(folder, db, outcome))
    return outcome


def _notes(folder: Path, name: str) -> Path:
    return folder / f"{name}.notes"


def _start(folder: Path, db: Path, name: str, seed: int) -> subprocess.Popen[bytes]:
    notes = str(_notes(folder, name))
    command = [sys.executable, "-m", "tests.laws.worker", str(db), notes, name, str(seed)]
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(command, cwd=_ROOT, stderr=log)


def _wait_until_it_works(folder: Path, name: str, turn: int) -> None:
    deadline = time.monotonic() + 60
    path = _notes(folder, name)
    size = path.stat().st_size if path.exists() else 0
    while not path.exists() or path.stat().st_size <= size:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} did nothing before kill {turn}: see {folder}")
        time.sleep(0.002)


async def _check(folder: Path, db: Path, outcome: Outcome) -> None:
    acknowledged: dict[str, tuple[str, str]] = {}
    perhaps_gone: set[tuple[str, str]] = set()
    gone: set[tuple[str, str]] = set()
    for name in NAMES:
        for row in _notes(folder, name).read_text().splitlines():
            what, user, word, key = json.loads(row)
            match what:
                case "observing" | "stating":
                    # A word may be told again after an erase of its user.
                    gone.discard((user, word))
                case "observed":
                    acknowledged[key] = (user, word)
                case "forgetting":
                    perhaps_gone.add((user, word))
                case "forgot":
                    gone.add((user, word))
                case "erasing" | "erased":
                    words = {word for other, word in acknowledged.values() if other == user}
                    (gone if what == "erased" else perhaps_gone).update((user, word) for word in words)
                case "refused":
                    outcome.refused[word.split(":")[0][:80]] += 1
    outcome.acknowledged, outcome.forgotten = len(acknowledged), len(gone)
    store = SQLiteStore(db)
    problems = await store.maintain()
    outcome.in_bytes += problems
    log: Counter[str] = Counter()
    words_left: dict[str, str] = {}
    for user in (SHARED, *NAMES):
        items = await store.interactions(user, limit=10**6)
        log.update(str(item.idempotency_key) for item in items)
        lines = [line.text for revision in await every_revision(store, user) for line in revision.lines]
        words_left[user] = "\n".join([*lines, *(item.chosen or "" for item in items)])
    await store.close()
    for key, (user, word) in acknowledged.items():
        if log[key] > 1:
            outcome.doubled.append(key)
        if not log[key] and (user, word) not in gone | perhaps_gone:
            outcome.lost.append(key)
    raw = db.read_bytes()
    for user, word in gone:
        if word in words_left[user]:
            outcome.back.append(f"{user} {word}")
        elsewhere = any(word in text for text in words_left.values())
        if not elsewhere and word.encode() in raw:
            outcome.in_bytes.append(word)


def main() -> None:
    """Prints what was found; ends with 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = kill_many(Path(folder), given.kills, given.seed)
    print(
        f"{outcome.kills} kills, {outcome.acknowledged} acknowledged, {outcome.forgotten} forgets:"
        f" {len(outcome.lost)} lost, {len(outcome.doubled)} doubled, {len(outcome.back)} back,"
        f" {len(outcome.in_bytes)} in the bytes; refused meanwhile: {dict(outcome.refused)}"
    )
    sys.exit(not outcome.holds)


if __name__ == "__main__":
    main()
