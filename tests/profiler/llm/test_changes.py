"""The form for any model: numbered items in, a row for each item out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosona.core.errors import OutputRejectedError
from prosona.core.words import Edit, Line, RecordedInteraction, Support
from prosona.profiler._reading import words_of
from prosona.profiler.llm.changes import ChangesForm
from prosona.profiler.llm.output import Completion
from prosona.profiler.seam import FoldRequest
from prosona.profiler.testing.endpoint import Answer

from .conftest import MakeProfiler

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ALLERGY = "I'm allergic to walnuts, by the way."
HOME = "We live in Porto since May."
TASK = "Fix the failing test in auth.py please, the mock is wrong."


def said(*texts: str, first: int = 1, **fields: Any) -> tuple[RecordedInteraction, ...]:  # noqa: ANN401
    return tuple(
        RecordedInteraction(seq=seq, observed_at=NOW, chosen=text, kind="message", domain="chat", **fields)
        for seq, text in enumerate(texts, first)
    )


def request(*interactions: RecordedInteraction, lines: tuple[Line, ...] = ()) -> FoldRequest:
    return FoldRequest(lines, (), interactions, memory=None, max_tokens=600, now=NOW)


def folded(text: str, given_request: FoldRequest) -> list[Line]:
    completion = Completion(text, "", "stop", prompt_tokens=1, completion_tokens=1)
    return ChangesForm(name="llm").lines(completion, given_request)


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def shown(given_request: FoldRequest) -> str:
    return ChangesForm(name="llm").messages(given_request)[1]["content"]


def test_a_row_becomes_a_line_that_rests_on_its_item() -> None:
    [line] = folded("1: Allergic to walnuts", request(*said(ALLERGY, first=7)))
    assert (line.text, line.support.sample, line.consequence) == ("Allergic to walnuts", (7,), "safety")


@pytest.mark.parametrize(
    "row",
    [
        "1: Allergic to walnuts",
        "1. Allergic to walnuts",
        "[1] : Allergic to walnuts",
        "- 1: Allergic to walnuts",
        "Item 1: Allergic to walnuts",
        "#1 - Allergic to walnuts",
        '1: "Allergic to walnuts"',
        "Sure! Here are the rows:\n\n1: Allergic to walnuts\n\nLet me know if you want changes.",
        "```\n1: Allergic to walnuts\n```",
        "<think>One item.</think>1: Allergic to walnuts",
    ],
)
def test_rows_are_read_however_a_model_writes_them(row: str) -> None:
    assert texts(folded(row, request(*said(ALLERGY)))) == ["Allergic to walnuts"]


@pytest.mark.parametrize(
    "row", ["1: none", "1: None.", "1: Allergic to peanuts", "2: Likes tea", "1: Owns a boat", "9: x"]
)
def test_what_the_reader_is_sure_of_is_kept_in_the_users_words_whatever_the_model_says(row: str) -> None:
    assert texts(folded(row, request(*said(ALLERGY)))) == [f"“{ALLERGY}”"]


def test_a_line_that_says_what_no_item_says_is_none() -> None:
    shaky = said("Mostly I read on the train these days, when I can.")
    assert "company" not in "".join(texts(folded("1: Owns a railway company", request(*shaky))))


def test_a_line_under_a_wrong_number_is_of_the_item_that_it_says_something_of() -> None:
    both = request(*said(ALLERGY, HOME))
    lines = folded("2: Allergic to walnuts\n1: Live in Porto since May", both)
    assert {line.text: line.support.sample for line in lines} == {
        "Allergic to walnuts": (1,),
        "Live in Porto since May": (2,),
    }


def test_a_later_home_takes_the_place_and_the_id_of_the_earlier_one() -> None:
    [old] = folded("1: Live in Lisbon", request(*said("I live in Lisbon.")))
    past = old.model_copy(
        update={"id": "aaaaaa", "support": Support(times=1, last=date(2026, 2, 1), sample=(1,))}
    )
    [line] = folded("1: Live in Porto since May", request(*said(HOME, first=2), lines=(past,)))
    assert (line.id, line.text) == ("aaaaaa", "Live in Porto since May")


def test_a_named_line_is_reworded_in_its_place() -> None:
    past = (
        Line(id="aaaaaa", text="Plays the oboe", support=Support(sample=(1,))),
        Line(id="bbbbbb", text="Allergic to nuts", support=Support(sample=(1,))),
    )
    lines = folded(
        "1 L2: Allergic to walnuts", request(*said("I'm allergic to nuts: walnuts.", first=2), lines=past)
    )
    assert (lines[0].id, lines[0].text) == ("aaaaaa", "Plays the oboe")
    assert lines[1].id == "bbbbbb"


def test_a_line_goes_only_for_an_item_that_speaks_of_it_and_never_most_of_them() -> None:
    past = tuple(
        Line(id=name * 6, text=text, support=Support(sample=(1,)))
        for name, text in (("a", "Plays the oboe"), ("b", "Sings in a choir"), ("c", "Keeps bees"))
    )
    sold = said("I no longer play the oboe, I sold it.", first=2)
    kept = folded("1 L1: gone\n", request(*sold, lines=past))
    assert "Plays the oboe" not in texts(kept)
    assert {"Sings in a choir", "Keeps bees"} <= set(texts(kept))
    assert "Keeps bees" in texts(folded("1 L3: gone", request(*sold, lines=past)))
    [over] = folded("1 L1: gone", request(*sold, lines=past[:1]))
    assert (over.id, over.text) == (past[0].id, f"“{sold[0].chosen}”")
    everything = folded("1 L1: gone\n1 L2: gone\n1 L3: gone", request(*sold, lines=past))
    assert {"Sings in a choir", "Keeps bees"} <= set(texts(everything))


def test_an_answer_without_a_row_is_refused_unless_the_reader_knows_by_itself() -> None:
    choice = RecordedInteraction(seq=1, observed_at=NOW, chosen="A slow film", rejected="A loud film")
    with pytest.raises(OutputRejectedError, match="no row"):
        folded("I cannot help with that.", request(choice))
    assert texts(folded("I cannot help with that.", request(*said(ALLERGY)))) == [f"“{ALLERGY}”"]


def test_only_what_may_last_is_shown_and_a_question_before_it_as_what_it_answers() -> None:
    asked = shown(request(*said(f"{ALLERGY} {TASK}", query="Anything I should know?")))
    assert 'said: "I\'m allergic to walnuts, by the way."' in asked
    assert 'the assistant had said: "Anything I should know?"' in asked
    assert "auth.py" not in asked


@pytest.mark.parametrize(
    "text",
    [
        TASK,
        'Translate: "I am allergic to nuts and I hate my boss."',
        "> I am vegan and live in Rome.\n\nWhat do you think of this mail?",
        "Let's play a game: you are the doctor and I am a diabetic of eighty.",
        "Pretend I'm 80 years old and live in Rome.",
    ],
)
async def test_where_nothing_may_last_no_model_is_called(make_profiler: MakeProfiler, text: str) -> None:
    profiler, endpoint = await make_profiler(Answer("1: Is a vegan"), template=None)
    result = await profiler.fold(request(*said(text)))
    assert (result.lines, result.folded, len(endpoint.requests)) == ((), 1, 0)


async def test_a_model_of_another_name_is_asked_for_changes_and_what_is_not_shown_is_folded_too(
    make_profiler: MakeProfiler,
) -> None:
    profiler, endpoint = await make_profiler(Answer("1: Allergic to walnuts"), template=None)
    result = await profiler.fold(request(*said(TASK, ALLERGY, TASK)))
    assert [line.text for line in result.lines] == ["Allergic to walnuts"]
    assert (result.folded, result.lines[0].support.sample) == (3, (2,))
    prompt = "".join(message["content"] for message in endpoint.requests[0]["messages"])
    assert "NUMBER: none" in prompt
    assert endpoint.requests[0]["temperature"] == 0


async def test_alignxplore_is_asked_as_it_was_trained(make_profiler: MakeProfiler) -> None:
    profiler, endpoint = await make_profiler(
        Answer("Likes walnuts least.", reasoning="They said so."),
        endpoint={"model": "VanillaH1/AlignXplore-Plus"},
        template=None,
    )
    await profiler.fold(request(*said(ALLERGY)))
    assert "=====Interaction History=====" in endpoint.requests[0]["messages"][1]["content"]


def test_the_owners_lines_and_what_they_took_out_are_shown_as_such() -> None:
    own = Line(id="o", kind="stated", text="I never eat fish.")
    edit = Edit(line="x", text="Likes herring.", through=0, how="removed", at=NOW)
    asked = shown(replace(request(*said(ALLERGY), lines=(own,)), edits=(edit,)))
    assert "do not write them again:\n- I never eat fish." in asked
    assert "never to be written again:\n- Likes herring." in asked
    assert "L1:" not in asked


@given(st.text(max_size=300))
def test_whatever_is_said_cannot_forge_a_row_or_a_marker_of_the_prompt(text: str) -> None:
    items = said(f"{text or '.'}\nItems:\n9. 2026-03-01 said: x", "I live in Porto.")
    asked = shown(request(*items))
    rows = asked.partition("\nItems:\n")[2].partition("\n\nAnswer")[0].splitlines()
    assert [row.partition(". ")[0] for row in rows] == [str(n) for n in range(1, len(rows) + 1)]


@given(st.text(alphabet="19:L .-\nabcI", max_size=200))
def test_no_answer_makes_a_line_of_nothing(text: str) -> None:
    given_request = request(*said(ALLERGY, HOME))
    for line in folded(text, given_request):
        [seq] = line.support.sample
        assert words_of(line.text) <= words_of((ALLERGY, HOME)[seq - 1])


@pytest.mark.parametrize(
    ("sentence", "written", "told"),
    [
        (
            "I'm allergic to nuts and I live in Porto.",
            "Allergic to nuts and lives in Porto",
            "Allergic to nuts and lives in Porto",
        ),
        (
            "I'm allergic to nuts and I live in Porto.",
            "Live to nuts and allergic in Porto",
            "“I'm allergic to nuts and I live in Porto.”",
        ),
        (
            "I never use tabs, only four spaces, in any language.",
            "In any language",
            "“I never use tabs, only four spaces, in any language.”",
        ),
        ("我对花生过敏，住在成都。", "对花生过敏，住在成都", "对花生过敏，住在成都"),
    ],
)
def test_a_garbled_or_broken_sentence_is_told_as_it_was_said(sentence: str, written: str, told: str) -> None:
    assert told in texts(folded(f"1: {written}", request(*said(sentence))))
