"""What a model answered, taken apart: its reasoning goes, its sentences stay, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from openai.types.chat import ChatCompletion

from prosona.core.errors import OutputRejectedError, ProfilerError
from prosona.core.words import MAX_LINE
from prosona.profiler.llm.chatter import without_chatter

__all__ = ["Completion", "answer_of", "completion_of", "sentences_of"]

_OPEN = re.compile(r"<think>", re.IGNORECASE)
_CLOSE = re.compile(r"</think>", re.IGNORECASE)
_FURNITURE = re.compile(r"^\s*(?:#{1,6}\s+|[-*•·]\s+|\d{1,2}[.)]\s+)|\*\*")
_HEADING = re.compile(r"^\s*#{1,6}\s+|^\s*(?:\*\*[^*]+\*\*:?)\s*$")
# A sentence ends at a full stop and a space before a capital, or at a Chinese full stop.
_SENTENCE_END = re.compile(
    "(?<=[.!?])\\s+(?=[A-Z\"'\u201c(\u00c0-\u00d6\u00d8-\u00de\u0410-\u042f])|(?<=[\u3002\uff01\uff1f])\\s*"
)
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|vs|etc|cf|no|mr|mrs|ms|dr|st|jr)|\b[A-Z])\.$", re.IGNORECASE)
_LONGEST_ABBREVIATION = 6
"""Characters at the end of a sentence that may be one, with the sign in front of it."""
_CUT_OFF = frozenset(["length", "max_tokens", "max_length", "model_length"])
_ENDED_BY_OTHERS = frozenset(
    [
        "content_filter",
        "safety",
        "recitation",
        "tool_calls",
        "tool_call",
        "tool_use",
        "function_call",
        "error",
        "abort",
    ]
)
"""What an answer that nobody finished ends with. Engines have many names for the usual end: "stop", "eos_token",
"end_turn", none at all."""
_FENCE = re.compile(r"^\s*(?:```|~~~)[\w+-]*\s*$")
_BREAKS = ("; ", "\uff1b", ", ", "\uff0c", " ")
"""Where a sentence that is too long for a line is broken, the best first."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One finished model call."""

    text: str
    reasoning: str
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    """None where the endpoint does not say."""


def completion_of(answer: object) -> Completion:
    """What an endpoint answered. Raises `ProfilerError` if it is no chat completion."""
    choices = answer.choices if isinstance(answer, ChatCompletion) else None
    if not isinstance(answer, ChatCompletion) or not choices:
        raise ProfilerError("the endpoint answered what is no chat completion")
    choice = choices[0]
    message = choice.message
    extra = (message.model_extra or {}) if message else {}
    reasoning = extra.get("reasoning") or extra.get("reasoning_content")
    content = message.content if message else None
    if content is not None and not isinstance(content, str):
        raise OutputRejectedError(["it is no text"])
    usage = answer.usage
    return Completion(
        text=content or "",
        reasoning=reasoning if isinstance(reasoning, str) else "",
        finish_reason=str(choice.finish_reason or ""),
        prompt_tokens=_number(usage.prompt_tokens if usage else None),
        completion_tokens=_number(usage.completion_tokens if usage else None),
    )


def answer_of(completion: Completion, *, must_think: bool = False) -> str:
    """What the model answered, without its reasoning and without a fence around it.

    Raises `OutputRejectedError` if the output was cut off or ended by something else than the model, has more
    than one think block (or none with `must_think`), or if the engine put the answer where reasoning belongs.
    """
    reason = completion.finish_reason.casefold()
    if reason in _CUT_OFF:
        written = completion.completion_tokens or "too many"
        raise OutputRejectedError([f"it was cut off after {written} tokens"])
    if reason in _ENDED_BY_OTHERS:
        raise OutputRejectedError([f"the model ended it with {completion.finish_reason[:40]!r}"])
    return _without_fence(_after_thinking(completion, must_think=must_think))


def sentences_of(completion: Completion, *, must_think: bool) -> list[str]:
    """The sentences in `completion`, each short enough for a line of a profile, without a model's talk around them.

    Raises `OutputRejectedError` as `answer_of` does, and if nothing is said.
    """
    sentences = without_chatter(list(_sentences(answer_of(completion, must_think=must_think))))
    if not sentences:
        raise OutputRejectedError(["it is empty"])
    return sentences


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _after_thinking(completion: Completion, *, must_think: bool) -> str:
    text, reasoning = completion.text, completion.reasoning.strip()
    if not text.strip() and reasoning:
        # The engine's parser took the answer for reasoning. Behind the end of a think block it is plain which is which.
        before, closing, after = _CLOSE.sub("</think>", reasoning).rpartition("</think>")
        if not (closing and before.strip() and after.strip()):
            raise OutputRejectedError(
                [
                    "the answer is empty and all of it stands in the reasoning field: the engine's reasoning parser is"
                    " not this model's; start the engine without one, or with the model's own"
                ]
            )
        text, reasoning = after, before
    opened, closed = len(_OPEN.findall(text)), len(_CLOSE.findall(text))
    # An engine may hand out the block in a field and leave it in the text, too: one block, twice told.
    blocks = max(opened, closed, bool(reasoning))
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


def _without_fence(text: str) -> str:
    """`text` without the fence that stands around all of it, or around all but a model's own talk."""
    rows = text.strip().splitlines()
    fences = [place for place, row in enumerate(rows) if _FENCE.match(row)]
    if len(fences) == 1 and fences[0] == 0:
        return "\n".join(rows[1:])
    if len(fences) != 2:
        return text
    first, last = fences
    around = [*rows[:first], *rows[last + 1 :]]
    outside = without_chatter([row.strip() for row in around if row.strip()])
    return text if outside else "\n".join(rows[first + 1 : last])


def _sentences(text: str) -> Iterator[str]:
    """Sentences without Markdown's furniture; headings go."""
    for paragraph in text.strip().splitlines():
        if not paragraph.strip() or _HEADING.match(paragraph):
            continue
        plain = " ".join(_FURNITURE.sub("", paragraph).split())
        sentence = ""
        for piece in _SENTENCE_END.split(plain):
            sentence = f"{sentence} {piece}".strip()
            if not _ABBREVIATION.search(sentence[-_LONGEST_ABBREVIATION:]):
                yield from _short(sentence)
                sentence = ""
        yield from _short(sentence)


def _short(sentence: str) -> Iterator[str]:
    """A sentence, in parts if it is too long for a line."""
    while len(sentence) > MAX_LINE:
        beginning = sentence[1:MAX_LINE]
        sign = next((sign for sign in _BREAKS if sign in beginning), None)
        end = sentence.rfind(sign, 1, MAX_LINE) + len(sign.strip()) if sign else MAX_LINE
        yield sentence[:end].strip()
        sentence = sentence[end:].strip()
    if sentence:
        yield sentence
