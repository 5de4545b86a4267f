from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosona.evaluation.readers.polarity import lines_of


def signs(profile: str) -> dict[str, float]:
    return {line.text: line.weight for line in lines_of(profile)}


def test_likes_and_avoids_in_one_sentence_come_apart() -> None:
    assert signs(
        "Films: likes science fiction, such as Alien (1979); avoids horror (rejected 12 of 14)."
    ) == {
        "Films: science fiction, such as Alien (1979)": 1.0,
        "Films: horror": -1.0,
    }


def test_evidence_in_parentheses_is_not_read_and_a_year_in_a_title_is() -> None:
    assert signs("Likes Alien (1979) (chose 4 of 5; last in March 2026)") == {"Alien (1979)": 1.0}
    assert signs("喜欢科幻片（选了14次，最近2026年3月）") == {"科幻片": 1.0}


@pytest.mark.parametrize(
    "profile",
    [
        "Does not enjoy horror.",
        "She doesn't really like horror",
        "not a fan of horror",
        "No interest in horror",
        "Rejected horror",
        "horror is avoided",
        "Dislikes:\n- horror",
        "## Avoids\n* horror",
        "never chose horror",
        "passes over horror",
        "allergic to horror",
        "不喜欢horror",
        "避开horror",
        "对horror不感兴趣",
        "No horror",
    ],
)
def test_plain_words_of_avoiding_make_a_line_negative(profile: str) -> None:
    assert [line.weight < 0 and "horror" in line.text for line in lines_of(profile)] == [True]


@pytest.mark.parametrize(
    "profile",
    [
        "Enjoys horror",
        "never avoids horror",
        "Likes:\n- horror",
        "horror",
        "not only horror",
        "他喜欢horror",
        "drawn to horror",
    ],
)
def test_plain_words_of_liking_and_no_words_at_all_make_a_line_positive(profile: str) -> None:
    assert [line.weight > 0 and "horror" in line.text for line in lines_of(profile)] == [True]


def test_what_is_preferred_over_something_leaves_the_something_avoided() -> None:
    assert signs("Prefers short answers over long ones") == {"short answers": 1.0, "long ones": -1.0}
    assert signs("Chose thrillers rather than musicals") == {"thrillers": 1.0, "musicals": -1.0}


def test_over_without_a_preference_is_an_ordinary_word() -> None:
    assert signs("Climbs over fences") == {"Climbs over fences": 1.0}


def test_words_of_liking_in_a_title_are_part_of_the_title() -> None:
    assert signs("Dislikes: Love Actually, No Country for Old Men and Never Let Me Go") == {
        "Love Actually, No Country for Old Men and Never Let Me Go": -1.0
    }


def test_what_is_past_weighs_less_and_what_has_ended_is_avoided() -> None:
    assert signs("Earlier: comedies") == {"comedies": 0.25}
    assert signs("Used to like horror, but now prefers romance.") == {"horror": 0.25, "now romance": 1.0}
    assert signs("I no longer eat meat.") == {"I eat meat": -0.5}
    assert signs("Sometimes likes jazz") == {"Sometimes jazz": 0.5}


def test_a_new_sentence_does_not_inherit_an_avoid() -> None:
    assert signs("Avoids horror. Lives in Berlin.") == {"horror": -1.0, "Lives in Berlin": 1.0}


def test_an_abbreviation_does_not_end_a_sentence() -> None:
    assert signs("Avoids Mrs. Doubtfire and St. Elmo") == {"Mrs. Doubtfire and St. Elmo": -1.0}


def test_prose_of_a_model_is_read_sentence_by_sentence() -> None:
    prose = (
        "The user loves slow-burning dramas and is drawn to Nordic settings. They reject slapstick, "
        "although they appreciate dry wit."
    )
    assert signs(prose) == {
        "slow-burning dramas and is Nordic settings": 1.0,
        "They slapstick": -1.0,
        "they dry wit": 1.0,
    }


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_without_an_error_and_no_line_is_empty_or_without_a_sign(profile: str) -> None:
    for line in lines_of(profile):
        assert line.text.strip()
        assert 0 < abs(line.weight) <= 1


@settings(deadline=None)
@given(st.lists(st.sampled_from(["likes jazz", "avoids opera", "喜欢茶", "不喜欢咖啡", "", "- ", "# Likes"])))
def test_lines_keep_the_order_of_the_text(parts: list[str]) -> None:
    words = [line.text for line in lines_of("\n".join(parts))]
    expected = {"likes jazz": "jazz", "avoids opera": "opera", "喜欢茶": "茶", "不喜欢咖啡": "咖啡"}
    assert words == [expected[part] for part in parts if part in expected]
