"""What the README tells a reader to type works as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def _commands() -> list[list[str]]:
    lines = [line for block in _blocks("console") for line in block.splitlines() if line.startswith("$ ")]
    return [shlex.split(line[2:], comments=True) for line in lines]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(tmp_path),
        "PROSONA_DB": str(tmp_path / "profiles.db"),
    }


def test_every_command_of_the_readme_succeeds_in_order(tmp_path: Path, environment: dict[str, str]) -> None:
    ours = [words for words in _commands() if words[0] == "prosona"]
    assert len(ours) >= 6
    for words in ours:
        # A reader is asked before a host's file is changed; nobody answers here.
        words += ["--yes"] if words[1] == "install" else []
        done = subprocess.run(
            words, env=environment, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, f"{shlex.join(words)}: {done.stderr}"


@pytest.mark.parametrize("code", _blocks("python"))
def test_every_python_example_of_the_readme_runs(
    code: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, check=True)


def test_every_file_that_the_readme_links_to_is_there() -> None:
    targets = {t for t in re.findall(r"\]\(([^)#]+)\)", README) if not t.startswith("http")}
    assert targets
    assert {t for t in targets if not (ROOT / t).exists()} == set()


def test_the_first_two_commands_are_targets_of_the_makefile() -> None:
    targets = re.findall(r"^    make (\w+)", README, re.MULTILINE)
    assert targets[:2] == ["demo", "test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
