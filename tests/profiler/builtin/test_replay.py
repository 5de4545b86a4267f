"""Folding step by step and folding the log anew come to the same lines, whatever the owner took out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosona.core.errors import MemoryLostError

if TYPE_CHECKING:
    from tests.profiler.builtin.conftest import Person

TAGS = ("Drama", "Noir", "Sci-Fi", "War")
SAID = (
    "I love hiking in the Alps.",
    "I no longer love hiking.",
    "I live in Berlin.",
    "I moved to Lisbon.",
    "I'm allergic to cats.",
    "I love cats.",
    "I am no longer allergic to cats.",
    "I don't like noir.",
    "我喜欢爬山。",
)
HOW: dict[str, Literal["removed", "rewritten", "rolled back"]] = {
    "removed": "removed",
    "rewritten": "rewritten",
    "rolled back": "rolled back",
}
CHOICE = st.tuples(st.just("did"), st.sampled_from(TAGS), st.sampled_from(TAGS), st.integers(0, 30))
SPEECH = st.tuples(st.just("said"), st.sampled_from(SAID), st.integers(0, 30))
FOLD = st.tuples(st.just("fold"), st.integers(1, 9))
TAKE_OUT = st.tuples(st.just("out"), st.integers(0, 9), st.sampled_from(sorted(HOW)))
ROUND = st.tuples(st.lists(CHOICE | SPEECH, max_size=9), st.lists(FOLD, max_size=2), TAKE_OUT)
STEPS = st.lists(ROUND, max_size=7).map(
    lambda rounds: [step for r in rounds for step in (*r[0], *r[1], r[2])]
)


def do(person: Person, step: tuple[object, ...], number: int) -> None:
    match step:
        case ("did", str(liked), str(disliked), int(day)):
            person.did(f"Reel {number} [{liked}]", f"Spool {number} [{disliked}]", domain="films", day=day)
        case ("said", str(words), int(day)):
            person.said(words, day=day)
        case ("out", int(place), str(how)) if person.lines:
            person.took_out(person.lines[place % len(person.lines)], HOW[how])


async def live(person: Person, steps: list[tuple[object, ...]]) -> None:
    for number, step in enumerate(steps):
        if step[0] == "fold" and person.folded_through < len(person.log):
            await person.fold(int(str(step[1])))
        do(person, step, number)
    person.did("The last reel [Comedy]", domain="films", day=31)
    await person.folded()


@given(steps=STEPS, at_once=st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_the_lines_do_not_depend_on_how_the_log_was_folded(
    make_person: Callable[[], Person], steps: list[tuple[object, ...]], at_once: int
) -> None:
    async def both() -> None:
        person = make_person()
        await live(person, steps)
        step_by_step = person.lines
        await person.refolded(at_once)
        assert person.lines == step_by_step

    asyncio.run(both())


@given(steps=STEPS)
@settings(max_examples=60, deadline=None)
def test_what_was_taken_out_is_told_again_only_from_what_is_newer(
    make_person: Callable[[], Person], steps: list[tuple[object, ...]]
) -> None:
    async def lived() -> None:
        person = make_person()
        await live(person, steps)
        for line in person.lines:
            assert line.support.sample
            for fact in line.facts:
                for edit in person.edits:
                    if fact in edit.facts:
                        assert max(line.support.sample) > edit.through

    asyncio.run(lived())


async def test_an_edit_that_is_taken_back_asks_for_the_log_anew(person: Person) -> None:
    for n in range(8):
        person.did(f"Reel {n} [Drama]", f"Spool {n} [War]", domain="films")
    await person.folded()
    person.took_out(person.line("likes Drama"))
    person.did("Reel 9 [Noir]", domain="films")
    await person.folded()
    assert "likes Drama" not in person.text
    person.edits.clear()
    person.did("Reel 10 [Noir]", domain="films")
    with pytest.raises(MemoryLostError):
        await person.folded()
    await person.refolded()
    assert "Films: likes Drama" in person.text


async def test_an_edit_taken_back_before_anything_followed_it_costs_nothing(person: Person) -> None:
    for n in range(8):
        person.did(f"Reel {n} [Drama]", f"Spool {n} [War]", domain="films")
    await person.folded()
    person.took_out(person.line("likes Drama"))
    person.edits.clear()
    person.did("Reel 9 [Drama]", domain="films")
    await person.folded()
    assert person.line("likes", "Drama").support.times == 9


async def test_an_edit_that_comes_for_what_was_counted_long_ago_asks_for_the_log_anew(person: Person) -> None:
    for n in range(8):
        person.did(f"Reel {n} [Drama]", f"Spool {n} [War]", domain="films")
    await person.folded()
    line = person.line("likes Drama")
    person.did("Reel 9 [Noir]", domain="films")
    await person.folded()
    person.took_out(line)
    person.edits = [edit.model_copy(update={"through": 8}) for edit in person.edits]
    person.did("Reel 10 [Noir]", domain="films")
    with pytest.raises(MemoryLostError):
        await person.folded()
    await person.refolded()
    assert "likes Drama" not in person.text


async def test_interactions_behind_those_that_were_counted_ask_for_the_log_anew(person: Person) -> None:
    for n in range(8):
        person.did(f"Reel {n} [Drama]", domain="films")
    await person.folded()
    person.folded_through = 4
    with pytest.raises(MemoryLostError):
        await person.folded()


async def test_what_a_rebuilt_memory_tells_while_the_log_is_read_again_is_without_what_was_taken_out(
    person: Person,
) -> None:
    for n in range(16):
        person.did(f"Reel {n} [Drama]", f"Spool {n} [War]", domain="films")
    await person.folded()
    person.took_out(person.line("likes Drama"))
    person.memory, person.folded_through = None, 0
    for _ in range(4):
        await person.fold(4)
        assert "likes Drama" not in person.text
        assert "avoids War" in person.text


@pytest.mark.parametrize(
    "blob",
    [b"", b"garbage", b"prosona-builtin-4\n", b"prosona-builtin-5\n", b"prosona-builtin-5\n\0\0\0\0xx"],
)
async def test_a_memory_that_cannot_be_read_is_said_to_be_lost(person: Person, blob: bytes) -> None:
    person.memory = blob
    person.did("Title: Nova, Genres: Sci-Fi", "Title: Kiss, Genres: Romance", domain="films")
    with pytest.raises(MemoryLostError):
        await person.folded()


async def test_a_memory_with_one_bit_flipped_is_said_to_be_lost(person: Person) -> None:
    for n in range(8):
        person.did(f"Title: Nova {n}, Genres: Sci-Fi", f"Title: Kiss {n}, Genres: Romance", domain="films")
    await person.folded()
    whole = person.memory or b""
    person.did("Title: Loom, Genres: Craft", "Title: Kiss, Genres: Romance", domain="films")
    for place in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 4
        person.memory = bytes(damaged)
        with pytest.raises(MemoryLostError):
            await person.folded()
