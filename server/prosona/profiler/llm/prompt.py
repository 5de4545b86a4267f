"""The prompt of a fold: the published model's markers and order, words of ours around them, and as many
pending interactions as the endpoint's context holds.

Whatever a line or an interaction holds, it cannot forge a marker: anything that looks like one is changed,
visibly, before it goes in.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypedDict

from jinja2 import Environment, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from prosona.core.errors import InvalidInputError, ProfilerError
from prosona.core.lines import holds
from prosona.core.tokens import count_tokens
from prosona.core.words import Interaction, RecordedInteraction
from prosona.profiler.seam import FoldRequest

__all__ = [
    "FittedPrompt",
    "Message",
    "PromptTemplate",
    "Triple",
    "escape",
    "fit",
    "past_of",
    "shorten",
    "triple_of",
]

_NOT_PROVIDED = "Not Provided."
_STATED = "Stated by the user, in the user's own words:"
_INFERRED = "Inferred from behaviour:"
_TAKEN_OUT = "Taken out by the user, not to be written again unless the new behaviour shows it:"
_MOST_TAKEN_OUT = 20
"""The newest things that the user took out are named; older ones are kept out of what the model writes."""

_BUILT_IN = Path(__file__).parent / "templates" / "alignxplore.jinja"
_BLOCKS = ("system", "user")

_RULER = re.compile(r"={5,}|\*{5,}")
_LABEL = re.compile(
    r"\*\s*((?:QUERY|(?:CHOSEN|REJECTED)\s+ITEM\s+BY\s+THE\s+USER)\s*[:：])\s*\*", re.IGNORECASE
)
_TAG = re.compile(r"<(\s*(?:/\s*)?think\s*)>", re.IGNORECASE)

_CHAT_OVERHEAD_TOKENS = 64
"""Role tags and the opening of the answer, for two messages, in any chat template."""
_LEAST_CHARACTERS = 64
"""Of one text of an interaction: with less it says nothing."""
_MOST_CHARACTERS_A_TOKEN = 8
"""Of ordinary text, twice what is usual; more only makes a step smaller than it could be."""
_TEXTS = ("query", "chosen", "rejected")

_QUERIES = {
    "post": "What the user wrote in a post",
    "message": "What the user said in a conversation",
    "chat": "What the user said in a conversation",
    "rating": "How the user rated an item",
    "review": "How the user rated an item",
    "purchase": "What the user bought",
    "search": "What the user searched for",
}


class Message(TypedDict):
    """One chat message."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Triple:
    """One interaction as the model was trained to read it."""

    query: str
    chosen: str
    rejected: str


def escape(text: str) -> str:
    """`text` with everything that could pass for a marker, a think tag or a chat token changed."""
    text = _RULER.sub(lambda run: " ".join(run[0][i : i + 4] for i in range(0, len(run[0]), 4)), text)
    text = _LABEL.sub(r"(\1)", text)
    text = _TAG.sub(r"(\1)", text)
    return text.replace("<|", "<¦").replace("|>", "¦>")


def triple_of(interaction: Interaction) -> Triple:
    """The interaction as a triple: what it lacks is named, so that all three slots are always filled."""
    query = interaction.query
    if not query:
        query = _QUERIES.get((interaction.kind or "").casefold()) or (
            "What the user chose" if interaction.chosen else "What the user turned down"
        )
        if interaction.domain:
            query = f"{query} ({interaction.domain})"
    return Triple(
        query=escape(query),
        chosen=escape(interaction.chosen or _NOT_PROVIDED),
        rejected=escape(interaction.rejected or _NOT_PROVIDED),
    )


def past_of(request: FoldRequest) -> str:
    """The past lines: those of the user's own in front, marked as such, and behind them what the user took
    out; empty if there is nothing of it."""
    today = request.now.date()
    own = [f"- {_one_line(line.text)}" for line in request.own if holds(line, today)]
    inferred = [_one_line(line.text) for line in request.inferred if holds(line, today)]
    taken_out = [f"- {_one_line(edit.text)}" for edit in request.edits if edit.text.strip()]
    if not own and not taken_out:
        return "\n".join(inferred)
    parts = ((_STATED, own), (_INFERRED, inferred), (_TAKEN_OUT, taken_out[-_MOST_TAKEN_OUT:]))
    return "\n\n".join("\n".join([heading, *lines]) for heading, lines in parts if lines)


def _one_line(text: str) -> str:
    return escape(" ".join(text.split()))


class PromptTemplate:
    """Renders folds as two chat messages, from the built-in template or from an owner's file.

    Such a file is a Jinja template with the blocks `system` and `user`, which are given
    `past_summary`, `triples` (each with `query`, `chosen`, `rejected`) and `max_tokens`.
    Raises `InvalidInputError` for a file that cannot be read or rendered.
    """

    def __init__(self, path: Path | None = None) -> None:
        # Not HTML, so nothing is escaped here: `escape` has done what this format needs.
        environment: Environment = SandboxedEnvironment(
            autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        source = path or _BUILT_IN
        try:
            self._template = environment.from_string(source.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, TemplateError) as error:
            raise InvalidInputError(f"the prompt template {source} cannot be used: {error}") from error
        missing = [name for name in _BLOCKS if name not in self._template.blocks]
        if missing:
            raise InvalidInputError(f"the prompt template {source} lacks the block {' and '.join(missing)}")
        try:
            self.messages("", [Triple("query", "chosen", "rejected")], 1)
        except TemplateError as error:
            raise InvalidInputError(f"the prompt template {source} cannot be used: {error}") from error

    def messages(self, past: str, triples: list[Triple], max_tokens: int) -> list[Message]:
        """The messages of one fold. `past` and `triples` are escaped already."""
        values = {"past_summary": past, "triples": triples, "max_tokens": max_tokens}
        context = self._template.new_context(values)
        return [
            {"role": name, "content": "".join(self._template.blocks[name](context)).strip()}
            for name in _BLOCKS
        ]


Count = Callable[[list[Message]], Awaitable[int | None]]
"""Tokens of a prompt by the endpoint's own tokenizer; None where it offers none."""


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """The messages of one fold and the interactions in them, as they are shown, from the oldest."""

    messages: list[Message]
    shown: tuple[RecordedInteraction, ...]


class Fitting(Protocol):
    """What writes the prompt of a fold."""

    def messages(self, request: FoldRequest) -> list[Message]:
        """The prompt for the interactions of `request`."""
        ...


async def fit(request: FoldRequest, form: Fitting, limit: int, count: Count) -> FittedPrompt:
    """The prompt with as many interactions as `limit` tokens hold, at least one.

    A single interaction that is too long is shortened in the middle, with a mark that says by how
    much. Raises `ProfilerError` if the limit does not even hold the past summary.
    """
    taken = len(_at_most(request.interactions, limit))
    while True:
        shown = replace(request, interactions=request.interactions[:taken])
        messages = form.messages(shown)
        size = await _size(messages, limit, count)
        if size <= limit:
            return FittedPrompt(messages, shown.interactions)
        if taken == 1:
            break
        # By the share that is too much, and always fewer than before.
        taken = max(1, min(taken - 1, int(taken * limit / size)))
    interaction = request.interactions[0]
    room = max(len(text) for text in _texts(interaction))
    while room > _LEAST_CHARACTERS:
        room = room * 3 // 4
        cut = {name: shorten(text, room) for name in _TEXTS if (text := getattr(interaction, name))}
        shown = replace(request, interactions=(interaction.model_copy(update=cut),))
        messages = form.messages(shown)
        if await _size(messages, limit, count) <= limit:
            return FittedPrompt(messages, shown.interactions)
    raise ProfilerError(f"the past summary alone does not fit {limit} tokens of context")


def shorten(text: str, room: int) -> str:
    """`text`, or its beginning and end in `room` characters around a mark that counts what is left out."""
    if len(text) <= room:
        return text
    head = room * 2 // 3
    tail = room - head
    return f"{text[:head]} [... {len(text) - room} characters left out ...] {text[len(text) - tail :]}"


def _at_most(interactions: Sequence[RecordedInteraction], limit: int) -> Sequence[RecordedInteraction]:
    """Those that may fit `limit` tokens at all, at least one: what cannot is not even written out."""
    left = limit * _MOST_CHARACTERS_A_TOKEN
    for taken, interaction in enumerate(interactions):
        left -= sum(map(len, _texts(interaction)))
        if left < 0:
            return interactions[: max(1, taken)]
    return interactions


def _texts(interaction: Interaction) -> list[str]:
    return [text for name in _TEXTS if (text := getattr(interaction, name))]


async def _size(messages: list[Message], limit: int, count: Count) -> int:
    """Tokens of `messages`, or an upper bound of them that is within the limit anyway."""
    text = "".join(message["content"] for message in messages)
    # A byte-level tokenizer never makes more tokens than bytes: most prompts need no measuring.
    bound = len(text.encode()) + _CHAT_OVERHEAD_TOKENS
    if bound <= limit:
        return bound
    counted = await count(messages)
    if counted is not None:
        return counted
    return min(bound, count_tokens(text) + _CHAT_OVERHEAD_TOKENS)
