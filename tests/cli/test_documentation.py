from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from prosona.cli import main
from prosona.cli.exits import EXIT_CODES, exit_code
from prosona.core import errors
from prosona.core.errors import ProsonaError

from .conftest import Prosona

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = main.list_commands(click.Context(main))


def _command(name: str) -> click.Command:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return command


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_with_all_its_options(name: str) -> None:
    rows = (DOCS / "cli.md").read_text(encoding="utf-8").splitlines()
    row = next(row for row in rows if row.startswith(f"| `prosona {name}` |"))
    options = {
        max(parameter.opts, key=len)
        for parameter in _command(name).params
        if isinstance(parameter, click.Option)
    } - {"--db"}
    assert set(re.findall(r"`(--[a-z-]+)`", row)) == options


def test_the_walk_through_can_be_walked_and_passes_by_every_command_that_keeps_a_profile(
    prosona: Prosona,
) -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    commands = [shlex.split(line[2:]) for block in blocks for line in block.splitlines()]
    for words in commands:
        assert words[0] == "prosona"
        result = prosona(*words[1:])
        assert result.exit_code == 0, f"{shlex.join(words)}: {result.output}"
    elsewhere = {
        "serve",
        "edit",
        "profiler",
        "eval",
        "train",
        "doctor",
        "install",
        "uninstall",
        "hook",
        "completion",
    }
    assert {words[1] for words in commands} == set(COMMANDS) - elsewhere


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_text_shows_an_example_and_explains_every_option(name: str) -> None:
    command = _command(name)
    assert f"  prosona {name}" in (command.help or "")
    assert command.short_help
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_so_does_every_help_text_of_the_quarantine() -> None:
    group = _command("quarantine")
    assert isinstance(group, click.Group)
    for name, command in group.commands.items():
        assert f"  prosona quarantine {name} " in (command.help or "")
        assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_every_exit_code_is_documented_and_in_the_help() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    documented = {
        int(code): meaning for code, meaning in re.findall(r"^\| (\d+) \| (.*) \|$", text, re.MULTILINE)
    }
    assert documented == EXIT_CODES
    for code, meaning in EXIT_CODES.items():
        assert f"  {code:>3}  {meaning}" in (main.epilog or "")


def test_every_error_comes_to_a_documented_code_other_than_success() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ProsonaError)
    ]
    assert len(kinds) > 10
    codes = {exit_code(kind.__new__(kind)) for kind in kinds}
    assert codes <= set(EXIT_CODES) - {0}
    assert {2, 3, 4, 5, 6, 7, 8} <= codes
