"""From labelled messages to weights: logistic regression over the reader's own features.

scikit-learn and scipy are loaded here, with the first training.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prosona.profiler.reader.features import FAMILIES, TABLE, features_of
from prosona.profiler.reader.weights import SMALL_TABLE
from prosona.training.reader.labelled import KINDS, SLOTS, LabelledMessage

__all__ = ["Fitted", "Settings", "fit", "joined", "pieces_of"]

_UNSPACED = frozenset({"zh", "ja", "th"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What training is done with."""

    strength: float = 10.0
    """Inverse of the regularisation of what is kept. Chosen by cross-validation."""
    strength_of_heads: float = 10.0
    joins: int = 1
    """How often the short messages are joined anew to longer ones: five of six are a single sentence, while
    people write several."""
    seed: int = 1
    weight_of_message: float = 0.5
    """Of the message around, against the sentence itself."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights as numbers, before they are packed."""

    bias: float
    tables: list[Any]
    heads: dict[str, tuple[list[str], list[float], list[Any]]]


def joined(messages: Sequence[LabelledMessage], settings: Settings) -> list[LabelledMessage]:
    """`messages`, and short ones of one language joined by twos and threes to longer ones."""
    drawn = random.Random(settings.seed)
    found = list(messages)
    by_language: dict[str, list[LabelledMessage]] = defaultdict(list)
    for message in messages:
        if len(message.sentences) <= 2:
            by_language[message.language].append(message)
    for _ in range(settings.joins):
        for language, short in sorted(by_language.items()):
            drawn.shuffle(short)
            at = 0
            while at + 3 < len(short):
                size = drawn.choice([2, 3])
                part, at = short[at : at + size], at + size
                glue = drawn.choice(["", "", "\n"] if language in _UNSPACED else [" ", " ", "\n"])
                found.append(
                    LabelledMessage(
                        language,
                        "joined",
                        part[0].family,
                        glue.join(message.text for message in part),
                        tuple(sentence for message in part for sentence in message.sentences),
                    )
                )
    return found


def pieces_of(messages: Sequence[LabelledMessage], settings: Settings) -> Any:  # noqa: ANN401 - scipy has no types
    """The features of all sentences, a row each, as a sparse matrix: the families beside each other."""
    from scipy.sparse import csr_matrix

    scales = [settings.weight_of_message if family == "message" else 1.0 for family in FAMILIES]
    ends, columns, values = [0], list[int](), list[float]()
    for message in messages:
        for found in features_of([sentence.text for sentence in message.sentences], message.text):
            for number, family in enumerate(found):
                columns += [number * TABLE + place for place in family]
                values += [value * scales[number] for value in family.values()]
            ends.append(len(columns))
    shape = (len(ends) - 1, len(FAMILIES) * TABLE)
    return csr_matrix((np.array(values), np.array(columns), np.array(ends)), shape=shape)


def fit(messages: Sequence[LabelledMessage], settings: Settings) -> Fitted:
    """Weights from these messages and joins of them."""
    together = joined(messages, settings)
    keep = [sentence.keep for message in together for sentence in message.sentences]
    model = _logistic(settings.strength).fit(pieces_of(together, settings), keep)
    # What the message family was scaled by in training belongs to its weights from here on.
    tables = [
        model.coef_[0][number * TABLE : (number + 1) * TABLE]
        * (settings.weight_of_message if family == "message" else 1.0)
        for number, family in enumerate(FAMILIES)
    ]
    heads = {
        "kind": _head(messages, list(KINDS), "kind", settings),
        "slot": _head(messages, list(SLOTS), "slot", settings),
    }
    return Fitted(float(model.intercept_[0]), tables, heads)


def _head(
    messages: Sequence[LabelledMessage], names: list[str], label: str, settings: Settings
) -> tuple[list[str], list[float], list[Any]]:
    """Tells kept sentences apart by a label, over the small table that letters and words share."""
    from scipy.sparse import csr_matrix

    ends, columns = [0], list[int]()
    values, wanted = list[float](), list[str]()
    for message in messages:
        found = features_of([sentence.text for sentence in message.sentences], message.text)
        for sentence, families in zip(message.sentences, found, strict=True):
            if not sentence.keep:
                continue
            for number, family in enumerate(families[:2]):
                columns += [(place * 2 + number) % SMALL_TABLE for place in family]
                values += family.values()
            ends.append(len(columns))
            wanted.append(getattr(sentence, label))
    rows = csr_matrix((np.array(values), np.array(columns), np.array(ends)), shape=(len(wanted), SMALL_TABLE))
    rows.sum_duplicates()
    if len(set(wanted)) < 2:
        return [wanted[0]], [0.0], [np.zeros(SMALL_TABLE)]
    model = _logistic(settings.strength_of_heads).fit(rows, wanted)
    weights, biases = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        # Of two there is one row, which speaks for the second.
        weights, biases = np.vstack([-weights, weights]), np.concatenate([-biases, biases])
    order = [list(model.classes_).index(name) for name in names if name in model.classes_]
    return (
        [str(model.classes_[place]) for place in order],
        [float(biases[place]) for place in order],
        [weights[place] for place in order],
    )


def _logistic(strength: float) -> Any:  # noqa: ANN401 - scikit-learn has no types
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=3000, class_weight="balanced")
