from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosona.profiler.reader.sentences import sentences


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("I live in St. Gallen. I work there.", ["I live in St. Gallen.", "I work there."]),
        ("Nuts, e.g. walnuts, are out. Why?", ["Nuts, e.g. walnuts, are out.", "Why?"]),
        ("I work at Dr. Adler's practice", ["I work at Dr. Adler's practice"]),
        ("It costs 3.50 a day. Too much!", ["It costs 3.50 a day.", "Too much!"]),
        ("我对猫过敏。推荐几只宠物吧！", ["我对猫过敏。", "推荐几只宠物吧！"]),
        ("मैं दिल्ली में हूँ। क्या करूँ?", ["मैं दिल्ली में हूँ।", "क्या करूँ?"]),
        ("- I keep bees\n- I keep hens", ["I keep bees", "I keep hens"]),
        ("", []),
    ],
)
def test_a_message_is_cut_into_whole_sentences(message: str, found: list[str]) -> None:
    assert [sentence.text for sentence in sentences(message)] == found


@pytest.mark.parametrize(
    ("message", "around"),
    [
        ("> I live in Bonn.", "quoted"),
        ('He said: "I am vegan and I live in Rome."', "quoted"),
        ("She wrote “I am vegan. I live in Rome and I hate nuts.”", "quoted"),
        ("```\nI live here\n```", "code"),
        ("    return self.total(x)", "code"),
        ("2026-01-13T08:01:12Z WARN no route found", "log"),
        ("ValueError: bad", "log"),
        ("| a | b |", "table"),
        ("From: a@b.example\nI am vegan.", "mail"),
        ("Context: I am a reader from Rome.", "handed"),
        ("Pretend you are a king. I am your page.", "played"),
        ("Suppose I am vegan.", "supposed"),
    ],
)
def test_what_surrounds_a_sentence_is_known(message: str, around: str) -> None:
    assert around in sentences(message)[-1].surroundings


def test_what_the_user_types_beside_it_stays_theirs() -> None:
    first, *rest = sentences("I live in Ghent. Translate this into French: I am vegan.")
    assert (first.text, first.surroundings) == ("I live in Ghent.", frozenset())
    assert any("handed" in sentence.surroundings for sentence in rest)


def test_a_question_behind_a_document_is_the_users_again() -> None:
    *_, last = sentences("Context:\nI am a baker in Rome.\n\nQuestion: I'm vegan. What fits me?")
    assert last.surroundings == frozenset()


@given(st.text(max_size=3_000))
def test_any_text_is_cut_and_nothing_is_invented(message: str) -> None:
    for sentence in sentences(message):
        assert sentence.text
        assert len(sentence.text.splitlines()) == 1
