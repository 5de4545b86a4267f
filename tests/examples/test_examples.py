from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SECONDS = 100


def shown(script: str, *args: str, cwd: Path) -> str:
    """What an example prints when it is run as its reader would run it, its output piped."""
    result = subprocess.run(
        [sys.executable, str(EXAMPLES / script), *args],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    assert "\x1b" not in result.stdout
    return result.stdout


def test_the_demo_shows_the_main_job_from_start_to_end(tmp_path: Path) -> None:
    output = shown("demo.py", "--folder", str(tmp_path / "demo"), cwd=tmp_path)

    versions = [int(n) for n in re.findall(r"version (\d+), after \d+ interactions", output)]
    assert len(versions) == 8
    assert all(earlier < later for earlier, later in pairwise(versions))
    lines = [line.strip("│ \n") for line in output.splitlines()]
    assert any(line.startswith("+ Films: likes Science fiction") and "chose" in line for line in lines)
    assert any(re.match("(?:[+~] )?Films: likes Documentary .*since", line) for line in lines)

    why = lines.index(next(line for line in lines if line.startswith("╭─ why: Said: \"I'm allergic")))
    assert "I'm allergic to peanuts." in lines[why + 1]
    changed = lines[lines.index(next(line for line in lines if line.startswith("╭─ what she changed"))) :]
    assert changed[1:3] == [
        "+ - Call me Mira, not Ms Mira.",
        "~ Answers: warm and personal, as long as they are short",
    ]
    whole = changed[changed.index(next(line for line in changed if "the whole profile" in line)) :]
    assert "- Call me Mira, not Ms Mira." in whole
    assert "Answers: warm and personal, as long as they are short" in whole
    assert not any("impersonal answers" in line for line in whole)

    before, after = re.findall(
        r"in the bytes of the files (\d+) times; now it stands there (\d+) times", output
    )[0]
    assert int(before) > 10
    assert int(after) == 0
    assert "another-agent reads the same text" in output
    for tool in ("observe_interaction", "get_user_profile", "revise_profile"):
        assert tool in output

    database = tmp_path / "demo" / "profiles.db"
    assert "The file lies at demo/profiles.db" in output
    for file in database.parent.iterdir():
        assert b"running" not in file.read_bytes().lower()
    assert b"documentary" in database.read_bytes().lower()


def test_the_demo_starts_anew_each_time_and_removes_nothing_else(tmp_path: Path) -> None:
    diary = tmp_path / "diary.txt"
    diary.write_text("mine", encoding="utf-8")
    first = shown("demo.py", "--folder", str(tmp_path), cwd=tmp_path)
    second = shown("demo.py", "--folder", str(tmp_path), cwd=tmp_path)
    assert diary.read_text(encoding="utf-8") == "mine"
    profiles = [re.findall(r"the whole profile.*?╰", output, re.DOTALL) for output in (first, second)]
    assert profiles[0] == profiles[1] != []


def test_two_agents_share_a_profile_and_a_lost_race_is_told(tmp_path: Path) -> None:
    output = shown("two_agents.py", cwd=tmp_path)
    read, raced = output.split("chat-assistant was too late")
    assert "Science fiction" in read
    assert "vegetarian" in read
    assert "statement by film-guide" in raced
    assert "statement by chat-assistant" in raced
    assert "- I watch films without dubbing.\n- Write to me in German.\n" in raced
    assert list(tmp_path.iterdir()) == []


def test_a_log_is_imported_once_and_shows_in_the_profile(tmp_path: Path) -> None:
    output = shown("import_log.py", cwd=tmp_path)
    assert "first import: 20 accepted, 0 duplicates" in output
    assert "second import: 0 accepted, 20 duplicates" in output
    assert re.search(r"likes Jazz.*\(chose", output)
    assert re.search(r"avoids Pop.*\(rejected", output)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("stream/*.jsonl")), ids=lambda file: file.name)
def test_the_stream_is_one_persons_mixed_behaviour_in_order(file: Path) -> None:
    interactions = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(interactions) >= 48
    assert {"films", "news", "shopping", "chat"} == {item["domain"] for item in interactions}
    assert 8 <= sum("rejected" not in item for item in interactions) < len(interactions) / 2
    times = [datetime.fromisoformat(item["occurred_at"]) for item in interactions]
    assert times == sorted(times)
    assert (times[-1] - times[0]).days > 180
