from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import Popen

from prosona.core.requests import Commit
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore

StartProgram = Callable[..., "Popen[str]"]

APPEND_MANY = """
import asyncio, sys
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore

async def main(path, name, count):
    print("ready", flush=True)
    sys.stdin.readline()
    store = SQLiteStore(path)
    for n in range(count):
        await store.append("ana", [Interaction(chosen=f"{name} {n}")])
    await store.close()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""

APPEND_FOREVER = """
import asyncio, itertools, sys
from prosona.core.words import Interaction
from prosona.profiles_db.sqlite import SQLiteStore

async def main(path, first):
    store = SQLiteStore(path)
    for n in itertools.count(first):
        await store.append("ana", [Interaction(chosen=f"number {n}", idempotency_key=str(n))])
        print(n, flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""

RACE_FOR_THE_BASE = """
import asyncio, sys
from prosona.core.requests import Commit
from prosona.profiles_db.sqlite import SQLiteStore

async def main(path, name):
    store = SQLiteStore(path)
    print("ready", flush=True)
    for line in sys.stdin:
        incarnation = (await store.head("ana")).incarnation
        commit = Commit(
            incarnation=incarnation, base_version=int(line), cause="edit", actor=name, lines=(), text="by me"
        )
        print("lost" if await store.commit("ana", commit) is None else "won", flush=True)
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


def _line(process: Popen[str]) -> str | None:
    """The next line; None at the end, where a killed process may have left half a line."""
    assert process.stdout is not None
    line = process.stdout.readline()
    return line.strip() if line.endswith("\n") else None


def _say(process: Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _finished(process: Popen[str]) -> None:
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors


async def test_two_processes_append_at_once_and_all_is_kept(path: Path, start_program: StartProgram) -> None:
    writers = [start_program(APPEND_MANY, path, name, 200) for name in ("left", "right")]
    for writer in writers:
        assert _line(writer) == "ready"
    for writer in writers:
        _say(writer, "go")
    for writer in writers:
        _finished(writer)
    store = SQLiteStore(path)
    kept = await store.interactions("ana", limit=1000)
    head = await store.head("ana")
    await store.close()
    assert [i.seq for i in kept] == [*range(1, 401)]
    assert {i.chosen for i in kept} == {f"{name} {n}" for name in ("left", "right") for n in range(200)}
    assert (head.observed, head.pending) == (400, 400)


async def test_processes_that_make_the_same_new_file_at_once_all_succeed(
    path: Path, start_program: StartProgram
) -> None:
    writers = [start_program(APPEND_MANY, path, f"p{n}", 1) for n in range(4)]
    for writer in writers:
        assert _line(writer) == "ready"
    for writer in writers:
        _say(writer, "go")
    for writer in writers:
        _finished(writer)
    store = SQLiteStore(path)
    assert (await store.head("ana")).observed == 4
    await store.close()


async def test_what_was_acknowledged_survives_a_kill_at_any_moment(
    path: Path, start_program: StartProgram
) -> None:
    chance = random.Random(11)
    acknowledged = -1
    for _ in range(10):
        writer = start_program(APPEND_FOREVER, path, acknowledged + 1)
        for _ in range(chance.randrange(1, 60)):
            acknowledged = int(_line(writer) or "no line")
        writer.kill()
        while (line := _line(writer)) is not None:
            acknowledged = int(line)
        writer.communicate(timeout=60)
        store = SQLiteStore(path)
        kept = [i.chosen for i in await store.interactions("ana", limit=10_000)]
        head = await store.head("ana")
        await store.close()
        assert kept[: acknowledged + 1] == [f"number {n}" for n in range(acknowledged + 1)]
        assert len(kept) <= acknowledged + 2
        assert head.observed == head.pending == len(kept)
    assert acknowledged > 50


async def test_of_two_processes_on_one_version_exactly_one_wins(
    path: Path, start_program: StartProgram
) -> None:
    racers = [start_program(RACE_FOR_THE_BASE, path, name) for name in ("left", "right")]
    for racer in racers:
        assert _line(racer) == "ready"
    store = SQLiteStore(path)
    await store.append("ana", [Interaction(chosen="tea")])
    await store.close()
    for base in range(50):
        for racer in racers:
            _say(racer, str(base))
        assert {_line(racer) for racer in racers} == {"lost", "won"}
    store = SQLiteStore(path)
    assert [r.version for r in await store.revisions("ana", limit=100)] == [*range(50, 0, -1)]
    await store.close()


async def test_a_reader_in_another_store_sees_each_write_at_once(path: Path) -> None:
    writer, reader = SQLiteStore(path), SQLiteStore(path)
    for n in range(1, 20):
        await writer.append("ana", [Interaction(chosen=f"c{n}")])
        assert (await reader.head("ana")).observed == n
    await writer.close()
    assert (await reader.head("ana")).observed == 19, "closing one store leaves the other its locks"
    await reader.append("ana", [Interaction(chosen="more")])
    await reader.close()


def test_many_threads_with_an_event_loop_each_share_one_store(path: Path) -> None:
    store = SQLiteStore(path)
    start = threading.Barrier(8)

    async def work(name: str) -> None:
        start.wait(30)
        for n in range(25):
            await store.append(name, [Interaction(chosen=f"{n}")])
            await store.append("all", [Interaction(chosen=f"{name} {n}", idempotency_key=f"{name} {n}")])
            assert (await store.head(name)).observed == n + 1
            assert n < len((await store.backlog("all", 500)).interactions) <= 200

    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(asyncio.run, work(f"user {n}")) for n in range(8)]:
            done.result(60)

    async def check() -> None:
        assert (await store.head("all")).pending == 200
        assert {u.observed for u in await store.users(prefix="user ")} == {25}
        await store.close()

    asyncio.run(check())


async def test_waiting_writes_share_commits_and_keep_their_order(store: SQLiteStore) -> None:
    await asyncio.gather(*(store.append("ana", [Interaction(chosen=f"c{n}")]) for n in range(500)))
    assert [i.chosen for i in await store.interactions("ana")] == [f"c{n}" for n in range(500)]
    sizes: list[int] = []
    commit = store._file._writer._commit

    def counting(conn: object, batch: list[object]) -> bool:
        sizes.append(len(batch))
        return commit(conn, batch)  # type: ignore[arg-type]

    store._file._writer._commit = counting  # type: ignore[method-assign,assignment]
    await asyncio.gather(*(store.append("ana", [Interaction(chosen=f"d{n}")]) for n in range(500)))
    assert sum(sizes) == 500
    assert len(sizes) < 250


async def test_a_failing_write_fails_alone_among_those_it_waited_with(store: SQLiteStore) -> None:
    taken = Interaction(chosen="a", idempotency_key="k")
    await store.append("ana", [taken])
    clash = Interaction(chosen="b", idempotency_key="k")
    wrong = [Interaction(chosen="lost"), clash]
    calls = [[Interaction(chosen=f"c{n}")] if n % 3 else wrong for n in range(60)]
    outcomes = await asyncio.gather(*(store.append("ana", c) for c in calls), return_exceptions=True)
    assert [isinstance(o, Exception) for o in outcomes] == [n % 3 == 0 for n in range(60)]
    kept = [i.chosen for i in await store.interactions("ana")]
    assert kept == ["a", *(f"c{n}" for n in range(60) if n % 3)]


async def test_a_call_given_up_before_its_turn_writes_nothing(store: SQLiteStore) -> None:
    gate = threading.Event()
    blocking = store._file._writer.submit(lambda conn: gate.wait(30))
    call = asyncio.ensure_future(store.append("ana", [Interaction(chosen="given up")]))
    await asyncio.sleep(0)
    call.cancel()
    await asyncio.wait([call])
    gate.set()
    assert blocking.result(30)
    await store.append("ana", [Interaction(chosen="kept")])
    assert [i.chosen for i in await store.interactions("ana")] == ["kept"]


async def test_closing_finishes_the_writes_that_wait(path: Path) -> None:
    store = SQLiteStore(path)
    writes = [asyncio.ensure_future(store.append("ana", [Interaction(chosen=f"c{n}")])) for n in range(50)]
    await asyncio.sleep(0)
    await store.close()
    assert all(receipts[0].status == "accepted" for receipts in await asyncio.gather(*writes))


async def test_a_read_beside_a_long_write_does_not_wait(store: SQLiteStore) -> None:
    await store.append("ana", [Interaction(chosen="a")])
    gate, inside = threading.Event(), threading.Event()

    def slow(conn: object) -> None:
        inside.set()
        gate.wait(30)

    writing = store._file._writer.submit(slow)
    assert await asyncio.to_thread(inside.wait, 30)
    assert (await store.head("ana")).observed == 1
    assert len(await store.interactions("ana")) == 1
    assert not writing.done()
    gate.set()
    writing.result(30)


async def test_folds_race_without_losing_or_repeating_an_interaction(store: SQLiteStore) -> None:
    folded: list[int] = []

    async def observe() -> None:
        for n in range(60):
            await store.append("ana", [Interaction(chosen=f"c{n}", quarantined="q" if n % 5 == 0 else None)])

    async def fold_until(done: asyncio.Task[None]) -> None:
        while True:
            finished = done.done()
            backlog = await store.backlog("ana", 7)
            if not backlog.interactions:
                if finished:
                    return
                await asyncio.sleep(0)
                continue
            seqs = [i.seq for i in backlog.interactions]
            head = backlog.head
            commit = Commit(
                incarnation=head.incarnation,
                base_version=head.version,
                cause="fold",
                actor="",
                lines=(),
                text="x",
                first_seq=seqs[0],
                last_seq=seqs[-1],
                folded_from=head.folded_through,
                folded_through=seqs[-1],
            )
            won = await store.commit("ana", commit)
            if won is not None:
                folded.extend(seqs)

    observing = asyncio.ensure_future(observe())
    await asyncio.gather(*(fold_until(observing) for _ in range(4)))
    assert folded == [n + 1 for n in range(60) if n % 5]
    assert (await store.head("ana")).pending == 0


MANY_THINGS = """
import asyncio, itertools, random, sys
from prosona.core.requests import Commit, Forgetting, Memory
from prosona.core.words import Interaction, Line
from prosona.profiles_db.sqlite import SQLiteStore

async def main(path, name, seed):
    store, chance = SQLiteStore(path), random.Random(int(seed))
    for n in itertools.count():
        word = f"{name}-{seed}-{n}"
        what = chance.choice(["append", "append", "append", "fold", "forget", "erase", "claim"])
        head = await store.head(name)
        if what == "append":
            await store.append(name, [Interaction(chosen=f"said {word} " * 20, idempotency_key=word)])
        elif what == "fold" and head.pending:
            claim = await store.claim(name, 60)
            backlog = await store.backlog(name, 5)
            seqs = [i.seq for i in backlog.interactions]
            lines = tuple(Line(id=f"l{i.seq}", text=f"Said {i.chosen}") for i in backlog.interactions)
            head = backlog.head
            await store.commit(name, Commit(
                incarnation=head.incarnation, base_version=head.version, cause="fold", actor="", lines=lines,
                text="text", folded_from=head.folded_through, folded_through=seqs[-1],
                token=claim.token if claim else None, memory=Memory(version="1", data=word.encode())))
            if claim:
                await store.release(claim)
        elif what == "forget" and head.observed:
            log = await store.interactions(name)
            if not log:
                continue
            gone = log[0].idempotency_key
            forgotten = await store.forget(name, Forgetting(
                incarnation=head.incarnation, base_version=head.version, seqs=frozenset([log[0].seq]),
                scanned_through=head.observed, names=lambda text: f"{gone} " in text + " ",
                doomed=lambda line: f"{gone} " in line.text + " ", keeps_edits=lambda edit: True,
                commit=Commit(
                    incarnation=head.incarnation, base_version=head.version, cause="forget", actor="",
                    lines=(), text="", folded_through=0, memory=Memory(version="", data=b""))))
            if forgotten is None:
                continue
            word = gone
        elif what == "erase":
            if n % 5:
                continue
            await store.erase(name)
        print(what, word, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_kills_in_any_operation_lose_nothing_double_nothing_and_bring_nothing_back(
    path: Path, start_program: StartProgram, file_bytes: Callable[[], bytes]
) -> None:
    chance = random.Random(3)
    logged: dict[str, dict[str, bool]] = {"left": {}, "right": {}}
    for round_ in range(12):
        programs = {name: start_program(MANY_THINGS, path, name, round_) for name in logged}
        for name, program in programs.items():
            for _ in range(chance.randrange(5, 30)):
                _note(logged[name], _line(program))
        for name, program in programs.items():
            program.kill()
            while (line := _line(program)) is not None:
                _note(logged[name], line)
            program.communicate(timeout=60)
        store = SQLiteStore(path)
        for name, known in logged.items():
            kept = [i.idempotency_key for i in await store.interactions(name, limit=100_000)]
            assert len(kept) == len(set(kept)), "nothing twice"
            assert not {word for word, stays in known.items() if not stays} & set(kept), "nothing back"
            lost = {word for word, stays in known.items() if stays} - set(kept)
            # The operation that the kill cut off may have forgotten one more, or all.
            assert len(lost) <= 1 or not kept
            for word in lost:
                known[word] = False
            known.update(dict.fromkeys({str(word) for word in kept} - set(known), True))
        await store.maintain()
        bytes_left = file_bytes()
        for known in logged.values():
            for word, stays in known.items():
                assert stays or f"said {word} ".encode() not in bytes_left, word
        await store.close()


def _note(known: dict[str, bool], line: str | None) -> None:
    if line is None:
        return
    what, word = line.split()
    if what == "append":
        known[word] = True
    elif what == "forget":
        known[word] = False
    elif what == "erase":
        known.update(dict.fromkeys(known, False))
