"""A host's configuration: the server, the hooks and the permission; shown, merged, and undone."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from prosona.core.errors import InvalidInputError
from prosona.hosts.change import ConfigurationError, Plan, Wanted, apply, offer, plan, printed, program
from prosona.hosts.table import ALLOWED, HOSTS, Places, Scope

if sys.platform != "linux":
    pytest.skip("the places below are those of Linux", allow_module_level=True)

FILES: dict[tuple[str, Scope], str] = {
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
HOOKED = [name for name, host in HOSTS.items() if host.hooks]
ASKING = [(name, scope) for name, host in HOSTS.items() if host.permission for scope in host.permission.files]
NOW = datetime(2026, 11, 26, 12, 0, 0)


def wanted(user_id: str | None = "ana", **options: Any) -> Wanted:  # noqa: ANN401
    return Wanted(program(), user_id, **options)


def installed(host: str, places: Places, scope: Scope = "user", **options: Any) -> Plan:  # noqa: ANN401
    """Plans and applies."""
    planned = plan(HOSTS[host], scope, places, wanted(**options))
    apply(planned, NOW)
    return planned


def uninstalled(host: str, places: Places, scope: Scope = "user") -> Plan:
    planned = plan(HOSTS[host], scope, places, None)
    apply(planned, NOW)
    return planned


def server_file(host: str, places: Places, scope: Scope = "user") -> Path:
    return HOSTS[host].server.files[scope](places)


def hooks_file(host: str, places: Places, scope: Scope = "user") -> Path:
    hooks = HOSTS[host].hooks
    assert hooks is not None
    return hooks.files[scope](places)


def rules_file(host: str, places: Places, scope: Scope = "user") -> Path:
    permission = HOSTS[host].permission
    assert permission is not None
    return permission.files[scope](places)


def settings_in(file: Path) -> dict[str, Any]:
    text = file.read_text(encoding="utf-8")
    return tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)


def entry_in(file: Path, host: str) -> dict[str, Any]:
    return settings_in(file)[HOSTS[host].server.container]["prosona"]  # type: ignore[no-any-return]


def command_of(entry: dict[str, Any]) -> list[str]:
    command = entry["command"]
    return command if isinstance(command, list) else [command, *entry["args"]]


def commands(text: str) -> dict[str, list[str]]:
    """Every command of hooks by event."""
    found: dict[str, list[str]] = {}
    for event, elements in json.loads(text)["hooks"].items():
        for element in elements:
            for inner in element.get("hooks", [element]):
                found.setdefault(event, []).append(inner.get("command") or inner.get("bash"))
    return found


def backups_of(file: Path) -> list[Path]:
    return sorted(file.parent.glob(f"{file.name}.prosona-*.bak"))


def files_under(folder: Path) -> dict[str, str]:
    """Every file and what is in it, backups left out."""
    return {
        str(file.relative_to(folder)): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.endswith(".bak")
    }


# The server.


def test_every_host_and_scope_has_a_known_place(places: Places) -> None:
    assert {(host.name, scope) for host in HOSTS.values() for scope in host.server.files} == set(FILES)
    for (host, scope), file in FILES.items():
        assert server_file(host, places, scope) == places.home / file


@pytest.mark.parametrize(("host", "scope"), FILES)
def test_the_host_starts_this_very_command(host: str, scope: Scope, places: Places, tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    (change,) = installed(host, places, scope, db=db).changes
    entry = entry_in(change.file, host)
    theirs = ["--profiler", "host"]
    assert command_of(entry) == [*program(), "serve", "--user", "ana", "--db", str(db), *theirs]
    assert Path(command_of(entry)[0]).is_absolute()
    assert (entry.get("env") or entry.get("environment")) == {"PYTHONUTF8": "1"}
    assert backups_of(change.file) == []
    assert f"+++ {change.file}" in change.diff()


@pytest.mark.parametrize(("host", "scope"), FILES)
def test_installing_twice_changes_nothing_and_uninstalling_undoes_it(
    host: str, scope: Scope, places: Places
) -> None:
    file = server_file(host, places, scope)
    file.parent.mkdir(parents=True, exist_ok=True)
    container = HOSTS[host].server.container
    before = (
        f'# mine\n[{container}.other]\ncommand = "x" # why\n'
        if file.suffix == ".toml"
        else (
            f'{{\n    "zeta": 1,\n    "{container}": {{\n        "other": {{"command": "x"}}\n    }},\n'
            '    "a": [1, 2]\n}\n'
        )
    )
    file.write_text(before, encoding="utf-8")
    installed(host, places, scope)
    after = file.read_text(encoding="utf-8")
    again = installed(host, places, scope)
    assert again.changes == ()
    assert "configured already" in again.sentences[0]
    assert file.read_text(encoding="utf-8") == after != before
    assert [backup.read_text(encoding="utf-8") for backup in backups_of(file)] == [before]
    uninstalled(host, places, scope)
    assert file.read_text(encoding="utf-8") == before
    assert len(backups_of(file)) == 2
    gone = uninstalled(host, places, scope)
    assert gone.changes == ()
    assert "is not configured" in gone.sentences[0]


@pytest.mark.parametrize(("host", "scope"), FILES)
def test_printing_writes_nothing_and_gives_the_whole_file(
    host: str, scope: Scope, places: Places, tmp_path: Path
) -> None:
    text = printed(HOSTS[host], scope, places, wanted(db=tmp_path / "p.db"))
    assert files_under(places.home) == {}
    file = tmp_path / Path(FILES[host, scope]).name
    file.write_text(text, encoding="utf-8")
    assert command_of(entry_in(file, host))[-6:-3] == ["--user", "ana", "--db"]


def test_codex_is_told_to_wait_for_the_server_before_its_first_request(places: Places) -> None:
    # An entry of an earlier release, with the environment in a table of its own.
    file = server_file("codex", places)
    file.parent.mkdir(parents=True)
    file.write_text(
        '[mcp_servers.prosona]\ncommand = "old" # mine\nargs = []\n\n[mcp_servers.prosona.env]\nA = "1"\n\n'
        "[tui]\nx = 1\n",
        encoding="utf-8",
    )
    installed("codex", places)
    assert entry_in(file, "codex")["required"] is True
    assert entry_in(file, "codex")["env"] == {"A": "1", "PYTHONUTF8": "1"}
    assert settings_in(file)["tui"] == {"x": 1}
    assert "# mine" in file.read_text(encoding="utf-8")


def test_comments_in_a_configuration_stay(places: Places) -> None:
    file = server_file("vscode", places)
    file.parent.mkdir(parents=True)
    file.write_text('{\n\t// my servers\n\t"servers": {},\n\t"inputs": [], // none\n}\n', encoding="utf-8")
    installed("vscode", places)
    text = file.read_text(encoding="utf-8")
    assert "// my servers" in text
    assert '"inputs": [], // none' in text
    assert '\t\t"prosona": {' in text


@pytest.mark.parametrize(
    ("host", "broken"),
    [("claude-desktop", '{"mcpServers": {"a": 1 "b": 2}}'), ("codex", "model = = 1\n"), ("cursor", "[1]")],
)
def test_a_file_that_cannot_be_read_is_left_alone_and_shown_what_to_add(
    host: str, broken: str, places: Places
) -> None:
    file = server_file(host, places)
    file.parent.mkdir(parents=True)
    file.write_text(broken, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="was left as it is") as raised:
        installed(host, places)
    assert "by hand" in raised.value.by_hand
    assert "serve" in raised.value.by_hand
    assert file.read_text(encoding="utf-8") == broken
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_is_no_utf8_is_left_alone(places: Places) -> None:
    file = server_file("cursor", places)
    file.parent.mkdir()
    file.write_bytes('{"a": "\u00e9"}'.encode("latin-1"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        installed("cursor", places)


def test_a_form_that_cannot_be_changed_safely_is_refused(places: Places) -> None:
    file = server_file("codex", places)
    file.parent.mkdir()
    text = 'prompt = """\n[mcp_servers.prosona]\n"""\n\n[mcp_servers.prosona]\ncommand = "x"\n'
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError):
        uninstalled("codex", places)
    assert file.read_text(encoding="utf-8") == text


def test_what_its_owner_added_to_the_entry_stays(places: Places) -> None:
    file = server_file("claude-code", places)
    old = {"mcpServers": {"prosona": {"command": "/old", "timeout": 5, "env": {"HTTP_PROXY": "x"}}}}
    file.write_text(json.dumps(old), encoding="utf-8")
    installed("claude-code", places)
    entry = entry_in(file, "claude-code")
    assert entry["timeout"] == 5
    assert entry["env"] == {"HTTP_PROXY": "x", "PYTHONUTF8": "1"}
    assert entry["command"] == program()[0]


def test_a_link_to_a_file_elsewhere_stays_a_link(places: Places) -> None:
    real = places.home / "dotfiles" / "cursor.json"
    real.parent.mkdir()
    real.write_text("{}\n", encoding="utf-8")
    real.chmod(0o640)
    link = server_file("cursor", places)
    link.parent.mkdir()
    link.symlink_to(real)
    installed("cursor", places)
    assert link.is_symlink()
    assert "prosona" in settings_in(real)["mcpServers"]
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert len(backups_of(real)) == 1


def test_folders_named_by_the_hosts_own_variables_are_used(places: Places) -> None:
    for host, variable in (
        ("claude-code", "CLAUDE_CONFIG_DIR"),
        ("codex", "CODEX_HOME"),
        ("copilot-cli", "COPILOT_HOME"),
        ("opencode", "XDG_CONFIG_HOME"),
    ):
        elsewhere = places._replace(env={variable: str(places.home / "elsewhere")})
        assert (places.home / "elsewhere") in server_file(host, elsewhere).parents


def test_an_existing_file_with_comments_is_preferred_for_opencode(places: Places) -> None:
    file = places.project / "opencode.jsonc"
    file.write_text("{ /* mine */ }\n", encoding="utf-8")
    installed("opencode", places, "project")
    text = file.read_text(encoding="utf-8")
    assert "/* mine */" in text
    assert '"prosona"' in text
    assert not file.with_suffix(".json").exists()


# Writing.


def test_a_file_changed_meanwhile_is_not_overwritten(places: Places) -> None:
    file = server_file("cursor", places)
    file.parent.mkdir()
    file.write_text("{}", encoding="utf-8")
    planned = plan(HOSTS["cursor"], "user", places, wanted())
    file.write_text('{"mcpServers": {}}', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="changed meanwhile"):
        apply(planned, NOW)
    assert file.read_text(encoding="utf-8") == '{"mcpServers": {}}'


def test_two_backups_of_one_second_are_both_kept(places: Places) -> None:
    file = server_file("cursor", places)
    file.parent.mkdir()
    texts = ["{}", '{"a": 1}', '{"a": 2}']
    for text in texts:
        file.write_text(text, encoding="utf-8")
        installed("cursor", places)
    assert sorted(backup.read_text(encoding="utf-8") for backup in backups_of(file)) == sorted(texts)


def test_a_failed_write_leaves_all_files_as_they_were_and_no_litter(places: Places) -> None:
    # The server's file can be written, the hooks' cannot: a folder is a file.
    planned = plan(HOSTS["copilot-cli"], "user", places, wanted(hooks=True))
    assert len(planned.changes) == 2
    hooks_file("copilot-cli", places).parent.parent.mkdir()
    hooks_file("copilot-cli", places).parent.write_text("in the way", encoding="utf-8")
    before = files_under(places.home)
    with pytest.raises(OSError, match=r"hooks"):
        apply(planned, NOW)
    assert files_under(places.home) == before


def test_the_builtin_alone_reads_where_that_is_wanted(places: Places) -> None:
    text = printed(HOSTS["claude-code"], "user", places, wanted(profiler="builtin", hooks=True))
    assert "serve" in text
    assert "--profiler" not in text


# The hooks.


@pytest.mark.parametrize("scope", ["user", "project"])
@pytest.mark.parametrize("host", HOOKED)
def test_the_hooks_that_are_installed_work_as_they_stand(host: str, scope: Scope, places: Places) -> None:
    hooks, user = HOSTS[host].hooks, "ana o'neil"
    assert hooks is not None
    installed(host, places, scope, user_id=user, hooks=True)
    found = commands(hooks_file(host, places, scope).read_text(encoding="utf-8"))
    assert set(found) == set(hooks.events)
    for event, (command,) in found.items():
        db = str(places.home / "profiles of ana.db")
        options = ["--host", host, "--user", user, "--db", db, "--profiler", "host"]
        assert shlex.split(command)[-10:] == ["hook", hooks.events[event], *options]
        ran = subprocess.run(command, shell=True, input=b'{"prompt": ""}', capture_output=True, timeout=60)
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert isinstance(json.loads(ran.stdout), dict)


@pytest.mark.parametrize("host", HOOKED)
def test_installing_hooks_twice_changes_nothing_and_uninstalling_undoes_it(host: str, places: Places) -> None:
    hooks = HOSTS[host].hooks
    assert hooks is not None
    theirs: dict[str, Any] = {"version": 1, "theme": "dark", "hooks": {"other": [{"command": "date"}]}}
    for event in hooks.events:
        theirs["hooks"][event] = [{"command": "make hook prompt"}]
    file = hooks_file(host, places)
    file.parent.mkdir(parents=True, exist_ok=True)
    before = json.dumps(theirs, indent=2) + "\n"
    file.write_text(before, encoding="utf-8")
    installed(host, places, hooks=True)
    once = file.read_text(encoding="utf-8")
    assert once != before
    again = installed(host, places, hooks=True)
    assert again.changes == ()
    assert "calls its hooks already" in again.sentences[1]
    installed(host, places, user_id="bo", hooks=True)
    for event, lines in commands(file.read_text(encoding="utf-8")).items():
        if event != "other":
            assert ["--user bo" in line for line in lines] == [False, True]
    done = uninstalled(host, places)
    assert any("will not call its hooks" in sentence for sentence in done.sentences)
    left = settings_in(file)
    if server_file(host, places) == file:
        assert left.pop("mcpServers") == {}
    assert left == theirs
    if server_file(host, places) != file:
        assert file.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("host", HOOKED)
def test_uninstalling_from_a_file_of_our_own_leaves_no_hooks(host: str, places: Places) -> None:
    installed(host, places, hooks=True)
    uninstalled(host, places)
    assert "hooks" not in settings_in(hooks_file(host, places))


def test_remarks_and_hooks_of_others_stay_as_they_are_written(places: Places) -> None:
    file = hooks_file("claude-code", places)
    file.parent.mkdir()
    before = (
        '{\n  "hooks": {\n    "SessionStart": [\n      // tells the time\n'
        '      { "hooks": [ { "type": "command", "command": "date" } ] } // always\n    ]\n  }\n}\n'
    )
    file.write_text(before, encoding="utf-8")
    installed("claude-code", places, hooks=True)
    for line in before.splitlines()[2:5]:
        assert line.split(" //")[0] in file.read_text(encoding="utf-8")
    assert "// tells the time" in file.read_text(encoding="utf-8")
    uninstalled("claude-code", places)
    assert file.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("hooks", ['{"SessionStart": "later"}', "[]"])
def test_hooks_of_another_form_are_left_alone(hooks: str, places: Places) -> None:
    file = hooks_file("codex", places)
    file.parent.mkdir(parents=True)
    file.write_text(f'{{"hooks": {hooks}}}', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"not a list|not an object"):
        installed("codex", places, hooks=True)
    assert file.read_text(encoding="utf-8") == f'{{"hooks": {hooks}}}'
    assert not server_file("codex", places).exists(), "nothing is half done"


def test_a_broken_hooks_file_does_not_keep_the_server_where_it_is(places: Places) -> None:
    installed("claude-code", places)
    file = hooks_file("claude-code", places)
    file.parent.mkdir()
    file.write_text("{", encoding="utf-8")
    done = uninstalled("claude-code", places)
    assert "by hand" in done.notes[0]
    assert settings_in(server_file("claude-code", places)) == {"mcpServers": {}}


# The permission.


@pytest.mark.parametrize(("host", "scope"), ASKING)
def test_a_host_is_told_to_run_the_tools_that_cannot_erase(host: str, scope: Scope, places: Places) -> None:
    question = offer(HOSTS[host], scope, places)
    assert question is not None
    assert all(tool in question for tool in ALLOWED)
    done = installed(host, places, scope, allow_tools=True)
    text = rules_file(host, places, scope).read_text(encoding="utf-8")
    assert all(tool in text for tool in ALLOWED)
    assert "revise_profile" not in text
    assert "without asking" in done.sentences[-1]
    assert offer(HOSTS[host], scope, places) is None
    assert installed(host, places, scope, allow_tools=True).changes == ()
    installed(host, places, scope, db=places.home / "other.db")
    assert rules_file(host, places, scope).read_text(encoding="utf-8") == text, (
        "it stays unless it is taken out"
    )
    uninstalled(host, places, scope)
    left = rules_file(host, places, scope)
    assert not left.exists() or settings_in(left) == {}


def test_a_list_of_permissions_keeps_its_form(places: Places) -> None:
    file = rules_file("claude-code", places)
    file.parent.mkdir()
    before = (
        '{\n  "permissions": {\n    "allow": [\n      "Read(~/src/**)", // reading\n      "Bash(ls:*)"\n'
        '    ],\n    "deny": ["WebFetch"]\n  }\n}\n'
    )
    file.write_text(before, encoding="utf-8")
    installed("claude-code", places, allow_tools=True)
    text = file.read_text(encoding="utf-8")
    assert '      "Read(~/src/**)", // reading\n      "Bash(ls:*)",\n      "mcp__prosona__' in text
    assert '"deny": ["WebFetch"]' in text
    uninstalled("claude-code", places)
    assert file.read_text(encoding="utf-8") == before


def test_a_wider_permission_of_its_owner_is_enough_and_stays(places: Places) -> None:
    file = rules_file("claude-code", places)
    file.parent.mkdir()
    before = '{"permissions": {"allow": ["mcp__prosona"]}}'
    file.write_text(before, encoding="utf-8")
    assert offer(HOSTS["claude-code"], "user", places) is None
    installed("claude-code", places, allow_tools=True)
    uninstalled("claude-code", places)
    assert file.read_text(encoding="utf-8") == before


def test_rules_that_its_owner_added_to_our_file_stay(places: Places) -> None:
    installed("gemini-cli", places, allow_tools=True)
    file = rules_file("gemini-cli", places)
    own = '\n[[rule]]\ntoolName = "ls"\ndecision = "allow"\npriority = 1\n'
    file.write_text(file.read_text(encoding="utf-8") + own, encoding="utf-8")
    uninstalled("gemini-cli", places)
    assert file.read_text(encoding="utf-8") == own


# What cannot be had.


@pytest.mark.parametrize(
    ("host", "scope", "options", "said"),
    [
        ("claude-code", "user", {"user_id": None, "hooks": True}, "--user"),
        ("vscode", "user", {"hooks": True}, "no hooks"),
        ("vscode", "user", {"allow_tools": True}, "--allow-tools"),
        ("gemini-cli", "project", {"allow_tools": True}, "for a project"),
        ("claude-desktop", "project", {}, "leave --scope out"),
        ("cursor", "user", {"user_id": "a\u200bna"}, "visible"),
    ],
)
def test_what_a_host_does_not_have_is_refused_before_anything_is_written(
    host: str, scope: Scope, options: dict[str, Any], said: str, places: Places
) -> None:
    with pytest.raises(InvalidInputError, match=said):
        installed(host, places, scope, **options)
    assert files_under(places.home) == {}


# One person.


@pytest.mark.parametrize("host", HOOKED)
@pytest.mark.parametrize("user", ["bob", None])
def test_a_server_for_one_beside_hooks_for_another_is_refused(
    host: str, user: str | None, places: Places
) -> None:
    installed(host, places, hooks=True)
    before = files_under(places.home)
    with pytest.raises(InvalidInputError, match=r"for ana.*--user NAME --hooks"):
        installed(host, places, user_id=user)
    assert files_under(places.home) == before
    installed(host, places, user_id="bob", hooks=True)
    whole = "".join(files_under(places.home).values())
    assert "bob" in whole
    assert "--user ana" not in whole
    assert '"--user", "ana"' not in whole


def test_the_same_person_in_another_spelling_is_the_same_person(places: Places) -> None:
    installed("codex", places, user_id="Ame\u0301lie", hooks=True)
    installed("codex", places, user_id=" Am\u00e9lie ")
    assert "Am\u00e9lie" in server_file("codex", places).read_text(encoding="utf-8")


def test_another_database_for_the_server_alone_is_refused(places: Places) -> None:
    installed("codex", places, hooks=True)
    with pytest.raises(InvalidInputError, match=r"other\.db"):
        installed("codex", places, db=places.home / "other.db")


def test_hooks_of_all_work_and_a_project_of_somebody_else_do_not_go_together(places: Places) -> None:
    installed("claude-code", places, hooks=True)
    with pytest.raises(InvalidInputError, match="take one of them out"):
        installed("claude-code", places, "project", user_id="bob", hooks=True)
    # Without hooks the project's server wins, and nothing of the other person's runs beside it.
    uninstalled("claude-code", places)
    installed("claude-code", places)
    installed("claude-code", places, "project", user_id="bob")


def test_hosts_that_share_a_file_share_the_person(places: Places) -> None:
    assert server_file("copilot-cli", places, "project") == server_file("claude-code", places, "project")
    installed("claude-code", places, "project", hooks=True)
    with pytest.raises(InvalidInputError, match="for ana"):
        installed("copilot-cli", places, "project", user_id="bob")


def test_the_owner_of_a_file_that_may_not_be_written_is_told(places: Places) -> None:
    folder = places.home / ".cursor"
    if os.geteuid() == 0:
        folder.write_text("a file where a folder should be", encoding="utf-8")
    else:
        folder.mkdir(mode=0o500)
    with pytest.raises(OSError, match=r"\.cursor"):
        installed("cursor", places)
