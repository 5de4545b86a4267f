"""What users say: which interactions are words, the sentences in them, and what they ask about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prosona.core.words import RecordedInteraction
from prosona.profiler.builtin._words import FUNCTION_WORDS
from prosona.profiler.builtin.names import turns_the_sense
from prosona.profiler.builtin.segment import is_cjk

__all__ = ["asked_about", "is_spoken", "sentences"]

_KINDS = """
    chat message post comment note review question reply utterance said statement dialogue conversation
    email tweet journal 聊天 消息 帖子 评论 留言 对话 发言 提问 日记
"""
_SPOKEN_KINDS = frozenset(_KINDS.split())
_SPOKEN_DOMAINS = frozenset(["chat", "conversation", "dialogue", "messages", "聊天", "对话"])
_FIRST_PERSON = re.compile(r"\b(?:I|my|me|I'm|I've|I'd)\b|我")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？；;])\s+|(?<=[。！？；])|\n+")
_ASIDE = re.compile(r"\[[^\[\]]*\]|```.*?```", re.DOTALL)
_QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_SENTENCES_A_TEXT = 40
"""Who says more at once writes a text, not an answer."""

_LONGEST_WORDS = 10
_LONGEST_TURN = 60
"""In words: a longer turn holds more than a question."""
_LONGEST_TOPIC = 120
"""In characters."""
_POLITE = re.compile(
    r"^.*?\b(?:"
    r"(?:(?:can|could|would) you (?:please )?"
    r"(?:recommend|suggest|give me|tell me|help me (?:find|with|choose)))|"
    r"(?:do you have|are there|is there)(?: any)?|any|what|which|who|where|(?=how to\b)|how)\b",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"^(?:'s| (?:is|are|was|be|some|any|the|an?|of|kinds?|types?|sorts?|"
    r"good|best|better|great|nice|fun|must-\w+|popular|few|(?:options|ideas|recommendations|suggestions) for|"
    r"recommendations|suggestions|tips (?:for|on)|about|there|me)\b)+",
    re.IGNORECASE,
)
_TO_DO = re.compile(
    r"^.*?\b(what|where|how) (?:should|can|could|do|might|shall) (?:I|we) (?:best )?(\w+)", re.IGNORECASE
)
_DOING = re.compile(r" (?:should|can|could|would|do|did|might) (?:I|we|you)\b(?: \w+)?", re.IGNORECASE)
_LEADING = re.compile(r"^(?:for|about|of|on|in|with) ", re.IGNORECASE)
_QUESTION = re.compile(r"(?<=[.!?])\s+")
_MINE = re.compile(r"\bmy\b", re.IGNORECASE)
_ME = re.compile(r"\b(?:I|me)\b")


def is_spoken(interaction: RecordedInteraction) -> bool:
    """Whether `interaction.chosen` is what somebody said, rather than a choice among things.

    A `query` never is: it is what was asked or shown, by whomever. The words are the user's own if the
    interaction's origin is the user.
    """
    if interaction.rejected is not None or interaction.chosen is None:
        return False
    kind = (interaction.kind or "").lower()
    domain = (interaction.domain or "").lower()
    if kind in _SPOKEN_KINDS:
        return True
    untold = not kind and (not domain or domain in _SPOKEN_DOMAINS)
    return untold and bool(_FIRST_PERSON.search(interaction.chosen))


def sentences(text: str) -> Iterator[str]:
    """The sentences of what a user said, without quotations of others, asides and code."""
    text = _QUOTED.sub(" ", _ASIDE.sub(" ", text)).replace("’", "'")
    for count, sentence in enumerate(_SENTENCE_END.split(text)):
        if count >= _SENTENCES_A_TEXT:
            return
        if sentence := " ".join(sentence.split()):
            yield sentence


def asked_about(text: str) -> str:
    """What the question at the end of a user's turn is about, in a few words; empty if it asks nothing.

    "What are some good airports to fly into for my trip?" is about "airports to fly into for their trip".
    """
    question = _QUESTION.split(text.strip())[-1]
    if not question.endswith("?") or is_cjk(question) or len(text.split()) > _LONGEST_TURN:
        return ""
    if to_do := _TO_DO.match(question):
        rest = f"{to_do[1].lower()} to {to_do[2]}{question.rstrip('? ')[to_do.end() :]}"
    else:
        rest = _POLITE.sub("", question.rstrip("? "), count=1)
        rest = _LEADING.sub("", _DOING.sub("", _FRAME.sub("", f" {rest.strip()}")).strip())
    words = _ME.sub("them", _MINE.sub("their", rest)).split()[:_LONGEST_WORDS]
    while words and words[-1].lower() in FUNCTION_WORDS:
        words.pop()
    topic = " ".join(words).strip(" ,.;:!")
    topic = topic[:1].lower() + topic[1:] if topic.startswith("How ") else topic
    if not topic or len(topic) > _LONGEST_TOPIC or turns_the_sense(topic) or topic.lower() in FUNCTION_WORDS:
        return ""
    return topic
