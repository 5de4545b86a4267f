"""How a model is asked and how its answer is read: the seam between a fold and its wording.

`SummaryForm` (here) has a whole summary written anew, as the published AlignXplore+ model was trained to.
`ChangesForm` (`changes.py`) asks any other model for changes, one a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from prosona.core.consequence import consequence_of
from prosona.core.words import Line, RecordedInteraction
from prosona.profiler.alignment import align
from prosona.profiler.llm.output import Completion, sentences_of
from prosona.profiler.llm.prompt import Message, PromptTemplate, past_of, triple_of
from prosona.profiler.seam import FoldRequest

__all__ = ["Form", "SummaryForm"]


class Form(Protocol):
    """One way to ask for a fold."""

    @property
    def greedy(self) -> bool:
        """Whether the likeliest answer is wanted, rather than one drawn as the settings say."""
        ...

    def longest_answer(self, request: FoldRequest) -> int | None:
        """Tokens that an answer needs at most; None where only the settings know."""
        ...

    def worth_asking(self, interactions: Sequence[RecordedInteraction]) -> list[RecordedInteraction]:
        """Those of which a model could learn something; the others are folded without being shown."""
        ...

    def messages(self, request: FoldRequest) -> list[Message]:
        """The prompt for the interactions of `request`, with nothing in it that could pass for its markers."""
        ...

    def lines(self, completion: Completion, request: FoldRequest) -> list[Line]:
        """All inferred lines after the answer. Raises `OutputRejectedError` for one that cannot be used."""
        ...


class SummaryForm:
    """The whole summary, written anew: sentences that are matched with the past lines by their words."""

    def __init__(self, template: PromptTemplate, *, must_think: bool, name: str) -> None:
        self._template = template
        self._must_think = must_think
        self._name = name

    @property
    def greedy(self) -> bool:
        """False: the published model was tuned on answers that are drawn."""
        return False

    def longest_answer(self, request: FoldRequest) -> int | None:
        """None: it reasons for as long as it needs."""
        return None

    def worth_asking(self, interactions: Sequence[RecordedInteraction]) -> list[RecordedInteraction]:
        """All of them."""
        return list(interactions)

    def messages(self, request: FoldRequest) -> list[Message]:
        """The template, filled with the past lines and a triple for each interaction."""
        triples = [triple_of(interaction) for interaction in request.interactions]
        return self._template.messages(past_of(request), triples, request.max_tokens)

    def lines(self, completion: Completion, request: FoldRequest) -> list[Line]:
        """A line for each sentence, with the id of the past line that it rewords."""
        sentences = sentences_of(completion, must_think=self._must_think)
        before = {line.text: line.consequence for line in request.inferred}
        written = [
            Line(
                text=text,
                consequence=before.get(text) or consequence_of(text, usual="taste"),
                actor=self._name,
            )
            for text in sentences
        ]
        return align(request.inferred, written)
