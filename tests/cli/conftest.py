"""A database, a home of its own and the real command, for the tests of this folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from prosona.cli import main

SECONDS = 60

Prosona = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home with an empty project in it, which is the current folder."""
    home = tmp_path / "home"
    project = home / "project"
    project.mkdir(parents=True)
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "COPILOT_HOME", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(project)
    return home


@pytest.fixture
def db(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands find their database, by the environment; nothing is there yet."""
    file = tmp_path / "profiles.db"
    monkeypatch.setenv("PROSONA_DB", str(file))
    return file


@pytest.fixture
def prosona(db: Path) -> Prosona:
    """The command in this process."""

    def run(*args: str, input: str | None = None) -> Result:
        return CliRunner().invoke(main, args, input=input)

    return run


@pytest.fixture
def process(db: Path) -> Process:
    """The command as a process of its own, with its stdout and stderr apart."""

    def run(*args: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "prosona.cli", *args],
            input=input,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
            env=os.environ | {"PYTHONWARNINGS": "error"},
        )

    return run


@pytest.fixture
def as_json(prosona: Prosona) -> Callable[..., Any]:
    """What a command prints with `--json`, read."""

    def run(*args: str) -> Any:  # noqa: ANN401 - it is JSON of any shape
        result = prosona(*args, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


@pytest.fixture
def ana(prosona: Prosona) -> str:
    """A user of whom three interactions and one statement are known."""
    for title in ("Alien", "Arrival", "Contact"):
        result = prosona(
            "observe", "--user", "ana", "--domain", "films", "--chosen", f"{title} [Science fiction|Drama]"
        )
        assert result.exit_code == 0, result.output
    assert prosona("revise", "--user", "ana", "--statement", "I am vegetarian.").exit_code == 0
    return "ana"
