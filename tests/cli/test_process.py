from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from prosona.hosts.change import program

from .conftest import SECONDS, Process, Prosona

COMMAND = [sys.executable, "-m", "prosona.cli"]


def test_the_help_of_serve_loads_no_library_that_it_does_not_need() -> None:
    probe = (
        "import sys; sys.argv = ['prosona', 'serve', '--help']\n"
        "from prosona.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'rich', 'sqlite_utils', 'tomlkit', 'mcp'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=SECONDS, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"


def test_a_hook_is_answered_without_the_commands() -> None:
    probe = (
        "import sys\n"
        "sys.argv = ['prosona', 'hook', 'session-start', '--host', 'claude-code', '--user', 'ana']\n"
        "from prosona.cli.start import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "print(sorted({'click', 'rich', 'yaml', 'rapidfuzz', 'mcp'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", probe], input="{}", capture_output=True, text=True, timeout=SECONDS, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"


def test_a_running_server_has_loaded_nothing_of_the_other_commands(ana: str) -> None:
    # Python itself names every module it imports on stderr.
    server = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "prosona.cli", "serve", "--user", ana],
        input="",
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (server.returncode, server.stdout) == (0, "")
    loaded = {line.rsplit("|", 1)[-1].strip() for line in server.stderr.splitlines()}
    assert "prosona.server" in loaded
    assert not loaded & {
        "tomlkit",
        "sqlite_utils",
        "yaml",
        "rapidfuzz",
        "prosona.hosts",
        "prosona.cli.reading",
        "prosona.client",
    }


def test_a_server_that_cannot_start_says_so_on_stderr_only(process: Process, db: Path) -> None:
    db.write_bytes(b"no database at all\n" * 300)
    result = process("serve", "--user", "ana", input="")
    assert (result.returncode, result.stdout) == (5, "")
    assert result.stderr.startswith("prosona: ")
    refused = process("serve", "--transport", "http", "--host", "0.0.0.0", "--db", f"{db}2")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_an_interrupt_ends_quietly_with_its_own_code(db: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(
        [*COMMAND, "revise", "--user", "ana", "--text", str(pipe), "--base-version", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        writer = pipe.open("w")  # Waits until the command has opened it to read.
        running.send_signal(signal.SIGINT)
        writer.close()  # Ends a read that began just after the signal had come.
        out, err = running.communicate(timeout=SECONDS)
    assert running.returncode == 130
    assert (out, err.strip()) == ("", "")


def test_a_reader_that_leaves_early_causes_no_complaint(prosona: Prosona, db: Path, tmp_path: Path) -> None:
    log = tmp_path / "many.jsonl"
    lines = (json.dumps({"user_id": f"{n:0120}", "chosen": "x"}) for n in range(700))
    log.write_text("\n".join(lines), encoding="utf-8")
    assert prosona("import", str(log)).exit_code == 0
    with subprocess.Popen([*COMMAND, "users"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(10)
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(SECONDS) == 141


def test_every_language_comes_out_where_the_platform_knows_only_ascii(db: Path, process: Process) -> None:
    assert process("observe", "--user", "ana", "--chosen", "x").returncode == 0
    assert process("revise", "--user", "ana", "--statement", "我是素食者。").returncode == 0
    result = subprocess.run(
        [*COMMAND, "get", "--user", "ana"],
        capture_output=True,
        timeout=SECONDS,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert "我是素食者。" in result.stdout.decode("utf-8")


def test_on_top_of_a_server_serving_loads_only_the_commands_own_small_modules() -> None:
    probe = (
        "import sys, mcp.server, click, prosona.profiles_db\n"
        "before = set(sys.modules)\n"
        "import prosona.cli.app, prosona.cli.serving\n"
        # What is part of the interpreter is there already.
        "print(*sorted(set(sys.modules) - before - set(sys.builtin_module_names)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=SECONDS, check=True
    )
    extra = result.stdout.split()
    assert "prosona.cli.serving" in extra
    assert len(extra) <= 6
    assert all(name.startswith("prosona.cli") for name in extra)


def _examined(process: Process) -> dict[str, dict[str, str]]:
    result = process("doctor", "--json")
    assert result.returncode == 0, result.stdout
    return {item["check"]: item for item in json.loads(result.stdout)}


def test_the_doctor_finds_a_fresh_installation_in_order(process: Process, db: Path) -> None:
    found = _examined(process)
    assert not db.exists()
    assert found["server"]["status"] == "ok", found["server"]
    assert found["hosts"]["status"] == "warn"
    assert {"python", "file", "write", "space", "server", "hosts"} <= set(found)


def test_the_doctor_looks_into_an_existing_database(
    prosona: Prosona, process: Process, db: Path, ana: str
) -> None:
    assert prosona("install", "cursor", "--user", ana, "--yes").exit_code == 0
    found = _examined(process)
    expected = {
        "python",
        "file",
        "schema",
        "structure",
        "journal",
        "write",
        "owed",
        "folds",
        "space",
        "server",
    }
    assert {check for check, item in found.items() if item["status"] == "ok"} >= expected
    assert "cursor (user)" in found["hosts"]["detail"]
    db.chmod(0o644)
    assert _examined(process)["file"]["status"] == "warn"


def test_the_doctor_tells_what_is_owed(process: Process, ana: str, db: Path) -> None:
    assert _examined(process)["owed"]["status"] == "ok"
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT * FROM users").fetchall()  # While somebody reads, old pages stay.
        assert process("forget", "--user", ana, "Arrival", "--yes").returncode == 0
        found = _examined(process)
    assert (found["owed"]["status"], "maintain" in found["owed"]["detail"]) == ("warn", True)
    assert process("maintain").returncode == 0
    assert _examined(process)["owed"]["status"] == "ok"


def test_the_doctor_tells_who_waits_and_whose_folds_fail(process: Process, ana: str, db: Path) -> None:
    assert _examined(process)["folds"]["status"] == "ok"
    long_ago = int((datetime.now(UTC) - timedelta(days=2)).timestamp() * 1_000_000)
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE users SET pending = 1, pending_since = ?", (long_ago,))
    folds = _examined(process)["folds"]
    assert (folds["status"], "fold --all" in folds["detail"]) == ("warn", True)
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE users SET problem = 'the endpoint is gone'")
    failed = process("doctor", "--json")
    assert failed.returncode == 1, "a fold that failed for days is no success"
    [folds] = [item for item in json.loads(failed.stdout) if item["check"] == "folds"]
    assert (folds["status"], "the endpoint is gone" in folds["detail"]) == ("fail", True)


def test_the_doctor_fails_on_a_file_that_is_no_database(process: Process, db: Path) -> None:
    db.write_bytes(b"no database at all\n" * 300)
    result = process("doctor", "--json")
    assert result.returncode == 1
    found = {item["check"]: item["status"] for item in json.loads(result.stdout)}
    assert found["schema"] == "fail"
    assert found["server"] == "ok"


def test_the_doctor_warns_of_a_host_whose_command_is_gone(
    process: Process, prosona: Prosona, home: Path
) -> None:
    file = home / ".codex" / "config.toml"
    file.parent.mkdir()
    file.write_text('[mcp_servers.prosona]\ncommand = "/gone/prosona"\n', encoding="utf-8")
    hosts = _examined(process)["hosts"]
    assert hosts["status"] == "warn"
    assert "/gone/prosona" in hosts["detail"]
    assert prosona("install", "codex", "--yes").exit_code == 0
    assert "/gone" not in _examined(process)["hosts"]["detail"]
    assert program()[0] in file.read_text(encoding="utf-8")


def test_the_doctor_warns_of_a_server_and_hooks_for_two_people(
    process: Process, prosona: Prosona, home: Path
) -> None:
    assert prosona("install", "claude-code", "--user", "ana", "--hooks", "--yes").exit_code == 0
    file = home / ".claude.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"ana"', '"bob"'), encoding="utf-8")
    hosts = _examined(process)["hosts"]
    assert hosts["status"] == "warn"
    assert "bob" in hosts["detail"]
    assert "ana" in hosts["detail"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_completion_script(process: Process, shell: str) -> None:
    result = process("completion", shell)
    assert result.returncode == 0, result.stderr
    assert "_PROSONA_COMPLETE" in result.stdout


def _completed(words: str) -> list[str]:
    parts = words.split(" ")
    result = subprocess.run(
        COMMAND,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env=os.environ
        | {"_PROSONA_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(parts) - 1)},
    )
    assert result.stderr == ""
    return [line.split(",", 1)[1] for line in result.stdout.splitlines() if line]


def test_users_hosts_and_commands_are_completed(prosona: Prosona, ana: str, db: Path, tmp_path: Path) -> None:
    assert _completed("prosona get --user a") == ["ana"]
    assert _completed(f"prosona --db {tmp_path / 'none.db'} get --user a") == []
    assert not (tmp_path / "none.db").exists()
    assert _completed("prosona install cu") == ["cursor"]
    assert _completed("prosona hi") == ["history"]


def test_the_bash_script_completes_in_a_real_bash(process: Process, ana: str, tmp_path: Path) -> None:
    script = tmp_path / "complete.bash"
    script.write_text(process("completion", "bash").stdout, encoding="utf-8")
    launcher = tmp_path / "prosona"
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -m prosona.cli "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)
    asked = (
        f". {script}; COMP_WORDS=(prosona get --user a); COMP_CWORD=3;"
        f" _prosona_completion {launcher}; echo ${{COMPREPLY[@]}}"
    )
    result = subprocess.run(
        ["bash", "-c", asked], capture_output=True, text=True, timeout=SECONDS, check=True
    )
    assert result.stdout.split() == ["ana"]
