from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 60
# Stands for a Python whose installer fetches nothing: it says what it was asked and makes the venv.
PYTHON = """#!/bin/sh
echo "$(basename "$0") $*" >> "{log}"
case "$*" in "-m venv .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python;; esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / "python"
    python.write_text(PYTHON.format(log=tmp_path / "asked"), encoding="utf-8")
    python.chmod(0o755)
    return tmp_path


def asked(checkout: Path, *args: str, python: str | None = None) -> tuple[list[str], str]:
    """The Python calls that a make target came to, and what it printed."""
    log = checkout / "asked"
    log.write_text("", encoding="utf-8")
    result = subprocess.run(
        ["make", *args, f"PYTHON={python or checkout / 'python'}"],
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")},
    )
    calls = log.read_text(encoding="utf-8").splitlines()
    return calls, result.stdout + result.stderr


def test_the_demo_sets_up_once_and_again_only_after_a_change_of_the_project(checkout: Path) -> None:
    calls, output = asked(checkout, "demo")
    assert "python -m venv .venv" in calls
    assert any("install --editable . --group dev" in call for call in calls)
    assert calls[-1] == "python examples/demo.py"
    assert [line for line in output.splitlines() if line.startswith("== ")][-1] == "== ready"

    assert asked(checkout, "demo")[0] == ["python examples/demo.py"]
    assert asked(checkout, "test")[0] == ["python -m pytest"]

    ready = checkout / ".venv" / ".ready"
    os.utime(checkout / "pyproject.toml", (ready.stat().st_mtime + 5,) * 2)
    assert len(asked(checkout, "demo")[0]) > 1


def test_make_alone_says_what_there_is(checkout: Path) -> None:
    calls, output = asked(checkout)
    assert calls == []
    for target in ("demo", "test", "check", "clients"):
        assert f"make {target}" in output


def test_an_old_python_is_refused_before_anything_is_made(checkout: Path) -> None:
    old = checkout / "old"
    old.write_text(
        f"#!{sys.executable}\nimport sys\nsys.version_info = (3, 10)\nexec(sys.argv[2])\n", encoding="utf-8"
    )
    old.chmod(0o755)
    calls, output = asked(checkout, "test", python=str(old))
    assert calls == []
    assert "needs Python 3.11 or newer" in output
    assert not (checkout / ".venv").exists()
