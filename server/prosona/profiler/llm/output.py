"""What a model answered, taken apart: its reasoning goes, the summary stays, one sentence a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prosona.profiler.tokens import count_tokens
from prosona.profiles_db import OutputRejectedError

_OPEN = re.compile(r"<think>", re.IGNORECASE)
_CLOSE = re.compile(r"</think>", re.IGNORECASE)
_FURNITURE = re.compile(r"^\s*(?:#{1,6}\s+|[-*•·]\s+|\d{1,2}[.)]\s+)|\*\*")
_HEADING = re.compile(r"^\s*#{1,6}\s+|^\s*(?:\*\*[^*]+\*\*:?)\s*$")
# A sentence ends at a full stop and a space before a capital, or at a Chinese full stop.
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'“(À-ÖØ-ÞА-Я])|(?<=[。！？])\s*")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|vs|etc|cf|no|mr|mrs|ms|dr|st|jr)|\b[A-Z])\.$", re.IGNORECASE)
_OVERRUN = 1.5
"""How far past its budget a summary may run and still be shortened by leaving out its last lines."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One finished model call."""

    text: str
    reasoning: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int


def summary_of(completion: Completion, *, must_think: bool, max_tokens: int) -> str:
    """The summary in `completion`, one sentence a line.

    Raises `OutputRejectedError` if the output was cut off, or has not exactly one think block (none
    is fine unless `must_think`).
    """
    if completion.finish_reason == "length":
        raise OutputRejectedError([f"it was cut off after {completion.completion_tokens} tokens"])
    if completion.finish_reason != "stop":
        raise OutputRejectedError([f"the model ended it with {completion.finish_reason[:40]!r}"])
    text = _after_thinking(completion, must_think=must_think)
    lines = list(_lines(text))
    return "\n".join(_within(lines, max_tokens))


def _after_thinking(completion: Completion, *, must_think: bool) -> str:
    text = completion.text
    opened, closed = len(_OPEN.findall(text)), len(_CLOSE.findall(text))
    blocks = max(opened, closed) + bool(completion.reasoning.strip())
    if blocks > 1:
        raise OutputRejectedError(["it holds more than one think block"])
    if opened > closed:
        raise OutputRejectedError(["its think block never ends"])
    if must_think and not blocks:
        raise OutputRejectedError(["it holds no think block"])
    if not closed:
        return text
    before, after = _CLOSE.split(text)
    # A chat template may have opened the block already, so the text may begin within it.
    if opened and _OPEN.split(before)[0].strip():
        raise OutputRejectedError(["it holds text in front of its think block"])
    return after


def _lines(text: str) -> Iterator[str]:
    """Sentences, one a line, without Markdown's furniture; headings go."""
    for paragraph in text.strip().splitlines():
        if not paragraph.strip() or _HEADING.match(paragraph):
            continue
        plain = " ".join(_FURNITURE.sub("", paragraph).split())
        sentence = ""
        for piece in _SENTENCE_END.split(plain):
            sentence = f"{sentence} {piece}".strip()
            if not _ABBREVIATION.search(sentence):
                if sentence:
                    yield sentence
                sentence = ""
        if sentence:
            yield sentence


def _within(lines: list[str], max_tokens: int) -> list[str]:
    """The lines that fit, from the first; all of them if far too many, for the checks to refuse."""
    costs = [count_tokens(line) + 1 for line in lines]
    if sum(costs) > max_tokens * _OVERRUN:
        return lines
    while lines and sum(costs) > max_tokens:
        lines, costs = lines[:-1], costs[:-1]
    return lines
