from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosona.cli.interaction_log import read_log
from prosona.profiles_db import InvalidInputError

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
    prosona: Prosona, as_json: Callable[..., Any], tmp_path: Path, line: object, reason: str
) -> None:
    file = written(tmp_path, {"chosen": "Alien"}, {"chosen": "Contact"}, line, {"chosen": "Moon"})
    result = prosona("import", str(file), "--user", "ana")
    assert result.exit_code == 2
    assert f"{file}, line 3: " in result.stderr
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1
    assert as_json("users") == []


def test_one_key_for_two_contents_is_refused_before_anything_is_stored(
    prosona: Prosona, as_json: Callable[..., Any], tmp_path: Path
) -> None:
    keyed = {"user_id": "b", "idempotency_key": "k"}
    file = written(
        tmp_path, {"user_id": "a", "chosen": "x"}, {**keyed, "chosen": "y"}, {**keyed, "chosen": "z"}
    )
    result = prosona("import", str(file))
    assert result.exit_code == 2
    assert "line 3: its idempotency_key stands on a line before" in result.stderr
    assert as_json("users") == []
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
