"""The figures of labelled cases, in all and by kind and language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from prosona.evaluation.sayings.judging import Verdict
from prosona.evaluation.statistics import Estimate, accuracy
from prosona.evaluation.tables import interval

__all__ = ["figures", "sayings_table"]

Figures = dict[str, Estimate]

_Row = tuple[str, Callable[[Verdict], Iterable[bool]]]

# What is counted, each over what it can be said of. Read the first two with the third and fourth: the empty
# profile is clean everywhere and keeps nothing.
_FIGURES: tuple[_Row, ...] = (
    ("facts kept", lambda v: v.found),
    ("stated kept", lambda v: (t for f, t in zip(v.case.expect, v.found, strict=True) if f.stated)),
    ("clean", lambda v: [not v.broken] if v.case.forbid else []),
    ("clean of spoken", lambda v: [not v.broken] if v.case.forbid and v.claims else []),
    ("forbids held", lambda v: [True] * (len(v.case.forbid) - len(v.broken)) + [False] * len(v.broken)),
    ("empty stay empty", lambda v: [not v.claims] if v.case.should_be_empty else []),
    ("perfect", lambda v: [v.is_perfect] if v.case.expect or not v.case.optional else []),
)


_COMPLETE = frozenset({"en", "zh"})
"""Languages that are worked on most: what holds for them need not hold for the others."""


def figures(verdicts: Sequence[Verdict]) -> Figures:
    """Each figure in percent with its 95 % interval over families of cases."""
    found: Figures = {}
    for name, counted in _FIGURES:
        credits: dict[str, list[float]] = {}
        for verdict in verdicts:
            credits.setdefault(verdict.case.family, []).extend(map(float, counted(verdict)))
        found[name] = accuracy(credits)
    return found


def sayings_table(verdicts: Sequence[Verdict]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: all cases, then by language and by kind. Intervals for the whole only."""
    headings = ["cases", "n", *(name for name, _ in _FIGURES)]
    rows = [_row("all", verdicts, with_interval=True)]
    complete = [verdict for verdict in verdicts if verdict.case.language in _COMPLETE]
    if 0 < len(complete) < len(verdicts):
        rest = [verdict for verdict in verdicts if verdict.case.language not in _COMPLETE]
        rows += [_row("en, zh", complete, with_interval=True), _row("others", rest, with_interval=True)]
    for part in ("language", "kind"):
        groups: dict[str, list[Verdict]] = {}
        for verdict in verdicts:
            groups.setdefault(getattr(verdict.case, part), []).append(verdict)
        if len(groups) > 1:
            rows += [_row(name, group, with_interval=False) for name, group in sorted(groups.items())]
    return headings, rows


def _row(name: str, verdicts: Sequence[Verdict], *, with_interval: bool) -> list[str]:
    cells = []
    for estimate in figures(verdicts).values():
        if not estimate.n:
            cells.append("")
        else:
            cells.append(interval(_plain(estimate)) if with_interval else f"{estimate.value:.1f}")
    return [name, str(len(verdicts)), *cells]


def _plain(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}
