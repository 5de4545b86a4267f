"""`revise`: state, change a line, remove, pin, replace the text, roll back, or fold now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prosona.cli.options import (
    ACTOR,
    Settings,
    db_option,
    json_option,
    pass_settings,
    user_option,
    yes_option,
)
from prosona.cli.output import note, print_json, say
from prosona.core.errors import ConflictError

if TYPE_CHECKING:
    from prosona.service.answers import Revised

__all__ = ["print_conflict", "report", "revise"]


@click.command(short_help="State, change a line, replace, roll back, or fold now.")
@user_option()
@click.option("--statement", metavar="TEXT", help="Pin a line of yours; it stays word for word.")
@click.option("--line", metavar="LINE", help="Change this line: its --text, or its --until, or both.")
@click.option("--remove", metavar="LINE", help="Take this line out; older evidence does not bring it back.")
@click.option("--pin", metavar="LINE", help="Keep this line as it is.")
@click.option(
    "--until", metavar="DAY", help="The last day on which the line holds, like 2026-12-31; '' takes it away."
)
@click.option(
    "--text",
    metavar="TEXT-OR-FILE",
    help="With --line, how it reads from now on. Else a file whose text takes the place of the whole profile;"
    " - reads stdin. Needs --base-version then.",
)
@click.option(
    "--rollback-to", "--rollback", type=click.IntRange(min=1), metavar="VERSION", help="Go back to a version."
)
@click.option(
    "--forget", metavar="TOPIC", help="The same as `prosona forget`: erase a topic, a line or ('*') the user."
)
@click.option(
    "--base-version",
    type=click.IntRange(min=0),
    metavar="VERSION",
    help="Revise only if the profile still is at this version.",
)
@yes_option("Forget without asking.")
@json_option()
@db_option()
@pass_settings
def revise(
    settings: Settings,
    user_id: str,
    statement: str | None,
    line: str | None,
    remove: str | None,
    pin: str | None,
    until: str | None,
    text: str | None,
    rollback_to: int | None,
    forget: str | None,
    base_version: int | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Change a user's profile; with no change named, fold what is pending now.

    LINE is the id of a line, its number in the profile, or part of its text: see `prosona get --lines`.

    \b
    Examples:
      prosona revise --user ana --statement "I am in Lisbon." --until 2026-12-31
      prosona revise --user ana --line 3 --text "Films: slow ones, never horror."
      prosona revise --user ana --remove "science fiction"
      prosona get --user ana > profile.txt   # its version is said on stderr
      prosona revise --user ana --text profile.txt --base-version 7
      prosona revise --user ana --rollback-to 3
    """
    from prosona.service import parse_change

    if text is not None and (line is None or text == "-"):
        text = _read(text)
    change = parse_change(
        statement=statement,
        line=line,
        remove=remove,
        pin=pin,
        until=until,
        text=text,
        rollback_to=rollback_to,
        forget=forget,
        base_version=base_version,
    )
    if forget is not None:
        from prosona.cli.forgetting import forget_with_preview

        forget_with_preview(settings, user_id, forget, yes=yes, as_json=as_json, base_version=base_version)
        return
    # A statement or a text may be the first that is known of somebody; the rest needs what stands already.
    stands = statement is None and (text is None or line is not None)
    try:
        revised = settings.run(lambda service: service.revise(user_id, change, actor=ACTOR), there=stands)
    except ConflictError as conflict:
        if as_json:
            print_conflict(conflict)
        raise
    if as_json:
        print_json(revised)
    else:
        report(revised)


def _read(file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).expanduser().read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError(f"--text {file}: it is not UTF-8 text") from None
    except OSError as error:
        raise click.UsageError(f"--text {file}: {error.strerror}; name a file, or - for stdin") from None


def print_conflict(conflict: ConflictError) -> None:
    """Prints a lost race as JSON: the profile as it stands, and the text that was not stored."""
    print_json({"conflict": str(conflict), "current": conflict.current, "proposed": conflict.proposed})


def report(revised: Revised) -> None:
    """Says what a revision came to."""
    if revised.cause is None:
        say(f"nothing to do, still version {revised.version}")
    else:
        which = f", line {revised.line}" if revised.line else ""
        say(f"{revised.cause}, now version {revised.version}{which}")
    if revised.note:
        note(revised.note)
