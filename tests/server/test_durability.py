"""What was acknowledged stays, whatever happens to the server, and however many servers write."""

from __future__ import annotations

import asyncio
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prosona.service import open_service

if TYPE_CHECKING:
    from tests.server.conftest import StartStdio, StdioServer

ROUNDS = 52
AT_ONCE = 8
IN_FLIGHT = 60
LONGEST_LIFE = 0.25
EACH = 200
TIME_LIMIT = 60


def kept(db: Path, user_id: str) -> list[str]:
    """Every `chosen` in the log of one user, read by a service of this process."""

    async def read() -> list[str]:
        service = open_service(db)
        found: list[str] = []
        after = 0
        while batch := await service.interactions(user_id, after=after, limit=500):
            found += [str(i.chosen) for i in batch]
            after = batch[-1].seq
        await service.aclose()
        return found

    return asyncio.run(read())


def one_life(start: StartStdio, db: Path, number: int, rng: random.Random) -> tuple[set[str], int]:
    """Starts a server, has it write from several threads and kills it: what it acknowledged, and
    how many requests it left unanswered."""
    server = start(db, "--user", "ana")
    acknowledged: set[str] = set()
    sent: dict[str, int] = {}
    first = threading.Event()

    def write(thread: int) -> None:
        for n in range(IN_FLIGHT):
            item = f"{number}.{thread}.{n}"
            try:
                sent[item] = server.start_call("observe_interaction", {"chosen": item})
            except BrokenPipeError:
                return
            first.set()

    writers = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
    for writer in writers:
        writer.start()
    assert first.wait(TIME_LIMIT)
    if rng.random() < 0.9:
        # Most servers live until they have answered something; some die while they start.
        assert server.spoke.wait(TIME_LIMIT)
    threading.Event().wait(rng.uniform(0, LONGEST_LIFE))
    server.process.kill()
    for writer in writers:
        writer.join(TIME_LIMIT)
    server.stop(signal.SIGKILL)
    for item, request in sent.items():
        answers = server._answers[request]
        if not answers.empty():
            response = answers.get()
            assert not response["result"].get("isError"), response
            acknowledged.add(item)
    return acknowledged, len(sent) - len(acknowledged)


@pytest.mark.timeout(300)
def test_an_acknowledged_interaction_survives_kill_9_at_any_point(
    start_stdio: StartStdio, tmp_path: Path
) -> None:
    db = tmp_path / "p.db"
    rng = random.Random(20261123)
    seeds = [random.Random(rng.random()) for _ in range(ROUNDS)]
    with ThreadPoolExecutor(2) as pool:
        lives = list(pool.map(lambda n: one_life(start_stdio, db, n, seeds[n]), range(ROUNDS)))
    acknowledged = set().union(*(answered for answered, _ in lives))
    cut_off = sum(1 for _, unanswered in lives if unanswered)
    found = kept(db, "ana")
    lost = acknowledged - set(found)
    print(
        f"{ROUNDS} kills, {cut_off} of them with requests unanswered: {len(acknowledged)} acknowledged,"
        f" {len(lost)} lost, {len(found)} kept"
    )
    assert lost == set()
    assert len(found) == len(set(found)), "nothing is kept twice"
    assert len(acknowledged) > ROUNDS * 10, "the servers were given time to acknowledge something"
    assert cut_off >= ROUNDS // 4, "the servers were killed in mid-work"


def observe_many(server: StdioServer, name: str) -> list[str]:
    """Observes `EACH` interactions, some at a time, and returns the errors."""
    waiting: list[int] = []
    errors = []
    for n in range(EACH + AT_ONCE):
        if n < EACH:
            waiting.append(
                server.start_call("observe_interaction", {"user_id": "ana", "chosen": f"{name} {n}"})
            )
        if n >= AT_ONCE:
            result = server.answer(waiting.pop(0), TIME_LIMIT)["result"]
            if result.get("isError"):
                errors.append(result["content"][0]["text"])
    return errors


def test_two_stdio_servers_on_one_file_keep_all_of_their_observations(
    start_stdio: StartStdio, tmp_path: Path
) -> None:
    db = tmp_path / "p.db"
    servers = {name: start_stdio(db) for name in ("first", "second")}
    with ThreadPoolExecutor(2) as pool:
        errors = list(pool.map(lambda name: observe_many(servers[name], name), servers))
    assert errors == [[], []]
    for server in servers.values():
        assert server.end() == 0
        assert server.stderr.read_text() == ""
    assert sorted(kept(db, "ana")) == sorted(f"{name} {n}" for name in servers for n in range(EACH))


def test_of_two_revisions_on_one_base_one_wins_and_the_other_gets_both_texts(
    start_stdio: StartStdio, tmp_path: Path
) -> None:
    db = tmp_path / "p.db"
    servers = [start_stdio(db, "--user", "ana") for _ in range(2)]
    base = servers[0].result("revise_profile", {"statement": "I am vegetarian."})["version"]
    for server in servers:
        server.result("get_user_profile", {})
    for attempt in range(10):
        texts = [f"Reads novels, says {name} {attempt}." for name in ("one", "two")]
        asked = [
            server.start_call("revise_profile", {"text": text, "base_version": base})
            for server, text in zip(servers, texts, strict=True)
        ]
        results = [server.answer(number)["result"] for server, number in zip(servers, asked, strict=True)]
        lost = [n for n, result in enumerate(results) if result.get("isError")]
        assert len(lost) == 1, results
        error = results[lost[0]]["_meta"]["prosona/error"]
        won = results[1 - lost[0]]["structuredContent"]
        assert error["code"] == "conflict"
        assert error["proposed"] == texts[lost[0]]
        assert error["current"]["text"] == won["text"]
        assert texts[1 - lost[0]] in won["text"]
        assert won["version"] == error["current"]["version"] == base + 1
        base = won["version"]
    for server in servers:
        assert server.end() == 0
