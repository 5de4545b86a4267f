"""Accuracy with intervals. Users are the sampling unit: choices of one user are not independent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["RESAMPLES", "Credits", "Estimate", "accuracy", "auc", "average", "difference"]

RESAMPLES = 2_000

Credits = Mapping[str, Sequence[float]]
"""Credits (1 right, 0.5 shared, 0 wrong) of each user's choices, by user id."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or a difference of shares, in percent, with its 95 % interval over users."""

    value: float
    low: float
    high: float
    n: int
    """Choices it rests on."""


def accuracy(credits: Credits, *, seed: int = 42) -> Estimate:
    """The mean credit over all choices, in percent."""
    return _estimate(*_weighted(credits, None), seed)


def difference(ours: Credits, theirs: Credits, *, seed: int = 42) -> Estimate:
    """Mean credit of `ours` minus that of `theirs`, paired by user: both are resampled together.

    Users that only one side has are left out.
    """
    return _estimate(*_weighted(ours, theirs), seed)


def average(sets: Sequence[tuple[Credits, Credits | None]], *, seed: int = 42) -> Estimate:
    """The plain mean over sets of an accuracy, or of a difference where a second side is given.

    Each set is resampled by its own users and weighs the same, however large it is.
    """
    single = [accuracy(ours) if theirs is None else difference(ours, theirs) for ours, theirs in sets]
    drawn = [_resampled(*_weighted(ours, theirs), seed + index) for index, (ours, theirs) in enumerate(sets)]
    low, high = np.percentile(np.mean(drawn, axis=0), [2.5, 97.5])
    return Estimate(
        float(np.mean([part.value for part in single])), float(low), float(high), sum(p.n for p in single)
    )


def auc(margins: Sequence[float], is_first_right: Sequence[bool]) -> float | None:
    """Area under the curve of "the first candidate is right" by its margin; None with one class only."""
    scores = np.asarray(margins, dtype=float)
    right = np.asarray(is_first_right, dtype=bool)
    positive, negative = int(right.sum()), int((~right).sum())
    if not positive or not negative:
        return None
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    for value in np.unique(scores):  # equal scores share their mean rank
        same = scores == value
        ranks[same] = ranks[same].mean()
    return float((ranks[right].sum() - positive * (positive + 1) / 2) / (positive * negative))


_Array = npt.NDArray[np.float64]


def _weighted(ours: Credits, theirs: Credits | None) -> tuple[_Array, _Array]:
    """Each user's summed credit, or summed difference, and the number of choices it is summed over."""
    users = [user for user in sorted(ours) if ours[user] and (theirs is None or theirs.get(user))]
    counts = np.array([len(ours[user]) for user in users], dtype=float)
    means = np.array([np.mean(ours[user]) for user in users], dtype=float)
    if theirs is not None:
        means -= np.array([np.mean(theirs[user]) for user in users], dtype=float)
    return means * counts, counts


def _resampled(sums: _Array, counts: _Array, seed: int) -> _Array:
    drawn = np.random.default_rng(seed).integers(0, len(sums), size=(RESAMPLES, len(sums)))
    means: _Array = 100 * sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return means


def _estimate(sums: _Array, counts: _Array, seed: int) -> Estimate:
    if not len(sums):
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    low, high = np.percentile(_resampled(sums, counts, seed), [2.5, 97.5])
    return Estimate(float(100 * sums.sum() / counts.sum()), float(low), float(high), int(counts.sum()))
