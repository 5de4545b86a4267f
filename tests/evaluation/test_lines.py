from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from prosona.core.words import Line, RecordedInteraction
from prosona.evaluation.chat import ChatModel
from prosona.evaluation.commands import evaluate
from prosona.evaluation.data import Choice
from prosona.evaluation.lines import Told, grounded, grounded_by_model, is_grounded, share_of_items, specific

from .conftest import ScriptedServer
from .test_sayings import Write, case


def told(text: str, *said: str, user: str = "ana") -> Told:
    when = datetime(2026, 3, 2, tzinfo=UTC)
    interactions = tuple(
        RecordedInteraction(seq=seq, chosen=words, occurred_at=when, observed_at=when)
        for seq, words in enumerate(said, 1)
    )
    return Told(user, Line(text=text), interactions)


@pytest.mark.parametrize(
    ("text", "said", "verdict"),
    [
        ("likes crime novels set in Iceland", "A crime novel from Iceland", True),
        ("likes crime novels set in Iceland", "A cookbook of pies", None),
        ("likes crime novels and cheerful cookbooks", "A cookbook of pies", False),
        ('Said: "I keep bees."', "Well. I keep bees. What now?", True),
        ('Said: "I keep wasps."', "Well. I keep bees.", False),
    ],
)
def test_a_line_is_grounded_in_the_words_of_what_it_rests_on(
    text: str, said: str, verdict: bool | None
) -> None:
    assert is_grounded(told(text, said)) is verdict


def test_a_line_that_rests_on_nothing_is_not_grounded() -> None:
    assert is_grounded(told("likes crime novels")) is False


def test_lines_that_many_users_have_are_not_specific() -> None:
    shared = [told("Likes films.", user=str(number)) for number in range(20)]
    found = specific([*shared, told("Likes films about lighthouse keepers.", user="0")])
    assert found.value == pytest.approx(100 / 21)


def test_titles_and_copied_text_are_items_and_values_under_a_question_are_not() -> None:
    history = [
        Choice("", "Moon Base (1999), Genres: Sci-Fi", None),
        Choice("Which car?", "SUV", "Van"),
        Choice("", "You can put the lid on and let it stand for an hour or two", None),
    ]
    assert share_of_items("likes films about the sea", history) == 0
    assert share_of_items("Car: SUV", history) == 0
    assert 0.3 < share_of_items("chose Moon Base and others", history) < 0.7
    assert share_of_items("put the lid on and let it stand", history) == pytest.approx(1, abs=0.05)
    assert share_of_items("", history) == 0


async def test_a_model_may_judge_whether_lines_follow(endpoint: ScriptedServer, model: ChatModel) -> None:
    endpoint.answer = lambda request: endpoint.completion(
        "Yes." if "bees" in request["messages"][-1]["content"] else "N"
    )
    lines = [told("Keeps bees.", "I keep bees."), told("Keeps cats.", "Hello."), told("x", "y")]
    assert (await grounded_by_model(lines, model)).value == pytest.approx(100 / 3)
    assert grounded(lines[:1]).value == 100


def test_the_commands_show_lines_and_whole_profiles(written: Write, tmp_path: Path) -> None:
    films = written(
        "films.jsonl",
        *(
            {
                "user_id": name,
                "domain": "films",
                "history": [
                    {
                        "query": "",
                        "chosen": f"Star {number}, Genres: Sci-Fi",
                        "rejected": f"Crypt {number}, Genres: Horror",
                        "timestamp": 1_770_000_000 + number * 86_400,
                    }
                    for number in range(12)
                ],
                "targets": [{"query": "", "chosen": "Star 99", "rejected": "Crypt 99"}],
            }
            for name in ("ana", "ben")
        ),
    )
    done = CliRunner().invoke(evaluate, ["lines", str(films)])
    assert done.exit_code == 0, done.output
    assert "| films.jsonl | 2 |" in done.output
    words = written("words.txt", "films 1: I would sign this.")
    chats = written("chats.jsonl", case())
    options = ["--data", str(films), "--sayings", str(chats), "--words", str(words), "--people", "1"]
    done = CliRunner().invoke(evaluate, ["examples", *options])
    assert done.exit_code == 0, done.output
    assert "## films 1 (12 choices)" in done.output
    assert "I would sign this." in done.output
    assert "## nuts (1 messages)" in done.output
