from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from prosona.cli.editing import Row, read_rows, write_rows
from prosona.core.errors import InvalidInputError
from prosona.core.words import Line

from .conftest import Process, Prosona

Editor = Callable[[str], None]


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    """Makes $EDITOR a program that runs `change` with the text of the file as `text`."""

    def set_to(change: str) -> None:
        script = tmp_path / "editor.py"
        script.write_text(
            "import os, pathlib, re, subprocess, sys\n"
            "file = pathlib.Path(sys.argv[1])\n"
            "text = file.read_text(encoding='utf-8')\n"
            f"{change}\n"
            "file.write_text(text, encoding='utf-8')\n",
            encoding="utf-8",
        )
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", shlex.join([sys.executable, str(script)]))

    return set_to


def lines_of(as_json: Callable[..., Any], user: str = "ana") -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = as_json("get", "--user", user)["lines"]
    return lines


def texts_of(as_json: Callable[..., Any], user: str = "ana") -> list[str]:
    return [line["text"] for line in lines_of(as_json, user)]


def id_of(as_json: Callable[..., Any], part: str) -> str:
    [found] = [line["id"] for line in lines_of(as_json) if part in line["text"]]
    assert isinstance(found, str)
    return found


def test_lines_are_listed_with_number_id_kind_and_support(
    prosona: Prosona, as_json: Callable[..., Any], ana: str
) -> None:
    prosona("revise", "--user", ana, "--statement", "I am in Lisbon.", "--until", "2099-12-31")
    rows = [row.split("\t") for row in prosona("get", "--user", ana, "--lines").stdout.splitlines()]
    lines = lines_of(as_json)
    assert [row[0] for row in rows] == [str(number) for number in range(1, len(lines) + 1)]
    assert [row[1] for row in rows] == [line["id"] for line in lines]
    assert [row[6] for row in rows] == [line["text"] for line in lines]
    kinds = {row[6]: row[2] for row in rows}
    assert kinds["I am vegetarian."] == "stated"
    assert "inferred" in kinds.values()
    assert {row[6]: row[5] for row in rows}["I am in Lisbon."] == "2099-12-31"
    supports = [row[4] for row in rows if row[2] == "inferred"]
    assert all("3" in support for support in supports)


def test_why_names_the_interactions_and_when_the_line_first_stood(
    prosona: Prosona, as_json: Callable[..., Any], ana: str
) -> None:
    [line] = [line for line in lines_of(as_json) if line["kind"] == "inferred"][:1]
    told = prosona("why", "--user", ana, line["id"]).stdout
    assert told.startswith(line["text"])
    assert "first stood in version 2" in told
    for title in ("Alien", "Arrival", "Contact"):
        assert title in told
    reasons = as_json("why", "--user", ana, line["id"])
    assert len(reasons["interactions"]) == 3
    number = str(reasons["number"])
    assert as_json("why", "--user", ana, number)["line"]["id"] == line["id"]
    assert as_json("why", "--user", ana, line["text"][:12])["line"]["id"] == line["id"]


def test_why_of_a_line_that_there_is_not_ends_with_its_own_code(prosona: Prosona, ana: str) -> None:
    for line in ("99", "gardening and boats"):
        result = prosona("why", "--user", ana, line)
        assert (result.exit_code, result.stdout) == (4, "")
        assert result.stderr.startswith("prosona: ")


def test_a_line_is_changed_by_part_of_its_text_and_keeps_its_id(
    prosona: Prosona, as_json: Callable[..., Any], ana: str
) -> None:
    before = id_of(as_json, "vegetarian")
    result = prosona("revise", "--user", ana, "--line", "vegetarian", "--text", "I eat no meat.")
    assert result.exit_code == 0, result.output
    assert before in result.stdout
    assert id_of(as_json, "I eat no meat.") == before
    assert (
        prosona("revise", "--user", ana, "--line", before, "--text", "-", input="I eat fish.").exit_code == 0
    )
    assert id_of(as_json, "I eat fish.") == before


def test_a_line_gets_an_end_and_is_pinned_and_removed(
    prosona: Prosona, as_json: Callable[..., Any], ana: str
) -> None:
    def line(part: str) -> dict[str, Any]:
        [found] = [line for line in lines_of(as_json) if part in line["text"]]
        return found

    assert prosona("revise", "--user", ana, "--line", "vegetarian", "--until", "2099-01-31").exit_code == 0
    assert line("vegetarian")["until"] == "2099-01-31"
    assert prosona("revise", "--user", ana, "--line", "vegetarian", "--until", "").exit_code == 0
    assert line("vegetarian")["until"] is None
    inferred = next(line["id"] for line in lines_of(as_json) if line["kind"] == "inferred")
    assert prosona("revise", "--user", ana, "--pin", inferred).exit_code == 0
    [pinned] = [line for line in lines_of(as_json) if line["id"] == inferred]
    assert pinned["kind"] == "owned"
    assert prosona("revise", "--user", ana, "--remove", inferred).exit_code == 0
    assert inferred not in [line["id"] for line in lines_of(as_json)]


@pytest.mark.parametrize(
    "args",
    [
        ("--line", "1"),
        ("--until", "2099-01-31"),
        ("--line", "1", "--until", "soon"),
        ("--statement", "x", "--remove", "1"),
        ("--text", "/nowhere/at/all", "--base-version", "1"),
    ],
)
def test_options_of_revise_that_do_not_go_together_are_refused(
    prosona: Prosona, ana: str, args: tuple[str, ...]
) -> None:
    result = prosona("revise", "--user", ana, *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1


def test_review_lists_what_ends_soon(prosona: Prosona, as_json: Callable[..., Any], ana: str) -> None:
    assert "nothing to look at" in prosona("review", "--user", ana).stderr
    soon = date.today() + timedelta(days=3)
    prosona("revise", "--user", ana, "--line", "vegetarian", "--until", str(soon))
    found = {item["line"]["text"]: item["why"] for item in as_json("review", "--user", ana)}
    assert found == {"I am vegetarian.": "ends soon"}
    assert str(soon) in prosona("review", "--user", ana).stdout


def test_a_last_day_that_has_passed_is_refused(prosona: Prosona, ana: str) -> None:
    before = prosona("get", "--user", ana).stdout
    for change in (("--statement", "I am in Graz."), ("--line", "vegetarian"), ("--pin", "vegetarian")):
        result = prosona("revise", "--user", ana, *change, "--until", "2020-01-31")
        assert result.exit_code == 2
        assert "the last day 2020-01-31 has passed" in result.stderr
    assert prosona("get", "--user", ana).stdout == before


def test_history_tells_the_difference_between_two_versions_by_lines(
    prosona: Prosona, as_json: Callable[..., Any], ana: str
) -> None:
    start = as_json("get", "--user", ana)["version"]
    line = id_of(as_json, "vegetarian")
    prosona("revise", "--user", ana, "--line", line, "--text", "I eat no meat.")
    prosona("revise", "--user", ana, "--statement", "I live in Graz.")
    inferred = next(line["id"] for line in lines_of(as_json) if line["kind"] == "inferred")
    prosona("revise", "--user", ana, "--remove", inferred)
    end = as_json("get", "--user", ana)["version"]
    told = prosona("history", "--user", ana, "--diff", str(start), str(end)).stdout
    assert f"+ {id_of(as_json, 'Graz')}  I live in Graz.  (stated, since version {start + 2})" in told
    assert f"~ {line}  I am vegetarian." in told
    assert "I eat no meat." in told
    [gone] = [row for row in told.splitlines() if row.startswith(f"- {inferred}")]
    assert gone.endswith(")"), "no reason is given"
    difference = as_json("history", "--user", ana, "--diff", str(start), str(end))
    assert [change["after"]["id"] for change in difference["changed"]] == [line]
    assert [item["line"]["id"] for item in difference["retired"]] == [inferred]
    assert difference["retired"][0]["why"]
    assert prosona("history", "--user", ana, "--diff", "1", "99").exit_code == 4


def test_counts_alone_are_no_change_and_a_line_is_first_seen_where_it_first_stood(
    prosona: Prosona, as_json: Callable[..., Any]
) -> None:
    for number in range(12):
        prosona(
            "observe", "--user", "ana", "--domain", "films", "--chosen", f"Alien {number} [Science fiction]"
        )
        prosona("get", "--user", "ana")
    newest = as_json("history", "--user", "ana")[0]["version"]
    difference = as_json("history", "--user", "ana", "--diff", "0", str(newest))
    first_lines = {line["id"] for line in as_json("history", "--user", "ana", "--limit", "99")[-1]["lines"]}
    for item in difference["added"]:
        if item["line"]["id"] in first_lines:
            assert item["version"] == 1
    assert first_lines & {item["line"]["id"] for item in difference["added"]}
    same = prosona("history", "--user", "ana", "--diff", str(newest), str(newest))
    assert (same.stdout, same.exit_code) == ("", 0)
    assert "the same lines" in same.stderr


def test_an_edit_is_told_by_ids(
    prosona: Prosona, as_json: Callable[..., Any], ana: str, editor: Editor
) -> None:
    prosona("revise", "--user", ana, "--statement", "I live in Graz.")
    vegetarian, graz = id_of(as_json, "vegetarian"), id_of(as_json, "Graz")
    editor(
        "text = text.replace('I am vegetarian.', 'I eat no meat.')\n"
        f"text = re.sub(r'\\[{graz}\\].*\\n', '', text) + 'I like slow films.\\n'"
    )
    result = prosona("edit", "--user", ana)
    assert result.exit_code == 0, result.output
    assert "1 changed, 1 removed, 1 added" in result.stderr
    assert id_of(as_json, "I eat no meat.") == vegetarian
    assert "I like slow films." in texts_of(as_json)
    assert "I live in Graz." not in texts_of(as_json)


def test_an_unchanged_edit_makes_no_revision(
    prosona: Prosona, as_json: Callable[..., Any], ana: str, editor: Editor
) -> None:
    before = as_json("get", "--user", ana)["version"]
    editor("text += '\\n# a remark of mine\\n\\n'")
    result = prosona("edit", "--user", ana)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing was changed" in result.stderr
    assert as_json("get", "--user", ana)["version"] == before


def test_an_emptied_file_is_asked_about(
    prosona: Prosona, as_json: Callable[..., Any], ana: str, editor: Editor
) -> None:
    editor("text = ''")
    result = prosona("edit", "--user", ana)
    assert result.exit_code == 2
    assert "would be removed" in result.stderr
    assert "--yes" in result.stderr
    assert texts_of(as_json)
    assert prosona("edit", "--user", ana, "--yes").exit_code == 0
    assert texts_of(as_json) == []


def test_an_edit_that_lost_a_race_keeps_the_file_and_says_where(
    process: Process, as_json: Callable[..., Any], ana: str, editor: Editor
) -> None:
    other = [sys.executable, "-m", "prosona.cli", "revise", "--user", ana, "--statement", "I live in Graz."]
    editor(f"subprocess.run({other!r}, check=True, stdout=2)\ntext += 'I like slow films.\\n'")
    result = process("edit", "--user", ana)
    assert (result.returncode, result.stdout) == (3, "")
    kept = Path(result.stderr.split("kept in ")[1].splitlines()[0])
    assert kept.read_text(encoding="utf-8").endswith("I like slow films.\n")
    assert kept.parent.stat().st_mode & 0o077 == 0
    assert "I like slow films." not in texts_of(as_json)
    assert "I live in Graz." in texts_of(as_json)


def test_a_wrong_row_of_an_edit_is_named_and_the_file_is_kept(
    prosona: Prosona, as_json: Callable[..., Any], ana: str, editor: Editor
) -> None:
    before = texts_of(as_json)
    editor("text += '[nobody] I like slow films.\\n'")
    result = prosona("edit", "--user", ana)
    assert result.exit_code == 2
    assert "'nobody'" in result.stderr
    assert "kept in " in result.stderr
    assert texts_of(as_json) == before


def test_an_editor_that_fails_changes_nothing(
    prosona: Prosona, as_json: Callable[..., Any], ana: str, editor: Editor
) -> None:
    before = texts_of(as_json)
    editor("sys.exit(3)")
    assert prosona("edit", "--user", ana).exit_code == 1
    assert texts_of(as_json) == before


LINES = [Line(id="bcdfgh", text="Likes tea."), Line(id="cdfghj", text="Likes\u2028coffee  a lot.")]


def test_rows_say_what_the_lines_say() -> None:
    assert read_rows(write_rows("ana", 3, LINES), LINES) == [
        Row("bcdfgh", "Likes tea."),
        Row("cdfghj", "Likes coffee a lot."),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[bcdfgh] Likes tea.\n[bcdfgh] Likes milk.", "row 2: bcdfgh stands in row 1 already"),
        ("[bcdfgh]", "row 1: bcdfgh has no words"),
        ("[zzzzzz] Likes tea.", "row 1: no line has the id 'zzzzzz'"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        read_rows(text, LINES)


def test_rows_may_be_moved_indented_and_written_on_other_systems() -> None:
    text = "\ufeff# head\r\n  [cdfghj] Likes tea, too.\r\n\r\nNew one.\r\n[bcdfgh]Likes tea.\r\n"
    assert read_rows(text, LINES) == [
        Row("cdfghj", "Likes tea, too."),
        Row("", "New one."),
        Row("bcdfgh", "Likes tea."),
    ]
