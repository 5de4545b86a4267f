from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosona.evaluation.data import Ask, Choice, DataError, Person, Target, load

Written = Callable[..., Path]
PAST = {"query": "q", "chosen": "a", "rejected": "b"}
TARGET = {"query": "q", "chosen": "c", "rejected": "d"}


def test_a_published_line_becomes_a_person_with_one_target(written: Written) -> None:
    benchmark = load(written("mind_upi.jsonl", {"userid": 7, "history": [PAST], "target": TARGET}))
    (person,) = benchmark.people
    assert (benchmark.name, benchmark.task) == ("mind", "recommendation")
    assert (person.user_id, person.history) == ("7", (Choice("q", "a", "b"),))
    assert person.targets == (Target("q", "c", "d"),)


def test_the_common_form_has_times_a_domain_and_several_targets(written: Written) -> None:
    line = {
        "user_id": "ana",
        "domain": "films",
        "history": [{**PAST, "timestamp": 1448816585, "meta": {"rating": 5}}, {"rejected": "b"}],
        "targets": [TARGET, {**TARGET, "chosen": "e"}],
    }
    benchmark = load(written("films.dev.jsonl", line, ""))
    (person,) = benchmark.people
    assert (benchmark.name, benchmark.task) == ("films", "selection")
    assert person.history[0].occurred_at == datetime(2015, 11, 29, 17, 3, 5, tzinfo=UTC)
    assert person.history[1] == Choice("", None, "b", None, "films")
    assert [target.chosen for target in person.targets] == ["c", "e"]


def test_what_is_for_scoring_only_never_comes_along(written: Written) -> None:
    secret = "ground truth"
    line = {
        "userid": "u",
        "history": [{**PAST, "meta": secret}],
        "target": {**TARGET, "meta": secret},
        "ground_truth_persona": secret,
    }
    assert secret not in repr(load(written("a.jsonl", line)).people)


def test_a_conversation_as_history_becomes_what_the_user_wrote(written: Written) -> None:
    turns = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "I like tea."},
        {"role": "assistant", "content": "Green or black?"},
        {"role": "user", "content": "Green."},
        {"role": "assistant", "content": "Noted."},
    ]
    (person,) = load(written("a.jsonl", {"history": turns, "target": TARGET})).people
    assert person.history == (
        Choice("", "I like tea.", None, kind="chat"),
        Choice("Green or black?", "Green.", None, kind="chat"),
    )
    assert person.user_id == "line-1"


def test_a_target_with_a_reference_is_also_a_question_to_answer(written: Written) -> None:
    line = {"userid": "u", "history": [PAST], "target": {**TARGET, "reference": "c, for you"}}
    benchmark = load(written("a.jsonl", line))
    assert benchmark.task == "generation"
    assert benchmark.people[0].asks == (Ask("q", "c, for you"),)
    assert benchmark.people[0].targets == (Target("q", "c", "d"),)


def test_lines_of_one_user_join_when_the_history_is_the_same_and_stay_apart_when_it_is_not(
    written: Written,
) -> None:
    path = written(
        "a.jsonl",
        {"userid": "u", "history": [PAST], "target": TARGET},
        {"userid": "u", "history": [PAST], "target": {**TARGET, "chosen": "e"}},
        {"userid": "u", "history": [PAST, PAST], "target": TARGET},
    )
    assert [(p.user_id, len(p.targets)) for p in load(path).people] == [("u", 2), ("u#3", 1)]


def test_a_compressed_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    line = json.dumps({"userid": "u", "history": [PAST], "target": TARGET})
    path.write_bytes(gzip.compress(line.encode()))
    assert (load(path).name, len(load(path).people)) == ("a", 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "line 2: is no JSON"),
        ("[]", "line 2: must be a JSON object, is a list"),
        ({"history": [PAST], "target": TARGET, "userid": ""}, "line 2: `userid`"),
        ({"userid": True, "history": [PAST], "target": TARGET}, "line 2: `userid`"),
        ({"userid": "u", "target": TARGET}, "line 2: `history` must be a list of objects, is absent"),
        ({"userid": "u", "history": [], "target": TARGET}, "line 2: `history` is empty"),
        (
            {"userid": "u", "history": [{"query": "q"}], "target": TARGET},
            "line 2: `history` entry 0: neither",
        ),
        (
            {"userid": "u", "history": [{"chosen": 5}], "target": TARGET},
            "`chosen` must be a text, is a number",
        ),
        ({"userid": "u", "history": [{**PAST, "timestamp": "x"}], "target": TARGET}, "seconds since 1970"),
        ({"userid": "u", "history": [PAST]}, "line 2: `targets` must be a list of objects"),
        ({"userid": "u", "history": [PAST], "targets": []}, "line 2: `targets` is empty"),
        ({"userid": "u", "history": [PAST], "target": {"chosen": "c"}}, "target 0: `rejected`"),
        ({"userid": "u", "history": [PAST], "target": {**TARGET, "rejected": "c"}}, "the same text"),
    ],
)
def test_a_wrong_line_is_named_with_its_number_and_the_reason(
    written: Written, line: object, reason: str
) -> None:
    path = written("a.jsonl", {"userid": "ok", "history": [PAST], "target": TARGET}, line)
    with pytest.raises(DataError, match=reason) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_an_empty_file_and_one_that_is_no_text_are_errors(tmp_path: Path) -> None:
    empty, binary = tmp_path / "empty.jsonl", tmp_path / "binary.jsonl"
    empty.write_text("\n")
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="holds no line"):
        load(empty)
    with pytest.raises(DataError, match="no UTF-8 text"):
        load(binary)
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path / "missing.jsonl")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["userid", "history", "target", "targets", "query", "chosen", "rejected", "timestamp"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(JSON, st.binary(max_size=40))
def test_whatever_a_line_holds_it_is_read_or_refused_with_a_reason(line: object, tail: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "any.jsonl"
        path.write_bytes(json.dumps(line).encode() + b"\n" + tail)
        people: tuple[Person, ...] = ()
        reason = ""
        try:
            people = load(path).people
        except DataError as error:
            reason = str(error)
        assert bool(people) != (str(path) in reason)
        assert all(person.history and person.targets for person in people)


def test_half_a_character_is_replaced(written: Written) -> None:
    line = {"userid": "u", "history": [{**PAST, "chosen": "tea \ud83c"}], "target": TARGET}
    assert load(written("a.jsonl", line)).people[0].history[0].chosen == "tea ?"
