"""Which interactions are something that somebody said, and what an agent reports of the user in its own words."""

from __future__ import annotations

import re

from prosona.core.words import RecordedInteraction
from prosona.profiler.reader.model import reader

__all__ = ["is_said", "reported"]

_TITLE_WORDS = 0.6
"""Share of words with a capital from which on a text is a title."""
_SPOKEN = frozenset(
    [
        "chat",
        "message",
        "post",
        "comment",
        "note",
        "review",
        "question",
        "reply",
        "utterance",
        "said",
        "statement",
        "dialogue",
        "conversation",
        "email",
        "tweet",
        "journal",
        "preference",
        "feedback",
        "correction",
        "聊天",
        "消息",
        "帖子",
        "评论",
        "留言",
        "对话",
        "发言",
        "提问",
        "日记",
    ]
)
_SPOKEN_DOMAINS = frozenset(["chat", "conversation", "dialogue", "messages", "聊天", "对话"])
_FIRST_PERSON = re.compile(
    r"\b(?:i|i'm|im|i've|ive|my|we|ich|mein\w*|wir|je|j'\w+|mon|ma|yo|mi|eu|meu|minha)\b"
    r"|我|私|僕|俺|저는|나는|제가|내가|मैं|मुझे|मेर|أنا|عندي",
    re.IGNORECASE,
)
_OF_USER = re.compile(r"^(?:the )?user(?:'s)? (?=\w)", re.IGNORECASE)


def is_said(interaction: RecordedInteraction) -> bool:
    """Whether an interaction is what somebody said, rather than a choice among things.

    Agents name kinds and domains as they please: a sentence in the first person that the reader is sure of is
    one whatever they are called, unless it is written as a title.
    """
    text = interaction.chosen
    if text is None or interaction.rejected is not None:
        return False
    kind, domain = (interaction.kind or "").lower(), (interaction.domain or "").lower()
    if kind in _SPOKEN:
        return True
    if told := reported(text):
        return reader().judge(told, [told])[0].keep >= reader().keeps_from
    if not _FIRST_PERSON.search(text) or _is_title(text):
        return False
    if not kind and (not domain or domain in _SPOKEN_DOMAINS):
        return True
    found = reader().judge(text, [text])
    return found[0].keep >= reader().sure_from


def _is_title(text: str) -> bool:
    words = re.findall(r"[^\W\d_][\w']*", text.partition("\n")[0])
    capital = sum(word[0].isupper() for word in words)
    return bool(words) and len(words) > 1 and capital / len(words) >= _TITLE_WORDS


def reported(message: str) -> str:
    """What an agent reports of the user, in the first person; empty if it is nothing of the kind."""
    match = _OF_USER.match(message)
    if match is None or "\n" in message.strip():
        return ""
    rest = message[match.end() :]
    verb, _, behind = rest.partition(" ")
    if match[0].rstrip().lower().endswith("'s"):
        return f"My {rest}"
    known = {"is": "am", "has": "have", "does": "do", "was": "was", "doesn't": "don't"}
    return f"I {known.get(verb, verb.removesuffix('s'))} {behind}"
