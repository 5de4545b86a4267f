from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import SECONDS, Prosona

AT_A_TERMINAL = (
    "import os, pty, sys; command = [sys.executable, '-m', 'prosona.cli', *sys.argv[1:]];"
    "sys.exit(os.waitstatus_to_exitcode(pty.spawn(command)))"
)

Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def typed(db: Path) -> Typed:
    """The command at a real terminal, with what a person types; its exit code and the screen."""

    def run(*args: str, keys: str = "") -> tuple[int, str]:
        with subprocess.Popen(
            [sys.executable, "-c", AT_A_TERMINAL, *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
        ) as running:
            assert running.stdin is not None
            assert running.stdout is not None
            watch = threading.Timer(SECONDS, running.kill)
            watch.start()
            screen = b""
            while chunk := os.read(running.stdout.fileno(), 4096):
                screen += chunk
                if keys and screen.endswith((b"[y/N]: ", b"[Y/n]: ")):
                    os.write(running.stdin.fileno(), keys.encode())
                    keys = ""
            watch.cancel()
        return running.returncode, screen.decode()

    return run


def test_a_forget_is_done_only_on_a_yes(typed: Typed, prosona: Prosona, ana: str) -> None:
    args = ("revise", "--user", ana, "--forget", "vegetarian")
    code, screen = typed(*args, keys="n\n")
    assert code == 1
    assert "nothing was changed" in screen
    assert "I am vegetarian." in prosona("get", "--user", ana).stdout
    code, screen = typed(*args, keys="y\n")
    assert code == 0
    assert "forgot" in screen
    assert "vegetarian" not in prosona("get", "--user", ana).stdout


def test_an_install_is_done_only_on_a_yes(typed: Typed, home: Path) -> None:
    file = home / ".cursor" / "mcp.json"
    code, screen = typed("install", "cursor", "--user", "ana", keys="n\n")
    assert code == 1
    assert '+    "prosona": {' in screen
    assert not file.exists()
    assert typed("install", "cursor", "--user", "ana", keys="y\n")[0] == 0
    assert file.exists()


def test_an_interrupt_at_a_question_changes_nothing(typed: Typed, home: Path) -> None:
    # The return ends a read that began just after the interrupt had come.
    code, screen = typed("install", "cursor", keys="\x03\n")
    assert code == 130
    assert "Traceback" not in screen
    assert not (home / ".cursor").exists()


def test_people_see_tables_and_their_own_words_are_never_markup(typed: Typed, prosona: Prosona) -> None:
    assert prosona("observe", "--user", "[bold red]ana[/]", "--chosen", "x").exit_code == 0
    code, screen = typed("users")
    assert code == 0
    assert "interactions" in screen
    assert "[bold red]ana[/]" in screen


def test_people_see_how_far_an_import_has_come(typed: Typed, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"chosen": "Alien"}\n' * 50, encoding="utf-8")
    code, screen = typed("import", str(log), "--user", "ana")
    assert code == 0
    assert "reading" in screen
    assert "100%" in screen
    assert "50 interactions accepted" in screen
