from __future__ import annotations

from datetime import UTC, date, datetime

from prosona.core.portable import FORMAT, PortableProfile, from_markdown, to_markdown
from prosona.core.words import Line, Revision, Support

ANA = PortableProfile(
    user_id="ana",
    version=2,
    updated_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    lines=(
        Line(
            id="k7f2mx",
            kind="stated",
            text="I am vegetarian.",
            actor="ana",
            since=datetime(2026, 11, 2, tzinfo=UTC),
        ),
        Line(
            id="bx3d9k",
            text="Likes science fiction",
            topic="Films",
            support=Support(times=14, of=15),
            actor="builtin",
        ),
        Line(
            id="cc4h2p", text="Listens to jazz", topic="Music", facts=("music/jazz",), until=date(2027, 1, 1)
        ),
    ),
)


def by_id(profile: PortableProfile) -> dict[str, Line]:
    return {line.id: line for line in profile.lines}


def test_a_line_changed_by_hand_is_its_owners_under_the_same_id() -> None:
    text = to_markdown(ANA).replace("Likes science fiction", "Loves science fiction")
    read = by_id(from_markdown(text))
    assert (read["bx3d9k"].kind, read["bx3d9k"].text) == ("owned", "Loves science fiction")
    assert (read["bx3d9k"].topic, read["bx3d9k"].support) == ("Films", Support())
    assert read["k7f2mx"] == ANA.lines[0]
    assert read["cc4h2p"] == ANA.lines[2]


def test_a_reworded_line_matters_by_its_new_words() -> None:
    line = Line(id="k", kind="stated", text="I am allergic to nuts.", consequence="safety")
    text = to_markdown(PortableProfile(user_id="ana", lines=(line,)))
    changed = from_markdown(text.replace("allergic to nuts", "fond of nuts"))
    assert changed.lines[0].consequence == "fact"
    assert from_markdown(text.replace("nuts", "peanuts")).lines[0].consequence == "safety"


def test_a_line_added_by_hand_is_a_new_one_of_its_owners() -> None:
    text = to_markdown(ANA).replace("- Listens", "* Plays the tuba\n- Listens")
    (new,) = [line for line in from_markdown(text).lines if line.id not in by_id(ANA)]
    assert (new.kind, new.text, new.topic) == ("owned", "Plays the tuba", "Music")
    assert len(new.id) == 6


def test_a_line_taken_out_by_hand_is_gone_and_the_others_stay_as_they_were() -> None:
    read = from_markdown(to_markdown(ANA).replace("- Likes science fiction ^bx3d9k\n", ""))
    assert read.lines == (ANA.lines[0], ANA.lines[2])


def test_a_line_moved_to_another_heading_is_its_owners_and_of_that_topic() -> None:
    text = (
        to_markdown(ANA).replace("- Likes science fiction ^bx3d9k\n", "")
        + "- Likes science fiction ^bx3d9k\n"
    )
    moved = by_id(from_markdown(text))["bx3d9k"]
    assert (moved.kind, moved.text, moved.topic) == ("owned", "Likes science fiction", "Music")


def test_a_long_line_that_an_editor_wrapped_is_the_same_line() -> None:
    text = to_markdown(ANA).replace("Likes science fiction ^bx3d9k", "Likes science\n  fiction ^bx3d9k")
    assert from_markdown(text) == ANA


def test_headings_may_be_taken_out() -> None:
    text = "\n".join(line for line in to_markdown(ANA).splitlines() if not line.startswith("##"))
    assert from_markdown(text) == ANA


def test_what_was_changed_by_hand_leaves_the_history_alone() -> None:
    history = (
        Revision(
            version=1, created_at=datetime(2026, 11, 2, tzinfo=UTC), cause="fold", actor="", lines=ANA.lines
        ),
    )
    profile = ANA.model_copy(update={"history": history})
    assert from_markdown(to_markdown(profile).replace("- Listens to", "- Hates")).history == history


def test_a_file_written_by_hand_needs_a_format_a_user_and_lines() -> None:
    read = from_markdown(
        "---\nformat: prosona-profile/2\nuser_id: ana\n---\n# About me\n\n- I am allergic to nuts.\n\n***\n\n"
        "## Films\n+ Nothing with clowns\n  - and 2 ^x\n"
    )
    assert [(line.kind, line.topic, line.text, line.consequence) for line in read.lines] == [
        ("owned", "About me", "I am allergic to nuts.", "safety"),
        ("owned", "Films", "Nothing with clowns", "fact"),
        ("owned", "Films", "and 2 ^x", "fact"),
    ]
    assert len({line.id for line in read.lines}) == 3


def test_days_and_words_written_by_hand_need_no_quotes() -> None:
    read = from_markdown(
        "---\nformat: prosona-profile/2\nuser_id: 007\nupdated_at: 2026-03-01 12:00:00\nlines:\n"
        "  no:\n    kind: stated\n    until: 2026-05-01\n    actor: yes\n---\n- In Rome ^no\n"
    )
    assert (read.user_id, read.updated_at) == ("007", datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert read.lines == (Line(id="no", kind="stated", text="In Rome", until=date(2026, 5, 1), actor="yes"),)
    assert from_markdown(f"---\nformat: {FORMAT}\nuser_id: 7\n---\n").user_id == "7"
