from __future__ import annotations

import pytest

from prosona.evaluation.readers import Question, credit
from prosona.evaluation.readers.lexical import LexicalReader
from prosona.evaluation.readers.polarity import lines_of
from prosona.evaluation.readers.style import style_scores

SHORT = "Chill it to seven degrees and pour slowly; that keeps the foam low and the taste clean."
LONG = (
    "There are many things to consider here. You could chill it to seven degrees, which most brewers find "
    "to be a good compromise, and then pour slowly along the side of a clean glass, because the foam carries "
    "away much of the aroma. Afterwards let it stand for a while, since the taste opens as it becomes warmer."
)
LISTED = "Do this in three steps, one after another, and take time:\n- chill it\n- tilt the glass\n- pour it"
HEDGED = (
    "It might perhaps help to chill it, though it probably depends; I think it could possibly be too cold."
)
CODED = (
    "Run the loop below and look at the result of it on the screen, it is quick:\n```\nfor x in y: ...\n```"
)
WARM = (
    "Great question, thanks! I hope you enjoy your beer; let's look at your glass together, friend, you will "
    "love it!"
)
HARD = (
    "Temperature-dependent volatilisation of isoamyl acetate necessitates conservative refrigeration "
    "protocols, notwithstanding contemporary oxidation considerations throughout commercial distribution."
)
PLAIN = "Keep it cold but not too cold. Pour it slow. A big head is fine. Let it rest. Then sip it and see."


@pytest.mark.parametrize(
    ("line", "better", "worse"),
    [
        ("Answers: prefers short ones", SHORT, LONG),
        ("Answers: likes detailed explanations", LONG, SHORT),
        ("Replies: avoids long ones", SHORT, LONG),
        ("Answers: likes lists and steps", LISTED, LONG),
        ("Prefers direct answers", SHORT, HEDGED),
        ("Likes hedged, cautious answers", HEDGED, SHORT),
        ("Answers: likes code", CODED, SHORT),
        ("Likes a friendly tone", WARM, SHORT),
        ("Likes technical answers", HARD, PLAIN),
        ("Prefers simple answers over technical ones", PLAIN, HARD),
        ("回答：喜欢简短的回答", SHORT, LONG),
        ("回答：不喜欢详细的解释", SHORT, LONG),
        ("## Answer style\n- short", SHORT, LONG),
    ],
)
def test_words_of_style_pick_the_candidate_that_measures_so(line: str, better: str, worse: str) -> None:
    assert credit(style_scores(lines_of(line), [worse, better]), right=1) == 1
    assert credit(style_scores(lines_of(line), [better, worse]), right=0) == 1


def test_a_word_of_style_in_a_line_about_something_else_says_nothing_of_answers() -> None:
    assert style_scores(lines_of("Films: likes short films"), [SHORT, LONG]) == [0, 0]


@pytest.mark.parametrize("items", [("Title: Alien (1979)", "Title: Big (1988)"), ("morning", "evening")])
def test_titles_and_short_values_have_no_style(items: tuple[str, str]) -> None:
    assert style_scores(lines_of("Prefers short answers"), items) == [0, 0]


async def test_a_line_about_style_does_not_pull_by_its_words() -> None:
    reader = LexicalReader()
    question = Question("Prefers short answers", "", ("short answers", "long evenings"))
    (reading,) = await reader.read([question])
    assert reading.scores == (0, 0)
