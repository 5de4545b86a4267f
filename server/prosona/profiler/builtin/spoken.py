"""Which interactions are words somebody said, and the sentences in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prosona.profiles_db import RecordedInteraction

_SPOKEN_KINDS = frozenset(
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
_FIRST_PERSON = re.compile(r"\b(?:I|my|me|I'm|I've|I'd)\b|我")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？；;])\s+|(?<=[。！？；])|\n+")
_ASIDE = re.compile(r"\[[^\[\]]*\]|```.*?```", re.DOTALL)
_QUOTED = re.compile(r"^\s*>.*$", re.MULTILINE)
_SEARCHED = 4_000
_SENTENCES_A_TEXT = 40


def spoken_words(interaction: RecordedInteraction) -> str | None:
    """What was said in `interaction`, or None if it is a choice among things.

    Only `chosen` is: a `query` is what was asked or shown, by whomever. The words are the user's
    own if the interaction's origin is the user.
    """
    if interaction.rejected is not None or interaction.chosen is None:
        return None
    kind = (interaction.kind or "").lower()
    domain = (interaction.domain or "").lower()
    if kind in _SPOKEN_KINDS:
        return interaction.chosen
    untold = not kind and (not domain or domain in _SPOKEN_DOMAINS)
    return interaction.chosen if untold and _FIRST_PERSON.search(interaction.chosen) else None


def sentences(text: str) -> Iterator[str]:
    """The sentences of what a user said, without quotations of others, asides and code."""
    text = _QUOTED.sub(" ", _ASIDE.sub(" ", text[:_SEARCHED])).replace("’", "'")
    for count, sentence in enumerate(_SENTENCE_END.split(text)):
        if count >= _SENTENCES_A_TEXT:
            return
        sentence = " ".join(sentence.split())
        if sentence:
            yield sentence
