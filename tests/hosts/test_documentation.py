"""The documentation says of every host what the table says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prosona.hosts.change import snippet
from prosona.hosts.table import ALLOWED, HOSTS, Places, Scope

DOCS = Path(__file__).parents[2] / "docs"
ARGV = ["/path/to/prosona", "serve", "--user", "ana"]


def _section(host: str) -> str:
    text = (DOCS / "hosts.md").read_text(encoding="utf-8")
    title = f"## {HOSTS[host].title} (`{host}`)\n"
    return text[text.index(title) :].removeprefix(title).split("\n## ")[0]


def _shown(path: Path, places: Places) -> str:
    return str(path).replace(str(places.project), ".").replace(str(places.home), "~").removeprefix("./")


@pytest.mark.parametrize("name", HOSTS)
def test_the_configuration_of_every_host_is_documented_as_it_is_written(name: str) -> None:
    blocks = re.findall(r"```(?:json|toml)\n(.*?)```", _section(name), re.DOTALL)
    scopes: tuple[Scope, ...] = tuple(HOSTS[name].server.files)
    assert set(blocks) == {snippet(HOSTS[name], ARGV, scope) for scope in scopes}
    assert HOSTS[name].then in _section(name)


@pytest.mark.parametrize("name", [name for name, host in HOSTS.items() if host.hooks])
def test_the_files_and_events_of_every_hosts_hooks_are_documented(name: str, places: Places) -> None:
    hooks = HOSTS[name].hooks
    assert hooks is not None
    text = (DOCS / "hooks.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| ") and f"(`{name}`)" in line)
    _, _, files, start, prompt, _ = row.split("|")
    shown = [_shown(made(places), places) for made in hooks.files.values()]
    assert files.strip() == ", ".join(f"`{file}`" for file in shown)
    assert {start.strip(" `"): "session-start", prompt.strip(" `"): "prompt"} == hooks.events


@pytest.mark.parametrize("name", [name for name, host in HOSTS.items() if host.permission])
def test_the_permission_of_every_host_that_takes_one_is_documented(name: str, places: Places) -> None:
    permission = HOSTS[name].permission
    assert permission is not None
    text = (DOCS / "hosts.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| ") and f"(`{name}`)" in line)
    for made in permission.files.values():
        assert f"`{_shown(made(places), places)}`" in row
    assert all(f"`{tool}`" in text for tool in ALLOWED)
