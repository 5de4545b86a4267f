from __future__ import annotations

import pytest

from prosona.profiler import count_tokens
from prosona.profiler.llm.output import Completion, summary_of
from prosona.profiles_db import OutputRejectedError


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
    assert summary_of(completion(text, reasoning), must_think=True, max_tokens=600) == "Likes slow films."


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
        summary_of(completion(text, reasoning, finish_reason), must_think=True, max_tokens=600)


def test_a_model_that_does_not_think_may_be_told_not_to() -> None:
    assert summary_of(completion("Likes films."), must_think=False, max_tokens=600) == "Likes films."


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
    assert summary_of(completion(text), must_think=False, max_tokens=600).splitlines() == lines


def test_a_summary_somewhat_over_budget_loses_whole_lines_from_its_end() -> None:
    sentences = [f"Likes the subject with number {n}." for n in range(10)]
    whole = "\n".join(sentences)
    budget = count_tokens(whole) * 4 // 5
    kept = summary_of(completion(whole), must_think=False, max_tokens=budget).splitlines()
    assert kept == sentences[: len(kept)]
    assert 5 < len(kept) < 10
    assert count_tokens("\n".join(kept)) <= budget


def test_a_summary_far_over_budget_is_left_for_the_checks_to_refuse() -> None:
    whole = "\n".join(f"Likes the subject with number {n}." for n in range(100))
    assert summary_of(completion(whole), must_think=False, max_tokens=100) == whole
