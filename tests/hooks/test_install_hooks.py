"""`install HOST --hooks`: the host's own configuration, shown, merged, and undone."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from prosona.cli import main
from prosona.cli.hosts import HOOKS, HOSTS, Places
from prosona.hooks.dialects import DIALECTS

Prosona = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home with an empty project in it, which is the current folder."""
    home = tmp_path / "home"
    (home / "project").mkdir(parents=True)
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "COPILOT_HOME", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("PROSONA_DB", str(home / "profiles of ana.db"))
    monkeypatch.chdir(home / "project")
    return home


@pytest.fixture
def prosona(home: Path) -> Prosona:
    return lambda *args: CliRunner().invoke(main, args)


def _file(host: str, scope: Any = "user") -> Path:
    return HOOKS[host].files[scope](Places.here())


def _commands(host: str, text: str) -> dict[str, list[str]]:
    """Every command by event."""
    found: dict[str, list[str]] = {}
    for event, elements in json.loads(text)["hooks"].items():
        for element in elements:
            for inner in element.get("hooks", [element]):
                found.setdefault(event, []).append(inner.get("command") or inner.get("bash"))
    return found


def test_every_host_with_hooks_is_one_whose_hooks_we_speak() -> None:
    assert set(HOOKS) == set(DIALECTS)
    assert set(HOOKS) <= set(HOSTS)


@pytest.mark.parametrize("scope", ["user", "project"])
@pytest.mark.parametrize("host", HOOKS)
def test_the_commands_that_are_installed_work_as_they_stand(
    host: str, scope: str, home: Path, prosona: Prosona
) -> None:
    user = "ana o'neil"
    done = prosona("install", host, "--user", user, "--hooks", "--yes", "--scope", scope)
    assert done.exit_code == 0, done.output
    assert "+" in done.output
    commands = _commands(host, _file(host, scope).read_text())
    assert set(commands) == set(HOOKS[host].events)
    for event, (command,) in commands.items():
        assert shlex.split(command)[-8:] == [
            "hook",
            HOOKS[host].events[event],
            "--host",
            host,
            "--user",
            user,
            "--db",
            str(home / "profiles of ana.db"),
        ]
        ran = subprocess.run(command, shell=True, input=b'{"prompt": ""}', capture_output=True, timeout=60)
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert isinstance(json.loads(ran.stdout), dict)


@pytest.mark.parametrize("host", HOOKS)
def test_installing_twice_changes_nothing_and_uninstalling_undoes_it(
    host: str, home: Path, prosona: Prosona
) -> None:
    theirs = {"version": 1, "theme": "dark", "hooks": {"other": [{"command": "date"}]}}
    for event in HOOKS[host].events:
        theirs["hooks"][event] = [{"command": "make hook prompt"}]  # type: ignore[index]
    _file(host).parent.mkdir(parents=True, exist_ok=True)
    before = json.dumps(theirs, indent=2) + "\n"
    _file(host).write_text(before)
    prosona("install", host, "--user", "ana", "--hooks", "--yes")
    once = _file(host).read_text()
    assert once != before
    again = prosona("install", host, "--user", "ana", "--hooks", "--yes")
    assert "calls its hooks already" in again.output
    assert _file(host).read_text() == once
    prosona("install", host, "--user", "bo", "--hooks", "--yes")
    assert all(
        [("bo" in c, "ana" in c.split("--db")[0]) for c in commands[1:]] == [(True, False)]
        for event, commands in _commands(host, _file(host).read_text()).items()
        if event != "other"
    )
    done = prosona("uninstall", host, "--yes")
    assert "will not call its hooks" in done.output
    left = json.loads(_file(host).read_text())
    left.pop("mcpServers", None)
    assert left == theirs


@pytest.mark.parametrize("host", HOOKS)
def test_uninstalling_from_a_file_of_our_own_leaves_no_hooks(host: str, home: Path, prosona: Prosona) -> None:
    prosona("install", host, "--user", "ana", "--hooks", "--yes")
    prosona("uninstall", host, "--yes")
    assert "hooks" not in json.loads(_file(host).read_text())


def test_print_writes_nothing_and_shows_the_hooks(home: Path, prosona: Prosona) -> None:
    done = prosona("install", "claude-code", "--user", "ana", "--hooks", "--print")
    assert "UserPromptSubmit" in done.output
    assert str(_file("claude-code")) in done.output
    assert not _file("claude-code").exists()


def test_hooks_need_a_user_and_a_host_that_has_some(home: Path, prosona: Prosona) -> None:
    for args, said in (
        (("install", "claude-code", "--hooks", "--yes"), "--user"),
        (("install", "vscode", "--user", "ana", "--hooks", "--yes"), "no hooks"),
    ):
        done = prosona(*args)
        assert done.exit_code == 2
        assert said in done.output
    assert [path.name for path in home.rglob("*.json")] == []


def test_a_list_of_another_form_is_left_alone(home: Path, prosona: Prosona) -> None:
    _file("codex").parent.mkdir(parents=True)
    _file("codex").write_text('{"hooks": {"SessionStart": "later"}}')
    done = prosona("install", "codex", "--user", "ana", "--hooks", "--yes")
    assert done.exit_code != 0
    assert "not a list" in done.output
    assert _file("codex").read_text() == '{"hooks": {"SessionStart": "later"}}'


@pytest.mark.parametrize("host", HOOKS)
def test_the_documentation_names_the_files_and_events_of_every_host(host: str, home: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| ") and f"(`{host}`)" in line)
    _, _, files, start, prompt, _ = row.split("|")
    places = Places.here()
    shown = [
        str(made(places)).replace(str(places.project), ".").replace(str(places.home), "~").removeprefix("./")
        for made in HOOKS[host].files.values()
    ]
    assert files.strip() == ", ".join(f"`{file}`" for file in shown)
    assert {start.strip(" `"): "session-start", prompt.strip(" `"): "prompt"} == HOOKS[host].events
