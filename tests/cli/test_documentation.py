from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from prosona.cli import main
from prosona.cli.exits import EXIT_CODES, exit_code
from prosona.cli.hosts import HOSTS, Scope, snippet
from prosona.profiles_db import ProsonaError, errors

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = main.list_commands(click.Context(main))
ARGV = ["/path/to/prosona", "serve", "--user", "ana"]


def _command(name: str) -> click.Command:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return command


def _section(host: str) -> str:
    text = (DOCS / "hosts.md").read_text(encoding="utf-8")
    title = f"## {HOSTS[host].title} (`{host}`)\n"
    return text[text.index(title) :].removeprefix(title).split("\n## ")[0]


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


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_text_shows_an_example_and_explains_every_option(name: str) -> None:
    command = _command(name)
    assert f"  prosona {name}" in (command.help or "")
    assert command.short_help
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
    assert {2, 3, 4, 5, 6, 7} <= codes


@pytest.mark.parametrize("name", HOSTS)
def test_the_configuration_of_every_host_is_documented_as_it_is_written(name: str) -> None:
    blocks = re.findall(r"```(?:json|toml)\n(.*?)```", _section(name), re.DOTALL)
    scopes: tuple[Scope, ...] = tuple(HOSTS[name].files)
    assert set(blocks) == {snippet(HOSTS[name], ARGV, scope) for scope in scopes}
    assert HOSTS[name].then in _section(name)
