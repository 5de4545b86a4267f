"""What a model is shown of interactions, under numbers: sentences of a chat that may last, and choices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from prosona.core.consequence import consequence_of
from prosona.core.words import Consequence, Line, RecordedInteraction, Support
from prosona.profiler.builtin.memory import Saying
from prosona.profiler.builtin.stated import is_said, kept, opens_game
from prosona.profiler.llm.prompt import escape, shorten
from prosona.profiler.reader.own_words import own_sentences
from prosona.profiler.seam import FoldRequest

__all__ = ["Item", "items_in", "items_of", "one_line"]

_LEAST_LIKELY = 0.3
"""Sentences of a chat that the reader finds less likely to last are not shown. On the labelled chats that come with
the evaluation nine in ten of the facts to keep lie above it, and one in seven of the messages with none."""
_ANSWERED = 160
"""Characters of what a sentence answers: enough to know what was asked."""
_LONGEST_TEXT = 600
"""Characters of one option or item: what it is stands at its beginning, and a small model loses the thread."""
_WHITE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is shown under a number."""

    seq: int
    day: date
    text: str
    """As it is shown, escaped."""
    own: str
    """The user's words in it."""
    said: bool
    """Whether it is a sentence of the user's, rather than a choice."""
    sure: Saying | None
    """What the reader is sure of by itself."""

    @property
    def quoted(self) -> str:
        """The line where a model has no better one: the user's words, if the reader is sure that they last."""
        return f"“{self.sure.text}”" if self.sure else ""

    def line(self, text: str, actor: str) -> Line:
        """A line that rests on it."""
        usual: Consequence = self.sure.consequence if self.sure else "taste"
        return Line(
            text=text,
            consequence=consequence_of(text, usual=usual),
            support=Support(sample=(self.seq,)),
            facts=(f"slot|{self.sure.slot}",) if self.sure and self.sure.slot else (),
            actor=actor,
        )


def items_in(request: FoldRequest) -> Iterator[Item]:
    """The items of all interactions of a fold, in the order in which they are numbered."""
    for interaction in request.interactions:
        yield from items_of(interaction)


def items_of(interaction: RecordedInteraction) -> Iterator[Item]:
    """What is shown of one interaction: sentences that may last, or a choice."""
    day, asked = interaction.day, _cut(interaction.query, _ANSWERED)
    if is_said(interaction):
        message = interaction.chosen or ""
        if interaction.origin != "user" or opens_game(message):
            return
        to = f' (the assistant had said: "{asked}")' if asked else ""
        for text, saying in _said(message, day):
            yield Item(interaction.seq, day, f'{day} said: "{_cut(text)}"{to}', text, said=True, sure=saying)
        return
    chosen, rejected = _cut(interaction.chosen), _cut(interaction.rejected)
    what = [f'chose "{chosen}"'] if chosen else []
    what += [f'{"and not" if chosen else "turned down"} "{rejected}"'] if rejected else []
    of = f" ({_cut(interaction.domain, 40)})" if interaction.domain else ""
    to = f' when asked "{asked}"' if asked else ""
    own = " ".join(filter(None, (interaction.query, interaction.chosen, interaction.rejected)))
    yield Item(interaction.seq, day, f"{day}{of} {' '.join(what)}{to}", own, said=False, sure=None)


def _said(message: str, day: date) -> list[tuple[str, Saying | None]]:
    """The sentences of a message that may last, in their order; with each that the reader is sure of, what it is."""
    sure = {saying.text: saying for saying in kept(message, day)}
    found: list[tuple[str, Saying | None]] = list(sure.items())
    found += [
        (sentence.text, None)
        for sentence in own_sentences(message)
        if sentence.keep >= _LEAST_LIKELY and not any(text in sentence.text for text in sure)
    ]
    return sorted(found, key=lambda each: message.find(each[0]))


def _cut(text: str | None, room: int = _LONGEST_TEXT) -> str:
    return one_line(shorten(text, room)).replace('"', "'") if text else ""


def one_line(text: str) -> str:
    """`text` on one line, with nothing in it that could pass for a marker of a prompt."""
    return escape(_WHITE.sub(" ", text).strip())
