from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from prosona.core.errors import MemoryLostError, ProfilerUnavailableError
from prosona.core.tokens import count_tokens
from prosona.core.words import Line, RecordedInteraction
from prosona.profiler.alignment import align
from prosona.profiler.host import WRITING_RULES
from prosona.profiler.seam import FoldRequest, FoldResult, Profiler
from prosona.profiler.testing import ScriptedProfiler, rewording

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FILMS = ("Solaris", "Stalker", "Ran")


def request(first_seq: int = 1, past: tuple[Line, ...] = (), memory: bytes | None = None) -> FoldRequest:
    films = enumerate(FILMS, first_seq)
    interactions = tuple(RecordedInteraction(seq=n, observed_at=NOW, chosen=film) for n, film in films)
    return FoldRequest(past, (), interactions, memory=memory, max_tokens=600, now=NOW)


def test_the_writing_rules_name_the_budget_they_are_given_and_no_other_number() -> None:
    rules = WRITING_RULES.format(max_tokens=137)
    assert "within 137 tokens" in rules
    assert [word for word in rules.split() if word.isdigit()] == ["137"]
    assert count_tokens(rules) < 300


def test_a_profiler_whose_lines_are_all_that_it_keeps_says_so() -> None:
    profiler: Profiler = ScriptedProfiler()
    assert profiler.memory_version is None
    assert profiler.writes_prose


async def test_a_script_plays_texts_lines_results_and_functions_and_repeats_its_last_step() -> None:
    line = Line(id="x", text="As given.", facts=("f",))
    result = FoldResult((line,), folded=1, memory=b"m")
    step: Callable[[FoldRequest], str] = lambda given: f"Saw {len(given.interactions)}."  # noqa: E731
    profiler = ScriptedProfiler("Likes Solaris.\n\nLikes Ran.", [line], result, step)
    first = await profiler.fold(request())
    assert [(told.text, told.support.sample) for told in first.lines] == [
        ("Likes Solaris.", (1,)),
        ("Likes Ran.", (3,)),
    ]
    assert (first.folded, first.memory) == (3, None)
    assert (await profiler.fold(request())).lines == (line,)
    assert await profiler.fold(request()) is result
    for _ in range(2):
        assert [told.text for told in (await profiler.fold(request())).lines] == ["Saw 3."]
    assert len(profiler.requests) == 5


@pytest.mark.parametrize("error", [KeyError("oops"), ProfilerUnavailableError("down", retry_seconds=1)])
async def test_a_script_crashes_as_it_is_told(error: Exception) -> None:
    profiler = ScriptedProfiler(error, "Likes films.")
    with pytest.raises(type(error)):
        await profiler.fold(request())
    assert (await profiler.fold(request())).folded == 3


async def test_a_scripted_memory_holds_what_was_folded_and_written() -> None:
    profiler = ScriptedProfiler(memory_version="1", writes_prose=False)
    assert (profiler.memory_version, profiler.writes_prose) == ("1", False)
    first = await profiler.fold(request())
    second = await profiler.fold(request(first_seq=4, memory=first.memory))
    assert second.memory is not None
    assert json.loads(second.memory)["folded"] == 6
    assert [line.facts for line in second.lines] == [(f"scripted:{n}",) for n in range(1, 7)]
    again = await profiler.fold(request())
    assert again == first
    with pytest.raises(MemoryLostError):
        await profiler.fold(request(memory=b"junk"))


async def test_lines_that_a_scripted_model_rewords_at_each_fold_are_recognised_through_all_of_them() -> None:
    profiler = ScriptedProfiler(rewording)
    past: tuple[Line, ...] = ()
    texts: set[str] = set()
    for fold in range(12):
        given = replace(request(first_seq=1 + 3 * fold), lines=past)
        written = (await profiler.fold(given)).lines
        assert not any(line.id for line in written)
        assert texts.isdisjoint(line.text for line in written)
        lines = align(past, written)
        assert [line.id for line in lines[: len(past)]] == [line.id for line in past]
        assert not any(line.id for line in lines[len(past) :])
        texts = {line.text for line in lines}
        named = [line.model_copy(update={"id": line.id or f"n{fold}.{n}"}) for n, line in enumerate(lines)]
        past = tuple(named)
