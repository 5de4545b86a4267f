from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from prosona.core.errors import InvalidInputError
from prosona.profiler.reader.model import LearnedReader
from prosona.profiler.reader.weights import load_weights
from prosona.training import train
from prosona.training.reader.labelled import load, shipped

GOOD = """# en everyday home
+fact/home I live in Ghent.
-question Where is the sea?

# zh food allergy
+fact/allergy 我对花生过敏，
-question 吃什么好？

# en coding log
-chitchat see below
-log \\nERROR no route
"""


def test_messages_in_short_form_are_joined_as_their_language_is_written(tmp_path: Path) -> None:
    path = tmp_path / "more.txt"
    path.write_text(GOOD, encoding="utf-8")
    texts = [message.text for message in load([path])]
    assert texts == [
        "I live in Ghent. Where is the sea?",
        "我对花生过敏，吃什么好？",
        "see below\nERROR no route",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# en everyday\n+fact/home I live in Ghent.\n? what\n", 3),
        ("+fact/home I live in Ghent.\n", 1),
        ("# english\n", 1),
        ("# en everyday\n+fact/house I live in Ghent.\n", 3),
        ("# en everyday\n+question/home Where?\n", 3),
    ],
)
def test_a_wrong_label_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "more.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=f"line {line}"):
        load([path])


def test_a_wrong_row_of_json_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "more.jsonl"
    path.write_text('{"lang": "en"}\n', encoding="utf-8")
    with pytest.raises(InvalidInputError, match="line 1"):
        load([path])


def test_what_ships_is_well_labelled() -> None:
    messages = load(shipped())
    assert sum(len(message.sentences) for message in messages) > 13_000
    assert {"en", "zh", "de", "es", "fr", "ja", "ko", "pt", "ar", "hi"} <= {m.language for m in messages}


def test_the_command_trains_a_reader_with_a_card_and_a_manifest(tmp_path: Path) -> None:
    homes = ["Ghent", "Bonn", "Lyon", "Porto", "Graz", "Turin", "Leeds", "Cork", "Oslo", "Tartu"]
    rows = [
        f"# en everyday f{n}\n+fact/home I live in {home}.\n-question What do I see in {home}?\n"
        f"\n# en everyday g{n}\n+taste/taste I love {home} and its bread.\n-task Book {home} for me.\n"
        for n, home in enumerate(homes)
    ]
    path = tmp_path / "homes.txt"
    path.write_text("\n".join(rows), encoding="utf-8")
    out = tmp_path / "reader"
    done = CliRunner().invoke(train, ["reader", str(path), "--only", "--out", str(out)])
    assert done.exit_code == 0, done.output
    told = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert (told["messages"], told["sentences"]) == (20, 40)
    assert "20 messages with 40 sentences" in (out / "reader.md").read_text(encoding="utf-8")
    trained = LearnedReader(load_weights(out / "weights.bin"))
    yes, no = trained.judge(
        "I live in Rome. What do I see in Rome?", ["I live in Rome.", "What do I see in Rome?"]
    )
    assert yes.keep > no.keep
