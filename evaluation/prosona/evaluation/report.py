"""What a run leaves for people: `report.md`, `results.json` and plots; and runs side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from prosona.evaluation.data import DataError
from prosona.evaluation.published import ROWS, SETS, published_set
from prosona.evaluation.statistics import difference
from prosona.evaluation.summary import Summary
from prosona.evaluation.tables import accuracy_table, curve_table, interval, markdown

__all__ = ["RESULTS", "beside_published", "generation_table", "load_summary", "side_by_side", "write_report"]

RESULTS = "results.json"
_NOTE = (
    "Accuracy in percent with a 95 % interval over users; ties count half. own: the user's profile. other: "
    "another user's. none: no profile. raw: the whole raw history; raw tail: its newest part of no more "
    "tokens than a profile. longer, popularity, text alone: nothing known of the user. The figure that "
    "counts is own minus other."
)


def write_report(summary: Summary, folder: Path, plots: Sequence[Path] = ()) -> Path:
    """Writes `results.json` and `report.md` into a run's folder; returns where the report lies."""
    (folder / RESULTS).write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    run = summary["run"]
    parts = [
        f"# Evaluation: {run['profiler']}",
        "\n".join(f"- {name}: {_plain(value)}" for name, value in run.items()),
        "## Accuracy",
        markdown(*accuracy_table(summary)),
        _NOTE,
    ]
    for title, (headings, rows) in (
        ("Answers with the profile against answers without it", generation_table(summary)),
        ("Curves", curve_table(summary)),
        ("Beside the published figures", beside_published(summary)),
    ):
        if rows:
            parts += [f"## {title}", markdown(headings, rows)]
    parts += [f"![{path.stem}]({path.name})" for path in plots]
    report = folder / "report.md"
    report.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return report


def generation_table(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the judge's verdicts."""
    rows = [
        [
            part["set"],
            interval(part["generation"]),
            str(part["generation"]["n"]),
            str(part["generation"]["order decided"]),
            str(part["generation"]["unparsed"]),
        ]
        for part in summary["sets"]
        if part.get("generation")
    ]
    return ["set", "better with the profile, %", "n", "decided by order", "unparsed"], rows


def beside_published(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """Published rows and ours, over the published sets that were run; no rows if none was."""
    ours: dict[str, dict[str, float]] = {}
    for part in summary["sets"]:
        name = published_set(part["set"])
        if name is None:
            continue
        for reader, figures in part["readers"].items():
            main = figures["columns"].get("own") or figures["columns"].get("raw")
            if main:
                ours.setdefault(reader, {})[name] = main["value"]
        if part.get("generation"):
            ours.setdefault("judge", {})[name] = part["generation"]["value"]
    found = [name for name in SETS if any(name in figures for figures in ours.values())]
    if not found:
        return [], []
    rows = [
        [row.setting, row.profiler, "Qwen3-8B", *(f"{row.figures[SETS.index(name)]:.2f}" for name in found)]
        for row in ROWS
    ]
    run = summary["run"]
    for reader, figures in ours.items():
        cells = [f"{figures[name]:.2f}" if name in figures else "" for name in found]
        rows.append([f"**{run['plan']['setting']}**", f"**{run['profiler']}**", reader, *cells])
    return ["setting", "profiler", "reader", *found], rows


def load_summary(folder: Path) -> Summary:
    """The results of a finished run."""
    path = folder / RESULTS if folder.is_dir() else folder
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: is no finished run: {error.strerror}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: is no finished run: {error}") from error
    if not isinstance(loaded, dict) or not {"run", "sets", "averages"} <= loaded.keys():
        raise DataError(f"{path}: is no finished run")
    return cast(Summary, loaded)


def side_by_side(runs: Sequence[tuple[str, Summary]]) -> tuple[list[str], list[list[str]]]:
    """Accuracy of the own profiles in each run, and each later run minus the first, paired by user.

    A run without profiles (direct) is shown by its raw history.
    """
    headings = ["reader", "set", *(name for name, _ in runs)]
    headings += [f"{name} minus {runs[0][0]}" for name, _ in runs[1:]]
    columns = [_credits(summary) for _, summary in runs]
    rows = []
    for reader, name in dict.fromkeys(key for column in columns for key in column):
        found = [column.get((reader, name)) for column in columns]
        row = [reader, name, *(interval(_figure(summary, reader, name)) for _, summary in runs)]
        for credits in found[1:]:
            pair = difference(credits, found[0]) if credits and found[0] else None
            row.append(f"{pair.value:+.1f} [{pair.low:+.1f}, {pair.high:+.1f}]" if pair and pair.n else "")
        rows.append(row)
    return headings, rows


def _credits(summary: Summary) -> dict[tuple[str, str], dict[str, list[float]]]:
    return {
        (reader, part["set"]): figures["credits"].get("own") or figures["credits"].get("raw") or {}
        for part in summary["sets"]
        for reader, figures in part["readers"].items()
    }


def _figure(summary: Summary, reader: str, name: str) -> dict[str, float] | None:
    for part in summary["sets"]:
        if part["set"] == name and reader in part["readers"]:
            columns = part["readers"][reader]["columns"]
            return cast("dict[str, float] | None", columns.get("own") or columns.get("raw"))
    return None


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items() if part not in (None, ()))
    if isinstance(value, list | tuple):
        return " ".join(str(part) for part in value)
    return str(value)
