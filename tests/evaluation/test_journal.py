from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosona.evaluation.data import DataError
from prosona.evaluation.journal import Journal, digest


def test_rows_are_there_again_after_closing(tmp_path: Path) -> None:
    with Journal(tmp_path / "run" / "a.jsonl") as journal:
        journal.add("one", {"answer": "喜欢\n茶"})
    with Journal(tmp_path / "run" / "a.jsonl") as journal:
        assert journal.get("one") == {"key": "one", "answer": "喜欢\n茶"}
        assert journal.get("two") is None


def test_half_a_character_in_an_answer_does_not_stop_a_run(tmp_path: Path) -> None:
    with Journal(tmp_path / "a.jsonl") as journal:
        journal.add("one", {"answer": "tea \ud83c"})
    with Journal(tmp_path / "a.jsonl") as journal:
        assert journal.get("one") == {"key": "one", "answer": "tea \ud83c"}


def test_a_row_is_on_disk_before_the_run_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with Journal(path) as journal:
        journal.add("one", {"n": 1})
        assert path.read_text() == '{"key": "one", "n": 1}\n'


@pytest.mark.parametrize("cut", range(1, 23))
def test_a_line_cut_off_at_any_place_is_dropped_and_the_rest_goes_on(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.jsonl"
    with Journal(path) as journal:
        journal.add("one", {"n": 1})
        journal.add("two", {"n": 2})
    path.write_bytes(path.read_bytes()[:-cut])
    with Journal(path) as journal:
        assert journal.get("two") is None
        journal.add("three", {"n": 3})
    with Journal(path) as journal:
        assert [row["key"] for row in journal.rows()] == ["one", "three"]


def test_a_file_that_is_no_journal_is_said_with_its_line_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"key": "one"}\nhello\n')
    with pytest.raises(DataError, match="line 2"):
        Journal(path)
    assert path.read_text() == '{"key": "one"}\nhello\n'


@settings(deadline=None)
@given(st.tuples(st.text(), st.integers()), st.tuples(st.text(), st.integers()))
def test_the_same_contents_have_the_same_name_and_others_another(
    one: tuple[str, int], two: tuple[str, int]
) -> None:
    assert (digest(*one) == digest(*two)) == (one == two)
