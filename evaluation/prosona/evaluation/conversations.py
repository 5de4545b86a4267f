"""What a profile keeps of conversations: the user's preferences, and nobody else's words.

Coverage: the share of the preferences known to lie in a conversation that stand in the final text.
A preference stands there when a line, or a clause of one, has half of its content words, or, with an
encoder, a cosine of at least 0.5 with it. The same share in other users' texts is the control: what is said
of everybody. Nobody states all that they are known to prefer, so the share is also given of those that the
same measure finds in what the user said, word for word.

Attribution: a line is the other side's when most of the content words by which the two sides can be
told apart were said by the other side alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.progress import Progress

from prosona.core.words import Origin
from prosona.evaluation.data import Choice
from prosona.evaluation.data.conversation import Conversation, choices_of_turns
from prosona.evaluation.profiles import Meter, build, open_for_evaluation
from prosona.evaluation.readers.embedding import Encoder
from prosona.evaluation.readers.lexical import terms_of
from prosona.evaluation.readers.polarity import lines_of
from prosona.evaluation.statistics import Estimate, accuracy
from prosona.profiler import Profiler

__all__ = ["Attribution", "Coverage", "attribution", "coverage", "texts_of"]

_ENOUGH_WORDS = 0.5
_ENOUGH_COSINE = 0.5
_STEM = 5
_CLAUSE_END = re.compile(r"[,;:，；：] *|(?<=[.!?。！？]) *")
_LIKING = """
prefer preference like dislike love loathe hate enjoy avoid fan interested strong aversion stand bear find
really particularly user using use stay steer clear choose chosen appeal
"""
_WORDS_OF_LIKING = frozenset(term[:_STEM] for term in _LIKING.split())


@dataclass(frozen=True, slots=True)
class Coverage:
    """Percent of preferences that stand in the user's own text, and in another user's."""

    own: Estimate
    other: Estimate
    stated: Estimate
    """In the user's own text, of those found in what the user said."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Lines of all texts by whose words they are. `unclear`: nothing tells the sides apart."""

    user: int
    other_side: int
    unclear: int
    taken: tuple[str, ...]
    """The lines that are the other side's words."""


async def texts_of(
    conversations: Sequence[Conversation],
    profiler: Profiler,
    *,
    budget: int = 600,
    step: int = 8,
    other_side: Origin | None = None,
    progress: Progress | None = None,
) -> dict[str, str]:
    """By user, the profile after all turns, folded `step` at a time through the service."""
    texts: dict[str, str] = {}
    bar = progress.add_task("conversations", total=len(conversations)) if progress else None
    with TemporaryDirectory(prefix="prosona-eval-") as folder:
        service = open_for_evaluation(
            Path(folder) / "profiles.sqlite", profiler, longest_fold=step, budget=budget
        )
        meter = Meter(service)
        try:
            for conversation in conversations:
                choices = choices_of_turns(conversation.turns, other_side=other_side)
                portions: list[Sequence[Choice]] = [
                    choices[start : start + step] for start in range(0, len(choices), step)
                ]
                async for stage in build(
                    service, conversation.user_id, portions, meter=meter, budgets=(budget,)
                ):
                    texts[conversation.user_id] = stage.text
                if progress and bar is not None:
                    progress.advance(bar)
        finally:
            await service.aclose()
    return texts


def coverage(
    conversations: Sequence[Conversation], texts: Mapping[str, str], encoder: Encoder | None = None
) -> Coverage:
    """How many known preferences the texts hold."""
    own: dict[str, list[float]] = {}
    other: dict[str, list[float]] = {}
    stated: dict[str, list[float]] = {}
    for index, conversation in enumerate(conversations):
        neighbour = conversations[(index + max(1, len(conversations) // 2)) % len(conversations)]
        for share, source in ((own, conversation), (other, neighbour)):
            parts = _parts(texts[source.user_id].splitlines())
            share[conversation.user_id] = _standing(conversation.preferences, parts, encoder)
        said = _parts(turn.text for turn in conversation.turns if turn.role == "user")
        in_words = _standing(conversation.preferences, said, encoder)
        kept = zip(own[conversation.user_id], in_words, strict=True)
        stated[conversation.user_id] = [standing for standing, spoken in kept if spoken]
    return Coverage(accuracy(own), accuracy(other), accuracy(stated))


def attribution(conversations: Sequence[Conversation], texts: Mapping[str, str]) -> Attribution:
    """Whose words the lines are made of."""
    counts = {"user": 0, "other": 0, "unclear": 0}
    taken: list[str] = []
    for conversation in conversations:
        said = [turn.text for turn in conversation.turns if turn.role == "user"]
        heard = [turn.text for turn in conversation.turns if turn.role not in ("user", "system")]
        ours, theirs = _stems(said), _stems(heard)
        for line in texts[conversation.user_id].splitlines():
            words = _stems(piece.text for piece in lines_of(line))
            only_ours, only_theirs = len(words & (ours - theirs)), len(words & (theirs - ours))
            if only_theirs > only_ours:
                counts["other"] += 1
                taken.append(line)
            elif only_ours:
                counts["user"] += 1
            elif words:
                counts["unclear"] += 1
    return Attribution(counts["user"], counts["other"], counts["unclear"], tuple(taken))


def _parts(texts: Iterable[str]) -> list[str]:
    """The lines without evidence, and their clauses."""
    parts: list[str] = []
    for text in texts:
        for line in lines_of(text):
            parts += [line.text, *_CLAUSE_END.split(line.text)]
    return list(dict.fromkeys(parts))


def _standing(preferences: Sequence[str], lines: Sequence[str], encoder: Encoder | None) -> list[float]:
    if not lines:
        return [0.0] * len(preferences)
    line_stems = [_stems([line]) for line in lines]
    found = []
    for preference in preferences:
        wanted = _stems([preference]) - _WORDS_OF_LIKING
        best = max(len(wanted & stems) / max(1, len(wanted)) for stems in line_stems)
        found.append(best >= _ENOUGH_WORDS)
    if encoder and preferences:
        cosines = encoder.encode(preferences) @ encoder.encode(lines).T
        found = [
            known or bool(row.max() >= _ENOUGH_COSINE) for known, row in zip(found, cosines, strict=True)
        ]
    return [float(known) for known in found]


def _stems(texts: Iterable[str]) -> set[str]:
    return {term[:_STEM] for text in texts for term in terms_of(text)}
