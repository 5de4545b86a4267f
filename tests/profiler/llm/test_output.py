from __future__ import annotations

import pytest

from prosona.core.errors import OutputRejectedError
from prosona.core.words import MAX_LINE
from prosona.profiler.llm.output import Completion, sentences_of


def completion(text: str, reasoning: str = "", finish_reason: str = "stop") -> Completion:
    return Completion(text, reasoning, finish_reason, prompt_tokens=10, completion_tokens=20)


@pytest.mark.parametrize(
    ("text", "reasoning"),
    [
        ("Likes slow films.", "They chose slow ones."),
        ("<think>They chose slow ones.</think>\n\nLikes slow films.", ""),
        ("They chose slow ones.\n</think>\nLikes slow films.", ""),
        ("\n\n<think>\n</think>Likes slow films.\n", ""),
    ],
)
def test_one_think_block_is_left_behind_wherever_it_came(text: str, reasoning: str) -> None:
    assert sentences_of(completion(text, reasoning), must_think=True) == ["Likes slow films."]


@pytest.mark.parametrize(
    ("text", "reasoning", "finish_reason", "problem"),
    [
        ("Likes slow", "", "length", "cut off"),
        ("", "It never ends", "length", "cut off"),
        ("Likes films.", "", "content_filter", "content_filter"),
        ("Likes films.", "", "tool_calls", "tool_calls"),
        ("<think>a</think><think>b</think>Likes films.", "", "stop", "more than one"),
        ("<think>b</think>Likes films.", "a", "stop", "more than one"),
        ("a</think>b</think>Likes films.", "", "stop", "more than one"),
        ("<think>It never ends. Likes films.", "", "stop", "never ends"),
        ("Likes films.<think>an afterthought", "", "stop", "never ends"),
        ("Likes films. <think>an afterthought</think> And walks.", "", "stop", "in front of"),
        ("Likes films.", "", "stop", "no think block"),
    ],
)
def test_an_output_without_exactly_one_finished_think_block_is_refused(
    text: str, reasoning: str, finish_reason: str, problem: str
) -> None:
    with pytest.raises(OutputRejectedError, match=problem):
        sentences_of(completion(text, reasoning, finish_reason), must_think=True)


def test_a_model_that_does_not_think_may_be_told_not_to() -> None:
    assert sentences_of(completion("Likes films."), must_think=False) == ["Likes films."]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Likes A. Lin's films. Avoids horror!", ["Likes A. Lin's films.", "Avoids horror!"]),
        (
            "# Summary\n\n- **Films**: likes slow ones\n* avoids horror",
            ["Films: likes slow ones", "avoids horror"],
        ),
        ("1. Reads at night.\n2) Walks, e.g. in rain.", ["Reads at night.", "Walks, e.g. in rain."]),
        ("喜欢科幻。不看恐怖片！爱散步？", ["喜欢科幻。", "不看恐怖片！", "爱散步？"]),
        ("Rated 3.5 of 5. St. Petersburg twice.", ["Rated 3.5 of 5.", "St. Petersburg twice."]),
        ("**Overview**\nLikes __init__.py jokes.", ["Likes __init__.py jokes."]),
    ],
)
def test_prose_becomes_one_sentence_a_line_without_markdown(text: str, lines: list[str]) -> None:
    assert sentences_of(completion(text), must_think=False) == lines


@pytest.mark.parametrize("text", ["", "  \n", "# Summary", "<think>Hm.</think>\n\n"])
def test_an_output_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(OutputRejectedError, match="empty"):
        sentences_of(completion(text), must_think=False)


@pytest.mark.parametrize(
    ("clause", "joint"),
    [
        ("likes films of the slow kind", "; "),
        ("likes films of the slow kind", ", "),
        ("喜欢缓慢的电影", "，"),
        ("x" * 40, ""),
    ],
)
def test_a_sentence_too_long_for_a_line_is_broken_where_it_pauses_and_loses_nothing(
    clause: str, joint: str
) -> None:
    whole = joint.join([clause] * 100)
    parts = sentences_of(completion(whole), must_think=False)
    assert len(parts) > 1
    assert all(len(part) <= MAX_LINE for part in parts)
    assert "".join("".join(parts).split()) == "".join(whole.split())
    if joint:
        assert all(part.endswith(joint.strip()) for part in parts[:-1])
