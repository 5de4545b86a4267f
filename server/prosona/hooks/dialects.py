"""What each host writes to a hook, and what it wants back."""

from __future__ import annotations

import json
import re
from typing import NamedTuple


class Dialect(NamedTuple):
    """How one host speaks to its hooks. The names are keys of the JSON it writes."""

    session: str
    turn: str
    """What tells one prompt of a session from the next, and is the same when a hook runs twice for it."""
    nested: str | None = None
    """The event that the context belongs to, for hosts that want it inside an object."""
    context: str = "additionalContext"
    go_on: str = "{}"
    """The answer to a prompt that changes nothing."""


DIALECTS = {
    "claude-code": Dialect("session_id", "prompt_id", "SessionStart"),
    "codex": Dialect("session_id", "turn_id", "SessionStart"),
    "gemini-cli": Dialect("session_id", "timestamp", "SessionStart"),
    "copilot-cli": Dialect("sessionId", "timestamp"),
    "cursor": Dialect(
        "conversation_id", "generation_id", context="additional_context", go_on='{"continue": true}'
    ),
}
"""By the name that `prosona install` uses."""

# Gemini hands a hook the prompt with the context of earlier hooks in front of it.
_HOOK_CONTEXT = re.compile(r"\A\s*<hook_context>.*?</hook_context>\s*", re.DOTALL)
# Hosts run their own commands and reports through the same door.
_NOT_SAID = re.compile(r"\A\s*(?:/[\w:-]+(?:\s|\Z)|<[a-z]+(?:-[a-z]+)*>)")


class Said(NamedTuple):
    """What the user wrote, and where it stands: the same for each hook that is run for it."""

    text: str
    session: str
    turn: str


def said(host: str, payload: dict[str, object]) -> Said | None:
    """What the user said in a prompt; None for what the host itself put there."""
    dialect = DIALECTS[host]
    text = payload.get("prompt")
    if not isinstance(text, str):
        return None
    text = _HOOK_CONTEXT.sub("", text).strip()
    if not text or _NOT_SAID.match(text):
        return None
    return Said(text, str(payload.get(dialect.session, "")), str(payload.get(dialect.turn, "")))


def answer(host: str, context: str) -> str:
    """The answer to the start of a session that puts `context` in front of the model."""
    dialect = DIALECTS[host]
    if not context:
        return "{}"
    shown: dict[str, object] = {dialect.context: context}
    if dialect.nested is not None:
        shown = {"hookSpecificOutput": {"hookEventName": dialect.nested, **shown}}
    return json.dumps(shown, ensure_ascii=True)
