"""The hosts themselves, in a home of their own, against a scripted model on loopback."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Profiles
from .scripted_model import ANSWER, CALLED, Model

pytestmark = [pytest.mark.node, pytest.mark.timeout(180)]

BIN = Path(__file__).parent / "node" / "node_modules" / ".bin"
SAID = "I like hiking in the rain."

_CODEX = """
model = "m"
model_provider = "local"
[model_providers.local]
name = "local"
base_url = "{url}/v1"
wire_api = "responses"
env_key = "DUMMY_KEY"
"""
_GEMINI = """{
  "security": {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {"enabled": false}},
  "privacy": {"usageStatisticsEnabled": false}
}
"""


# Without a terminal Claude Code shows its hooks' messages on request only.
_EVENTS = {"claude-code": ["--output-format", "stream-json", "--verbose", "--include-hook-events"]}


class Host:
    """One host with a home of its own. It reaches nothing but the scripted model."""

    def __init__(self, name: str, home: Path, url: str) -> None:
        self.name = name
        self.home = home
        self.stderr = ""
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "DUMMY_KEY": "dummy",
            # Whatever does not go to the loopback address ends here.
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "NO_PROXY": "127.0.0.1",
            **{
                "claude-code": {
                    "ANTHROPIC_BASE_URL": url,
                    "ANTHROPIC_API_KEY": "dummy",
                    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                    "DISABLE_AUTOUPDATER": "1",
                },
                "gemini-cli": {"GEMINI_API_KEY": "dummy", "GOOGLE_GEMINI_BASE_URL": url},
                "copilot-cli": {
                    "COPILOT_PROVIDER_BASE_URL": f"{url}/v1",
                    "COPILOT_PROVIDER_API_KEY": "dummy",
                    "COPILOT_MODEL": "m",
                    "COPILOT_OFFLINE": "true",
                },
            }.get(name, {}),
        }
        (home / "project").mkdir(parents=True)
        for file, text in (
            (".codex/config.toml", _CODEX.format(url=url)),
            (".gemini/settings.json", _GEMINI),
        ):
            (home / file).parent.mkdir()
            (home / file).write_text(text)

    def ask(self, text: str, *options: str) -> str:
        """One prompt without a terminal; what the host printed."""
        trust = ["--dangerously-bypass-hook-trust", "--skip-git-repo-check"]
        command = {
            "claude-code": ["claude", "-p", text],
            "codex": ["codex", "exec", *trust, text],
            # With a model of its own choice it would first ask another which one to take.
            "gemini-cli": ["gemini", "-m", "gemini-2.5-flash", "-p", text],
            "copilot-cli": ["copilot", "-p", text],
        }[self.name]
        return self._run([str(BIN / command[0]), *command[1:], *options])

    def prosona(self, *args: str) -> str:
        """Our own command in the same home."""
        return self._run([sys.executable, "-m", "prosona.cli", *args])

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command,
            cwd=self.home / "project",
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self.stderr = done.stderr
        return done.stdout


def _host(name: str, home: Path, model: Model) -> Host:
    program = {"claude-code": "claude", "copilot-cli": "copilot", "gemini-cli": "gemini"}
    if not (BIN / program.get(name, name)).exists() or shutil.which("node") is None:
        pytest.skip("the hosts are not installed: run `npm --prefix tests/hosts/node install`")
    return Host(name, home, model.url)


@pytest.fixture(params=["claude-code", "codex", "gemini-cli", "copilot-cli"])
def host(request: pytest.FixtureRequest, tmp_path: Path, model: Model) -> Host:
    return _host(request.param, tmp_path / "home", model)


def test_the_host_shows_the_profile_to_its_model_and_has_the_prompt_observed_once(
    host: Host, model: Model, profiles: Profiles
) -> None:
    profiles.state("I am vegetarian.")
    host.prosona("install", host.name, "--user", "ana", "--hooks", "--yes", "--db", str(profiles.db))
    assert ANSWER in host.ask(SAID)
    asked = [body for body in model.asked if SAID in body]
    assert asked
    assert all("I am vegetarian." in body for body in asked)
    profiles.settle()
    (interaction,) = profiles.interactions()
    assert (interaction.chosen, interaction.agent) == (SAID, host.name)

    profiles.deliver()
    model.asked.clear()
    host.ask("And what else?")
    assert any("hiking in the rain" in body for body in model.asked), "the next session knows it"
    profiles.settle()
    assert profiles.said() == [SAID, "And what else?"]

    host.prosona("uninstall", host.name, "--yes")
    model.asked.clear()
    host.ask("Anything?")
    assert not any("I am vegetarian." in body for body in model.asked)
    assert len(profiles.said()) == 2


def test_the_model_may_observe_once_its_owner_allowed_it(
    host: Host, model: Model, profiles: Profiles
) -> None:
    profiles.state("I am vegetarian.")
    model.observes = True
    # Codex asks only before what can erase; Copilot is told at each start.
    free = host.name == "codex"
    each_time = ["--allow-tool", "prosona(observe_interaction)"] if host.name == "copilot-cli" else []
    host.prosona("install", host.name, "--user", "ana", "--yes", "--db", str(profiles.db))
    host.ask(SAID)
    assert profiles.said() == ([CALLED["chosen"]] if free else [])
    if not free and not each_time:
        allowed = ("install", host.name, "--user", "ana", "--allow-tools", "--yes", "--db", str(profiles.db))
        host.prosona(*allowed)
    host.ask(SAID, *each_time)
    assert profiles.said()[-1] == CALLED["chosen"]


def test_the_first_request_of_a_codex_session_carries_the_tools_of_a_slow_server(
    model: Model, profiles: Profiles, tmp_path: Path
) -> None:
    host = _host("codex", tmp_path / "home", model)
    profiles.state("I am vegetarian.")
    host.prosona("install", "codex", "--user", "ana", "--yes", "--db", str(profiles.db))
    config = host.home / ".codex" / "config.toml"
    line = next(line for line in config.read_text().splitlines() if line.startswith("command = "))
    slow = tmp_path / "slow"
    slow.write_text(f'#!/bin/sh\nsleep 2\nexec {line.split("= ")[1]} "$@"\n')
    slow.chmod(slow.stat().st_mode | stat.S_IXUSR)
    config.write_text(config.read_text().replace(line, f'command = "{slow}"'))
    host.ask("Hello.")
    assert "get_user_profile" in model.asked[0]


def test_the_host_goes_on_where_a_prompt_could_not_be_kept_and_shows_it(
    host: Host, model: Model, profiles: Profiles
) -> None:
    host.prosona("install", host.name, "--user", "ana", "--hooks", "--yes", "--db", str(profiles.db))
    if host.name == "codex":
        config = host.home / ".codex" / "config.toml"
        config.write_text(config.read_text().replace("required = true", "required = false"))
    profiles.db.write_text("somebody else's file, long enough to be told from an empty one" * 20)
    shown = host.ask(SAID, *_EVENTS.get(host.name, []))
    assert ANSWER in shown
    # Codex shows it on its screen only, Copilot nowhere.
    if host.name in ("claude-code", "gemini-cli"):
        assert "Prosona did not keep this prompt" in shown + host.stderr
    if host.name == "codex":
        assert "hook: UserPromptSubmit Completed" in host.stderr, "it understood the answer"
