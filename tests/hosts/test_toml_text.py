from __future__ import annotations

import tomllib
from typing import Any

import pytest

from prosona.hosts._json_text import UnreadableError
from prosona.hosts._toml_text import drop, put, read

PATH = ("mcp_servers", "prosona")
ENTRY: dict[str, Any] = {
    "command": "/bin/prosona",
    "args": ["serve", "--user", "ana"],
    "env": {"PYTHONUTF8": "1"},
}
TEXTS = [
    "",
    'model = "o3"  # the good one\n',
    '# mine\nmodel = "o3"\n\n[mcp_servers.other]\ncommand = "x" # why\n\n[tui]\ntheme = "dark"\n',
    '[mcp_servers]\nother.command = "x"\n',
    '\r\nmodel = "o3"\r\n\r\n[tui]\r\ntheme = "dark"\r\n',
    'prompt = """\n[mcp_servers.prosona]\n"""\n',
]


@pytest.mark.parametrize("text", TEXTS)
def test_putting_an_entry_keeps_every_byte_before_it(text: str) -> None:
    added = put(text, PATH, ENTRY)
    assert added.startswith(text)
    settings = tomllib.loads(text)
    servers = settings.get("mcp_servers", {})
    assert tomllib.loads(added) == {**settings, "mcp_servers": {**servers, "prosona": ENTRY}}


@pytest.mark.parametrize("text", TEXTS[:5])
def test_dropping_what_was_put_gives_the_same_bytes_again(text: str) -> None:
    assert drop(put(text, PATH, ENTRY), PATH) == text


def test_an_older_entry_is_changed_in_place_and_its_remarks_stay() -> None:
    text = (
        '[mcp_servers.prosona]\n# chosen with care\ncommand = "old" # the old one\nargs = []\n'
        '\n[mcp_servers.prosona.env]\nKEEP = "1"\n\n[tui]\nx = 1\n'
    )
    changed = put(text, PATH, ENTRY)
    assert "# chosen with care\n" in changed
    assert 'command = "/bin/prosona" # the old one\n' in changed
    assert read(changed) == {
        "mcp_servers": {"prosona": {**ENTRY, "env": {"KEEP": "1", "PYTHONUTF8": "1"}}},
        "tui": {"x": 1},
    }


def test_dropping_takes_the_sub_tables_and_leaves_remarks_of_what_follows() -> None:
    text = (
        '[a]\nx = 1\n\n[mcp_servers.prosona]\ncommand = "p"\n\n[mcp_servers.prosona.env]\nA = "1"\n'
        "\n# about b\n[b]\ny = 2\n"
    )
    assert drop(text, PATH) == "[a]\nx = 1\n\n# about b\n[b]\ny = 2\n"


def test_a_table_written_on_one_line_is_refused() -> None:
    with pytest.raises(UnreadableError, match="on one line"):
        put('mcp_servers = {other = {command = "x"}}\n', PATH, ENTRY)


def test_a_broken_text_is_refused_with_its_line() -> None:
    with pytest.raises(UnreadableError, match="line 2"):
        read("a = 1\nb = = 2\n")


@pytest.mark.parametrize("text", ["", "a = 1\n", "[mcp_servers.other]\nx = 1\n"])
def test_dropping_what_is_not_there_changes_nothing(text: str) -> None:
    assert drop(text, PATH) == text
