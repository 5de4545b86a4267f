from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosona.core.names import MAX_USER_ID, WrongIdError, user_key


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("ana", "ana"),
        ("  ana\n", "ana"),
        ("Ana B.", "Ana B."),
        ("jose\u0301", "jos\u00e9"),
        ("\u5f20\u4e09", "\u5f20\u4e09"),
        ("ana@example.com", "ana@example.com"),
        ("team/ana:7", "team/ana:7"),
        ("\U0001f408", "\U0001f408"),
        ("\u0430\u043d\u0430", "\u0430\u043d\u0430"),
        ("a" * MAX_USER_ID, "a" * MAX_USER_ID),
    ],
)
def test_an_id_has_one_spelling(value: str, key: str) -> None:
    assert user_key(value) == key


@pytest.mark.parametrize(
    "value",
    [
        "",
        "   ",
        "a" * (MAX_USER_ID + 1),
        "an\u200ba",
        "ana\u034f",
        "ana\u2800",
        "\u3164",
        "an\x00a",
        "a\x1b[31mb",
        "\u202eana",
        "an\ud800a",
        "ana\ue000",
    ],
)
def test_an_id_that_nobody_can_see_or_that_is_too_long_is_refused(value: str) -> None:
    with pytest.raises(WrongIdError, match="visible characters"):
        user_key(value)


@pytest.mark.parametrize("value", ["\u0430na", "an\u03b1", "\u0391\u041d", "p\u0430ypal"])
def test_an_id_of_letters_that_look_alike_is_refused(value: str) -> None:
    with pytest.raises(WrongIdError, match="look alike"):
        user_key(value)


@pytest.mark.parametrize(
    "value", ["\u0441\u043e\u0441\u043e", "\u0410\u041d\u041d\u0410"[:1] * 3, "\u03bf\u03bd 7"]
)
def test_an_id_of_another_script_that_reads_like_a_latin_one_is_refused(value: str) -> None:
    with pytest.raises(WrongIdError, match="Latin letters"):
        user_key(value)


@pytest.mark.parametrize(
    "value", ["\u0430\u043d\u043d\u0430", "\u03bd\u03af\u03ba\u03bf\u03c2", "\u5c0f\u660e", "\uc9c0\ubbfc"]
)
def test_an_id_that_reads_as_its_own_script_is_taken(value: str) -> None:
    assert user_key(value) == value


@given(st.text(max_size=20))
def test_a_key_is_its_own_key_and_the_same_in_every_normal_form(value: str) -> None:
    try:
        key = user_key(value)
    except WrongIdError:
        return
    assert user_key(key) == key
    assert user_key(f" {key} ") == key
    assert user_key(unicodedata.normalize("NFD", key)) == key


def test_ids_are_checked_without_anything_but_the_standard_library() -> None:
    script = (
        "import sys, prosona.core.names\n"
        "assert not {'pydantic', 'yaml', 'prosona.core.words'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
