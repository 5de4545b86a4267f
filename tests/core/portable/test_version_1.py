from __future__ import annotations

from datetime import UTC, datetime

import pytest

from prosona.core.errors import InvalidInputError
from prosona.core.portable import FORMAT, from_markdown, to_markdown
from prosona.core.words import Support

VERSION_1 = """---
format: "prosona-profile/1"
user_id: "ana"
version: 7
updated_at: "2026-11-23T09:30:00+00:00"
statement: {"text": "I am vegetarian.", "stated_at": "2026-11-02T10:00:00Z", "actor": "ana"}
statement: {"text": "Call me Ana.", "stated_at": "2026-11-03T10:00:00Z", "actor": "claude"}
---

Chose 14 of 15 science-fiction films.

Avoids horror.
"""


def test_a_file_of_the_first_release_is_read_with_all_its_statements() -> None:
    read = from_markdown(VERSION_1)
    assert (read.format, read.user_id, read.version) == (FORMAT, "ana", 7)
    assert read.updated_at == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert [(line.kind, line.text, line.actor) for line in read.lines] == [
        ("stated", "I am vegetarian.", "ana"),
        ("stated", "Call me Ana.", "claude"),
        ("inferred", "Chose 14 of 15 science-fiction films.", ""),
        ("inferred", "Avoids horror.", ""),
    ]
    assert read.lines[1].since == datetime(2026, 11, 3, 10, tzinfo=UTC)
    assert read.lines[1].consequence == "person"
    assert read.lines[3].support == Support(carried="import")
    assert from_markdown(to_markdown(read)) == read


def test_a_short_file_of_the_first_release_with_other_line_ends_is_read() -> None:
    text = '\ufeff---\r\nformat: "prosona-profile/1"\r\nuser_id: "ana"\r\n---\r\nLikes tea.\r\nLikes tea.'
    assert [line.text for line in from_markdown(text).lines] == ["Likes tea.", "Likes tea."]


@pytest.mark.parametrize(
    ("change", "by", "line"),
    [
        ('"ana"\nversion', "ana\nversion", 3),
        ('user_id: "ana"', 'user_id: ""', 3),
        ('user_id: "ana"\n', "", 7),
        ("version: 7", 'version: "seven"', 4),
        ("version: 7", "version 7", 4),
        ("version: 7", "versions: 7", 4),
        ("version: 7", 'user_id: "bo"', 4),
        ("2026-11-23T09:30:00+00:00", "yesterday", 5),
        ('"text": "I', '"words": "I', 6),
        ('"Call me Ana."', '""', 7),
        ('"Call me Ana."', '" "', 7),
        ('"Call me Ana."', '"Call\\nme"', 7),
        ('{"text": "Call me', '["text", "Call me', 7),
        ('"actor": "claude"', '"actor": 5', 7),
    ],
)
def test_a_wrong_file_of_the_first_release_is_refused_with_the_line(change: str, by: str, line: int) -> None:
    assert change in VERSION_1
    with pytest.raises(InvalidInputError, match=f"prosona-profile/1 file: line {line}: "):
        from_markdown(VERSION_1.replace(change, by))
