"""`import` and `export`: logs and profiles in and out of the database."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prosona.cli.options import ACTOR, Settings, db_option, json_option, known, pass_settings, user_option
from prosona.cli.output import counted, note, print_json, say, visible
from prosona.core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from prosona.cli.interaction_files import Log
    from prosona.service import ProfileService

__all__ = ["export", "import_file"]

_PAGE = 1000
"""Interactions read at a time."""

_PROFILES = (".md", ".markdown")
_TABLES = (".csv", ".tsv")
_ZIP = b"PK\x03\x04"


@click.command("import", short_help="Take in a log or a profile.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@user_option(required=False, text="Whose it is, where the file does not say so.")
@json_option()
@db_option()
@pass_settings
def import_file(settings: Settings, file: Path, user_id: str | None, as_json: bool) -> None:
    """Take in a log of interactions (FILE.jsonl, .json, .csv) or a profile (FILE.md).

    A log has one JSON object a line, an interaction or a benchmark record with a "history"; or it is a
    table whose header names a column title, item or chosen. If any line is wrong, nothing is stored.
    Importing a file again stores nothing twice.

    \b
    Examples:
      prosona import history.jsonl --user ana
      prosona import watched.csv --user ana
      prosona import ana.md
    """
    with file.open("rb") as start:
        if start.read(len(_ZIP)) == _ZIP:
            raise InvalidInputError(
                f"{file} is a ZIP archive: unpack it and import a file from it; nothing was imported"
            )
    try:
        if file.suffix.lower() in _PROFILES:
            _import_profile(settings, file, user_id, as_json)
        else:
            _import_log(settings, file, user_id, as_json)
    except UnicodeDecodeError:
        raise InvalidInputError(f"{file} is not UTF-8 text: save it as such; nothing was imported") from None


def _import_log(settings: Settings, file: Path, user_id: str | None, as_json: bool) -> None:
    try:
        log = _read(file, user_id)
    except InvalidInputError as error:
        raise InvalidInputError(f"{file}, {error}") from None
    counts = settings.run(lambda service: _store(service, log), there=False)
    if as_json:
        print_json(
            {**{what: n for what, n in counts.items() if n or what != "quarantined"}, "users": len(log)}
        )
        return
    users = f" for {len(log)} users" if len(log) > 1 else ""
    accepted, known = counted(counts["accepted"], "interaction"), counted(counts["duplicate"], "duplicate")
    say(f"{accepted} accepted{users}, {known}")
    if counts["quarantined"]:
        note(
            f"{counted(counts['quarantined'], 'interaction')} set aside: `prosona quarantine list` shows them"
        )


def _read(file: Path, user_id: str | None) -> Log:
    from prosona.cli.interaction_files import read_document, read_log

    if file.suffix.lower() in _TABLES:
        from prosona.cli.tables import read_table

        log, remarks = read_table(_watched(file), user_id)
        for remark in remarks:
            note(remark)
        return log
    if file.suffix.lower() == ".json":
        document = read_document(file.read_text(encoding="utf-8"), user_id)
        if document is not None:
            return document
    return read_log(_watched(file), user_id)


def _watched(file: Path) -> Iterator[str]:
    """The lines of a file, with a progress bar where somebody looks on."""
    with (
        file.open(encoding="utf-8", newline="") as lines,
        click.progressbar(
            length=file.stat().st_size, label="reading", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar,
    ):
        for line in lines:
            yield line
            bar.update(len(line.encode("utf-8")))


async def _store(service: ProfileService, log: Log) -> dict[str, int]:
    counts = {"accepted": 0, "duplicate": 0, "quarantined": 0}
    with click.progressbar(
        log.items(), label="storing", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        for user_id, interactions in bar:
            for receipt in await service.observe(user_id, interactions):
                counts[receipt.status] += 1
                counts["quarantined"] += receipt.status == "accepted" and receipt.quarantined is not None
    return counts


def _import_profile(settings: Settings, file: Path, user_id: str | None, as_json: bool) -> None:
    from prosona.core.portable import from_markdown

    profile = from_markdown(file.read_text(encoding="utf-8-sig"))
    owner = user_id or profile.user_id
    imported = settings.run(lambda service: service.import_profile(owner, profile, actor=ACTOR), there=False)
    if as_json:
        print_json(imported)
        return
    revised = imported.revised
    if revised.cause is None:
        say(f"nothing to do, {owner} is still at version {revised.version}")
    else:
        say(f"the profile of {owner} is imported, now version {revised.version}")
        note(f"{counted(imported.lines, 'line')} taken in, {imported.known} stood here already")
    for refused in imported.refused:
        note(f"not taken in: {refused}")


@click.command(short_help="Write a profile, or the log, to a file.")
@user_option()
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option("--interactions", is_flag=True, help="The log as JSON lines instead of the profile.")
@db_option()
@pass_settings
def export(settings: Settings, user_id: str, output: Path | None, interactions: bool) -> None:
    """Write a user's profile as one Markdown file, or the log of interactions.

    \b
    Examples:
      prosona export --user ana -o ana.md
      prosona export --user ana --interactions > ana.jsonl
    """
    text = settings.run(lambda service: (_log_text if interactions else _profile_text)(service, user_id))
    if output is not None:
        _write_private(output, text)
        note(f"written to {output}")
    elif sys.stdout.isatty():
        say(text.removesuffix("\n"))
    else:
        # To a file or a program it goes as it is: an import gives back what went in.
        click.echo(text, nl=False)


async def _profile_text(service: ProfileService, user_id: str) -> str:
    from prosona.core.portable import to_markdown

    profile = await known(service, user_id)
    if not profile.version:
        raise NotFoundError(f"{user_id!r} has no profile yet: {profile.stale or 'nothing was folded'}")
    return to_markdown(await service.export(user_id))


async def _log_text(service: ProfileService, user_id: str) -> str:
    await known(service, user_id)
    lines: list[str] = []
    after = 0
    while page := await service.interactions(user_id, after=after, limit=_PAGE):
        after = page[-1].seq
        for interaction in page:
            fields = interaction.model_dump(mode="json", exclude_none=True)
            text = json.dumps({"user_id": user_id, **fields}, ensure_ascii=False)
            lines.append(visible(text, as_json=True) + "\n")
    return "".join(lines)


def _write_private(file: Path, text: str) -> None:
    """Writes the whole file or nothing, readable by its owner only."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
