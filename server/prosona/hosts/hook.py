"""`prosona hook`: one call of a host, answered on stdout; whatever happens, the host goes on.

A host starts a hook for every prompt and waits for it. So a hook gets by on the standard library: what
takes the rest of the house, it leaves to a process of its own (`deliver`).
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, NoReturn

from prosona.core.framing import framed
from prosona.core.names import user_key
from prosona.core.typed import without_wrappers
from prosona.hosts._bare import LONGEST_TEXT, Glance, Heard, glance, hear
from prosona.hosts.table import HOSTS, Hooks

__all__ = ["Said", "answer", "main", "notice", "said"]

_HOOKED = {host.name: host.hooks for host in HOSTS.values() if host.hooks}
_USAGE = (
    f"prosona hook session-start|prompt --host {'|'.join(_HOOKED)} --user NAME [--db PATH] [--profiler host]\n"
    "Reads the host's JSON on stdin. Hosts call this; see `prosona install HOST --hooks`."
)

_MOST_BYTES = 16_000_000
"""Of what a host writes; a prompt is a thousandth of it."""
_LOCK_SECONDS = 1.5
"""How long a prompt waits for other writers: they hold the file for milliseconds."""
_SLOW_SECONDS = 3.0
"""How long a hook waits for a process of its own. With the above less than the five that a host waits."""

# Hosts run their own commands and reports through the same door.
_NOT_SAID = re.compile(r"\A\s*(?:/[\w:-]+(?:\s|\Z)|<[a-z]+(?:-[a-z]+)*>)")


class Said(NamedTuple):
    """What the user wrote, and where it stands: the same for each hook that is run for it."""

    text: str
    session: str
    turn: str


_WORTH_ASKING = 8
"""Interactions that the agent's own model has not read, from which on it is asked to: as many as are folded together
elsewhere. Asked for each prompt, it would do little else."""
_OLD_SECONDS = 86_400.0
"""Or fewer, when the first of them is a day old."""
_ASKING = (
    "{count} of the user's messages and choices wait to be read into this profile: once their request is done, call"
    " get_user_profile with fresh=true and hand the lines that its work asks for to revise_profile."
)


class _Call(NamedTuple):
    event: str
    host: str
    hooks: Hooks
    user_id: str
    db: Path
    asks: bool
    """Whether the agent's own model is to read what it has not read yet."""


def main(argv: Sequence[str]) -> NoReturn:
    """Answers one call. Always ends with 0: a hook that fails must not stop the host."""
    try:
        call = _call(argv)
        payload = json.loads(sys.stdin.buffer.read(_MOST_BYTES) or b"{}")
        if not isinstance(payload, dict):
            raise ValueError("the host's JSON is not an object")
        sys.stdout.write(_ANSWERS[call.event](call, payload) + "\n")
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 - the boundary to the host: nothing may get through
        _tell(str(error) or type(error).__name__)
    sys.exit(0)


def said(hooks: Hooks, payload: dict[str, object]) -> Said | None:
    """What the user said in a prompt; None for what the host itself put there."""
    text = payload.get("prompt")
    if not isinstance(text, str):
        return None
    # Hosts put notes of their own around it, such as the context of earlier hooks.
    text = without_wrappers(text)
    if not text or _NOT_SAID.match(text):
        return None
    return Said(text, str(payload.get(hooks.session, "")), str(payload.get(hooks.turn, "")))


def answer(hooks: Hooks, context: str) -> str:
    """The answer to the start of a session that puts `context` in front of the model."""
    if not context:
        return "{}"
    shown: dict[str, object] = {hooks.context: context}
    if hooks.nested is not None:
        shown = {"hookSpecificOutput": {"hookEventName": hooks.nested, **shown}}
    return json.dumps(shown, ensure_ascii=True)


def notice(hooks: Hooks, message: str) -> str:
    """The answer to a prompt that changes nothing and has the host show a message, where it can."""
    if hooks.notice is None:
        return hooks.go_on
    return json.dumps({**json.loads(hooks.go_on), hooks.notice: message}, ensure_ascii=True)


def _session_start(call: _Call, payload: dict[str, object]) -> str:
    seen = _seen(call)
    if seen is None:
        text = _slowly(call, "read")
        # By now the file is as it should be, or nobody in its way.
        seen = _seen(call)
    else:
        text = seen.text
        if seen.waits:
            _deliver(call)
    asking = _asking(call, seen) if seen else ""
    return answer(call.hooks, "\n\n".join(filter(None, [framed(text), asking])))


def _seen(call: _Call) -> Glance | None:
    try:
        return glance(call.db, call.user_id)
    except sqlite3.Error:
        return None  # The store knows better what it means, and says so.


def _asking(call: _Call, seen: Glance) -> str:
    """The one sentence that asks an agent to read on; empty where too little waits."""
    old = time.time() - seen.unread_since >= _OLD_SECONDS
    if not call.asks or not seen.unread or (seen.unread < _WORTH_ASKING and not old):
        return ""
    return _ASKING.format(count=seen.unread)


def _prompt(call: _Call, payload: dict[str, object]) -> str:
    what = said(call.hooks, payload)
    if what is None:
        return call.hooks.go_on
    if len(what.text) > LONGEST_TEXT:
        _tell(f"of this prompt the first {LONGEST_TEXT} characters are kept")
    heard = _heard(call, what)
    try:
        kept = hear(call.db, heard, _LOCK_SECONDS)
    except sqlite3.Error:
        kept = False
    if not kept:
        try:
            _slowly(call, "keep", json.dumps(heard).encode())
        except TimeoutError as error:
            return _noticed(call, f"Prosona keeps this prompt later: {error}")
        except OSError as error:
            return _noticed(call, f"Prosona did not keep this prompt: {error}")
    _deliver(call)
    return call.hooks.go_on


_ANSWERS = {"session-start": _session_start, "prompt": _prompt}


def _call(argv: Sequence[str]) -> _Call:
    event, *options = argv or [""]
    given = dict(zip(options[::2], options[1::2], strict=False))
    if (
        event not in _ANSWERS
        or len(options) % 2
        or given.keys() - {"--host", "--user", "--db", "--profiler"}
        or given.get("--host") not in _HOOKED
        or not given.get("--user")
    ):
        raise ValueError(f"usage: {_USAGE}")
    host = given["--host"]
    asks = given.get("--profiler") == "host"
    return _Call(event, host, _HOOKED[host], user_key(given["--user"]), _db(given.get("--db")), asks)


def _db(given: str | None) -> Path:
    if given is None:
        from prosona.profiles_db import default_path

        path: Path = default_path()
        return path.absolute()
    return Path(given).expanduser().absolute()


def _heard(call: _Call, what: Said) -> Heard:
    text = what.text.encode("utf-8", "replace").decode()[:LONGEST_TEXT]
    # A host that names no turns is taken to say the same words once in a while, not twice at once.
    turn = what.turn or str(int(time.time()) // 10)
    whole = "\n".join((call.user_id, call.host, what.session, turn, text))
    key = sha256(whole.encode("utf-8", "replace")).hexdigest()
    return Heard(call.user_id, call.host, text, f"hook-{key[:40]}")


def _noticed(call: _Call, message: str) -> str:
    _tell(message)
    return notice(call.hooks, message)


def _slowly(call: _Call, task: str, given: bytes = b"") -> str:
    """What a process with the whole house behind it answers.

    Errors: `TimeoutError` when a host would not wait for it; it goes on and does what it was given, since it
    may be bringing a large file up to date. `OSError` with what went wrong.
    """
    import subprocess

    process = subprocess.Popen(
        _command(call, task),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(given, timeout=_SLOW_SECONDS)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"its database was not ready after {_SLOW_SECONDS:.0f} s") from None
    if process.returncode:
        lines = err.decode("utf-8", "replace").strip().splitlines()
        raise OSError(lines[-1] if lines else "its database cannot be used")
    return out.decode("utf-8")


def _deliver(call: _Call) -> None:
    """Has a process of its own store what waits: loading the store would take longer than a host waits."""
    import subprocess

    try:
        log = os.open(
            call.db.with_name(f"{call.db.name}-hooks.log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
        )
    except OSError:
        log = os.open(os.devnull, os.O_WRONLY)
    try:
        subprocess.Popen(
            _command(call, "deliver"),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    finally:
        os.close(log)


def _command(call: _Call, task: str) -> list[str]:
    return [sys.executable, "-m", "prosona.hosts.deliver", task, str(call.db), call.user_id]


def _tell(message: str) -> None:
    print(f"prosona hook: {message}", file=sys.stderr)  # noqa: T201 - stderr is where hosts look
