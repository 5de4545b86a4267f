"""`prosona install` and `uninstall`: the change is shown, asked for, and told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from prosona.cli import main
from prosona.hosts.table import HOSTS, Places

Prosona = Callable[..., Result]


@pytest.fixture
def prosona(places: Places) -> Prosona:
    return lambda *args: CliRunner().invoke(main, args)


def test_the_change_is_shown_and_both_commands_say_what_they_did(places: Places, prosona: Prosona) -> None:
    file = places.home / ".claude.json"
    done = prosona("install", "claude-code", "--user", "ana", "--hooks", "--allow-tools", "--yes")
    assert done.exit_code == 0, done.output
    assert f"+++ {file}" in done.stdout
    for sentence in ("will start Prosona", "will show the profile", "without asking"):
        assert sentence in done.stdout
    done = prosona("uninstall", "claude-code", "--yes")
    assert done.exit_code == 0, done.output
    assert f"--- {file}" in done.stdout
    for sentence in ("will not start Prosona", "will not call its hooks", "no permission"):
        assert sentence in done.stdout
    assert "The file as it was: " in done.stderr


def test_printing_writes_nothing_and_shows_the_hooks_too(places: Places, prosona: Prosona) -> None:
    done = prosona("install", "claude-code", "--user", "ana", "--hooks", "--allow-tools", "--print")
    assert done.exit_code == 0, done.output
    for shown in ('"mcpServers"', "UserPromptSubmit", "mcp__prosona__observe_interaction"):
        assert shown in done.stdout
    assert list(places.home.rglob("*.json")) == []


def test_without_anybody_to_ask_nothing_is_written(places: Places, prosona: Prosona) -> None:
    done = prosona("install", "cursor", "--user", "ana")
    assert done.exit_code == 2
    assert "--yes" in done.stderr
    assert list(places.home.rglob("*.json")) == []


def test_a_host_that_asks_before_each_call_is_named_and_the_option_too(
    places: Places, prosona: Prosona
) -> None:
    done = prosona("install", "claude-code", "--user", "ana", "--yes")
    assert "--allow-tools" in done.stderr
    assert "mcp__prosona" not in "".join(file.read_text() for file in places.home.rglob("*.json"))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("install", "claude-code", "--hooks", "--yes"), "--user"),
        (("install", "vscode", "--user", "ana", "--hooks", "--yes"), "no hooks"),
        (("install", "claude-desktop", "--scope", "project", "--yes"), "leave --scope out"),
        (("uninstall", "claude-desktop", "--scope", "project", "--yes"), "leave --scope out"),
        (("install", "cursor", "--user", "ana", "--allow-tools", "--yes"), "--allow-tools"),
        (("install", "cursor", "--user", "a\u3164", "--yes"), "visible"),
    ],
)
def test_wrong_use_is_said_and_nothing_written(
    args: tuple[str, ...], said: str, places: Places, prosona: Prosona
) -> None:
    done = prosona(*args)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert list(places.home.rglob("*.json")) == []


def test_two_people_in_one_host_are_wrong_use(places: Places, prosona: Prosona) -> None:
    assert prosona("install", "claude-code", "--user", "ana", "--hooks", "--yes").exit_code == 0
    done = prosona("install", "claude-code", "--user", "bob", "--yes")
    assert done.exit_code == 2
    assert "for ana" in done.stderr


def test_a_file_that_cannot_be_changed_is_told_with_what_to_add(places: Places, prosona: Prosona) -> None:
    file = HOSTS["codex"].server.files["user"](places)
    file.parent.mkdir()
    file.write_text("model = = 1\n", encoding="utf-8")
    done = prosona("install", "codex", "--user", "ana", "--yes")
    assert done.exit_code == 1
    assert "by hand" in done.stderr
    assert "[mcp_servers.prosona]" in done.stderr
    assert done.stderr.splitlines()[-1].startswith(f"prosona: {file} was left as it is")
    assert "Traceback" not in done.output
