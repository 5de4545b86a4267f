"""What the commands print: JSON for programs, tables for people, plain columns for pipes."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime

import click
from pydantic import BaseModel

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def print_json(value: object) -> None:
    """Prints models, or lists or dicts of them, as one JSON document."""
    click.echo(json.dumps(_plain(value), ensure_ascii=False, indent=2))


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    """Prints a table; where no person looks on, one row a line with tabs and without decoration."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in cells:
            click.echo("\t".join(" ".join(cell.split()) for cell in row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left")
    for column in columns:
        table.add_column(column, no_wrap=column != columns[-1])
    for row in cells:
        # Text, not str: what users wrote must never be read as markup.
        table.add_row(*(Text(cell, _STYLES.get(cell, "")) for cell in row))
    Console().print(table)


def note(message: str) -> None:
    """Says something beside the result, on stderr."""
    click.echo(message, err=True)


def moment(time: datetime | None) -> str:
    """A time as people read it, in their own zone; empty for None."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M") if time else ""
