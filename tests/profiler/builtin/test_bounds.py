from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosona.profiler import BuiltinProfiler, FoldRequest, count_tokens
from prosona.profiler.builtin.state import MAX_STATE_BYTES
from prosona.profiler.checks import check_fold
from prosona.profiles_db import RecordedInteraction

if TYPE_CHECKING:
    from tests.profiler.builtin.conftest import Person

NOW = datetime(2026, 3, 20, tzinfo=UTC)
WORDS = (
    "river",
    "engine",
    "violin",
    "desert",
    "cheese",
    "galaxy",
    "水墨",
    "篮球",
    "Ann-Marie",
    "C++",
    "😀",
    "(1999)",
    ":",
)
TEXT = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=300)


@st.composite
def logs(draw: st.DrawFn) -> tuple[RecordedInteraction, ...]:
    found: list[RecordedInteraction] = []
    for seq in range(draw(st.integers(1, 12))):
        chosen, rejected = draw(st.none() | TEXT), draw(st.none() | TEXT)
        if not (chosen and chosen.strip(" \t\n")) and not (rejected and rejected.strip(" \t\n")):
            chosen = "river"
        found.append(
            RecordedInteraction.model_construct(
                seq=seq + 1,
                observed_at=NOW,
                chosen=chosen or None,
                rejected=rejected or None,
                kind=draw(st.sampled_from((None, "chat", "click"))),
                domain=draw(st.sampled_from((None, "films", "新闻", "a:b\nc"))),
            )
        )
    return tuple(found)


@given(log=logs(), past=TEXT, budget=st.integers(20, 700), state=st.none() | st.binary(max_size=64))
@settings(max_examples=150, deadline=None)
async def test_any_interactions_give_whole_lines_within_the_budget(
    log: tuple[RecordedInteraction, ...], past: str, budget: int, state: bytes | None
) -> None:
    result = await BuiltinProfiler().fold(FoldRequest(past, (), log, state, budget, NOW))
    assert result.folded == len(log)
    assert count_tokens(result.summary) <= budget
    theirs = {line.strip() for line in past.splitlines()}
    for line in result.summary.splitlines():
        assert line in theirs or line.endswith((")", "）")), line


@pytest.mark.parametrize("blob", [b"", b"garbage", b"prosona-builtin-1\n", b"prosona-builtin-9\n\0\0\0\0xx"])
async def test_a_state_that_cannot_be_read_counts_as_none(person: Person, blob: bytes) -> None:
    person.state = blob
    person.did("Title: Nova, Genres: Sci-Fi", "Title: Kiss, Genres: Romance", domain="films")
    assert "Nova" in await person.folded()


async def test_a_state_with_one_bit_flipped_counts_as_none(person: Person) -> None:
    for n in range(8):
        person.did(f"Title: Nova {n}, Genres: Sci-Fi", f"Title: Kiss {n}, Genres: Romance", domain="films")
    await person.folded()
    whole = person.state or b""
    for place in range(0, len(whole), 37):
        damaged = bytearray(whole)
        damaged[place] ^= 4
        person.state, person.summary = bytes(damaged), ""
        person.did("Title: Loom, Genres: Craft", "Title: Kiss, Genres: Romance", domain="films")
        assert "Sci-Fi" not in await person.folded()


async def test_the_state_stays_small_however_long_the_history_is(person: Person) -> None:
    sizes = []
    for n in range(1600):
        words = " ".join(f"w{(n * 7 + k * k) % 9001}x{k}" for k in range(40))
        person.did(
            f"Title: Piece {n}, Tags: tag{n % 300}, Abstract: {words}", f"{words[::-1]}", domain=f"d{n % 11}"
        )
        person.said(f"I love hobby{n} and place{n}.")
        if n % 100 == 99:
            await person.folded()
            sizes.append(len(person.state or b""))
    assert max(sizes) <= MAX_STATE_BYTES
    assert max(sizes[8:]) <= 1.1 * max(sizes[:8])


async def test_summaries_pass_the_checks_that_every_profiler_must(person: Person) -> None:
    profiler = BuiltinProfiler()
    for n in range(40):
        person.did(
            f"Title: Nova {n}, Genres: Sci-Fi|Space", f"Title: Kiss {n}, Genres: Romance", domain="films"
        )
        person.did(f"Title: Vote {n}, Category: politics", domain="news")
        person.said(f"I love walking in valley {n}, and I don't like peak {n}.")
    while person.pending:
        part, person.pending = tuple(person.pending[:8]), person.pending[8:]
        request = FoldRequest(person.summary, (), part, person.state, 600, NOW)
        result = await profiler.fold(request)
        assert check_fold(result.summary, request) == []
        person.summary, person.state = result.summary, result.state


async def test_the_budget_is_used_when_there_is_enough_to_say(person: Person) -> None:
    for n in range(60):
        person.did(
            f"Title: Story of island {n}, Genres: Sea|Sci-Fi",
            f"Title: Kiss {n}, Genres: Romance",
            domain="films",
        )
    assert 520 <= count_tokens(await person.folded()) <= 600
