"""What a figure must be seen beside: who else would score it, and what needs no profile at all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from prosona.core.tokens import count_tokens
from prosona.evaluation.data import Benchmark, Choice, Person, Target
from prosona.evaluation.readers.lexical import terms_of
from prosona.evaluation.readers.seam import credit

__all__ = ["last_tokens", "longer", "others", "popularity", "text_alone"]

_FOLDS = 5


def others(people: Sequence[Person], count: int) -> list[list[int]]:
    """For each person the indices of `count` others, spread evenly over the set."""
    size = len(people)
    shifts = sorted({max(1, (turn + 1) * size // (count + 1)) for turn in range(count)}) if size > 1 else []
    return [[(index + shift) % size for shift in shifts] for index in range(size)]


def last_tokens(history: Sequence[Choice], budget: int) -> tuple[Choice, ...]:
    """The newest choices whose chosen and rejected texts together stay within `budget` tokens."""
    kept: list[Choice] = []
    for choice in reversed(history):
        budget -= count_tokens(choice.chosen or "") + count_tokens(choice.rejected or "")
        if budget < 0:
            break
        kept.append(choice)
    return tuple(reversed(kept))


def longer(target: Target) -> float:
    """What always taking the longer text earns."""
    return credit([len(target.chosen), len(target.rejected)])


def popularity(benchmark: Benchmark) -> dict[str, list[float]]:
    """What taking the text that more of the other people chose earns."""
    chosen_by: Counter[str] = Counter()
    own: dict[str, set[str]] = {}
    for person in benchmark.people:
        own[person.user_id] = {choice.chosen for choice in person.history if choice.chosen}
        chosen_by.update(own[person.user_id])
    return {
        person.user_id: [
            credit([chosen_by[text] - (text in own[person.user_id]) for text in (t.chosen, t.rejected)])
            for t in person.targets
        ]
        for person in benchmark.people
    }


def text_alone(benchmark: Benchmark) -> dict[str, list[float]]:
    """What a bag-of-words classifier earns that learned from other people which texts get chosen.

    It shows the shortcut in a set: how far the right answer can be told with nothing known of the
    user. People are split into five parts; each part is judged by what the other four teach.
    """
    counts = [_counts(person) for person in benchmark.people]
    earned: dict[str, list[float]] = {}
    for fold in range(_FOLDS):
        chosen: Counter[str] = Counter()
        rejected: Counter[str] = Counter()
        for index, (ours, theirs) in enumerate(counts):
            if index % _FOLDS != fold:
                chosen.update(ours)
                rejected.update(theirs)
        weights = _log_odds(chosen, rejected)
        for index, person in enumerate(benchmark.people):
            if index % _FOLDS == fold:
                earned[person.user_id] = [
                    credit([_score(t.chosen, weights), _score(t.rejected, weights)]) for t in person.targets
                ]
    return earned


def _counts(person: Person) -> tuple[Counter[str], Counter[str]]:
    chosen: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    both: list[Choice | Target] = [*person.history, *person.targets]
    for choice in both:
        chosen.update(set(terms_of(choice.chosen or "")))
        rejected.update(set(terms_of(choice.rejected or "")))
    return chosen, rejected


def _log_odds(chosen: Counter[str], rejected: Counter[str]) -> dict[str, float]:
    ours, theirs = sum(chosen.values()) + 1, sum(rejected.values()) + 1
    return {
        term: math.log((chosen[term] + 1) / ours) - math.log((rejected[term] + 1) / theirs)
        for term in chosen | rejected
    }


def _score(text: str, weights: dict[str, float]) -> float:
    terms = set(terms_of(text))
    return round(sum(weights.get(term, 0.0) for term in terms) / max(1, len(terms)), 9)
