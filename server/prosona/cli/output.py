"""What the commands print: JSON for programs, tables for people, plain columns for pipes.

Everything goes through `visible`: a profile is made of what people and agents wrote, and a terminal obeys
what it is sent.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from prosona.core.words import Interaction, Line

__all__ = [
    "OLD_PAGES_LEFT",
    "columns",
    "counted",
    "moment",
    "note",
    "print_json",
    "print_table",
    "said",
    "say",
    "support_of",
    "visible",
]

OLD_PAGES_LEFT = (
    "old pages are still in the file (another program reads it, or the disk is full): run `prosona maintain`"
)
"""What is said where a removal could not take the bytes away at once."""

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}

# By code point, for an editor may hide or normalise them: control characters but tab and newline; what
# turns the direction of writing; line and paragraph separators; what nobody sees; halves of surrogate
# pairs, which no UTF-8 holds; and tag characters, a hidden alphabet.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)

# The flags of England, Scotland and Wales are the only signs in use that are spelled with tag characters.
_FLAGS = re.compile(
    "\U0001f3f4\U000e0067\U000e0062"
    "(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)\U000e007f"
)


def visible(text: str, *, as_json: bool = False) -> str:
    r"""`text` with every character that a terminal would obey or hide written out: `\x1b`, `\u202e`.

    Tabs and newlines stay. With `as_json` the text is JSON, and the escapes are such as JSON reads back.
    """
    if not _HIDDEN.search(text):
        return text
    spelled = _in_json if as_json else _in_text
    parts, end = [], 0
    for flag in _FLAGS.finditer(text):
        parts += [_HIDDEN.sub(spelled, text[end : flag.start()]), flag[0]]
        end = flag.end()
    return "".join([*parts, _HIDDEN.sub(spelled, text[end:])])


def _in_text(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _in_json(found: re.Match[str]) -> str:
    # All that JSON itself escapes is escaped already; it would leave U+007F as it is.
    return json.dumps(found[0])[1:-1] if found[0] != "\x7f" else "\\u007f"


def say(text: str = "") -> None:
    """Prints a result on stdout."""
    click.echo(visible(text))


def note(message: str) -> None:
    """Says something beside the result, on stderr."""
    click.echo(visible(message), err=True)


def print_json(value: object) -> None:
    """Prints models, or lists or dicts of them, as one JSON document."""
    click.echo(visible(json.dumps(_plain(value), ensure_ascii=False, indent=2), as_json=True))


def _plain(value: object) -> object:
    # Told by what it can do: a command that prints no model need not wait for pydantic.
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def print_table(names: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    """Prints a table; where no person looks on, one row a line with tabs and without decoration."""
    cells = [[columns(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in cells:
            say("\t".join(row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(visible(title)) if title else None, box=box.SIMPLE_HEAD, title_justify="left")
    for name in names:
        table.add_column(name, no_wrap=name != names[-1])
    for row in cells:
        # Text, not str: what users wrote must never be read as markup.
        table.add_row(*(Text(visible(cell), _STYLES.get(cell, "")) for cell in row))
    Console().print(table)


def columns(cell: object) -> str:
    """What stands in one cell of a row: the value on one line, empty for None."""
    return "" if cell is None else " ".join(str(cell).split())


def moment(time: datetime | None) -> str:
    """A time as people read it, in their own zone; empty for None."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M") if time else ""


def counted(number: int, what: str) -> str:
    """A number with its noun: "1 line", "2 lines"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def support_of(line: Line) -> str:
    """What a line rests on, in a few signs: "14 of 15, 2026-01-02 to 2026-03-04"."""
    support = line.support
    parts = []
    if support.times:
        parts.append(f"{support.times} of {support.of}" if support.of else str(support.times))
    if support.first and support.last:
        days = (support.first, support.last)
        parts.append(str(days[0]) if days[0] == days[1] else f"{days[0]} to {days[1]}")
    if support.carried:
        parts.append(f"by {support.carried}")
    return ", ".join(parts)


def said(interaction: Interaction) -> str:
    """An interaction in one line of words: what was chosen over what, and for which query."""
    what = " over ".join(part for part in (interaction.chosen, interaction.rejected) if part)
    if interaction.chosen is None:
        what = f"not {what}"
    return f"{what} (for: {interaction.query})" if interaction.query else what
