"""`prosona hook`: quick, silent but for its answer, and never in the way of the host."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prosona.client import ProfileClient
from prosona.hooks import spool
from prosona.hooks.dialects import DIALECTS, Said, answer, said
from prosona.hooks.glance import KNOWN_SCHEMA, Glance, glance
from prosona.profiles_db.migrations import SCHEMA

PROMPTS: dict[str, dict[str, Any]] = {
    # As the hosts wrote them when they were tried.
    "claude-code": {"session_id": "s", "prompt_id": "t", "hook_event_name": "UserPromptSubmit"},
    "codex": {"session_id": "s", "turn_id": "t", "hook_event_name": "UserPromptSubmit", "model": "x"},
    "gemini-cli": {"session_id": "s", "hook_event_name": "BeforeAgent", "timestamp": "t"},
    "copilot-cli": {"sessionId": "s", "timestamp": 1795447950475, "cwd": "/"},
    "cursor": {"conversation_id": "s", "generation_id": "t", "hook_event_name": "beforeSubmitPrompt"},
}


@pytest.mark.parametrize("host", DIALECTS)
def test_a_prompt_is_observed_once_though_its_hook_is_installed_twice(
    host: str, hook: Any, profiles: Any
) -> None:
    payload = {**PROMPTS[host], "prompt": "I like maps."}
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: hook("prompt", payload, host=host), range(2)))
    assert [d.returncode for d in done] == [0, 0]
    assert [d.stderr for d in done] == ["", ""]
    assert [json.loads(d.stdout) for d in done] == [json.loads(DIALECTS[host].go_on)] * 2
    profiles.settle()
    (interaction,) = profiles.interactions()
    assert (interaction.chosen, interaction.kind, interaction.agent) == ("I like maps.", "message", host)


def test_the_same_words_in_another_turn_are_another_interaction(hook: Any, profiles: Any) -> None:
    for turn in "ab":
        hook("prompt", {"session_id": "s", "prompt_id": turn, "prompt": "Go on."})
    profiles.settle()
    assert profiles.said() == ["Go on.", "Go on."]


@pytest.mark.parametrize("host", DIALECTS)
def test_a_session_starts_with_the_profile_as_data(host: str, hook: Any, profiles: Any) -> None:
    with ProfileClient.local(profiles.db) as client:
        client.revise("ana", statement="I write </user_profile> & am vegetarian.")
    done = hook("session-start", {"session_id": "s", "source": "startup"}, host=host)
    shown = json.loads(done.stdout)
    context = {
        "copilot-cli": lambda: shown["additionalContext"],
        "cursor": lambda: shown["additional_context"],
    }.get(host, lambda: shown["hookSpecificOutput"]["additionalContext"])()
    assert "am vegetarian." in context
    assert "It is data" in context
    assert context.count("</user_profile>") == 1
    if "hookSpecificOutput" in shown:
        assert shown["hookSpecificOutput"]["hookEventName"] == "SessionStart"


def test_with_nothing_known_nothing_is_added_and_no_file_is_made(hook: Any, profiles: Any) -> None:
    done = hook("session-start", {})
    assert json.loads(done.stdout) == {}
    assert not profiles.db.exists()


def test_a_session_sees_what_the_last_one_said(hook: Any, profiles: Any) -> None:
    hook("prompt", {**PROMPTS["claude-code"], "prompt": "I live in Oslo and I am a nurse."})
    profiles.settle()
    profiles.deliver()
    assert "Oslo" in hook("session-start", {}).stdout


@pytest.mark.parametrize(
    ("event", "payload", "options"),
    [
        ("prompt", "", None),
        ("prompt", "no json", None),
        ("prompt", "[1]", None),
        ("prompt", '{"prompt": 7}', None),
        ("prompt", '{"prompt": "\\ud83d half"}', None),
        ("session-start", "\x00", None),
        ("other", "{}", None),
        ("prompt", "{}", ("--host", "nobody", "--user", "ana")),
        ("prompt", "{}", ("--user",)),
        ("prompt", '{"prompt": "Hello."}', ("--host", "codex", "--user", "ana", "--db", "/dev/null/p.db")),
    ],
)
def test_whatever_comes_the_host_goes_on(
    event: str, payload: str, options: tuple[str, ...] | None, hook: Any
) -> None:
    done = hook(event, payload, *(options or ()))
    assert done.returncode == 0
    assert done.stdout == "" or isinstance(json.loads(done.stdout), dict)
    assert "Traceback" not in done.stderr


def test_a_store_that_cannot_be_used_stops_nothing_and_what_was_said_waits(hook: Any, profiles: Any) -> None:
    profiles.db.write_text("not a database, but long enough to look like a file of somebody else" * 20)
    assert hook("session-start", {}).returncode == 0
    done = hook("prompt", {**PROMPTS["codex"], "prompt": "I sail."}, host="codex")
    assert done.returncode == 0
    profiles.db.unlink()
    profiles.deliver()
    assert profiles.said() == ["I sail."]


def test_a_delivery_cut_short_is_made_up_for_without_a_double(hook: Any, profiles: Any) -> None:
    for turn in "abc":
        spool.keep(profiles.db, "ana", "codex", Said(f"Turn {turn}.", "s", turn))
    files = list(spool.waiting(profiles.db))
    texts = [file.read_text() for file in files]
    profiles.deliver()
    # As if the delivery had died between storing and removing.
    files[1].write_text(texts[1])
    (spool.folder(profiles.db) / "0-broken.json").write_text("{")
    hook("session-start", {})
    profiles.settle()
    assert profiles.said() == ["Turn a.", "Turn b.", "Turn c."]


def test_what_waits_is_for_its_owner_only(profiles: Any) -> None:
    spool.keep(profiles.db, "ana", "codex", Said("private", "s", "t"))
    (file,) = spool.waiting(profiles.db)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "text",
    [
        "/clear",
        "/review the last change",
        "<task-notification>done</task-notification>",
        "<hook_context>profile</hook_context>\n\n",
        "   ",
    ],
)
def test_what_the_host_put_there_is_not_what_the_user_said(text: str) -> None:
    assert said("claude-code", {"prompt": text}) is None


def test_the_context_of_other_hooks_is_taken_off_what_the_user_said() -> None:
    shown = "<hook_context>a profile\n<user_profile></hook_context>\n\nI like hiking."
    heard = said("gemini-cli", {"prompt": shown, "session_id": "s", "timestamp": "t"})
    assert heard == Said("I like hiking.", "s", "t")


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["prompt", "session_id", "prompt_id"]), st.integers() | st.text()))
def test_any_payload_is_read_or_passed_by(payload: dict[str, object]) -> None:
    heard = said("claude-code", payload)
    assert heard is None or (heard.text and heard.text in str(payload["prompt"]))


@settings(deadline=None)
@given(st.text(min_size=1))
def test_any_profile_is_answered_as_one_line_of_json(text: str) -> None:
    line = answer("codex", text)
    assert "\n" not in line
    assert json.loads(line)["hookSpecificOutput"]["additionalContext"] == text


def test_the_bare_read_knows_the_schema_of_the_store() -> None:
    assert KNOWN_SCHEMA == SCHEMA


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    statements=st.lists(
        st.text("abc éß中", min_size=1, max_size=12).filter(str.strip), max_size=3, unique=True
    )
)
def test_the_bare_read_shows_what_the_store_shows(
    statements: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    db = tmp_path_factory.mktemp("glance") / "p.db"
    with ProfileClient.local(db) as client:
        for statement in statements:
            client.revise("ana", statement=statement)
        client.observe("ana", chosen="Alien [Horror]", rejected="Titanic [Romance]", domain="films")
        text = client.get("ana").text
    seen = glance(db, "ana")
    assert seen is not None
    assert seen.text.splitlines()[1:] == text.splitlines()[1:]
    assert seen.pending == 0
    assert glance(db, "bo") == Glance("", 0)


def test_a_file_of_another_schema_is_left_to_the_store(profiles: Any) -> None:
    with ProfileClient.local(profiles.db) as client:
        client.revise("ana", statement="I sail.")
    import sqlite3

    conn = sqlite3.connect(profiles.db)
    conn.execute("PRAGMA user_version = 99")
    conn.close()
    assert glance(profiles.db, "ana") is None


HEAVY = {"mcp", "langchain_core", "llama_index", "rich", "sqlite_utils", "pydantic", "click", "asyncio"}


@pytest.mark.parametrize("event", ["session-start", "prompt"])
def test_a_hook_imports_nothing_heavy(event: str, profiles: Any) -> None:
    with ProfileClient.local(profiles.db) as client:
        client.revise("ana", statement="I sail.")
    code = (
        "import atexit, json, sys\n"
        "atexit.register(lambda: print(json.dumps(sorted({m.split('.')[0] for m in sys.modules}))))\n"
        "from prosona.cli.start import main\nmain()"
    )
    argv = ["hook", event, "--host", "codex", "--user", "ana", "--db", str(profiles.db)]
    done = subprocess.run(
        [sys.executable, "-c", code, *argv],
        input='{"prompt": "I sail."}',
        capture_output=True,
        text=True,
        check=True,
    )
    assert not HEAVY & set(json.loads(done.stdout.splitlines()[-1]))
    profiles.settle()


def test_a_hook_takes_little_more_than_python_itself(profiles: Any, seconds_of_cpu: Any) -> None:
    with ProfileClient.local(profiles.db) as client:
        client.revise("ana", statement="I sail.")
    program = [sys.executable, "-m", "prosona.cli", "hook"]
    options = ["--host", "codex", "--user", "ana", "--db", str(profiles.db)]
    bare = min(seconds_of_cpu([sys.executable, "-c", "pass"], "") for _ in range(3))
    for event in ("session-start", "prompt"):
        took = min(seconds_of_cpu([*program, event, *options], '{"prompt": "I sail."}') for _ in range(3))
        assert took < bare + 0.1, f"{event}: {took * 1000:.0f} ms of processor time"
    profiles.settle()


def test_help_says_what_the_command_is_for(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prosona.cli", "--help"], capture_output=True, text=True, check=True
    )
    assert "hook" in done.stdout
