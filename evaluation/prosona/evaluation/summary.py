"""A run as plain data: every figure with its interval, beside the figures it must be seen with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from prosona.evaluation.plan import Plan
from prosona.evaluation.running import Cell, SetResult
from prosona.evaluation.statistics import Credits, Estimate, accuracy, auc, average, difference

__all__ = ["Summary", "summarize"]

Summary = dict[str, Any]
"""What `results.json` holds; see `docs/evaluation.md`."""

_MINUS = (("own", "other"), ("own", "raw"), ("own", "raw tail"), ("own", "none"), ("raw", "raw other"))


def summarize(results: Sequence[SetResult], plan: Plan, names: Mapping[str, object]) -> Summary:
    """Everything the tables and plots show. `names` says what was run: profiler, data, version."""
    return {
        "run": {**names, "plan": asdict(plan)},
        "sets": [_set(result, plan.seed) for result in results],
        "averages": _averages(results, plan.seed),
    }


def _set(result: SetResult, seed: int) -> Summary:
    return {
        "set": result.name,
        "people": result.people,
        "profiles": _profiles(result),
        "generation": _generation(result, seed),
        "without profile": {
            name: _estimate(accuracy(credits, seed=seed)) for name, credits in result.without_profile.items()
        },
        "readers": {
            reader: {
                "columns": {column: _cell(cell, seed) for column, cell in cells.items()},
                "differences": {
                    f"{a} minus {b}": _estimate(difference(cells[a].credits, cells[b].credits, seed=seed))
                    for a, b in _MINUS
                    if a in cells and b in cells
                },
                "curve": [
                    {"after": after or None, "budget": budget, **_cell(cell, seed)}
                    for (after, budget), cell in sorted(result.curve[reader].items())
                ],
                "credits": {
                    column: cell.credits for column, cell in cells.items() if column in ("own", "raw")
                },
            }
            for reader, cells in result.cells.items()
        },
    }


def _generation(result: SetResult, seed: int) -> Summary | None:
    compared = result.generation
    if compared is None:
        return None
    return {
        **_estimate(accuracy(compared.credits, seed=seed)),
        "order decided": compared.order_decided,
        "unparsed": compared.unparsed,
    }


def _profiles(result: SetResult) -> Summary:
    last = {stage.user_id: stage for stage in sorted(result.built, key=lambda s: (s.after, s.budget))}
    stages = list(last.values())
    if not stages:
        return {}
    return {
        "tokens mean": round(sum(s.tokens for s in stages) / len(stages), 1),
        "tokens max": max(s.tokens for s in stages),
        "choices folded": sum(s.after for s in stages),
        "seconds a choice": round(sum(s.seconds for s in stages) / max(1, sum(s.after for s in stages)), 5),
        "model calls": sum(s.calls for s in stages),
        "model tokens": sum(s.model_tokens for s in stages),
        "quarantined": sum(s.quarantined for s in stages),
        "incomplete": sum(1 for s in stages if s.problem),
        "empty": sum(1 for s in stages if not s.text.strip()),
    }


def _cell(cell: Cell, seed: int) -> Summary:
    area = auc(cell.margins, cell.first_right)
    return {
        **_estimate(accuracy(cell.credits, seed=seed)),
        "auc": None if area is None else round(100 * area, 1),
        "outcomes": dict(cell.outcomes),
        "tokens": cell.tokens,
    }


def _averages(results: Sequence[SetResult], seed: int) -> Summary:
    """Plain means over the sets, for every reader and column that all of them have."""
    averages: Summary = {}
    for reader in dict.fromkeys(name for result in results for name in result.cells):
        cells = [result.cells[reader] for result in results if reader in result.cells]
        columns = [column for column in cells[0] if all(column in c for c in cells)]
        sides: dict[str, list[tuple[Credits, Credits | None]]] = {
            column: [(c[column].credits, None) for c in cells] for column in columns
        }
        for a, b in _MINUS:
            if a in columns and b in columns:
                sides[f"{a} minus {b}"] = [(c[a].credits, c[b].credits) for c in cells]
        averages[reader] = {name: _estimate(average(pairs, seed=seed)) for name, pairs in sides.items()}
    return averages


def _estimate(estimate: Estimate) -> Summary:
    return {
        "value": round(estimate.value, 2),
        "low": round(estimate.low, 2),
        "high": round(estimate.high, 2),
        "n": estimate.n,
    }
