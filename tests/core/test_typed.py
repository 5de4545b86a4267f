"""What the user typed is theirs; what hosts, programs and retrieval put around it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pace import grows_in_proportion, seconds_of

from prosona.core.typed import LABELS, TAGS, own_block, typed, without_wrappers

LETTER = "I am allergic to bees and I live in Rome. My boss hates me."


@pytest.mark.parametrize("label", LABELS, ids=lambda label: label.is_one)
def test_each_heading_is_known_and_what_only_looks_like_it_is_not(label: object) -> None:
    from prosona.core.typed import _LABEL, Label

    assert isinstance(label, Label)
    found = _LABEL.match(label.is_one)
    assert found is not None
    assert LABELS[int(str(found.lastgroup)[1:])].whose == label.whose
    assert _LABEL.match(label.is_none) is None


@pytest.mark.parametrize(
    "prompt",
    [
        f"Context:\n{LETTER}\n\nQuestion: What should I reply?",
        f"Question: What should I reply?\n\nContext: {LETTER}",
        f"Use the following context to answer.\n\nContext: {LETTER}\n\nQuestion: What should I reply?\nHelpful Answer:",
        f"Context information is below.\n---------------------\n{LETTER}\n---------------------\nGiven the context"
        " information and not prior knowledge, answer the query.\nQuery: What should I reply?\nAnswer: ",
        f"Documents:\n[1] {LETTER}\n\nUser: What should I reply?\nAssistant:",
        f"# Sources\n{LETTER}\n# User question\nWhat should I reply?",
        f"**Context:** {LETTER}\n\n**Question:** What should I reply?",
        f"<context>\n{LETTER}\n</context>\n\nWhat should I reply?",
        f"<documents><document index='1'>{LETTER}</document></documents>\nWhat should I reply?",
        f"What should I reply?\n<file path='letter.txt'>\n{LETTER}\n</file>",
        f"<system-reminder>\n{LETTER}\n</system-reminder>\nWhat should I reply?",
        f"<IDE_SELECTION>{LETTER}</IDE_SELECTION>What should I reply?",
        f"[Pasted text #1 +20 lines]\nWhat should I reply?\n<search_results>{LETTER}</search_results>",
        f"Chat history:\nAI: {LETTER}\n\nQuestion: What should I reply?",
    ],
)
def test_of_a_prompt_with_what_others_wrote_only_the_question_is_the_users(prompt: str) -> None:
    assert typed(prompt) == "What should I reply?"


def test_a_prompt_in_chinese() -> None:
    assert typed("已知信息：\n我对蜜蜂过敏，住在罗马。\n\n问题：我该怎么回信？\n回答：") == "我该怎么回信？"


@pytest.mark.parametrize(
    "prompt",
    [
        f"Context:\n{LETTER}",
        f"Relevant documents:\n{LETTER}\n\n{LETTER}",
        f"<context>{LETTER}</context>",
        "!ls -la",
    ],
)
def test_where_nothing_is_known_to_be_the_users_nothing_is_taken(prompt: str) -> None:
    assert typed(prompt) == ""


@pytest.mark.parametrize(
    "message",
    [
        "I'm allergic to nuts. What can I cook?",
        "My question is this: can you keep answers short from now on?",
        "Use a < b and b > c here.",
        "Why does <b>this</b> not work?",
        "I love the context of history: it explains things.",
        "Question: can I eat this?\nI am vegan.",
        "Two things:\n- I am vegan\n- I live in Rome",
        "<context> is the tag that I never close",
        "!important is what I never use in CSS.\nI like it plain.",
    ],
)
def test_what_a_person_writes_by_themself_stays_as_it_is(message: str) -> None:
    assert typed(message) == message


@pytest.mark.parametrize(
    ("blocks", "own"),
    [
        ([LETTER, "What should I reply?"], "What should I reply?"),
        (["What should I reply?", LETTER], "What should I reply?"),
        (["I am vegan."], "I am vegan."),
        ([f"<context>{LETTER}</context>", f"I am vegan. {LETTER}"], f"I am vegan. {LETTER}"),
        ([], ""),
        (["", "  "], ""),
    ],
)
def test_of_several_texts_in_a_message_one_is_the_users(blocks: list[str], own: str) -> None:
    assert own_block(blocks) == own


@given(st.text(max_size=400))
def test_nothing_is_ever_added(text: str) -> None:
    for line in typed(text).splitlines():
        assert line.strip() in text or not line.strip()
    assert len(typed(text)) <= len(text)


@pytest.mark.parametrize(
    "part",
    [
        "<context>",
        "<file ",
        "Context: ",
        "Context:\n",
        "<a",
        "[Pasted ",
        "</context>",
        "> " * 3,
        "\n",
        "<file></file>",
    ],
)
def test_it_takes_time_in_proportion_to_the_text(part: str) -> None:
    def seconds(size: int) -> float:
        text = (part * (size // len(part) + 1))[:size]
        return seconds_of(lambda: typed(text), 2)

    assert grows_in_proportion(seconds, 50_000, floor=0.02)


def test_tags_are_written_small() -> None:
    assert all(tag == tag.lower() for tag in TAGS)
    assert without_wrappers("<Context>x</Context>y") == "y"
