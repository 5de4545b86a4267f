"""The prompt of a fold: the published model's markers and order, words of ours around them.

Whatever an interaction holds, it cannot forge a marker: anything that looks like one is changed,
visibly, before it goes in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from jinja2 import Environment, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from prosona.profiler.seam import FoldRequest
from prosona.profiles_db import Interaction, InvalidInputError

NOT_PROVIDED = "Not Provided."
STATED = "Stated by the user, in the user's own words:"
INFERRED = "Inferred from behaviour:"

_BUILT_IN = Path(__file__).parent / "templates" / "alignxplore.jinja"
_BLOCKS = ("system", "user")

_RULER = re.compile(r"={5,}|\*{5,}")
_LABEL = re.compile(
    r"\*\s*((?:QUERY|(?:CHOSEN|REJECTED)\s+ITEM\s+BY\s+THE\s+USER)\s*[:：])\s*\*", re.IGNORECASE
)
_TAG = re.compile(r"<(\s*/?\s*think\s*)>", re.IGNORECASE)

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
        chosen=escape(interaction.chosen or NOT_PROVIDED),
        rejected=escape(interaction.rejected or NOT_PROVIDED),
    )


def past_of(request: FoldRequest) -> str:
    """The past summary with the pinned statements in front, marked as the user's own; empty if none."""
    summary = escape(request.summary.strip())
    if not request.statements:
        return summary
    stated = "\n".join([STATED, *(f"- {escape(statement)}" for statement in request.statements)])
    return f"{stated}\n\n{INFERRED}\n{summary}" if summary else stated


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
