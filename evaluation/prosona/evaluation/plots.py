"""Plots of a run: accuracy by set, against the token budget, against choices folded, and cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prosona.core.errors import InvalidInputError
from prosona.evaluation.summary import Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]

_COLUMNS = (("own", "#1b6ca8"), ("raw", "#e08e0b"), ("raw tail", "#f2c879"), ("other", "#9a9a9a"))


def draw(summary: Summary, folder: Path) -> list[Path]:
    """Writes the PNGs that the run has figures for, and returns where they lie.

    Raises `InvalidInputError` where matplotlib is not installed.
    """
    drawn = []
    for reader in dict.fromkeys(name for part in summary["sets"] for name in part["readers"]):
        sets = [part for part in summary["sets"] if reader in part["readers"]]
        name = "".join(c if c.isalnum() else "-" for c in reader)
        drawn.append(_saved(folder / f"accuracy-{name}.png", partial(_bars, sets=sets, reader=reader)))
        for key, label in (("budget", "token budget of the profile"), ("after", "choices folded")):
            if any(_points(part, reader, key) for part in sets):
                paint = partial(_curves, sets=sets, reader=reader, key=key, label=label)
                drawn.append(_saved(folder / f"accuracy-by-{key}-{name}.png", paint))
    if any(part["profiles"] for part in summary["sets"]):
        drawn.append(_saved(folder / "cost.png", partial(_cost, summary=summary)))
    return drawn


def _saved(path: Path, paint: Callable[[Axes], None]) -> Path:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InvalidInputError("plots need matplotlib: pip install 'prosona[evaluation]'") from error
    figure = Figure(figsize=(9, 4.8), layout="constrained")
    axes = figure.add_subplot()
    paint(axes)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)
    return path


def _bars(axes: Axes, sets: list[Summary], reader: str) -> None:
    columns = [
        (c, colour) for c, colour in _COLUMNS if any(c in p["readers"][reader]["columns"] for p in sets)
    ]
    width = 0.8 / max(1, len(columns))
    for turn, (column, colour) in enumerate(columns):
        for index, part in enumerate(sets):
            figure = part["readers"][reader]["columns"].get(column)
            if figure:
                axes.bar(
                    index + (turn - (len(columns) - 1) / 2) * width,
                    figure["value"],
                    width,
                    color=colour,
                    label=column if index == 0 else None,
                    yerr=_error(figure),
                    error_kw={"linewidth": 1, "capsize": 2},
                )
    axes.axhline(50, color="black", linewidth=0.8, linestyle=":")
    axes.set_xticks(range(len(sets)), [part["set"] for part in sets], rotation=15, ha="right")
    axes.set_ylim(0, 105)
    axes.set_ylabel("accuracy, % (95 % interval over users)")
    axes.set_title(f"Accuracy by set, reader {reader}", loc="left")
    axes.legend(ncols=len(columns), frameon=False, loc="upper right")


def _curves(axes: Axes, sets: list[Summary], reader: str, key: str, label: str) -> None:
    for part in sets:
        points = _points(part, reader, key)
        if points:
            axes.errorbar(
                [point[0] for point in points],
                [point[1]["value"] for point in points],
                yerr=[
                    [point[1]["value"] - point[1]["low"] for point in points],
                    [point[1]["high"] - point[1]["value"] for point in points],
                ],
                marker="o",
                capsize=2,
                linewidth=1.4,
                label=part["set"],
            )
    axes.axhline(50, color="black", linewidth=0.8, linestyle=":")
    axes.set_xlabel(label)
    axes.set_ylabel("accuracy, % (95 % interval over users)")
    axes.set_title(f"Accuracy against {label}, reader {reader}", loc="left")
    axes.legend(frameon=False, fontsize=8, ncols=2)


def _points(part: Summary, reader: str, key: str) -> list[tuple[int, Any]]:
    curve = part["readers"][reader]["curve"]
    points = [(p[key], p) for p in curve if (p["after"] is None) == (key == "budget")]
    if points and key == "after" and "own" in part["readers"][reader]["columns"]:
        # What the last point of the curve tends to: the profile after the whole history.
        folded = round(part["profiles"]["choices folded"] / max(1, part["people"]))
        points = [point for point in points if point[0] < folded]
        points.append((folded, part["readers"][reader]["columns"]["own"]))
    return sorted(points, key=lambda point: point[0])


def _cost(axes: Axes, summary: Summary) -> None:
    sets = [part for part in summary["sets"] if part["profiles"]]
    values = [1000 * part["profiles"]["seconds a choice"] for part in sets]
    bars = axes.barh([part["set"] for part in sets], values, color="#1b6ca8")
    axes.bar_label(
        bars, [f" {part['profiles']['tokens mean']:.0f} tokens a profile" for part in sets], fontsize=8
    )
    axes.margins(x=0.25)
    axes.set_xlabel("milliseconds a choice, observed and folded")
    axes.set_title("Cost", loc="left")


def _error(figure: Mapping[str, float]) -> list[list[float]]:
    return [[figure["value"] - figure["low"]], [figure["high"] - figure["value"]]]
