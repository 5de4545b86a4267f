from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosona.cli.interaction_files import read_log
from prosona.cli.tables import read_table
from prosona.core.errors import InvalidInputError

from .conftest import Prosona


def written(folder: Path, *records: object, name: str = "log.jsonl") -> Path:
    file = folder / name
    lines = (r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_a_second_import_is_all_duplicates(
    prosona: Prosona, as_json: Callable[..., Any], tmp_path: Path
) -> None:
    # The same behaviour on two days is two interactions, although the lines read the same.
    file = written(tmp_path, {"chosen": "Alien"}, "", {"chosen": "Alien"}, {"rejected": "喜剧"})
    assert as_json("import", str(file), "--user", "ana") == {"accepted": 3, "duplicate": 0, "users": 1}
    assert as_json("import", str(file), "--user", "ana") == {"accepted": 0, "duplicate": 3, "users": 1}
    assert as_json("users")[0]["observed"] == 3


def test_a_log_that_grew_adds_only_its_new_lines(as_json: Callable[..., Any], tmp_path: Path) -> None:
    file = written(tmp_path, {"chosen": "Alien"})
    as_json("import", str(file), "--user", "ana")
    file = written(tmp_path, {"chosen": "Alien"}, {"chosen": "Contact"})
    assert as_json("import", str(file), "--user", "ana") == {"accepted": 1, "duplicate": 1, "users": 1}


def test_a_benchmark_record_brings_its_history_and_never_its_target(
    prosona: Prosona, as_json: Callable[..., Any], tmp_path: Path
) -> None:
    pair = {"query": "Which?", "chosen": "Alien", "rejected": "Titanic", "timestamp": 1337199860}
    file = written(
        tmp_path,
        {"userid": 17, "domain": "films", "history": [pair, {**pair, "meta": {"x": 1}}], "target": pair},
        {"userid": "b", "history": [{"chosen": "x", "timestamp": None}], "target": {"chosen": "secret"}},
    )
    assert as_json("import", str(file)) == {"accepted": 3, "duplicate": 0, "users": 2}
    log = [json.loads(line) for line in prosona("export", "-u", "17", "--interactions").stdout.splitlines()]
    assert [item["occurred_at"] for item in log] == ["2012-05-16T20:24:20Z"] * 2
    assert {item["domain"] for item in log} == {"films"}
    assert "secret" not in prosona("export", "-u", "b", "--interactions").stdout


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON"),
        ("[1]", "not a JSON object"),
        ({"query": "only a question"}, "chosen"),
        ({"chosen": "x" * 20_001}, "chosen"),
        ({"chosen": ["a list"]}, "chosen"),
        ({"chosen": "x", "choosen": "y"}, "choosen: no such field"),
        ({"chosen": "x", "occurred_at": "soon"}, "occurred_at"),
        ({"chosen": "x", "timestamp": 1e300}, "timestamp"),
        ({"chosen": "x", "origin": "the boss"}, "origin"),
        ({"history": "long"}, "its history is not a list"),
        ({"history": [{"chosen": "x"}, 3]}, "history 2: not a JSON object"),
        ({"history": [{"chosen": "x"}, {"query": "y"}]}, "history 2: "),
    ],
)
def test_a_bad_line_is_named_and_nothing_of_the_file_is_stored(
    prosona: Prosona, db: Path, tmp_path: Path, line: object, reason: str
) -> None:
    file = written(tmp_path, {"chosen": "Alien"}, {"chosen": "Contact"}, line, {"chosen": "Moon"})
    result = prosona("import", str(file), "--user", "ana")
    assert result.exit_code == 2
    assert f"{file}, line 3: " in result.stderr
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1
    assert not db.exists()


def test_one_key_for_two_contents_is_refused_before_anything_is_stored(
    prosona: Prosona, as_json: Callable[..., Any], db: Path, tmp_path: Path
) -> None:
    keyed = {"user_id": "b", "idempotency_key": "k"}
    file = written(
        tmp_path, {"user_id": "a", "chosen": "x"}, {**keyed, "chosen": "y"}, {**keyed, "chosen": "z"}
    )
    result = prosona("import", str(file))
    assert result.exit_code == 2
    assert "line 3: its idempotency_key stands on a line before" in result.stderr
    assert not db.exists()
    file = written(
        tmp_path, {**keyed, "chosen": "y"}, {**keyed, "chosen": "y"}, {**keyed, "user_id": "c", "chosen": "z"}
    )
    assert as_json("import", str(file)) == {"accepted": 2, "duplicate": 1, "users": 2}


def test_a_file_that_is_no_text_is_refused(prosona: Prosona, tmp_path: Path) -> None:
    for name in ("log.jsonl", "profile.md"):
        file = tmp_path / name
        file.write_bytes(b"\xff\xfe\x00nothing")
        result = prosona("import", str(file), "--user", "ana")
        assert result.exit_code == 2
        assert "not UTF-8 text" in result.stderr


def test_a_line_without_a_user_needs_the_option(prosona: Prosona, tmp_path: Path) -> None:
    result = prosona("import", str(written(tmp_path, {"user_id": "a", "chosen": "x"}, {"chosen": "y"})))
    assert result.exit_code == 2
    assert "line 2: it names no user" in result.stderr


def test_the_option_renames_one_user_and_never_merges_several(
    prosona: Prosona, as_json: Callable[..., Any], tmp_path: Path
) -> None:
    one = written(tmp_path, {"user_id": "a", "chosen": "x"}, {"chosen": "y"})
    assert as_json("import", str(one), "--user", "ana")["accepted"] == 2
    two = written(tmp_path, {"user_id": "a", "chosen": "x"}, {"user_id": "b", "chosen": "y"})
    result = prosona("import", str(two), "--user", "ana")
    assert result.exit_code == 2
    assert "leave out --user" in result.stderr
    assert [entry["user_id"] for entry in as_json("users")] == ["ana"]


def test_a_wrong_profile_file_is_refused_with_its_line(prosona: Prosona, tmp_path: Path) -> None:
    file = tmp_path / "ana.md"
    file.write_text("# A diary\n", encoding="utf-8")
    result = prosona("import", str(file))
    assert result.exit_code == 2
    assert "line 1" in result.stderr


def test_a_byte_order_mark_is_no_part_of_a_file(
    as_json: Callable[..., Any], ana: str, tmp_path: Path
) -> None:
    for name, content in (
        ("log.jsonl", '\ufeff{"chosen": "Alien"}\n'),
        ("log.json", '\ufeff[{"chosen": "Alien"}]'),
        ("log.csv", "\ufeffTitle\r\nAlien\r\n"),
    ):
        file = tmp_path / name
        file.write_text(content, encoding="utf-8", newline="")
        assert as_json("import", str(file), "--user", f"by {name}")["accepted"] == 1


def test_a_list_of_interactions_is_taken_in_and_a_wrong_item_is_named(
    prosona: Prosona, as_json: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "log.json"
    file.write_text(json.dumps([{"chosen": "Alien"}, {"chosen": "Moon"}], indent=2), encoding="utf-8")
    assert as_json("import", str(file), "--user", "ana")["accepted"] == 2
    assert as_json("import", str(file), "--user", "ana")["duplicate"] == 2
    file.write_text(json.dumps([{"chosen": "Alien"}, 3]), encoding="utf-8")
    assert "item 2: not a JSON object" in prosona("import", str(file), "--user", "ana").stderr


def test_an_exported_chat_history_is_refused_with_what_to_do(prosona: Prosona, tmp_path: Path) -> None:
    file = tmp_path / "conversations.json"
    for conversation in ({"title": "Dinner", "mapping": {}}, {"name": "Dinner", "chat_messages": []}):
        file.write_text(json.dumps([conversation]), encoding="utf-8")
        result = prosona("import", str(file), "--user", "ana")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "exported chat history" in result.stderr
        assert '{"chosen": ' in result.stderr
        assert result.stderr.count("\n") == 1


def test_an_archive_is_refused_with_what_to_do(prosona: Prosona, tmp_path: Path) -> None:
    file = tmp_path / "export.zip"
    file.write_bytes(b"PK\x03\x04 and so on")
    result = prosona("import", str(file), "--user", "ana")
    assert result.exit_code == 2
    assert "unpack it" in result.stderr


def test_a_table_is_taken_in_and_what_was_recognised_is_said(
    prosona: Prosona, as_json: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text(
        "Date,Name,Year,My Rating\n"
        '2026-03-01,"Aguirre, the Wrath of God",1972,5\n'
        "2026-03-02,Titanic,1997,1\n"
        "2026-03-03,Ring,1998,2.5\n"
        ",,,\n",
        encoding="utf-8",
    )
    result = prosona("import", str(file), "--user", "ana")
    assert result.exit_code == 0, result.output
    assert "2 interactions accepted" in result.stdout
    assert "Name as chosen" in result.stderr
    assert "Left aside: Year." in result.stderr
    assert "out of 5" in result.stderr
    assert "1 rows name nothing or are rated in the middle" in result.stderr
    log = as_json("log", "--user", "ana")
    assert [(item["chosen"], item["rejected"]) for item in log] == [
        ("Aguirre, the Wrath of God", None),
        (None, "Titanic"),
    ]
    assert log[0]["occurred_at"].startswith("2026-03-01")
    assert "0 interactions accepted" in prosona("import", str(file), "--user", "ana").stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: it is empty"),
        ("Year,Place\n1972,Rome\n", "line 1: no column says what was chosen: it has Year, Place"),
        ("title,rating\nAlien,good\n", "line 2: 'good' is no rating"),
        ("title,rating\nAlien,nan\n", "line 2: 'nan' is no rating"),
        ("title\nAlien, the first\n", "line 2: 2 cells under 1 columns"),
        ('title\n"Alien\n', "line 2: no table that can be read"),
        ("title,date\nAlien,03/04/2026\n", "line 2: occurred_at"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused_with_its_line(
    prosona: Prosona, db: Path, tmp_path: Path, text: str, reason: str
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(text, encoding="utf-8")
    result = prosona("import", str(file), "--user", "ana")
    assert result.exit_code == 2, result.output
    assert f"{file}, {reason}" in result.stderr
    assert "othing was imported" in result.stderr
    assert not db.exists()


def test_tables_of_other_kinds_and_scales_are_read() -> None:
    for text in ("title;stars\nAlien;9\nRing;2\n", "item\tscore\nAlien\t9,0\nRing\t2\n"):
        log, notes = read_table(text.splitlines(keepends=True), "ana")
        assert [(i.chosen, i.rejected) for i in log["ana"]] == [("Alien", None), (None, "Ring")]
        assert "out of 10" in notes[1]
    log, _ = read_table(["user,title,timestamp\n", "bo,Alien,1337199860\n"], None)
    assert [i.occurred_at.year for i in log["bo"] if i.occurred_at] == [2012]


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_names = st.sampled_from(
    ["chosen", "query", "user_id", "userid", "history", "timestamp", "occurred_at", "kind"]
)
_records = st.dictionaries(_names, _json | st.lists(st.dictionaries(_names, _json, max_size=4)), max_size=5)


@given(st.lists(_records.map(json.dumps) | st.text(), max_size=3), st.none() | st.text())
def test_any_file_is_read_whole_or_refused_with_a_line(lines: list[str], user_id: str | None) -> None:
    try:
        log = read_log(lines, user_id)
    except InvalidInputError as error:
        refusal = str(error)
        log = {}
    else:
        refusal = "line of no importance"
    assert refusal.startswith(("line ", "user_id "))
    keys = [i.idempotency_key for interactions in log.values() for i in interactions]
    assert None not in keys
