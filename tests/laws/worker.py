"""One process of the kill test: it does random things to shared users and notes what was acknowledged.

python -m tests.laws.worker DB NOTES NAME SEED
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from pathlib import Path

from prosona.core.errors import ConflictError, NotForgottenError, ProsonaError
from prosona.service import ProfileService, open_service, parse_change, parse_interaction

SHARED = "shared"


class Worker:
    """Works on the user that all share, forgetting only what it told itself, and on one of its own."""

    def __init__(self, service: ProfileService, notes: int, name: str, seed: int) -> None:
        self._service = service
        self._notes = notes
        self._name = name
        self._chance = random.Random(seed)
        self._count = 0
        self._seed = seed

    def note(self, what: str, user: str, word: str, key: str = "") -> None:
        """On record before the next thing happens, whatever kills this process."""
        os.write(self._notes, (json.dumps([what, user, word, key]) + "\n").encode())

    async def one(self) -> None:
        """One random thing."""
        user = self._chance.choice([SHARED, SHARED, self._name])
        what = self._chance.choices(
            ["observe", "read", "state", "forget", "erase", "remove"], [10, 4, 1, 3, 1, 1]
        )[0]
        # An invented word for each process and each dozen of its observations, none a part of another.
        word = f"Zq{self._name}{self._seed}x{self._count // 12}z"
        if what == "observe":
            self._count += 1
            key = f"{self._name}-{self._seed}-{self._count}"
            self.note("observing", user, word, key)
            interaction = parse_interaction(
                chosen=f"{word} ({self._chance.choice(['drama', 'western'])})",
                domain="films",
                idempotency_key=key,
                agent=self._name,
            )
            await self._service.observe(user, [interaction])
            self.note("observed", user, word, key)
        elif what == "read":
            await self._service.get(user, fresh=True)
        elif what == "state":
            self.note("stating", user, word)
            await self._service.revise(user, parse_change(statement=f"I like {word} best."), actor=self._name)
        elif what == "forget":
            self.note("forgetting", user, word)
            try:
                preview = await self._service.preview(user, word)
                change = parse_change(forget=word, confirm=preview.word)
                await self._service.revise(user, change, actor=self._name)
            except NotForgottenError:
                pass
            self.note("forgot", user, word)
            self._count += 12  # Never told again.
        elif what == "erase" and user != SHARED:
            self.note("erasing", user, "")
            await self._service.revise(user, parse_change(forget="*"), actor=self._name)
            self.note("erased", user, "")
        elif what == "remove" and (lines := await self._service.lines(user)):
            line = self._chance.choice(lines)
            await self._service.revise(user, parse_change(remove=line.id), actor=self._name)


async def work(db: Path, notes: Path, name: str, seed: int) -> None:
    """Goes on until it is killed."""
    descriptor = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    service = open_service(db)
    worker = Worker(service, descriptor, name, seed)
    worker.note("started", "", "")
    while True:
        try:
            await worker.one()
        except ConflictError:
            continue
        except ProsonaError as error:
            # Another process's turn; what was not acknowledged is not on record as such.
            worker.note("refused", "", str(error))


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
