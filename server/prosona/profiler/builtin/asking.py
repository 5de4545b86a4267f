"""What a user just asked about, so that their answer to what was offered can be understood alone."""

from __future__ import annotations

import re

from prosona.profiler.builtin.naming import turns_the_sense
from prosona.profiler.builtin.segment import is_cjk
from prosona.profiler.builtin.words import FUNCTION_WORDS

_LONGEST_WORDS = 10
_LONGEST_TURN = 60
"""In words: a longer turn holds more than a question."""
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
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_MINE = re.compile(r"\bmy\b", re.IGNORECASE)
_ME = re.compile(r"\b(?:I|me)\b")


def asked_about(text: str) -> str:
    """What the question at the end of a user's turn is about, in a few words; empty if it asks nothing.

    "What are some good airports to fly into for my trip?" is about "airports to fly into for their trip".
    """
    question = _SENTENCE_END.split(text.strip())[-1]
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
    return "" if not topic or turns_the_sense(topic) or topic.lower() in FUNCTION_WORDS else topic
