from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosona.hosts._json_text import UnreadableError, drop, put, read

PATH = ("mcpServers", "prosona")
ENTRY = {"command": "/bin/prosona", "args": ["serve", "--user", "ana"]}

_keys = st.text(string.ascii_letters + " /*\"'{},é", max_size=6)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=8,
)
_settings = st.dictionaries(_keys, _values, max_size=4)
_servers = st.dictionaries(_keys, _values, max_size=3)
_indents = st.sampled_from([None, 1, 2, 4, "\t"])


def _written(settings: object, indent: int | str | None, newline: str) -> str:
    return json.dumps(settings, indent=indent, ensure_ascii=False).replace("\n", newline)


@settings(deadline=None)
@given(_settings, _servers, _indents, st.sampled_from(["\n", "\r\n"]))
def test_putting_an_entry_changes_nothing_else(
    values: dict[str, Any], servers: dict[str, Any], indent: int | str | None, newline: str
) -> None:
    text = _written({**values, "mcpServers": servers}, indent, newline)
    changed = read(put(text, PATH, ENTRY))
    assert changed == {**values, "mcpServers": {**servers, "prosona": ENTRY}}
    assert list(changed) == list({**values, "mcpServers": servers})


@settings(deadline=None)
@given(_settings, _servers.filter(bool), _indents, st.sampled_from(["\n", "\r\n"]))
def test_dropping_what_was_put_gives_the_same_bytes_again(
    values: dict[str, Any], servers: dict[str, Any], indent: int | str | None, newline: str
) -> None:
    text = _written({**values, "mcpServers": servers}, indent, newline)
    assert drop(put(text, PATH, ENTRY), PATH) == text


_blank = st.sampled_from(["", " ", "\n", " \n\t", '// remark: {"a", }\n', '/* [,] \n "*/', "  // x\r\n "])

_trailing = st.booleans()


@st.composite
def _hand_written(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An object with comments, odd white space and trailing commas in it, and what it means."""

    def value(found: object) -> str:
        if not isinstance(found, dict):
            return json.dumps(found, ensure_ascii=False)
        members = [
            f"{draw(_blank)}{json.dumps(key)}{draw(_blank)}:{draw(_blank)}{value(inner)}{draw(_blank)}"
            for key, inner in found.items()
        ]
        comma = bool(members) and draw(_trailing)
        trailing = "," + draw(_blank) if comma else ""
        return "{" + ",".join(members) + trailing + draw(_blank) + "}"

    before, after = draw(_settings), draw(_settings)
    settings = {**before, "mcpServers": draw(_servers), **after}
    return draw(_blank) + value(settings) + draw(_blank), settings


@settings(deadline=None)
@given(_hand_written())
def test_comments_and_trailing_commas_survive_both_ways(case: tuple[str, dict[str, Any]]) -> None:
    text, settings = case
    assert read(text) == settings
    servers = settings["mcpServers"]
    added = put(text, PATH, ENTRY)
    assert read(added) == {**settings, "mcpServers": {**servers, "prosona": ENTRY}}
    removed = drop(added, PATH)
    assert read(removed) == settings
    for remark in ("// remark", "/* [,]", "// x"):
        assert added.count(remark) == text.count(remark)
        assert removed.count(remark) == text.count(remark)


_elements = st.lists(_values, max_size=4)


@settings(deadline=None)
@given(_settings, _elements, _values, _indents, st.sampled_from(["\n", "\r\n"]))
def test_an_element_joins_a_list_and_leaves_it_without_a_trace(
    values: dict[str, Any], elements: list[Any], one: object, indent: int | str | None, newline: str
) -> None:
    text = _written({**values, "allow": elements}, indent, newline)
    added = put(text, ("allow", len(elements)), one)
    assert read(added) == {**values, "allow": [*elements, one]}
    assert drop(added, ("allow", len(elements))) == text


@settings(deadline=None)
@given(_settings, _elements.filter(bool), st.data(), _indents)
def test_any_element_of_a_list_can_be_dropped(
    values: dict[str, Any], elements: list[Any], data: st.DataObject, indent: int | str | None
) -> None:
    at = data.draw(st.integers(0, len(elements) - 1))
    text = _written({**values, "allow": elements}, indent, "\n")
    assert read(drop(text, ("allow", at))) == {**values, "allow": elements[:at] + elements[at + 1 :]}


def test_remarks_in_a_list_stay() -> None:
    text = '{\n  "allow": [\n    // reading\n    "Read", // all of it\n    "Grep" /* too */\n  ]\n}\n'
    added = put(text, ("allow", 2), "mine")
    assert added == text.replace('"Grep" /* too */', '"Grep", /* too */\n    "mine"')
    assert drop(added, ("allow", 2)) == text


@settings(deadline=None)
@given(_hand_written())
def test_any_member_can_be_dropped(case: tuple[str, dict[str, Any]]) -> None:
    text, settings = case
    for key in settings["mcpServers"]:
        rest = {k: v for k, v in settings["mcpServers"].items() if k != key}
        assert read(drop(text, ("mcpServers", key))) == {**settings, "mcpServers": rest}


def test_the_file_keeps_its_indentation_and_its_inline_lists() -> None:
    text = '{\n    "theme": "dark",\n    "mcpServers": {\n        "a": {"args": [1, 2]}\n    }\n}\n'
    assert put(text, PATH, {"command": "x", "args": []}) == (
        '{\n    "theme": "dark",\n    "mcpServers": {\n        "a": {"args": [1, 2]},\n'
        '        "prosona": {\n            "command": "x",\n            "args": []\n        }\n    }\n}\n'
    )


def test_a_remark_stays_on_the_line_it_was_written_on() -> None:
    text = '{\n  "mcpServers": {\n    "a": 1 // the first\n  }\n}\n'
    assert '"a": 1, // the first\n    "prosona": {' in put(text, PATH, ENTRY)


@pytest.mark.parametrize("text", ["", "\n", "// nothing yet\n"])
def test_a_blank_file_gets_the_whole_object(text: str) -> None:
    assert read(put(text, PATH, ENTRY)) == {"mcpServers": {"prosona": ENTRY}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "not a JSON object"),
        ("{", "line 1"),
        ('{\n"a": 1\n"b": 2}', "line 3"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"x": {"a": 1, "a": 2}}', "twice"),
        ('{"a": /* open', "line 1"),
        ('{"mcpServers": []}', "not an object"),
        ("{'a': 1}", "line 1"),
        ('{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        put(text, PATH, ENTRY)


@pytest.mark.parametrize(
    "text", ["{}", '{"mcpServers": {}}', '{"mcpServers": 3}', '{"other": {"prosona": 1}}']
)
def test_dropping_what_is_not_there_changes_nothing(text: str) -> None:
    assert drop(text, PATH) == text
