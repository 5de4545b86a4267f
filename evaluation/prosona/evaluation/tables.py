"""The figures of a run as rows of text: for the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from prosona.evaluation.summary import Summary

__all__ = ["accuracy_table", "curve_table", "interval", "markdown", "print_table"]

_COLUMNS = (
    ("own", "columns"),
    ("other", "columns"),
    ("own minus other", "differences"),
    ("none", "columns"),
    ("raw", "columns"),
    ("raw minus raw other", "differences"),
    ("raw tail", "columns"),
)
_CHANCE = 50.0
"""Percent, of two candidates."""
_ALONE = ("longer", "popularity", "text alone")


def accuracy_table(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: a row for each reader and set, and one for each reader's averages."""
    shown = [
        (name, group)
        for name, group in _COLUMNS
        if any(name in reader[group] for part in summary["sets"] for reader in part["readers"].values())
    ]
    headings = [
        "reader",
        "set",
        "n",
        *(name for name, _ in shown),
        *_ALONE,
        "AUC",
        "reads",
        "tokens",
        "refused",
        "unparsed",
    ]
    rows = []
    for reader in dict.fromkeys(name for part in summary["sets"] for name in part["readers"]):
        for part in summary["sets"]:
            if reader in part["readers"]:
                rows.append(_row(reader, part, shown))
        if averages := summary["averages"].get(reader):
            means = [interval(averages.get(name)) for name, _ in shown]
            rows.append([reader, "average", "", *means, *[""] * (len(headings) - 3 - len(means))])
    return headings, rows


def _row(reader: str, part: Summary, shown: Sequence[tuple[str, str]]) -> list[str]:
    figures = part["readers"][reader]
    main = figures["columns"].get("own") or figures["columns"].get("raw") or {}
    outcomes = main.get("outcomes", {})
    return [
        reader,
        part["set"],
        str(main.get("n", "")),
        *(interval(figures[group].get(name)) for name, group in shown),
        *(interval(part["without profile"].get(name)) for name in _ALONE),
        "" if main.get("auc") is None else f"{main['auc']:.1f}",
        _reads(figures),
        str(part["profiles"].get("tokens mean", "")),
        str(outcomes.get("refused", 0)),
        str(outcomes.get("unparsed", 0)),
    ]


def _reads(figures: Mapping[str, Any]) -> str:
    """Whether a reader counts on a set: given the raw history it must be above chance, and above what it
    makes of another user's. Empty if it was not given any."""
    raw = figures["columns"].get("raw")
    if not raw:
        return ""
    of_others = figures["differences"].get("raw minus raw other")
    return "yes" if raw["low"] > _CHANCE and (not of_others or of_others["low"] > 0) else "no"


def curve_table(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of accuracy against token budgets and numbers of folded choices."""
    rows = [
        [
            reader,
            part["set"],
            "all" if point["after"] is None else str(point["after"]),
            str(point["budget"]),
            interval(point),
        ]
        for part in summary["sets"]
        for reader, figures in part["readers"].items()
        for point in figures["curve"]
    ]
    return ["reader", "set", "choices folded", "token budget", "accuracy"], rows


def interval(figure: Mapping[str, float] | None) -> str:
    """An accuracy or difference as "67.1 [61.6, 72.4]"; empty for none."""
    if not figure or figure["value"] != figure["value"]:
        return ""
    return f"{figure['value']:.1f} [{figure['low']:.1f}, {figure['high']:.1f}]"


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table: drawn where a person looks on, else as Markdown."""
    console = Console()
    if not console.is_terminal:
        click.echo(markdown(headings, rows))
        return
    table = Table(*headings, box=SIMPLE, padding=(0, 1, 0, 0))
    for row in rows:
        table.add_row(*(cell.replace("[", "\\[") for cell in row))
    console.print(table)


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
