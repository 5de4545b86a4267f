"""`prosona hook`: quick, silent but for its answer, and never in the way of the host."""

from __future__ import annotations

import json
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prosona.hosts import _bare
from prosona.hosts._bare import KNOWN_SCHEMA, LONGEST_TEXT, Glance, glance
from prosona.hosts.hook import Said, answer, notice, said
from prosona.hosts.table import HOSTS, Hooks
from prosona.profiles_db.sqlite.numbers import KEY_BITS
from prosona.profiles_db.sqlite.schema import SCHEMA

from .conftest import Hook, Profiles

if TYPE_CHECKING:
    from prosona.service import ProfileService

HOOKED: dict[str, Hooks] = {name: host.hooks for name, host in HOSTS.items() if host.hooks}
PROMPTS: dict[str, dict[str, Any]] = {
    # As the hosts wrote them when they were tried.
    "claude-code": {"session_id": "s", "prompt_id": "t", "hook_event_name": "UserPromptSubmit"},
    "codex": {"session_id": "s", "turn_id": "t", "hook_event_name": "UserPromptSubmit", "model": "x"},
    "gemini-cli": {"session_id": "s", "hook_event_name": "BeforeAgent", "timestamp": "t"},
    "copilot-cli": {"sessionId": "s", "timestamp": 1795447950475, "cwd": "/"},
    "cursor": {"conversation_id": "s", "generation_id": "t", "hook_event_name": "beforeSubmitPrompt"},
}


def prompt(text: str, turn: str = "t", host: str = "claude-code") -> dict[str, Any]:
    return {**PROMPTS[host], HOOKED[host].turn: turn, "prompt": text}


# Hearing.


@pytest.mark.parametrize("host", HOOKED)
def test_a_prompt_is_observed_once_though_its_hook_is_installed_twice(
    host: str, hook: Hook, profiles: Profiles
) -> None:
    payload = prompt("I like maps.", host=host)
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: hook("prompt", payload, host=host), range(2)))
    assert [d.returncode for d in done] == [0, 0]
    assert [d.stderr for d in done] == ["", ""]
    assert [json.loads(d.stdout) for d in done] == [json.loads(HOOKED[host].go_on)] * 2
    profiles.settle()
    hook("prompt", payload, host=host)
    profiles.settle()
    (interaction,) = profiles.interactions()
    assert (interaction.chosen, interaction.kind, interaction.domain) == ("I like maps.", "message", "chat")
    assert interaction.agent == host


def test_the_same_words_in_another_turn_are_another_interaction(hook: Hook, profiles: Profiles) -> None:
    for turn in "ab":
        hook("prompt", prompt("Go on.", turn))
    profiles.settle()
    assert profiles.said() == ["Go on.", "Go on."]


def test_two_people_with_hooks_in_one_session_are_both_heard(hook: Hook, profiles: Profiles) -> None:
    for user in ("ana", "bo"):
        hook("prompt", prompt("We sail."), user=user)
    profiles.settle()
    assert profiles.said("ana") == profiles.said("bo") == ["We sail."]


def test_what_the_model_reports_too_counts_once(hook: Hook, profiles: Profiles) -> None:
    hook("prompt", prompt("  I live in Oslo,\r\nwith two cats. "))
    profiles.settle()

    async def reported(service: ProfileService) -> str:
        from prosona.core.words import Interaction

        item = Interaction(chosen="I live in Oslo,\nwith two cats.", query="Where?", domain="home", agent="m")
        (receipt,) = await service.observe("ana", [item])
        return str(receipt.status)

    assert profiles.run(reported) == "duplicate"
    assert profiles.said() == ["I live in Oslo,\nwith two cats."]


def test_an_id_in_another_spelling_is_the_same_user(hook: Hook, profiles: Profiles) -> None:
    hook("prompt", prompt("I sail."), user="Ame\u0301lie")
    profiles.settle()
    assert profiles.said("Am\u00e9lie") == ["I sail."]
    profiles.state("I am vegetarian.", "Am\u00e9lie")
    for spelling in ("Ame\u0301lie", " Am\u00e9lie "):
        assert "I am vegetarian." in hook("session-start", {}, user=spelling).stdout


@pytest.mark.parametrize("name", ["a\u200bna", "\u0430na", "", "a" * 200])
def test_an_id_that_nobody_can_have_is_refused_and_told(name: str, hook: Hook, profiles: Profiles) -> None:
    for event in ("prompt", "session-start"):
        done = hook(event, prompt("I sail."), user=name)
        assert (done.returncode, done.stdout) == (0, "")
        assert "prosona hook: " in done.stderr
    assert not profiles.db.exists()


def test_a_prompt_longer_than_an_interaction_is_kept_in_part(hook: Hook, profiles: Profiles) -> None:
    done = hook("prompt", prompt("word " * LONGEST_TEXT))
    assert f"first {LONGEST_TEXT} characters" in done.stderr
    profiles.settle()
    (kept,) = profiles.said()
    assert len(kept or "") in (LONGEST_TEXT - 1, LONGEST_TEXT)


def test_a_password_in_a_prompt_is_not_kept(hook: Hook, profiles: Profiles) -> None:
    hook("prompt", prompt("My password is hunter2, please log in."))
    profiles.settle()
    (kept,) = profiles.said()
    assert kept is not None
    assert "hunter2" not in kept
    assert all(b"hunter2" not in file.read_bytes() for file in profiles.db.parent.iterdir() if file.is_file())


# What waits.


def test_nothing_waits_outside_the_store(hook: Hook, profiles: Profiles) -> None:
    profiles.state("I sail.")
    hook("prompt", prompt("I like maps."))
    profiles.settle()
    left = {file.name for file in profiles.db.parent.iterdir()}
    assert {name for name in left if name.startswith("profiles.db")} <= {
        "profiles.db",
        "profiles.db-wal",
        "profiles.db-shm",
        "profiles.db-hooks.log",
    }
    assert b"maps" not in (profiles.db.parent / "profiles.db-hooks.log").read_bytes()


@pytest.mark.parametrize("what", ["*", "maps"])
def test_what_waits_when_it_is_forgotten_does_not_come_back(
    what: str, hook: Hook, profiles: Profiles
) -> None:
    from prosona.service.change import ProfileChange

    profiles.state("I like old maps.")
    _put(profiles.db, "ana", "I like maps, and maps of the sea.")
    assert profiles.waiting() == 1
    profiles.run(lambda service: service.revise("ana", ProfileChange(forget=what, confirm=what)))
    hook("session-start", {})
    profiles.deliver()
    assert profiles.said() == []
    assert "maps" not in profiles.text()
    assert profiles.waiting() == 0


def test_a_delivery_cut_short_is_made_up_for_without_a_double(hook: Hook, profiles: Profiles) -> None:
    profiles.state("I sail.")
    for turn in "abc":
        _put(profiles.db, "ana", f"This is turn {turn} of three.", key=f"hook-{turn}")
    profiles.deliver()
    # As if the hook of the second had been run once more.
    _put(profiles.db, "ana", "This is turn b of three.", key="hook-b")
    hook("session-start", {})
    profiles.settle()
    assert profiles.said() == [f"This is turn {turn} of three." for turn in "abc"]


def test_one_that_is_refused_does_not_hold_up_the_others(profiles: Profiles) -> None:
    profiles.state("I sail.")
    _put(profiles.db, "a\u200bna", "A user that there cannot be.", key="one")
    _put(profiles.db, "ana", "\x00\x01", key="two")
    _put(profiles.db, "ana", "I like maps.", key="three")
    profiles.deliver()
    assert profiles.said() == ["I like maps."]
    assert profiles.waiting() == 0


def _put(db: Path, user_id: str, text: str, key: str = "hook-t") -> None:
    with closing(sqlite3.connect(db, isolation_level=None)) as conn:
        conn.execute(
            "INSERT INTO heard (user_id, host, text, key, heard_at) VALUES (?, 'codex', ?, ?, 1)",
            (user_id, text, key),
        )


def test_a_database_that_is_not_there_is_made_for_its_owner_only(hook: Hook, profiles: Profiles) -> None:
    db = profiles.db = profiles.db.parent / "new" / "profiles.db"
    assert hook("prompt", prompt("I sail.")).stderr == ""
    profiles.settle()
    assert profiles.said() == ["I sail."]
    assert db.parent.stat().st_mode & 0o777 == 0o700
    for file in db.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_database_of_a_newer_release_is_left_as_it_is_and_told(hook: Hook, profiles: Profiles) -> None:
    profiles.state("I sail.")
    with closing(sqlite3.connect(profiles.db)) as conn:
        # As a file looks to a hook that is newer than it.
        conn.execute(f"PRAGMA user_version = {KNOWN_SCHEMA + 1}")
    assert glance(profiles.db, "ana") is None
    done = hook("prompt", prompt("I like maps."))
    assert done.returncode == 0
    assert "newer Prosona" in done.stderr
    assert "newer Prosona" in json.loads(done.stdout)["systemMessage"]
    with closing(sqlite3.connect(profiles.db)) as conn:
        conn.execute(f"PRAGMA user_version = {KNOWN_SCHEMA}")
    assert profiles.said() == []


def test_a_database_of_an_earlier_release_is_brought_up_to_date_first(
    hook: Hook, profiles: Profiles, tmp_path: Path
) -> None:
    old = Path(__file__).parents[1] / "profiles_db" / "files" / "schema2.db"
    profiles.db.write_bytes(old.read_bytes())
    assert glance(profiles.db, "ana") is None
    done = hook("session-start", {})
    assert "<user_profile>" in json.loads(done.stdout)["hookSpecificOutput"]["additionalContext"]
    profiles.db = tmp_path / "another.db"
    profiles.db.write_bytes(old.read_bytes())
    done = hook("prompt", prompt("I like maps."))
    assert (done.stderr, json.loads(done.stdout)) == ("", {})
    profiles.settle()
    assert "I like maps." in profiles.said()


@pytest.mark.parametrize("host", HOOKED)
def test_a_disk_without_room_is_told_where_the_host_shows_it(host: str, profiles: Profiles) -> None:
    profiles.state("I sail.")
    argv = ["hook", "prompt", "--host", host, "--user", "ana", "--db", str(profiles.db)]

    def no_room() -> None:
        # No file may grow past this; the prompt alone is longer.
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    done = subprocess.run(
        [sys.executable, "-m", "prosona.cli", *argv],
        input=json.dumps(prompt("I like maps. " * 1500, host=host)),
        capture_output=True,
        text=True,
        preexec_fn=no_room,
        timeout=60,
    )
    assert done.returncode == 0
    assert "did not keep this prompt" in done.stderr
    told = json.loads(done.stdout)
    key = HOOKED[host].notice
    assert (key is None and told == json.loads(HOOKED[host].go_on)) or "did not keep" in told[key]
    profiles.deliver()
    assert profiles.said() == []


def test_a_file_of_somebody_else_stops_nothing_and_is_left_alone(hook: Hook, profiles: Profiles) -> None:
    text = "not a database, but long enough to look like a file of somebody else" * 20
    profiles.db.write_text(text)
    done = hook("session-start", {})
    assert (done.returncode, done.stdout) == (0, "")
    assert "not a Prosona database" in done.stderr
    done = hook("prompt", prompt("I sail."))
    assert "not a Prosona database" in json.loads(done.stdout)["systemMessage"]
    assert profiles.db.read_text() == text


def test_a_prompt_waits_for_a_writer_that_is_busy(hook: Hook, profiles: Profiles) -> None:
    profiles.state("I sail.")
    with closing(sqlite3.connect(profiles.db, isolation_level=None)) as conn, ThreadPoolExecutor() as pool:
        conn.execute("BEGIN IMMEDIATE")
        done = pool.submit(hook, "prompt", prompt("I like maps."))
        # The hook has been waiting for a while when it is let through.
        with pytest.raises(TimeoutError):
            done.result(timeout=0.7)
        conn.execute("COMMIT")
        assert done.result().stderr == ""
    profiles.settle()
    assert profiles.said() == ["I like maps."]


# Showing.


@pytest.mark.parametrize("host", HOOKED)
def test_a_session_starts_with_the_profile_as_data(host: str, hook: Hook, profiles: Profiles) -> None:
    profiles.state("I write </user_profile> & am vegetarian.")
    done = hook("session-start", {"session_id": "s", "source": "startup"}, host=host)
    shown = json.loads(done.stdout)
    inner = shown.get("hookSpecificOutput", shown)
    context = inner[HOOKED[host].context]
    assert "am vegetarian." in context
    assert "It is data" in context
    assert context.count("</user_profile>") == 1
    assert inner.get("hookEventName") == HOOKED[host].nested


def test_with_nothing_known_nothing_is_added_and_no_file_is_made(hook: Hook, profiles: Profiles) -> None:
    done = hook("session-start", {})
    assert json.loads(done.stdout) == {}
    assert not profiles.db.exists()


def test_a_session_sees_what_the_last_one_said(hook: Hook, profiles: Profiles) -> None:
    hook("prompt", prompt("I live in Oslo and I am a nurse."))
    profiles.settle()
    profiles.deliver()
    assert "Oslo" in hook("session-start", {}).stdout


ASKING = "get_user_profile with fresh=true"


def options_of(profiles: Profiles, *more: str) -> tuple[str, ...]:
    return ("--host", "codex", "--user", "ana", "--db", str(profiles.db), *more)


def test_the_agents_own_model_is_asked_in_one_sentence_once_enough_waits(
    hook: Hook, profiles: Profiles
) -> None:
    def starts(*more: str) -> str:
        done = hook("session-start", {}, *options_of(profiles, *more))
        return str(json.loads(done.stdout).get("hookSpecificOutput", {}).get("additionalContext", ""))

    for place in range(7):
        hook("prompt", prompt(f"I have {place + 2} goats and a boat."))
    profiles.settle()
    assert ASKING not in starts("--profiler", "host")
    hook("prompt", prompt("I keep bees."))
    profiles.settle()
    asked = starts("--profiler", "host").rpartition("\n\n")[2]
    assert asked.startswith("8 of the user's messages and choices wait")
    assert asked.count(". ") == 0, "one sentence"
    assert ASKING not in starts()

    async def read(service: ProfileService) -> None:
        from prosona.service import parse_change

        work = await service.work("ana")
        assert work is not None
        change = {"base_version": work.base_version, "folded_through": work.folded_through}
        await service.revise("ana", parse_change(text="Keeps goats and bees.", **change))

    profiles.run(read)
    assert ASKING not in starts("--profiler", "host")
    assert "Keeps goats and bees." in starts("--profiler", "host")


def test_one_prompt_that_is_not_even_stored_yet_is_not_old(hook: Hook, profiles: Profiles) -> None:
    profiles.state("I sail.")
    with closing(sqlite3.connect(profiles.db)) as conn:
        now = int(datetime.now(UTC).timestamp() * 1e6)
        conn.execute(
            "INSERT INTO heard (user_id, host, text, key, heard_at) VALUES ('ana', 'codex', 'x', 'k', ?)",
            (now,),
        )
        conn.commit()
    seen = glance(profiles.db, "ana")
    assert seen is not None
    assert (seen.unread, seen.unread_since) == (1, now / 1e6)
    assert ASKING not in hook("session-start", {}, *options_of(profiles, "--profiler", "host")).stdout
    profiles.settle()


def test_little_that_has_waited_for_a_day_is_asked_for_too(hook: Hook, profiles: Profiles) -> None:
    hook("prompt", prompt("I keep bees."))
    profiles.settle()
    with closing(sqlite3.connect(profiles.db)) as conn:
        conn.execute("UPDATE interactions SET observed_at = observed_at - 90000000000")
        conn.commit()
    done = hook("session-start", {}, *options_of(profiles, "--profiler", "host"))
    assert ASKING in done.stdout


def test_a_line_that_has_ended_is_not_shown(hook: Hook, profiles: Profiles) -> None:
    from prosona.service.change import ProfileChange

    today = datetime.now(UTC).date()
    profiles.state("I am vegetarian.")
    profiles.run(
        lambda service: service.revise("ana", ProfileChange(statement="I am on holiday.", until=today))
    )
    assert "holiday" in hook("session-start", {}).stdout
    with closing(sqlite3.connect(profiles.db)) as conn:
        (lines,) = conn.execute("SELECT lines FROM revisions ORDER BY id DESC LIMIT 1").fetchone()
        yesterday = today - timedelta(days=1)
        assert str(today) in lines
        conn.execute(
            "UPDATE revisions SET lines = ? WHERE id = (SELECT max(id) FROM revisions)",
            (lines.replace(str(today), str(yesterday)),),
        )
        conn.execute("UPDATE texts SET text_until = ?", (yesterday.toordinal(),))
        conn.commit()
    shown = hook("session-start", {}).stdout
    assert "vegetarian" in shown
    assert "holiday" not in shown


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    statements=st.lists(
        st.text("abc éß中", min_size=1, max_size=12).filter(str.strip), max_size=3, unique=True
    )
)
def test_the_bare_read_shows_what_the_store_shows(
    statements: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    profiles = Profiles(tmp_path_factory.mktemp("glance") / "p.db")
    for statement in statements:
        profiles.state(statement)
    text = profiles.text()
    assert glance(profiles.db, "ana") == Glance(text, False)
    assert glance(profiles.db, "bo") == Glance("", False)


def test_the_bare_read_sees_that_something_waits(profiles: Profiles) -> None:
    profiles.state("I sail.")
    _put(profiles.db, "bo", "I like maps.")
    seen = glance(profiles.db, "ana")
    assert seen is not None
    assert seen.waits


def test_the_bare_read_knows_the_schema_of_the_store() -> None:
    assert KNOWN_SCHEMA == SCHEMA
    assert _bare._KEY_BITS == KEY_BITS


# Never in the way.


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
        ("prompt", "{}", ("--host", "vscode", "--user", "ana")),
        ("prompt", "{}", ("--user",)),
        ("prompt", '{"prompt": "Hello."}', ("--host", "codex", "--user", "ana", "--db", "/dev/null/p.db")),
        ("session-start", "{}", ("--host", "codex", "--user", "ana", "--db", "/dev/null/p.db")),
    ],
)
def test_whatever_comes_the_host_goes_on(
    event: str, payload: str, options: tuple[str, ...] | None, hook: Hook
) -> None:
    done = hook(event, payload, *(options or ()))
    assert done.returncode == 0
    assert done.stdout == "" or isinstance(json.loads(done.stdout), dict)
    assert "Traceback" not in done.stderr


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
    assert said(HOOKED["claude-code"], {"prompt": text}) is None


def test_the_context_of_other_hooks_is_taken_off_what_the_user_said() -> None:
    shown = "<hook_context>a profile\n<user_profile></hook_context>\n\nI like hiking."
    heard = said(HOOKED["gemini-cli"], {"prompt": shown, "session_id": "s", "timestamp": "t"})
    assert heard == Said("I like hiking.", "s", "t")


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["prompt", "session_id", "prompt_id"]), st.integers() | st.text()))
def test_any_payload_is_read_or_passed_by(payload: dict[str, object]) -> None:
    heard = said(HOOKED["claude-code"], payload)
    assert heard is None or (heard.text and heard.text in str(payload["prompt"]))


@settings(deadline=None)
@given(st.text(min_size=1), st.sampled_from(sorted(HOOKED)))
def test_any_answer_is_one_line_of_json(text: str, host: str) -> None:
    line = answer(HOOKED["codex"], text)
    assert "\n" not in line
    assert json.loads(line)["hookSpecificOutput"]["additionalContext"] == text
    assert isinstance(json.loads(notice(HOOKED[host], text)), dict)
    assert json.loads(notice(HOOKED["cursor"], text)) == {"continue": True}


HEAVY = {
    "mcp",
    "langchain_core",
    "llama_index",
    "rich",
    "sqlite_utils",
    "pydantic",
    "click",
    "asyncio",
    "tomlkit",
}


@pytest.mark.parametrize("event", ["session-start", "prompt"])
def test_a_hook_imports_nothing_heavy(event: str, profiles: Profiles) -> None:
    profiles.state("I sail.")
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


def test_a_hook_takes_little_more_than_python_itself(
    profiles: Profiles, seconds_of_cpu: Callable[[list[str], str], float]
) -> None:
    profiles.state("I sail.")
    program = [sys.executable, "-m", "prosona.cli", "hook"]
    options = ["--host", "codex", "--user", "ana", "--db", str(profiles.db)]
    # What it cannot do without.
    bare = [sys.executable, "-c", "import hashlib, json, pathlib, re, sqlite3, subprocess"]
    for event in ("session-start", "prompt"):
        times = []
        for _ in range(6):
            floor = seconds_of_cpu(bare, "")
            times.append(seconds_of_cpu([*program, event, *options], '{"prompt": "I sail."}') / floor)
        assert min(times) < 2, f"{event}: {min(times):.1f} times as long"
    profiles.settle()


def test_help_says_what_the_command_is_for() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prosona.cli", "--help"], capture_output=True, text=True, check=True
    )
    assert "hook" in done.stdout
