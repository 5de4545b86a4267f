"""`get`, `why`, `review` and `users`: what is known, what it rests on, what may hold no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from prosona.cli.options import Settings, db_option, json_option, known, pass_settings, user_option
from prosona.cli.output import counted, moment, note, print_json, print_table, said, say, support_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prosona.core.requests import UserEntry
    from prosona.core.words import Line, Profile
    from prosona.service import ProfileService
    from prosona.service.answers import Reasons, Reviewed

__all__ = ["get", "review", "users", "why"]

_PAGE = 1000
"""Users asked for at a time."""


@click.command(short_help="Print a user's profile.")
@user_option()
@click.option(
    "--lines", "as_lines", is_flag=True, help="List the lines, numbered, with what is known of each."
)
@click.option("--max-tokens", type=click.IntRange(min=1), help="Leave out what matters least beyond this.")
@click.option("--fresh", is_flag=True, help="Fold pending interactions first.")
@json_option()
@db_option()
@pass_settings
def get(
    settings: Settings,
    user_id: str,
    as_lines: bool,
    max_tokens: int | None,
    fresh: bool,
    as_json: bool,
) -> None:
    """Print a user's profile.

    The text goes to stdout, its version and how fresh it is to stderr. With --json the lines stand
    beside the text, with all that is known of them.

    \b
    Examples:
      prosona get --user ana
      prosona get --user ana --lines
      prosona get --user ana --json | jq .version
    """

    async def read(service: ProfileService) -> tuple[Profile, int]:
        profile = await known(service, user_id, max_tokens=max_tokens, fresh=fresh, lines=as_lines or as_json)
        left_out = 0
        if not profile.text and max_tokens is not None:
            left_out = len(await service.lines(user_id))
        return profile, left_out

    profile, left_out = settings.run(read)
    if as_json:
        print_json(profile)
    elif as_lines:
        _list(profile.lines or ())
    elif profile.text:
        say(profile.text)
    if left_out:
        note(
            f"nothing was printed: none of the {counted(left_out, 'line')} fits into {max_tokens} tokens;"
            " give a larger --max-tokens"
        )
    if as_json:
        return
    updated = f", updated {moment(profile.updated_at)}" if profile.updated_at else ""
    note(
        f"version {profile.version}{updated}, {profile.interactions} interactions, {profile.pending} pending"
    )
    if profile.stale:
        note(f"stale: {profile.stale}")


def _list(lines: Sequence[Line]) -> None:
    print_table(
        ("line", "id", "kind", "topic", "support", "until", "text"),
        [
            (number, line.id, line.kind, line.topic, support_of(line), line.until, line.text)
            for number, line in enumerate(lines, start=1)
        ],
    )


@click.command(short_help="Say what a line rests on.")
@user_option()
@click.argument("line")
@json_option()
@db_option()
@pass_settings
def why(settings: Settings, user_id: str, line: str, as_json: bool) -> None:
    """Say what a line rests on: its interactions, when it first stood there, how it was reworded.

    LINE is its id, its number in the profile, or part of its text.

    \b
    Examples:
      prosona why --user ana 3
      prosona why --user ana "science fiction"
    """

    async def read(service: ProfileService) -> Reasons:
        await known(service, user_id)
        return await service.why(user_id, line)

    reasons = settings.run(read)
    if as_json:
        print_json(reasons)
    else:
        _explain(reasons)


def _explain(reasons: Reasons) -> None:
    line, support = reasons.line, reasons.line.support
    say(line.text)
    place = f"line {reasons.number}" if reasons.number else "stands no longer"
    facts = [f"{line.id}, {place}", line.kind + (f" by {line.actor}" if line.actor else "")]
    if line.until:
        facts.append(f"until {line.until}")
    say(", ".join(facts))
    for index, wording in enumerate(reasons.wordings):
        whose = f" by {wording.actor}" if wording.actor else ""
        verb = "reworded" if index else "first stood"
        say(
            f"{verb} in version {wording.version}, {moment(wording.at)}, {wording.cause}{whose}:"
            f" {wording.text}"
        )
    if line.kind == "inferred" or reasons.interactions:
        agents = f"; reported by {', '.join(support.agents)}" if support.agents else ""
        say(f"rests on {support_of(line) or 'no interactions'}{agents}")
    if reasons.spoke:
        say("what spoke for it: " + ", ".join(reasons.spoke))
    if reasons.note:
        say(reasons.note)
    if reasons.interactions:
        print_table(
            ("seq", "day", "domain", "kind", "agent", "what"),
            [(i.seq, i.day, i.domain, i.kind, i.agent, said(i)) for i in reasons.interactions],
        )


@click.command(short_help="List the lines to look at again.")
@user_option()
@json_option()
@db_option()
@pass_settings
def review(settings: Settings, user_id: str, as_json: bool) -> None:
    """List the lines to look at again: those that end soon, that ended, that nobody confirmed for long.

    \b
    Examples:
      prosona review --user ana
      prosona revise --user ana --line 4 --until 2027-01-31
    """

    async def read(service: ProfileService) -> list[Reviewed]:
        await known(service, user_id)
        return await service.review(user_id)

    found = settings.run(read)
    if as_json:
        print_json(found)
        return
    if not found:
        note("nothing to look at: no line ends soon, has ended or grown old")
        return
    print_table(
        ("line", "id", "why", "day", "text"),
        [(item.number or "", item.line.id, item.why, item.day, item.line.text) for item in found],
    )


@click.command(short_help="List the users.")
@click.option("--prefix", default="", help="Only ids that start with this.")
@json_option()
@db_option()
@pass_settings
def users(settings: Settings, prefix: str, as_json: bool) -> None:
    """List the users that the database knows.

    \b
    Example:
      prosona users --prefix team-
    """

    async def read(service: ProfileService) -> list[UserEntry]:
        entries: list[UserEntry] = []
        while page := await service.users(
            prefix=prefix, after=entries[-1].user_id if entries else "", limit=_PAGE
        ):
            entries += page
        return entries

    entries = settings.run(read)
    if as_json:
        print_json(entries)
        return
    print_table(
        ("user", "version", "interactions", "pending", "updated"),
        [
            (entry.user_id, entry.version, entry.observed, entry.pending, moment(entry.updated_at))
            for entry in entries
        ],
    )
