from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosona.profiles_db import InvalidInputError, Revision, Statement
from prosona.profiles_db.portable import PortableProfile, from_markdown, to_markdown

texts = st.text(max_size=60)
times = st.datetimes(timezones=st.just(UTC))
statements = st.builds(Statement, text=texts, stated_at=times, actor=texts)
revisions = st.builds(
    Revision,
    cause=st.just("fold"),
    actor=texts,
    summary=st.text(max_size=400)
    | st.lists(st.sampled_from(["---", "", "key: 1", "喜欢茶。"])).map("\n".join),
    statements=st.lists(statements, max_size=4).map(tuple),
    version=st.integers(1, 10**9),
    created_at=times,
)

FILE = """---
format: "prosona-profile/1"
user_id: "ana"
version: 7
updated_at: "2026-11-23T09:30:00+00:00"
statement: {"text": "I am vegetarian.", "stated_at": "2026-11-02T10:00:00Z", "actor": "ana"}
---

Chose 14 of 15 science-fiction films.
Avoids horror.
"""


@given(st.text(min_size=1, max_size=128), revisions)
def test_what_is_written_is_what_is_read(user_id: str, revision: Revision) -> None:
    assert from_markdown(to_markdown(user_id, revision)) == PortableProfile(
        user_id=user_id,
        version=revision.version,
        updated_at=revision.created_at,
        statements=revision.statements,
        summary=revision.summary,
    )


@given(st.text() | st.lists(st.sampled_from([*FILE.splitlines(), "---", "x: 1", "x"])).map("\n".join))
def test_any_text_is_a_profile_or_a_clear_error(text: str) -> None:
    problem = ": line "
    try:
        from_markdown(text)
    except InvalidInputError as error:
        problem = str(error)
    assert ": line " in problem


def test_the_file_of_the_documentation_is_read() -> None:
    profile = from_markdown(FILE)
    assert profile.summary == "Chose 14 of 15 science-fiction films.\nAvoids horror."
    assert profile.statements[0].text == "I am vegetarian."
    assert profile.updated_at == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def test_an_editor_may_have_changed_line_ends_and_left_out_what_is_optional() -> None:
    text = '\ufeff---\r\nformat: "prosona-profile/1"\r\nuser_id: "ana"\r\n---\r\nLikes tea.'
    assert from_markdown(text) == PortableProfile(user_id="ana", summary="Likes tea.")


@pytest.mark.parametrize(
    ("change", "by", "line"),
    [
        ("---\nformat", "format", 1),
        ("prosona-profile/1", "prosona-profile/2", 2),
        ('"ana"\nversion', "ana\nversion", 3),
        ('user_id: "ana"', 'user_id: ""', 3),
        ("version: 7", 'version: "seven"', 4),
        ("version: 7", "version 7", 4),
        ("version: 7", "versions: 7", 4),
        ("version: 7", 'user_id: "bo"', 4),
        ("2026-11-23T09:30:00+00:00", "yesterday", 5),
        ('"text": "I', '"words": "I', 6),
        ("}\n---\n", "}\n", 7),
    ],
)
def test_a_wrong_file_is_refused_with_the_line(change: str, by: str, line: int) -> None:
    assert change in FILE
    with pytest.raises(InvalidInputError, match=f": line {line}: "):
        from_markdown(FILE.replace(change, by))


@pytest.mark.parametrize("key", ["format", "user_id"])
def test_a_file_without_a_format_or_a_user_is_refused(key: str) -> None:
    text = "".join(line for line in FILE.splitlines(keepends=True) if not line.startswith(key))
    with pytest.raises(InvalidInputError, match=f"line 6: {key} is missing"):
        from_markdown(text)
