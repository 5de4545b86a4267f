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
        ("<think>They chose slow ones.</think>Likes slow films.", "They chose slow ones."),
        ("", "They chose slow ones.</think>Likes slow films."),
        ("", "<think>They chose slow ones.</think>\nLikes slow films."),
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


@pytest.mark.parametrize("reason", ["stop", "", "eos_token", "EOS", "end_turn", "stop_sequence", "COMPLETE"])
def test_engines_have_many_names_for_the_usual_end(reason: str) -> None:
    assert sentences_of(completion("Likes films.", "", reason), must_think=False) == ["Likes films."]


@pytest.mark.parametrize("must_think", [True, False])
def test_an_answer_that_all_stands_in_the_reasoning_field_names_the_wrong_parser(must_think: bool) -> None:
    with pytest.raises(OutputRejectedError, match="reasoning parser"):
        sentences_of(completion("", "Likes slow films."), must_think=must_think)


FENCED = [
    "```\nLikes films.\nAvoids noise.\n```",
    "```text\nLikes films.\nAvoids noise.\n```\n",
    "~~~markdown\n- Likes films.\n- Avoids noise.\n~~~",
    "Here is the summary:\n```\nLikes films.\nAvoids noise.\n```",
    "```\nLikes films.\nAvoids noise.\n```\nLet me know if you want changes.",
    "```\nLikes films.\nAvoids noise.",
]


@pytest.mark.parametrize("text", FENCED)
def test_a_fence_around_all_of_it_is_taken_off(text: str) -> None:
    assert sentences_of(completion(text), must_think=False) == ["Likes films.", "Avoids noise."]


@pytest.mark.parametrize(
    "text",
    [
        "Sure! Here is the updated preference summary: Likes films. Let me know if you would like any changes.",
        "Certainly, happy to help.\n\n**Updated summary:**\n\nLikes films.\n\nI hope this helps!",
        "Here's the revised profile of the user:\n\n1. Likes films.\n\nFeel free to ask for changes.",
        "Below is the user's preference summary.\nLikes films.\nThis summary reflects the new interactions.",
        "Based on the interaction history, here is the summary:\nLikes films.",
        "Preference summary: Likes films.",
        "Okay!\nThe following lines are the new profile:\n- Likes films.\nWould you like me to shorten it?",
        "Natürlich! Hier ist die aktualisierte Zusammenfassung:\nLikes films.\nFalls Sie Fragen haben, gerne.",
        "Bien sûr ! Voici le profil :\nLikes films.\nN'hésitez pas à demander.",
        "¡Claro!\nLikes films.\nSi deseas cambios, avísame.",
        "好的，以下是更新后的偏好总结：\nLikes films.\n如果您有任何问题，请告诉我。",
        "もちろんです。以下は要約です：\nLikes films.\n他にご質問があればどうぞ。",
    ],
)
def test_what_a_model_says_around_its_answer_is_none_of_the_profile(text: str) -> None:
    assert sentences_of(completion(text), must_think=False) == ["Likes films."]


@pytest.mark.parametrize(
    "text",
    [
        "Great at chess and go.",
        "OK with spoilers.",
        "Happy to travel alone.",
        "Based in Lyon; likes the history of trains.",
        "Here and there reads a history of Rome.",
        "This is a person of few words.",
        "还需要低盐饮食。",
        "根据用户的选择，喜欢科幻。",
        "Gerne draußen, am liebsten am See.",
        "Sure of themself; likes debates.",
        "The list of films they like is long.",
    ],
)
def test_a_line_that_begins_like_talk_stays(text: str) -> None:
    assert "".join(sentences_of(completion(text), must_think=False)) == text


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
