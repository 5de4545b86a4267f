"""Tables of what somebody rated, watched, read or bought: a header, one row each (CSV and its kin)."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Sequence

from prosona.cli.interaction_files import Gathering, Log
from prosona.core.errors import InvalidInputError

__all__ = ["read_table"]

_NAMES: dict[str, tuple[str, ...]] = {
    "chosen": (
        "chosen",
        "title",
        "item",
        "name",
        "product",
        "film",
        "movie",
        "book",
        "song",
        "track",
        "text",
    ),
    "rejected": ("rejected",),
    "query": ("query", "question", "prompt"),
    "kind": ("kind", "type", "event"),
    "domain": ("domain", "category"),
    "occurred_at": (
        *("occurred_at", "date", "time", "datetime", "day", "when"),
        *("watched_date", "date_read", "date_rated", "created_at", "order_date"),
    ),
    "timestamp": ("timestamp",),
    "rating": ("rating", "my_rating", "your_rating", "stars", "score"),
    "idempotency_key": ("idempotency_key",),
    "origin": ("origin",),
    "agent": ("agent",),
    "user_id": ("user_id", "userid", "user"),
}
"""What a column may be called to be taken as a field, the surest name first."""

_DELIMITERS = ",;\t"

_SCALES = (5.0, 10.0, 100.0)
"""A table does not say out of how many it rates: the smallest of these that holds its highest rating."""
_LIKED, _DISLIKED = 0.6, 0.4
"""From this share of the scale on a rating speaks for a thing, up to that one against it: 3 of 5 and
2 of 5. What lies between says neither."""


def read_table(lines: Iterable[str], user_id: str | None) -> tuple[Log, list[str]]:
    """The interactions of a whole table, and in sentences what was recognised in it and what was not.

    `lines` keep their line ends. Errors: `InvalidInputError` naming the line, for the first one that is
    wrong, for a table without a column of things, or for a bad `user_id`.
    """
    rows = _rows(lines)
    if not rows:
        raise InvalidInputError("line 1: it is empty; nothing was imported")
    header = [name.strip() for name in rows[0][1]]
    columns = _recognised(header)
    if not {"chosen", "rejected"} & columns.keys():
        raise InvalidInputError(
            f"line 1: no column says what was chosen: it has {', '.join(header)}; name one of them chosen or"
            " title. Nothing was imported"
        )
    gathering, notes, aside = Gathering(user_id), [_told(header, columns)], 0
    scale = _scale(rows[1:], columns, gathering)
    if scale:
        notes.append(
            f"Ratings are read as out of {scale:g}: from {_LIKED * scale:g} on as chosen, up to"
            f" {_DISLIKED * scale:g} as rejected."
        )
    for number, cells in rows[1:]:
        with gathering.at(number):
            record = _record(header, columns, cells)
            if record is not None and (record := _judged(record, scale)) is not None:
                gathering.add(record, number)
            else:
                aside += 1
    if aside:
        notes.append(f"{aside} rows name nothing or are rated in the middle: left aside.")
    return gathering.log, notes


def _rows(lines: Iterable[str]) -> list[tuple[int, list[str]]]:
    """The rows that hold anything, each with the number of the line on which it ends."""
    iterator = iter(lines)
    first = next(iterator, "").removeprefix("\ufeff")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(_chained(first, iterator), delimiter=delimiter, strict=True)
    rows = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
    except csv.Error as error:
        raise InvalidInputError(
            f"line {reader.line_num}: no table that can be read: {error}; nothing was imported"
        ) from None
    return rows


def _chained(first: str, rest: Iterable[str]) -> Iterable[str]:
    yield first
    yield from rest


def _recognised(header: Sequence[str]) -> dict[str, int]:
    """The place of the column that is taken for each field."""
    places = {re.sub(r"[\W_]+", "_", name.casefold()).strip("_"): place for place, name in enumerate(header)}
    return {
        field: next(places[name] for name in names if name in places)
        for field, names in _NAMES.items()
        if any(name in places for name in names)
    }


def _told(header: Sequence[str], columns: dict[str, int]) -> str:
    taken = [
        header[place] if header[place] == field else f"{header[place]} as {field}"
        for field, place in columns.items()
    ]
    left = [name for place, name in enumerate(header) if place not in columns.values()]
    return f"Recognised: {', '.join(taken)}." + (f" Left aside: {', '.join(left)}." if left else "")


def _scale(rows: Sequence[tuple[int, list[str]]], columns: dict[str, int], gathering: Gathering) -> float:
    """Out of how many a table rates; 0 if it does not."""
    place = columns.get("rating")
    if place is None:
        return 0.0
    highest = 0.0
    for number, cells in rows:
        with gathering.at(number):
            if place < len(cells) and cells[place].strip():
                highest = max(highest, _rating(cells[place]))
    return next((scale for scale in _SCALES if highest <= scale), highest) if highest else 0.0


def _rating(cell: str) -> float:
    try:
        rating = float(cell.strip().replace(",", "."))
    except ValueError:
        rating = math.nan
    if not math.isfinite(rating):
        raise InvalidInputError(f"{cell.strip()[:40]!r} is no rating: write a number")
    return rating


def _record(header: Sequence[str], columns: dict[str, int], cells: Sequence[str]) -> dict[str, object] | None:
    """One row as the record of an interaction; None if it names nothing."""
    if len(cells) > len(header):
        raise InvalidInputError(f"{len(cells)} cells under {len(header)} columns: put quotes around commas")
    record: dict[str, object] = {
        field: cells[place].strip()
        for field, place in columns.items()
        if place < len(cells) and cells[place].strip()
    }
    if seconds := record.get("timestamp"):
        record["timestamp"] = _seconds(str(seconds))
    return record if "chosen" in record or "rejected" in record else None


def _seconds(cell: str) -> object:
    try:
        return float(cell)
    except ValueError:
        return cell


def _judged(record: dict[str, object], scale: float) -> dict[str, object] | None:
    """A rated thing as chosen or rejected; None if its rating says neither."""
    rating = record.pop("rating", None)
    if not scale or rating is None or "rejected" in record:
        return record
    share = _rating(str(rating)) / scale
    if _DISLIKED < share < _LIKED:
        return None
    record.setdefault("kind", "rating")
    if share <= _DISLIKED:
        record["rejected"] = record.pop("chosen")
    return record
