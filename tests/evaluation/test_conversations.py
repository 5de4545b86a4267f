from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from prosona.evaluation.conversations import attribution, coverage, texts_of
from prosona.evaluation.data import DataError
from prosona.evaluation.data.conversation import choices_of_turns, load_conversations
from prosona.profiler import FoldRequest
from prosona.profiler.testing import ScriptedProfiler

Written = Callable[..., Path]


def talk(user: str, said: str, heard: str, *preferences: str) -> dict[str, object]:
    turns = [{"role": "partner", "content": heard, "timestamp": 1}, {"role": "user", "content": said}]
    questions = [{"question": "?", "evidence_preference": preference} for preference in preferences]
    return {"user_id": user, "turns": turns, "questions": questions}


@pytest.fixture
def file(written: Written) -> Path:
    return written(
        "talks.jsonl",
        talk(
            "ana",
            "Lactose makes me ill.",
            "I sail yachts.",
            "I am lactose intolerant.",
            "I hate horror films.",
        ),
        talk("ben", "Chess is wonderful.", "Gardening bores me.", "I love chess tournaments."),
    )


async def test_the_other_side_is_a_query_or_an_interaction_of_its_own_origin(file: Path) -> None:
    ana = load_conversations(file)[0]
    assert [(c.query, c.chosen, c.origin) for c in choices_of_turns(ana.turns)] == [
        ("I sail yachts.", "Lactose makes me ill.", "user")
    ]
    profiler = ScriptedProfiler("Likes tea.")
    await texts_of([ana], profiler, other_side="external")
    assert [(i.chosen, i.origin) for i in profiler.requests[0].interactions] == [
        ("I sail yachts.", "external"),
        ("Lactose makes me ill.", "user"),
    ]


async def test_coverage_counts_the_preferences_that_stand_in_the_text_beside_anothers(file: Path) -> None:
    found = load_conversations(file)
    texts = {"ana": "Diet: lactose intolerant since childhood", "ben": "Games: likes chess tournaments"}
    known = coverage(found, texts)
    assert known.own.value == pytest.approx(100 * 2 / 3)
    assert known.own.n == 3
    assert known.other.value == 0


def test_a_preference_that_nobody_stated_does_not_count_against_the_text_that_lacks_it(file: Path) -> None:
    found = load_conversations(file)
    texts = {"ana": "Own words: lactose makes them ill, and more", "ben": "Games: likes chess tournaments"}
    known = coverage(found, texts)
    # Of ana's three only one stands in her own turns; the horror films are nobody's words.
    assert known.stated.n < known.own.n
    assert known.stated.value == 100


def test_an_empty_text_covers_nothing(file: Path) -> None:
    assert coverage(load_conversations(file), {"ana": "", "ben": ""}).own.value == 0


def test_lines_made_of_the_other_sides_words_are_found(file: Path) -> None:
    found = load_conversations(file)
    texts = {"ana": "Says that lactose makes them ill\nLikes to sail yachts", "ben": "Likes music"}
    whose = attribution(found, texts)
    assert (whose.user, whose.other_side, whose.unclear) == (1, 1, 1)
    assert whose.taken == ("Likes to sail yachts",)


async def test_the_builtin_profiler_never_takes_what_the_other_side_says_of_itself(written: Written) -> None:
    from prosona.profiler import BuiltinProfiler

    pairs = [
        ("I adore sailing yachts.", "I love chess."),
        ("I hate gardening.", "I enjoy chess openings."),
    ] * 6
    turns = [
        t
        for heard, said in pairs
        for t in ({"role": "partner", "content": heard}, {"role": "user", "content": said})
    ]
    found = load_conversations(written("t.jsonl", {"user_id": "ana", "turns": turns}))
    texts = await texts_of(found, BuiltinProfiler(), other_side="external")
    assert "chess" in texts["ana"]
    assert attribution(found, texts).other_side == 0
    assert "yacht" not in texts["ana"]


async def test_all_turns_are_folded_a_step_at_a_time(written: Written) -> None:
    def count(request: FoldRequest) -> str:
        return f"Has said {len(request.interactions)} things."

    turns = [{"role": "user", "content": f"thing {number}"} for number in range(10)]
    profiler = ScriptedProfiler(count)
    await texts_of(load_conversations(written("t.jsonl", {"user_id": "u", "turns": turns})), profiler, step=4)
    assert [len(request.interactions) for request in profiler.requests] == [4, 4, 2]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"turns": []}, "line 1: `user_id`"),
        ({"user_id": "u"}, "line 1: `turns` must be a list of objects"),
        ({"user_id": "u", "turns": [{"content": "x"}]}, "line 1: `role`"),
    ],
)
def test_a_wrong_line_is_named(written: Written, line: object, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        load_conversations(written("t.jsonl", line))
