from __future__ import annotations

import json
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prosona.core.portable import FORMAT, PortableProfile, from_markdown, to_markdown
from prosona.core.words import Edit, Line, Retired, Revision, Support

SCHEMA = json.loads((files("prosona.core") / "prosona-profile-2.schema.json").read_text(encoding="utf-8"))

NASTY = [
    *"""- a dash|-- two|---|* star|+ plus|# heading|## Stated|1. one|> quote|ends in a mark ^k7f2mx|^|^k7f2mx
2 ^ 3 ^ 4|key: value|a: b: c|{a: 1}|[x]|&a *a !!str|yes|null|~|2026-01-01|0x1F|089|1:30|'|"|\\n|\\|...
%YAML 1.2|<!-- x -->|  led and trailed  |`code`|</user_profile>|我喜欢茶。|أحب الشاي|कला|🐈""".replace(
        "\n", "|"
    ).split("|"),
    "tab\tinside",
    "\u202eright to left\u202c",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "e\u0301 combined",
    "\u2028",
    "a\u2028b\x85c\x0bd",
    "\ufeffmark",
    "\x00\x1b[31m",
    "\U0010ffff",
]

texts = (
    st.sampled_from(NASTY) | st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), min_size=1)
).filter(lambda text: bool(text.strip()))
labels = (
    st.just("")
    | st.sampled_from(["Films", "Stated", "Own", "Other", "C#", "a # #", "# b", *NASTY])
    | st.text(max_size=9)
)
ids = st.from_regex(r"[bcdf][bc2-9]{2}", fullmatch=True)
days = st.none() | st.dates(date(1900, 1, 1), date(8999, 1, 1))
times = st.datetimes(datetime(1900, 1, 1), datetime(8999, 1, 1), timezones=st.just(UTC))
supports = st.builds(
    Support,
    times=st.integers(0, 99),
    of=st.integers(0, 99),
    first=days,
    last=days,
    agents=st.lists(labels, max_size=2).map(tuple),
    carried=st.sampled_from([None, "import", "upgrade", "rollback"]),
)
lines = st.builds(
    Line,
    id=ids,
    kind=st.sampled_from(["stated", "owned", "inferred"]),
    text=texts,
    topic=labels,
    consequence=st.sampled_from(["safety", "person", "manner", "fact", "taste", "example"]),
    support=st.just(Support()) | supports,
    evidence=labels,
    until=days,
    facts=st.lists(labels, max_size=2).map(tuple),
    actor=labels,
    since=st.none() | times,
)
profiles_lines = st.lists(lines, max_size=4, unique_by=lambda line: line.id).map(tuple)
edits = st.builds(
    Edit,
    line=ids,
    text=st.text(),
    topic=labels,
    facts=st.lists(labels, max_size=2).map(tuple),
    through=st.just(0),
    how=st.sampled_from(["removed", "rewritten", "rolled back"]),
    at=times,
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Revision, ...]:
    """Revisions that share lines, as those of a profile do."""
    pool = draw(profiles_lines)
    found = []
    for version in sorted(draw(st.sets(st.integers(1, 99), max_size=4))):
        kept = draw(st.permutations(pool))[: draw(st.integers(0, len(pool)))]
        changed = [
            line.model_copy(update={"text": draw(texts)}) if draw(st.booleans()) else line for line in kept
        ]
        retired = draw(st.lists(ids, max_size=2, unique=True))
        found.append(
            draw(
                st.builds(
                    Revision,
                    version=st.just(version),
                    created_at=times,
                    actor=labels,
                    lines=st.just(tuple(changed)),
                    cause=st.sampled_from(["fold", "statement", "edit", "forget", "rollback", "import"]),
                    retired=st.just(tuple(Retired(line=line, why=draw(labels)) for line in retired)),
                    profiler=st.none() | labels,
                    first_seq=st.none() | st.integers(1, 9),
                    last_seq=st.none() | st.integers(1, 9),
                    rolled_back_to=st.none() | st.integers(1, 9),
                )
            )
        )
    return tuple(found)


profiles = st.builds(
    PortableProfile,
    user_id=st.text(min_size=1, max_size=128) | st.sampled_from(["no", "7", "on", "null"]),
    version=st.integers(0, 10**9),
    updated_at=st.none() | times,
    lines=profiles_lines,
    history=histories(),
    edits=st.lists(edits, max_size=2).map(tuple),
)

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


def front(text: str) -> Any:  # noqa: ANN401
    return yaml.safe_load(text.split("\n---\n")[0].removeprefix("---\n"))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(profiles)
def test_what_is_written_is_what_is_read(profile: PortableProfile) -> None:
    text = to_markdown(profile)
    assert from_markdown(text) == profile
    assert from_markdown("\ufeff" + text.replace("\n", "\r\n")) == profile, "another system's line ends"


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(profiles)
def test_what_is_written_fits_the_schema_as_any_yaml_reader_reads_it(profile: PortableProfile) -> None:
    jsonschema.validate(front(to_markdown(profile)), SCHEMA, jsonschema.Draft202012Validator)


def test_the_schema_is_sound_and_lies_in_the_package() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["format"]["const"] == FORMAT


@pytest.mark.parametrize("text", NASTY)
def test_a_line_keeps_its_words_whatever_they_look_like(text: str) -> None:
    if text.strip():
        line = Line(id="k7f2mx", kind="stated", text=text, topic=text)
        profile = PortableProfile(
            user_id="ana", lines=(line, line.model_copy(update={"id": "b", "kind": "inferred"}))
        )
        assert from_markdown(to_markdown(profile)) == profile


def test_the_file_is_made_to_be_read() -> None:
    text = to_markdown(ANA)
    assert (
        "\n## Stated\n\n- I am vegetarian. ^k7f2mx\n\n## Films\n\n- Likes science fiction ^bx3d9k\n" in text
    )
    assert "\nformat: prosona-profile/2\nuser_id: ana\nversion: 2\n" in text
    assert text.index("format:") < text.index("lines:") < text.index("## Stated")


def test_what_only_a_log_can_explain_is_left_behind() -> None:
    line = ANA.lines[1].model_copy(update={"support": Support(times=2, sample=(4, 9))})
    read = from_markdown(to_markdown(ANA.model_copy(update={"lines": (line,)})))
    assert read.lines[0].support == Support(times=2)


def test_a_text_with_a_line_break_is_written_as_one_line() -> None:
    line = Line(id="k", text="two\r\nlines\nof\rit")
    read = from_markdown(to_markdown(PortableProfile(user_id="ana", lines=(line, Line(id="e", text="\n ")))))
    assert [line.text for line in read.lines] == ["two lines of it"]


def test_of_many_versions_only_the_differences_are_written() -> None:
    words = [Line(id=f"k{n}", text=f"A line about subject number {n}, of some length") for n in range(40)]
    history = tuple(
        Revision(
            version=v,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            cause="fold",
            actor="",
            lines=tuple(
                line.model_copy(update={"support": Support(times=v)}) if n == v % 40 else line
                for n, line in enumerate(words)
            ),
        )
        for v in range(1, 101)
    )
    profile = PortableProfile(user_id="ana", lines=history[-1].lines, history=history)
    text = to_markdown(profile)
    assert from_markdown(text) == profile
    assert text.count("A line about subject number 7,") == 2
    assert len(text) < 40_000


def test_lines_without_an_id_or_with_one_id_are_no_profile() -> None:
    with pytest.raises(ValueError, match="no id"):
        PortableProfile(user_id="ana", lines=(Line(text="a"),))
    with pytest.raises(ValueError, match="two lines"):
        PortableProfile(user_id="ana", lines=(Line(id="a", text="a"), Line(id="a", text="b")))
