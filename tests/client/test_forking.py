"""A client that was made before a fork says so in the child, and never waits there for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

TIME_LIMIT = 30

_PROGRAM = """
import os, sys
from prosona.client import ProfileClient
from prosona.core.errors import StoreForkedError

def made():
    if sys.argv[1] == "local":
        return ProfileClient.local(sys.argv[2], user_id="ana")
    return ProfileClient.connect(sys.argv[2:], user_id="ana")

client = made()
client.observe(chosen="before")
child = os.fork()
if child == 0:
    for call in (client.get, client.context, client.history, lambda: client.observe_turn("child")):
        try:
            call()
        except StoreForkedError as error:
            assert "child" in str(error), error
        else:
            sys.exit(7)
    client.close()
    if sys.argv[1] == "local":
        with made() as another:
            another.observe(chosen="in the child")
    sys.exit(0)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
assert status == 0, status
client.observe(chosen="after")
print(client.get().interactions)
client.close()
"""


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments], capture_output=True, text=True, timeout=TIME_LIMIT
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_a_client_on_a_file_is_its_parents_and_the_child_makes_its_own(tmp_path: Path) -> None:
    assert run("local", str(tmp_path / "p.db")) == "3\n"


def test_a_client_of_a_server_is_its_parents(tmp_path: Path, serve_stdio: Callable[..., list[str]]) -> None:
    assert run("connect", *serve_stdio(tmp_path / "p.db")) == "2\n"
