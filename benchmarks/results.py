"""What was measured, against what it must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. `value` must not pass `limit`: above it, or below it where `at_least`."""

    what: str
    bare: str
    ours: str
    measure: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that could not be measured here, and why."""

    what: str
    why: str


def median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:,.2f} ms"


def over(what: str, bare: float, ours: float, limit_ms: float) -> Result:
    """How many milliseconds we take longer than the bare server."""
    extra = (ours - bare) * 1e3
    return Result(what, milliseconds(bare), milliseconds(ours), f"{extra:+.2f} ms", extra, limit_ms)


def ratio(what: str, base: float, ours: float, limit: float) -> Result:
    """How many times the base we take."""
    times = ours / base
    return Result(what, milliseconds(base), milliseconds(ours), f"{times:.2f} x", times, limit)


def show(results: Sequence[Result | Skipped], console: Console) -> None:
    table = Table(title="Prosona: measured against what it must be", title_justify="left")
    for heading in ("what", "bare or base", "ours", "measured", "must be", ""):
        table.add_column(heading, justify="left" if heading in ("what", "") else "right")
    for result in results:
        if isinstance(result, Skipped):
            table.add_row(result.what, "", "", "", "", f"skipped: {result.why}")
            continue
        unit = result.measure.rpartition(" ")[2]
        bound = f"{'≥' if result.at_least else '≤'} {result.limit:g} {unit}"
        verdict = "[green]holds[/]" if result.holds else "[red]misses[/]"
        table.add_row(result.what, result.bare, result.ours, result.measure, bound, verdict)
    console.print(table)


def as_json(results: Sequence[Result | Skipped]) -> list[dict[str, object]]:
    return [
        {**asdict(result), **({"holds": result.holds} if isinstance(result, Result) else {})}
        for result in results
    ]
