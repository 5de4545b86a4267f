"""`edit`: the lines of a profile in an editor, one a row, each behind its id.

The ids tell what was changed, removed, added or moved; nothing is guessed from the words.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prosona.cli.options import (
    ACTOR,
    Settings,
    confirmed,
    db_option,
    json_option,
    known,
    pass_settings,
    user_option,
    yes_option,
)
from prosona.cli.output import counted, note, print_json, visible
from prosona.core.errors import InvalidInputError

if TYPE_CHECKING:
    from prosona.core.words import Line, Profile

__all__ = ["Row", "edit", "read_rows", "write_rows"]

_MARK = "#"
_ROW = re.compile(r"\[(?P<id>[^\]\s]*)\]\s*(?P<text>.*)")

_HEAD = """\
# The profile of {user} at version {version}: one line a row, behind its id.
#
# Change the words behind an id, and the line is yours: it stays as you wrote it.
# Take a row out, and the line goes; older evidence does not bring it back.
# Write a new row, without an id, and it is a new line of yours.
# Move rows as you like: the id tells which line it is.
# How often and until when is kept beside the lines and is not written here.
#
# Rows like these are left out. Save and close to go on; change nothing to leave everything as it is.

"""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an edited file."""

    line: str
    """The id of the line; empty for a new one."""
    text: str


def write_rows(user_id: str, version: int, lines: Sequence[Line]) -> str:
    """The text that an editor is given: an explanation, then each line behind its id."""
    head = _HEAD.format(user=visible(user_id), version=version)
    return head + "".join(f"[{line.id}] {_on_one_row(line)}\n" for line in lines)


def _on_one_row(line: Line) -> str:
    return " ".join(line.text.split())


def read_rows(text: str, lines: Sequence[Line]) -> list[Row]:
    """The rows of an edited text, in their order.

    Errors: `InvalidInputError` naming the row, for an id that none of `lines` has, one that stands
    twice, or one with no words behind it.
    """
    known_ids = {line.id for line in lines}
    rows: list[Row] = []
    seen: dict[str, int] = {}
    # Not splitlines: a line may hold what only some take for a line break.
    for number, written in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        row = written.strip()
        if not row or row.startswith(_MARK):
            continue
        found = _ROW.fullmatch(row)
        if found is None:
            rows.append(Row("", row))
            continue
        id_, words = found["id"], found["text"].strip()
        if id_ not in known_ids:
            raise InvalidInputError(
                f"row {number}: no line has the id {id_!r}; write a new line without brackets in front"
            )
        if id_ in seen:
            raise InvalidInputError(
                f"row {number}: {id_} stands in row {seen[id_]} already; take the id off one of the two"
            )
        if not words:
            raise InvalidInputError(f"row {number}: {id_} has no words; take the whole row out to remove it")
        seen[id_] = number
        rows.append(Row(id_, words))
    return rows


@click.command(short_help="Edit the profile, line by line, in your editor.")
@user_option()
@yes_option("Remove everything, if nothing is left in the file, without asking.")
@json_option()
@db_option()
@pass_settings
def edit(settings: Settings, user_id: str, yes: bool, as_json: bool) -> None:
    """Edit the lines of a profile in $VISUAL or $EDITOR. What you change or write is yours and stays.

    Whatever goes wrong with an edited file, it is kept, and where it lies is said.

    \b
    Example:
      prosona edit --user ana
    """
    profile = settings.run(lambda service: known(service, user_id, lines=True))
    lines = profile.lines or ()
    folder = Path(tempfile.mkdtemp(prefix="prosona-"))  # Nobody else may look into it.
    file = folder / "profile.txt"
    before = write_rows(user_id, profile.version, lines)
    file.write_text(before, encoding="utf-8", newline="\n")
    done = False
    try:
        click.edit(filename=str(file))
        _take_in(settings, profile, before, _text_of(file), yes=yes, as_json=as_json)
        done = True
    finally:
        if done or not _differs(file, before):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            note(f"prosona: what you wrote is kept in {file}")


def _differs(file: Path, before: str) -> bool:
    return file.exists() and file.read_bytes() != before.encode("utf-8")


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidInputError("the edited file is not UTF-8 text") from None
    except FileNotFoundError:
        raise InvalidInputError("the edited file is gone: save it where it was") from None


def _take_in(
    settings: Settings, profile: Profile, before: str, after: str, *, yes: bool, as_json: bool
) -> None:
    """Stores what was edited. Errors: `ProsonaError`, with nothing stored."""
    lines = profile.lines or ()
    if read_rows(before, lines) == (rows := read_rows(after, lines)):
        note("nothing was changed")
        return
    if not rows and not yes:
        note(f"No line is left in the file: all {counted(len(lines), 'line')} would be removed.")
        confirmed(f"Remove {counted(len(lines), 'line')}?")
    # A row that was left alone is handed on as the line reads, whatever spaces it has.
    as_it_was = {(line.id, _on_one_row(line)): line.text for line in lines}
    wanted = [(row.line, as_it_was.get((row.line, row.text), row.text)) for row in rows]
    revised = settings.run(
        lambda service: service.edit_lines(profile.user_id, wanted, base_version=profile.version, actor=ACTOR)
    )
    if as_json:
        print_json(revised)
        return
    from prosona.cli.revising import report

    note(_summary(lines, rows))
    report(revised)


def _summary(lines: Sequence[Line], rows: Sequence[Row]) -> str:
    """What was done to the lines, counted."""
    texts = {row.line: row.text for row in rows if row.line}
    counts = {
        "changed": sum(line.id in texts and texts[line.id] != _on_one_row(line) for line in lines),
        "removed": sum(line.id not in texts for line in lines),
        "added": sum(not row.line for row in rows),
    }
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return told or "the order was changed"
