from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pace import takes_at_most

from prosona.core.errors import InvalidInputError
from prosona.core.portable import MAX_FILE, from_markdown

FILE = """---
format: prosona-profile/2
user_id: ana
version: 7
lines:
  k7f2mx:
    kind: stated
    since: 2026-11-02T10:00:00Z
history:
  - {version: 1, created_at: 2026-11-02T10:00:00Z, cause: edit, actor: ana}
---

## Stated

- I am vegetarian. ^k7f2mx
"""


@pytest.mark.parametrize(
    ("change", "by", "line", "says"),
    [
        ("---\nformat", "format", 1, "starts with"),
        ("profile/2", "profile/3", 2, "reads prosona-profile/2"),
        ("user_id: ana", 'user_id: ""', 3, "at least 1"),
        ("user_id: ana", "user_id: [ana]", 3, "valid string"),
        ("user_id: ana", "user: ana", 3, "no key"),
        ("version: 7", "version: seven", 4, "integer"),
        ("version: 7", "version: -1", 4, "greater"),
        ("version: 7", "version 7", 5, "YAML"),
        ("version: 7", "user_id: bo", 4, "twice"),
        ("version: 7", "version: &a 7", 4, "anchors"),
        ("version: 7", "version: *a", 4, "anchors"),
        ("version: 7", "version: !!python/object:os.system 7", 4, "tags"),
        ("version: 7", "version: !!int 7", 4, "tags"),
        ("version: 7", "? [a]\n: 7", 4, "a key is a word"),
        ("version: 7", "edits: " + "[" * 20 + "]" * 20, 4, "deep"),
        ("version: 7", "edits: 5", 4, "list"),
        ("version: 7", "edits: [5]", 4, "key: value"),
        ("version: 7", "<<: {version: 7}", 4, "no key"),
        ("version: 7", "...\n--- x", 5, "one plain YAML document"),
        ("lines:\n", "lines: 5\nx:\n", 6, "no key"),
        ("lines:\n", "lines: 5\nedits:\n", 5, "key: value"),
        ("kind: stated", "kind: said", 7, "kind"),
        ("kind: stated", "id: x", 7, "no key"),
        ("kind: stated", "sample: [3]", 7, "sample"),
        ("kind: stated", "kind: stated\n    kind: owned", 8, "twice"),
        ("since: 2026-11-02T10:00:00Z", "since: yesterday", 8, "not a time"),
        ("since: 2026-11-02T10:00:00Z", "since: 9999-12-31T23:59:59-12:00", 8, "year"),
        ("since: 2026-11-02T10:00:00Z", "support: {times: many}", 8, "support.times"),
        ("cause: edit", "cause: whim", 10, "cause"),
        ("actor: ana}", "actor: ana, lines: []}", 10, "no key"),
        ("actor: ana}", "actor: ana, order: [k7f2mx]}", 10, "stands in this revision"),
        ("actor: ana}", "actor: ana, changed: {k7f2mx: {text: b}}}", 10, "before this revision"),
        ("actor: ana}", 'actor: ana, added: {b: {text: ""}}}', 10, "one line"),
        ("actor: ana}", 'actor: ana, added: {b: {text: "a\\nb"}}}', 10, "one line"),
        ("ana}", "ana}\n  - {version: 1, created_at: 2026-11-02, cause: edit, actor: b}", 2, "rise"),
        ("\n---\n\n", "\n--\n\n", 16, "must end"),
        ("- I am vegetarian. ^k7f2mx", "- ^k7f2mx", 15, "without a word"),
        ("- I am vegetarian. ^k7f2mx", "-", 15, "without a word"),
        ("- I am vegetarian. ^k7f2mx", "- a\n- ", 16, "without a word"),
        ("- I am vegetarian. ^k7f2mx", "I am vegetarian.", 15, "starts with"),
        ("- I am vegetarian. ^k7f2mx", "- I am\nvegetarian. ^k7f2mx", 16, "starts with"),
        ("- I am vegetarian. ^k7f2mx", "- a ^k7f2mx\n- b ^k7f2mx", 16, "twice"),
        ("- I am vegetarian. ^k7f2mx", "- " + "a" * 501, 15, "at most 500"),
    ],
)
def test_a_wrong_file_is_refused_with_the_line(change: str, by: str, line: int, says: str) -> None:
    assert change in FILE
    with pytest.raises(InvalidInputError, match=f": line {line}: .*(?:{says})"):
        from_markdown(FILE.replace(change, by))


@pytest.mark.parametrize("key", ["format", "user_id"])
def test_a_file_without_a_format_or_a_user_is_refused(key: str) -> None:
    text = "".join(line for line in FILE.splitlines(keepends=True) if not line.startswith(key))
    with pytest.raises(InvalidInputError, match=f"{key} is missing"):
        from_markdown(text)


@settings(max_examples=200)
@given(
    st.text()
    | st.lists(st.sampled_from([*FILE.splitlines(), "---", "x: 1", "x", "- x", "  x"])).map("\n".join)
)
def test_any_text_is_a_profile_or_a_clear_error(text: str) -> None:
    try:
        from_markdown(text)
    except InvalidInputError as error:
        assert ": line " in str(error)  # noqa: PT017


@pytest.mark.parametrize("place", ["user_id: ana", "I am"])
def test_half_a_character_is_refused_with_the_line(place: str) -> None:
    with pytest.raises(InvalidInputError, match=r"line (3|15): half a surrogate"):
        from_markdown(FILE.replace(place, place + "\ud800"))


def test_a_file_too_large_to_be_a_profile_is_refused_unread() -> None:
    with pytest.raises(InvalidInputError, match="at most 20,000,000 characters"):
        from_markdown("---\n" + "a" * MAX_FILE)


@pytest.mark.parametrize(
    "hostile",
    [
        "a: " + "[" * 200_000,
        "a: &a [x]\n" + "".join(f"a{n}: [*a, *a]\n" for n in range(20_000)),
        "---\n---\n- " + "^a " * 70_000,
        "---\n---\n# " + "# " * 100_000 + "x",
        "---\n---\n<!--" + "-" * 200_000,
        "---\n---\n" + "- " * 100_000 + "x",
        "---\n---\n-" + " " * 200_000 + "x",
    ],
)
def test_a_hostile_file_is_answered_at_once(hostile: str) -> None:
    text = hostile.replace("---\n---\n", "---\nformat: prosona-profile/2\nuser_id: a\n---\n")

    def read() -> None:
        with suppress(InvalidInputError):
            from_markdown(text if text.startswith("---") else f"---\n{text}\n---\n")

    assert takes_at_most(1, read)


def test_a_small_file_that_names_great_profiles_again_and_again_is_refused() -> None:
    added = "{" + ", ".join(f"k{n}: {{text: a}}" for n in range(3_000)) + "}"
    first = f"  - {{version: 1, created_at: 2026-01-01, cause: edit, actor: a, added: {added}}}\n"
    more = "".join(
        f"  - {{version: {n}, created_at: 2026-01-01, cause: edit, actor: a}}\n" for n in range(2, 2_000)
    )
    with pytest.raises(InvalidInputError, match="more than 5,000,000 lines"):
        from_markdown(f"---\nformat: prosona-profile/2\nuser_id: a\nhistory:\n{first}{more}---\n")
