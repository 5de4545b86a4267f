from __future__ import annotations

import json
import os
import stat
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from prosona.cli.hosts import HOSTS, ConfigurationError, Places, added

from prosona.cli.installing import program

from .conftest import Prosona

if sys.platform != "linux":
    pytest.skip("the places below are those of Linux", allow_module_level=True)

FILES = {
    ("claude-code", "user"): ".claude.json",
    ("claude-code", "project"): "project/.mcp.json",
    ("claude-desktop", "user"): ".config/Claude/claude_desktop_config.json",
    ("codex", "user"): ".codex/config.toml",
    ("codex", "project"): "project/.codex/config.toml",
    ("gemini-cli", "user"): ".gemini/settings.json",
    ("gemini-cli", "project"): "project/.gemini/settings.json",
    ("copilot-cli", "user"): ".copilot/mcp-config.json",
    ("copilot-cli", "project"): "project/.mcp.json",
    ("cursor", "user"): ".cursor/mcp.json",
    ("cursor", "project"): "project/.cursor/mcp.json",
    ("vscode", "user"): ".config/Code/User/mcp.json",
    ("vscode", "project"): "project/.vscode/mcp.json",
    ("opencode", "user"): ".config/opencode/opencode.json",
    ("opencode", "project"): "project/opencode.json",
}
SERVE = ["serve", "--user", "ana"]


def settings_in(file: Path) -> dict[str, Any]:
    text = file.read_text(encoding="utf-8")
    return tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)


def entry_in(file: Path, host: str) -> dict[str, Any]:
    return settings_in(file)[HOSTS[host].container]["prosona"]  # type: ignore[no-any-return]


def command_of(entry: dict[str, Any]) -> list[str]:
    command = entry["command"]
    return command if isinstance(command, list) else [command, *entry["args"]]


def backups_of(file: Path) -> list[Path]:
    return sorted(file.parent.glob(f"{file.name}.prosona-*.bak"))


def test_every_host_and_scope_has_a_known_place() -> None:
    assert {(host.name, scope) for host in HOSTS.values() for scope in host.files} == set(FILES)


@pytest.mark.parametrize(("host", "scope"), FILES)
def test_install_makes_the_host_start_this_very_command(
    host: str, scope: str, home: Path, db: Path, prosona: Prosona
) -> None:
    result = prosona("install", host, "--user", "ana", "--scope", scope, "--yes")
    assert result.exit_code == 0, result.output
    file = home / FILES[host, scope]
    entry = entry_in(file, host)
    assert command_of(entry) == [*program(), *SERVE, "--db", str(db)]
    assert Path(command_of(entry)[0]).is_absolute()
    assert (entry.get("env") or entry.get("environment")) == {"PYTHONUTF8": "1"}
    assert backups_of(file) == []
    assert f"+++ {file}" in result.stdout


@pytest.mark.parametrize(("host", "scope"), FILES)
def test_installing_twice_changes_nothing_and_uninstalling_undoes_it(
    host: str, scope: str, home: Path, prosona: Prosona
) -> None:
    file = home / FILES[host, scope]
    file.parent.mkdir(parents=True, exist_ok=True)
    container = HOSTS[host].container
    before = (
        f'# mine\n[{container}.other]\ncommand = "x" # why\n'
        if file.suffix == ".toml"
        else (
            f'{{\n    "zeta": 1,\n    "{container}": {{\n        "other": {{"command": "x"}}\n    }},\n'
            '    "a": [1, 2]\n}\n'
        )
    )
    file.write_text(before, encoding="utf-8")

    assert prosona("install", host, "--scope", scope, "--yes").exit_code == 0
    installed = file.read_text(encoding="utf-8")
    again = prosona("install", host, "--scope", scope, "--yes")
    assert "configured already" in again.stdout
    assert file.read_text(encoding="utf-8") == installed != before
    assert [backup.read_text(encoding="utf-8") for backup in backups_of(file)] == [before]

    assert prosona("uninstall", host, "--scope", scope, "--yes").exit_code == 0
    assert file.read_text(encoding="utf-8") == before
    assert len(backups_of(file)) == 2
    assert "is not configured" in prosona("uninstall", host, "--scope", scope, "--yes").stdout


@pytest.mark.parametrize(("host", "scope"), FILES)
def test_print_writes_nothing_and_prints_the_whole_file(
    host: str, scope: str, home: Path, prosona: Prosona, tmp_path: Path
) -> None:
    result = prosona("install", host, "--user", "ana", "--scope", scope, "--print")
    assert result.exit_code == 0
    assert not (home / FILES[host, scope]).exists()
    printed = tmp_path / Path(FILES[host, scope]).name
    printed.write_text(result.stdout, encoding="utf-8")
    assert command_of(entry_in(printed, host))[-4:-1] == ["--user", "ana", "--db"]


def test_comments_in_a_configuration_stay(home: Path, prosona: Prosona) -> None:
    file = home / FILES["vscode", "user"]
    file.parent.mkdir(parents=True)
    file.write_text('{\n\t// my servers\n\t"servers": {},\n\t"inputs": [], // none\n}\n', encoding="utf-8")
    assert prosona("install", "vscode", "--yes").exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert "// my servers" in text
    assert '"inputs": [], // none' in text
    assert '\t\t"prosona": {' in text


@pytest.mark.parametrize(
    ("host", "broken"),
    [("claude-desktop", '{"mcpServers": {"a": 1 "b": 2}}'), ("codex", "model = = 1\n"), ("cursor", "[1]")],
)
def test_a_file_that_cannot_be_read_is_left_alone_and_the_snippet_is_shown(
    host: str, broken: str, home: Path, prosona: Prosona
) -> None:
    file = home / FILES[host, "user"]
    file.parent.mkdir(parents=True)
    file.write_text(broken, encoding="utf-8")
    result = prosona("install", host, "--yes")
    assert result.exit_code == 1
    assert "by hand" in result.stderr
    assert "serve" in result.stderr
    assert result.stderr.splitlines()[-1].startswith(f"prosona: {file} was left as it is")
    assert file.read_text(encoding="utf-8") == broken
    assert list(file.parent.iterdir()) == [file]


def test_a_form_that_cannot_be_changed_safely_is_refused(home: Path, prosona: Prosona) -> None:
    file = home / FILES["codex", "user"]
    file.parent.mkdir()
    text = 'prompt = """\n[mcp_servers.prosona]\n"""\n\n[mcp_servers.prosona]\ncommand = "x"\n'
    file.write_text(text, encoding="utf-8")
    result = prosona("uninstall", "codex", "--yes")
    assert result.exit_code == 1
    assert file.read_text(encoding="utf-8") == text


def test_what_its_owner_added_to_the_entry_stays(home: Path, prosona: Prosona) -> None:
    file = home / FILES["claude-code", "user"]
    old = {"mcpServers": {"prosona": {"command": "/old", "timeout": 5, "env": {"HTTP_PROXY": "x"}}}}
    file.write_text(json.dumps(old), encoding="utf-8")
    assert prosona("install", "claude-code", "--yes").exit_code == 0
    entry = entry_in(file, "claude-code")
    assert entry["timeout"] == 5
    assert entry["env"] == {"HTTP_PROXY": "x", "PYTHONUTF8": "1"}
    assert entry["command"] == program()[0]


def test_a_link_to_a_file_elsewhere_stays_a_link(home: Path, prosona: Prosona) -> None:
    real = home / "dotfiles" / "cursor.json"
    real.parent.mkdir()
    real.write_text("{}\n", encoding="utf-8")
    real.chmod(0o640)
    link = home / FILES["cursor", "user"]
    link.parent.mkdir()
    link.symlink_to(real)
    assert prosona("install", "cursor", "--yes").exit_code == 0
    assert link.is_symlink()
    assert "prosona" in settings_in(real)["mcpServers"]
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert len(backups_of(real)) == 1


def test_a_file_changed_meanwhile_is_not_overwritten(home: Path) -> None:
    file = home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text("{}", encoding="utf-8")
    change = added(HOSTS["cursor"], file, ["/bin/prosona", "serve"], "user")
    file.write_text('{"mcpServers": {}}', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="changed meanwhile"):
        change.write(datetime.now())
    assert file.read_text(encoding="utf-8") == '{"mcpServers": {}}'


def test_two_backups_of_one_second_are_both_kept(home: Path) -> None:
    file = home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    now = datetime(2026, 11, 23, 12, 0, 0)
    for text in ("{}", '{"a": 1}'):
        file.write_text(text, encoding="utf-8")
        added(HOSTS["cursor"], file, ["/bin/prosona", "serve"], "user").write(now)
    assert sorted(backup.read_text(encoding="utf-8") for backup in backups_of(file)) == ['{"a": 1}', "{}"]


def test_without_anybody_to_ask_nothing_is_written(home: Path, prosona: Prosona) -> None:
    result = prosona("install", "cursor")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert not (home / FILES["cursor", "user"]).exists()


def test_a_host_without_projects_refuses_the_scope(prosona: Prosona) -> None:
    result = prosona("install", "claude-desktop", "--scope", "project", "--yes")
    assert result.exit_code == 2
    assert "leave --scope out" in result.stderr


def test_folders_named_by_the_hosts_own_variables_are_used(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for host, variable in (
        ("claude-code", "CLAUDE_CONFIG_DIR"),
        ("codex", "CODEX_HOME"),
        ("copilot-cli", "COPILOT_HOME"),
        ("opencode", "XDG_CONFIG_HOME"),
    ):
        places = Places(home, home, {variable: str(home / "elsewhere")})
        assert (home / "elsewhere") in HOSTS[host].files["user"](places).parents


def test_an_existing_file_with_comments_is_preferred_for_opencode(home: Path, prosona: Prosona) -> None:
    file = home / "project" / "opencode.jsonc"
    file.write_text("{ /* mine */ }\n", encoding="utf-8")
    assert prosona("install", "opencode", "--scope", "project", "--yes").exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert "/* mine */" in text
    assert '"prosona"' in text
    assert not file.with_suffix(".json").exists()


def test_a_failed_write_leaves_the_file_and_no_litter(home: Path, prosona: Prosona) -> None:
    if os.geteuid() == 0:
        folder = home / ".cursor"
        folder.write_text("a file where a folder should be", encoding="utf-8")
    else:
        folder = home / ".cursor"
        folder.mkdir(mode=0o500)
    result = prosona("install", "cursor", "--yes")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("prosona: ")
    assert "Traceback" not in result.output
