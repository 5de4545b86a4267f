from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from prosona.core.words import Line
from prosona.evaluation.commands import evaluate
from prosona.evaluation.data import DataError
from prosona.evaluation.sayings import figures, judge, load_cases, profiles_of
from prosona.profiler.testing import ScriptedProfiler

Write = Callable[..., Path]


def case(**changes: object) -> dict[str, Any]:
    usual = {
        "id": "nuts",
        "lang": "en",
        "kind": "lasting",
        "family": "lasting/allergy",
        "turns": [{"role": "user", "text": "Walnuts make my throat swell.", "day": "2026-03-02"}],
        "expect": [{"fact": "walnut allergy", "any": [["walnut", "swell|allerg"]], "stated": True}],
        "forbid": [{"why": "a question is no fact", "re": r"\?"}],
    }
    return {**usual, **changes}


def test_a_fact_is_kept_only_if_all_its_patterns_stand_in_one_line(written: Write) -> None:
    (nuts,) = load_cases(written("cases.jsonl", case()))
    assert judge(nuts, "Allergic to walnuts").is_perfect
    assert not judge(nuts, "Buys walnuts\nIs allergic to something").found[0]


def test_a_forbidden_line_breaks_a_case_and_is_named(written: Write) -> None:
    (nuts,) = load_cases(written("cases.jsonl", case()))
    verdict = judge(nuts, "Allergic to walnuts\nWhat cake?")
    ((forbidden, line),) = verdict.broken
    assert (forbidden.why, line) == ("a question is no fact", "What cake?")
    assert not verdict.is_perfect


def test_where_nothing_should_be_kept_anything_is_too_much_but_that_nothing_is_known(written: Write) -> None:
    (errand,) = load_cases(written("cases.jsonl", case(expect=[])))
    assert judge(errand, "").is_perfect
    assert judge(errand, "Nothing is known.").is_perfect
    assert judge(errand, "Likes cake").says_too_much
    (free,) = load_cases(written("cases.jsonl", case(expect=[], optional=True)))
    assert not judge(free, "Likes cake").says_too_much


def test_weeks_of_use_are_read_as_far_as_their_budget_goes(written: Write) -> None:
    (week,) = load_cases(written("cases.jsonl", case(budget=20)))
    filler = "\n".join(f"Has said something for the {number}th time" for number in range(9))
    assert not judge(week, f"{filler}\nAllergic to walnuts").found[0]
    assert judge(week, f"Allergic to walnuts\n{filler}").found[0]


def test_what_cannot_be_said_of_any_case_has_no_figure(written: Write) -> None:
    (nuts,) = load_cases(written("cases.jsonl", case()))
    found = figures([judge(nuts, "")])
    assert (found["facts kept"].value, found["clean"].value) == (0.0, 100.0)
    assert found["clean of spoken"].n == found["empty stay empty"].n == 0


@pytest.mark.parametrize(
    "wrong",
    ["{", case(turns=[{"role": "user"}]), case(expect=[{"fact": "x", "any": [["("]]}]), case(turns=[1])],
)
def test_a_wrong_case_is_refused_with_its_line(written: Write, wrong: object) -> None:
    with pytest.raises(DataError, match="line 2"):
        load_cases(written("cases.jsonl", case(), wrong))


async def test_each_case_is_a_user_of_its_own_and_the_assistant_is_only_heard(written: Write) -> None:
    turns = [
        {"role": "user", "text": "I keep bees.", "day": "2026-03-01"},
        {"role": "assistant", "text": "Do you like honey?", "day": "2026-03-01"},
        {"role": "user", "text": "I sell all of it.", "day": "2026-03-02"},
    ]
    cases = load_cases(written("cases.jsonl", case(), case(id="bees", turns=turns)))
    profiler = ScriptedProfiler([Line(text="A line.")])
    texts = await profiles_of(cases, profiler)
    assert set(texts) == {"nuts", "bees"}
    seen = {tuple((i.query, i.chosen) for i in request.interactions) for request in profiler.requests}
    assert seen == {
        ((None, "Walnuts make my throat swell."),),
        ((None, "I keep bees."), ("Do you like honey?", "I sell all of it.")),
    }


def test_the_command_prints_the_table_what_is_wrong_and_writes_the_verdicts(
    written: Write, tmp_path: Path
) -> None:
    path = written(
        "cases.jsonl",
        case(),
        case(id="hidden", lang="fr", expect=case()["expect"] + [{"fact": "never said", "any": [["zzz"]]}]),
    )
    out = tmp_path / "verdicts.json"
    done = CliRunner().invoke(evaluate, ["sayings", str(path), "--show", "--json", str(out)])
    assert done.exit_code == 0, done.output
    assert "| all | 2 |" in done.output
    assert "| fr | 1 |" in done.output
    assert "missed: never said" in done.output
    assert [verdict["id"] for verdict in json.loads(out.read_text(encoding="utf-8"))] == ["nuts", "hidden"]


def test_a_case_that_there_is_not_is_an_error(written: Write) -> None:
    done = CliRunner().invoke(evaluate, ["sayings", str(written("cases.jsonl", case())), "--only", "bees"])
    assert done.exit_code == 1
    assert "bees" in done.output
