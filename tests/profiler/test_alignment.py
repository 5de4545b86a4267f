from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosona.core.words import MAX_SAMPLE, Edit, Line, RecordedInteraction, Support
from prosona.profiler.alignment import align, lost, merge_support, restates, supported, without_restated
from prosona.profiler.seam import FoldRequest

NOW = datetime(2026, 3, 1, tzinfo=UTC)
REWORDINGS = Path(__file__).parent / "rewordings"
PARTS = ("first", "second")
"""Written before the comparison of lines was made to fit them, and after that."""


def profiles(part: str) -> list[dict[str, Any]]:
    """Past lines by a label, and written lines, each with the labels of the past lines it rewords, if any."""
    loaded: list[dict[str, Any]] = json.loads((REWORDINGS / f"{part}.json").read_text(encoding="utf-8"))
    return loaded


def aligned(profile: dict[str, Any], without: str = "") -> list[tuple[list[str], Line]]:
    """The written lines with the labels they should and the ids they do have, but for those of `without`."""
    past = [Line(id=label, text=text) for label, text in profile["past"].items()]
    written = [(row[0].split(), row[1]) for row in profile["written"] if without not in row[0].split()]
    lines = align(past, [Line(text=text) for _, text in written])
    return list(zip([labels for labels, _ in written], lines, strict=True))


def recorded(seq: int, chosen: str | None = None, **fields: Any) -> RecordedInteraction:  # noqa: ANN401
    return RecordedInteraction(seq=seq, observed_at=NOW, chosen=chosen, **fields)


def test_there_are_two_hundred_labelled_rewordings_in_profiles_of_ordinary_size() -> None:
    every = [profile for part in PARTS for profile in profiles(part)]
    assert all(5 <= len(profile["past"]) <= 15 for profile in every)
    assert sum(len({row[0] for row in profile["written"] if row[0]}) for profile in every) >= 200


@pytest.mark.parametrize("part", PARTS)
def test_ids_survive_rewording_and_no_other_line_takes_one(part: str) -> None:
    kept: dict[str, list[bool]] = defaultdict(list)
    for number, profile in enumerate(profiles(part)):
        found = aligned(profile)
        for labels, line in found:
            assert line.id == "" or line.id in labels, line.text
            if labels:
                # Where one line became two, or two one, either may keep the id.
                kept[f"{number} {' '.join(labels)}"].append(line.id in labels)
        ids = [line.id for _, line in found if line.id]
        assert len(ids) == len(set(ids))
    survived = [any(ways) for ways in kept.values()]
    assert sum(survived) >= 0.95 * len(survived)


@pytest.mark.parametrize("part", PARTS)
def test_a_line_that_is_dropped_leaves_its_id_to_nobody(part: str) -> None:
    for profile in profiles(part):
        for label in profile["past"]:
            for labels, line in aligned(profile, without=label):
                assert line.id == "" or line.id in labels, line.text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Likes jazz.", "Avoids jazz."),
        ("Lives in Lyon.", "Works in Lyon."),
        ("Lives in Lyon.", "Lives in Berlin."),
        ("Born in Lyon.", "Lives in Lyon."),
        ("Has two cats.", "Has two dogs."),
        ("Has a son.", "Has a daughter."),
        ("Likes rock music.", "Likes country music."),
        ("Is allergic to cats.", "Loves cats."),
        ("Allergic to milk.", "Loves milk chocolate."),
        ("Likes dogs.", "Is afraid of dogs."),
        ("Prefers tea over coffee.", "Prefers coffee over tea."),
        ("Prefers trains to planes.", "Prefers planes to trains."),
        ("Reads science fiction.", "Avoids science fiction."),
        ("Eats fish.", "Does not eat fish."),
        ("Never skips breakfast.", "Skips breakfast."),
        ("Wants emojis in answers.", "No emojis in replies."),
        ("Likes it when answers are short.", "Dislikes it when answers are short."),
        ("Prefers short answers.", "Prefers long answers."),
        ("Prefers aisle seats.", "Prefers window seats."),
        ("Prefers dark mode.", "Prefers light mode."),
        ("Likes slow films.", "Likes slow food."),
        ("Watches Japanese films.", "Learns Japanese."),
        ("Speaks Spanish.", "Is learning Spanish."),
        ("Works at night.", "Reads at night."),
        ("喜欢爵士乐。", "不喜欢爵士乐。"),
        ("住在里昂。", "在里昂工作。"),
        ("养了两只猫。", "养了两只狗。"),
        ("对猫过敏。", "喜欢猫。"),
        ("更喜欢猫而不是狗。", "更喜欢狗而不是猫。"),
        ("听古典音乐。", "听流行音乐。"),
        ("Mag Jazz.", "Meidet Jazz."),
        ("Mag Jazz.", "Mag Jazz nicht."),
        ("Isst gern Fleisch.", "Isst kein Fleisch."),
        ("Wohnt in Berlin.", "Arbeitet in Berlin."),
        ("Hat zwei Katzen.", "Hat zwei Hunde."),
        ("Le gusta el jazz.", "Evita el jazz."),
        ("Vive en Lyon.", "Trabaja en Lyon."),
        ("Tiene un hijo.", "Tiene una hija."),
    ],
)
def test_lines_of_opposite_sense_or_about_different_things_are_never_one(one: str, other: str) -> None:
    for past, new in ((one, other), (other, one)):
        assert align([Line(id="p", text=past)], [Line(text=new)])[0].id == ""
        assert not restates(new, past)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Likes jazz.", "I like jazz."),
        ("Is a vegetarian.", "I am vegetarian."),
        ("Lives in Lyon.", "I live in Lyon."),
        ("Has a peanut allergy.", "I'm allergic to peanuts."),
        ("Does not eat meat.", "I don't eat meat."),
        ("Prefers short answers.", "Please keep answers short."),
        ("Enjoys horror movies, especially Saw.", "Likes horror films."),
        ("Likes jazz.", "Likes jazz and old blues records."),
        ("现居成都。", "我住在成都。"),
        ("花生过敏。", "我对花生过敏"),
        ("Lebt in Hamburg.", "Ich wohne in Hamburg."),
        ("Vive en Sevilla.", "Vivo en Sevilla."),
        ("ชอบกาแฟ", "ชอบกาแฟมาก"),
        ("!!", "!!"),
    ],
)
def test_the_same_in_other_words_is_known_for_it(text: str, other: str) -> None:
    assert restates(text, other)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Likes jazz and old blues records.", "I like jazz."),
        ("Lives in Lyon with a dog called Milo.", "I live in Lyon."),
        ("", "I live in Lyon."),
        ("I live in Lyon.", ""),
    ],
)
def test_a_line_that_adds_something_restates_nothing(text: str, other: str) -> None:
    assert not restates(text, other)


def test_an_id_that_a_line_carries_is_kept_once() -> None:
    past = [Line(id="a", text="Likes jazz."), Line(id="b", text="Has a cat.")]
    written = [
        Line(id="b", text="Something else altogether."),
        Line(id="b", text="Has a cat."),
        Line(id="unheard of", text="Enjoys jazz."),
    ]
    assert [line.id for line in align(past, written)] == ["b", "", "a"]


def test_facts_go_before_words_and_the_greatest_overlap_before_others() -> None:
    past = [
        Line(id="a", text="Films: likes westerns.", facts=("western",)),
        Line(id="b", text="Films: likes comedies and westerns.", facts=("comedy", "western")),
    ]
    written = [
        Line(text="Films: likes comedies and westerns.", facts=("western", "drama", "noir")),
        Line(text="Films: likes westerns.", facts=("comedy", "western")),
        Line(text="Films: likes musicals and westerns.", facts=("musical",)),
    ]
    assert [line.id for line in align(past, written)] == ["a", "b", ""]


def test_stated_and_owned_lines_lend_their_ids_to_nobody() -> None:
    past = [Line(id="a", kind="stated", text="Likes jazz."), Line(id="b", kind="owned", text="Has a cat.")]
    assert [line.id for line in align(past, [Line(text="Likes jazz."), Line(id="b", text="Has a cat.")])] == [
        "",
        "",
    ]


def test_what_belongs_to_a_line_comes_with_its_id() -> None:
    past = Line(id="a", text="Lives in Lyon.", topic="Home", until=date(2026, 5, 1), since=NOW)
    [line] = align([past], [Line(text="Is based in Lyon.")])
    assert (line.id, line.topic, line.until, line.since) == ("a", "Home", date(2026, 5, 1), NOW)


@given(st.lists(st.text(max_size=30), max_size=6), st.lists(st.text(max_size=30), max_size=6))
@settings(max_examples=60)
def test_any_text_can_be_aligned_and_each_id_goes_out_at_most_once(past: list[str], new: list[str]) -> None:
    before = [Line(id=f"p{n}", text=text) for n, text in enumerate(past)]
    lines = align(before, [Line(text=text) for text in new])
    assert [line.text for line in lines] == new
    ids = [line.id for line in lines if line.id]
    assert len(ids) == len(set(ids))
    for text in new:
        assert restates(text, text)


def test_the_interactions_that_speak_for_a_line_are_named_best_first() -> None:
    lines = [
        Line(id="a", text="Likes films by Tarkovsky about the sea."),
        Line(id="b", text="Avoids horror."),
    ]
    told = supported(
        lines,
        [
            recorded(1, "A film about cars"),
            recorded(2, "A film by Tarkovsky"),
            recorded(3, "Tarkovsky: the sea", rejected="Horror of the week"),
            recorded(4, "Horror of the year"),
            recorded(5, "I hate horror.", kind="message"),
        ],
    )
    assert [line.support.sample for line in told] == [(3, 2), (5, 3)]


def test_chinese_interactions_speak_for_chinese_lines() -> None:
    batch = [recorded(1, "一部科幻片"), recorded(2, "法式烘焙")]
    [line] = supported([Line(id="a", text="喜欢科幻电影。")], batch)
    assert line.support.sample == (1,)


def test_a_new_line_rests_on_the_whole_batch_where_no_word_tells_and_a_known_one_does_not() -> None:
    batch = [recorded(n, f"item {n}") for n in range(1, 41)]
    new, known = supported([Line(text="Is patient."), Line(id="a", text="Is patient.")], batch)
    assert new.support.sample == tuple(range(40, 40 - MAX_SAMPLE, -1))
    assert known.support.sample == ()


def test_support_grows_by_what_is_new_alone() -> None:
    past = Support(
        times=3, of=5, first=date(2026, 1, 2), last=date(2026, 2, 2), agents=("a",), sample=(4, 9, 2)
    )
    batch = [
        recorded(9, "old"),
        recorded(11, "new", agent="b", occurred_at=NOW - timedelta(days=90)),
        recorded(12, "new", agent="a"),
    ]
    merged = merge_support(past, batch)
    assert (merged.times, merged.of) == (5, 7)
    assert (merged.first, merged.last) == (date(2025, 12, 1), date(2026, 3, 1))
    assert merged.agents == ("a", "b")
    assert set(merged.sample) == {4, 9, 2, 11, 12}
    assert merge_support(merged, batch) == merged


@given(st.lists(st.lists(st.integers(1, 60), max_size=20), max_size=8))
@settings(max_examples=60)
def test_however_often_a_batch_is_folded_it_counts_once(batches: list[list[int]]) -> None:
    support, seen = Support(), 0
    for batch in batches:
        items = [recorded(seq, "x", agent=f"agent {seq}") for seq in batch]
        before = support
        support = merge_support(support, items)
        assert support.times == before.times + len({seq for seq in batch if seq > seen})
        assert merge_support(support, items) == support
        assert len(support.sample) == len(set(support.sample)) <= MAX_SAMPLE
        assert len(support.agents) <= 8
        seen = max([seen, *batch])
        assert seen == 0 or seen in support.sample


def test_past_evidence_is_not_pushed_out_of_a_sample() -> None:
    support = merge_support(Support(), [recorded(n, "x") for n in range(1, 4)])
    support = merge_support(support, [recorded(n, "x") for n in range(4, 60)])
    assert {1, 2, 3, 59} <= set(support.sample)
    assert support.times == 59


def request(
    *interactions: RecordedInteraction, own: str = "", removed: str = "", through: int = 0
) -> FoldRequest:
    return FoldRequest(
        lines=(Line(id="s", kind="stated", text=own),) if own else (),
        edits=(Edit(line="r", text=removed, through=through, how="removed", at=NOW),) if removed else (),
        interactions=interactions,
        memory=None,
        max_tokens=600,
        now=NOW,
    )


def test_lines_that_repeat_the_owner_or_bring_back_what_they_took_out_are_left_out_with_a_note() -> None:
    given_ = request(recorded(7, "Solaris"), own="I am vegetarian.", removed="Likes westerns.", through=6)
    lines = [Line(text="Is vegetarian."), Line(text="Enjoys westerns by Leone."), Line(text="Likes Solaris.")]
    kept, notes = without_restated(lines, given_)
    assert [line.text for line in kept] == ["Likes Solaris."]
    assert len(notes) == 2


@pytest.mark.parametrize(("chosen", "stays"), [("A western by Leone", True), ("A comedy", False)])
def test_only_newer_evidence_for_it_brings_a_removed_line_back(chosen: str, stays: bool) -> None:
    lines = [Line(text="Enjoys westerns.")]
    fresh = request(recorded(7, chosen), removed="Likes westerns.", through=6)
    assert bool(without_restated(lines, fresh)[0]) is stays
    stale = request(recorded(7, chosen), removed="Likes westerns.", through=7)
    assert without_restated(lines, stale)[0] == []


def test_a_line_is_lost_when_nothing_is_said_of_it_any_more() -> None:
    past = [Line(id="a", text="Likes jazz and blues."), Line(id="b", text="Has a cat called Tom.")]
    assert lost(past, [Line(text="Is fond of blues, jazz and soul.")]) == [past[1]]
    assert lost(past, [Line(id="b", text="Something."), Line(id="a", text="Something.")]) == []
