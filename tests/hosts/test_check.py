"""What the doctor is told of the configurations of hosts."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from prosona.hosts.change import Wanted, apply, plan, program
from prosona.hosts.check import check
from prosona.hosts.table import HOSTS, Places, Scope

NOW = datetime(2026, 11, 26, 12, 0, 0)


def install(host: str, places: Places, scope: Scope = "user", **options: Any) -> None:  # noqa: ANN401
    wanted = Wanted(**{"program": program(), "user_id": "ana", **options})
    apply(plan(HOSTS[host], scope, places, wanted), NOW)


def problems(places: Places) -> list[str]:
    return [problem for standing in check(places) for problem in standing.problems]


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_nothing_configured_is_nothing_found(places: Places) -> None:
    assert check(places) == []


@pytest.mark.parametrize("hooks", [False, True])
def test_what_install_writes_is_in_order(hooks: bool, places: Places) -> None:
    for host in HOSTS.values():
        for scope in host.server.files:
            install(host.name, places, scope, hooks=hooks and host.hooks is not None)
    standing = check(places)
    assert {(one.host.name, one.scope) for one in standing} == {
        (host.name, scope) for host in HOSTS.values() for scope in host.server.files
    }
    assert problems(places) == []


def test_a_command_that_is_gone_is_told(places: Places, tmp_path: Path) -> None:
    gone = tmp_path / "gone" / "prosona"
    install("cursor", places, program=[str(gone)], hooks=True)
    (server, hooks) = problems(places)
    assert server == (
        f"{places.home}/.cursor/mcp.json starts {gone}, which is not there; run prosona install cursor again"
    )
    assert f"hooks.json starts {gone}" in hooks


def test_a_server_for_one_and_hooks_for_another_are_told(places: Places) -> None:
    install("claude-code", places, hooks=True)
    # As an earlier release left it.
    edit(places.home / ".claude.json", '"ana"', '"bob"')
    (problem,) = problems(places)
    assert "is for bob, the hooks in" in problem
    assert "for ana" in problem
    assert "prosona install claude-code --user NAME --hooks" in problem


def test_hooks_that_ask_for_what_the_server_does_not_hand_out_are_told(places: Places) -> None:
    install("claude-code", places, hooks=True)
    install("claude-code", places, profiler="builtin")
    (problem,) = problems(places)
    assert "the hooks ask the agent to read" in problem
    install("claude-code", places, hooks=True, profiler="builtin")
    assert problems(places) == []


def test_hooks_for_two_people_are_told(places: Places) -> None:
    install("gemini-cli", places, hooks=True)
    file = places.home / ".gemini" / "settings.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    element = json.dumps(settings["hooks"]["BeforeAgent"]).replace("--user ana", "--user bob")
    settings["hooks"]["BeforeAgent"] = json.loads(element)
    file.write_text(json.dumps(settings), encoding="utf-8")
    (problem,) = problems(places)
    assert "bob" in problem
    assert "ana" in problem


def test_a_project_of_another_person_under_hooks_for_all_work_is_told(places: Places) -> None:
    install("codex", places)
    install("codex", places, "project", user_id="bob")
    assert problems(places) == []
    elsewhere = places._replace(project=places.home / "elsewhere")
    install("codex", elsewhere, hooks=True)
    assert "take one of them out" in problems(places)[0]
    assert problems(elsewhere) == []


def test_an_entry_of_an_earlier_release_is_told_what_it_lacks(places: Places) -> None:
    install("codex", places)
    edit(places.home / ".codex" / "config.toml", "required = true\n", "")
    (problem,) = problems(places)
    assert "config.toml lacks required; run prosona install codex again" in problem
    edit(
        places.home / ".codex" / "config.toml",
        "[mcp_servers.prosona]\n",
        "[mcp_servers.prosona]\nrequired = false\n",
    )
    assert problems(places) == [], "its owner may have it otherwise"


@pytest.mark.parametrize("text", ["{", "[1]", '{"mcpServers": {"prosona": {}, "prosona": {}}}'])
def test_a_file_that_cannot_be_read_is_told_and_stops_nothing(text: str, places: Places) -> None:
    install("cursor", places)
    (places.home / ".gemini").mkdir()
    (places.home / ".gemini" / "settings.json").write_text(text, encoding="utf-8")
    (problem,) = problems(places)
    assert problem.startswith(f"{places.home}/.gemini/settings.json cannot be read: ")


def test_a_server_that_is_reached_over_http_is_left_to_its_owner(places: Places) -> None:
    file = places.home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text('{"mcpServers": {"prosona": {"url": "http://127.0.0.1:8765/mcp"}}}', encoding="utf-8")
    (standing,) = check(places)
    assert (standing.host.name, standing.scope, standing.problems) == ("cursor", "user", ())
