"""The file of a trained reader: one line of JSON that says what is in it, then tables of signed bytes.

A table holds weights in steps of its own size. That is enough: what decides is the sum of some hundred of them.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prosona.core.errors import InvalidInputError
from prosona.profiler.reader.features import FAMILIES, FORM, TABLE

__all__ = ["Heads", "Weights", "load_weights", "pack"]

_STEPS = 127
"""Of a signed byte, on either side of nought."""
SMALL_TABLE = 1 << 14
"""Weights a class of what is told apart only once a sentence is kept: fewer sentences, so fewer weights."""


@dataclass(frozen=True, slots=True)
class Heads:
    """One choice among several names: a table of weights each, over letters and words."""

    names: tuple[str, ...]
    biases: tuple[float, ...]
    steps: tuple[float, ...]
    tables: tuple[array[int], ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """All that training found."""

    bias: float
    steps: tuple[float, ...]
    """What one step of each family's table is worth."""
    tables: tuple[array[int], ...]
    heads: Mapping[str, Heads]
    """`kind` and `slot`."""
    keep: float
    """From which probability on a sentence is kept: chosen in training, by cross-validation."""
    sure: float
    """From which one it is as good as certain."""


def load_weights(path: Path) -> Weights:
    """The weights in a file. Errors: `InvalidInputError` if it is none, or of another form of features."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInputError(f"{path}: the reader's weights cannot be read: {error}") from error
    head, _, tables = data.partition(b"\n")
    try:
        told = json.loads(head)
        form = told["form"]
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInputError(f"{path}: not the weights of a reader") from error
    if form != FORM or len(tables) != told["bytes"]:
        raise InvalidInputError(
            f"{path}: weights for features of form {form}, {len(tables)} bytes; this version has form {FORM} and "
            f"expects {told['bytes']} bytes: train anew with `prosona train reader`"
        )
    read = _Reading(tables)
    main = tuple(read.table(TABLE) for _ in FAMILIES)
    heads = {
        name: Heads(
            tuple(part["names"]),
            tuple(part["biases"]),
            tuple(part["steps"]),
            tuple(read.table(SMALL_TABLE) for _ in part["names"]),
        )
        for name, part in told["heads"].items()
    }
    return Weights(told["bias"], tuple(told["steps"]), main, heads, told["keep"], told["sure"])


class _Reading:
    """Cuts one table after the other off the bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def table(self, size: int) -> array[int]:
        part, self._data = self._data[:size], self._data[size:]
        found = array("b")
        found.frombytes(part)
        return found


def pack(
    *,
    bias: float,
    tables: Sequence[Sequence[float]],
    heads: Mapping[str, tuple[Sequence[str], Sequence[float], Sequence[Sequence[float]]]],
    keep: float,
    sure: float,
) -> bytes:
    """The file of such weights: `tables` a family, and by name of a head its names, biases and tables."""
    body = bytearray()
    steps = [_packed(table, body) for table in tables]
    told = {}
    for name, (names, biases, parts) in heads.items():
        told[name] = {
            "names": list(names),
            "biases": [round(b, 5) for b in biases],
            "steps": [_packed(part, body) for part in parts],
        }
    head = {
        "form": FORM,
        "bias": round(bias, 5),
        "steps": steps,
        "heads": told,
        "keep": keep,
        "sure": sure,
        "bytes": len(body),
    }
    return json.dumps(head).encode() + b"\n" + bytes(body)


def _packed(table: Sequence[float], body: bytearray) -> float:
    """Puts a table behind `body` and returns what one step is worth."""
    largest = max((abs(weight) for weight in table), default=0.0)
    step = largest / _STEPS if largest else 1.0
    body += array("b", [round(weight / step) for weight in table]).tobytes()
    return float(f"{step:.6g}")
