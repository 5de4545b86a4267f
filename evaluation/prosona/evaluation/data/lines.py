"""Reading data files line by line, so that what is wrong can be said with its line."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from prosona.evaluation.data.records import DataError

__all__ = [
    "Row",
    "at_line",
    "csv_rows",
    "json_entries",
    "json_rows",
    "optional_text",
    "rows_of",
    "text_lines",
    "text_of",
    "texts_of",
    "time_of",
]

T = TypeVar("T")
P = ParamSpec("P")
Row = Mapping[str, object]

_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", type(None): "absent or null"}


def text_lines(path: Path) -> Generator[tuple[int, str]]:
    """Numbered lines of a UTF-8 file, plain or gzip, without their line ends."""
    try:
        with path.open("rb") as raw:
            stream = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw
            with io.TextIOWrapper(stream, encoding="utf-8") as text:
                for number, line in enumerate(text, start=1):
                    yield number, line.rstrip("\r\n")
    except (OSError, EOFError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise DataError(f"{path}: cannot be read: {reason}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is no UTF-8 text (byte {error.start} of a block)") from error


def json_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Numbered objects of a JSON-lines file. Empty lines are passed over."""
    for number, line in text_lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"{path}, line {number}: is no JSON: {error.msg}") from error
        if not isinstance(row, dict):
            raise DataError(f"{path}, line {number}: must be a JSON object, is {_kind(row)}")
        yield number, row


def json_entries(path: Path) -> Iterator[tuple[int, Row]]:
    """Numbered objects of a file that is one JSON list, or else JSON lines; from 1 in both cases."""
    numbered = text_lines(path)
    first = next((line for _, line in numbered if line.strip()), "")
    numbered.close()
    if not first.lstrip().startswith("["):
        yield from json_rows(path)
        return
    text = "\n".join(line for _, line in text_lines(path))
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}, line {error.lineno}: is no JSON: {error.msg}") from error
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise DataError(f"{path}, entry {number}: must be a JSON object, is {_kind(entry)}")
        yield number, entry


def csv_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Numbered rows of a CSV file whose first line names at least `columns`."""
    numbered = text_lines(path)
    reader = csv.DictReader((line + "\n" for _, line in numbered))
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise DataError(f"{path}, line 1: the columns {', '.join(missing)} are missing")
    for row in reader:
        if None in row or any(row[column] is None for column in columns):
            raise DataError(f"{path}, line {reader.line_num}: has not as many fields as the first line")
        yield reader.line_num, row


def text_of(row: Row, name: str) -> str:
    """A field that must be a non-empty text."""
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"`{name}` must be a non-empty text, is {_kind(value)}")
    return _whole(value)


def optional_text(row: Row, name: str) -> str | None:
    """A field that may be absent, null or blank, and otherwise is a text."""
    value = row.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str):
        raise ValueError(f"`{name}` must be a text, is {_kind(value)}")
    return _whole(value)


def rows_of(row: Row, name: str) -> list[Row]:
    """A field that must be a list of objects."""
    value = row.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError(f"`{name}` must be a list of objects, is {_kind(value)}")
    return value


def texts_of(row: Row, name: str) -> list[str]:
    """A field that must be a non-empty list of texts."""
    value = row.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise ValueError(f"`{name}` must be a non-empty list of texts, is {_kind(value)}")
    return value


def time_of(row: Row, name: str) -> datetime | None:
    """A field in seconds since 1970 (milliseconds are recognised), or absent."""
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"`{name}` must be seconds since 1970, is {_kind(value)}")
    try:
        return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, tz=UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise ValueError(f"`{name}` is no time: {value}") from error


def at_line(path: Path, number: int, read: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """What ``read(*args)`` returns; its ValueError becomes a `DataError` that names the line."""
    try:
        return read(*args, **named)
    except DataError:
        raise
    except ValueError as error:
        raise DataError(f"{path}, line {number}: {error}") from error


def _whole(text: str) -> str:
    """The text without half characters (lone surrogates), which files and models cannot hold."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a number")
