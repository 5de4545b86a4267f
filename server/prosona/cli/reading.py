"""`get`, `history` and `users`: what is known, and since when."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import click

from prosona.cli.options import Settings, db_option, json_option, pass_settings, user_option
from prosona.cli.output import moment, note, print_json, print_table
from prosona.profiles_db import NotFoundError, Profile, Revision, UserEntry

if TYPE_CHECKING:
    from prosona.service import ProfileService

_PAGE = 1000


@click.command(short_help="Print a user's profile.")
@user_option()
@click.option("--max-tokens", type=click.IntRange(min=1), help="Leave out the weakest lines beyond this.")
@click.option("--fresh", is_flag=True, help="Fold pending interactions first.")
@json_option()
@db_option()
@pass_settings
def get(settings: Settings, user_id: str, max_tokens: int | None, fresh: bool, as_json: bool) -> None:
    """Print a user's profile.

    The text goes to stdout, its version and how fresh it is to stderr.

    \b
    Examples:
      prosona get --user ana
      prosona get --user ana --json | jq .version
    """
    profile = settings.run(lambda service: known(service, user_id, max_tokens=max_tokens, fresh=fresh))
    if as_json:
        print_json(profile)
        return
    if profile.text:
        click.echo(profile.text)
    updated = f", updated {moment(profile.updated_at)}" if profile.updated_at else ""
    note(
        f"version {profile.version}{updated}, {profile.interactions} interactions, {profile.pending} pending"
    )
    if profile.stale:
        note(f"stale: {profile.stale}")


async def known(
    service: ProfileService, user_id: str, *, max_tokens: int | None = None, fresh: bool = False
) -> Profile:
    """The profile of a user that the database knows. Errors: `NotFoundError` for any other."""
    profile = await service.get(user_id, max_tokens=max_tokens, fresh=fresh)
    if profile.version == 0 and profile.interactions == 0:
        raise NotFoundError(f"nothing is known about {user_id!r}; `prosona users` lists who is")
    return profile


@click.command(short_help="List or compare a profile's revisions.")
@user_option()
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many revisions."
)
@click.option(
    "--diff",
    "versions",
    type=click.IntRange(min=0),
    nargs=2,
    metavar="V1 V2",
    help="Show how the text changed between two versions instead; 0 is the empty one.",
)
@json_option()
@db_option()
@pass_settings
def history(
    settings: Settings, user_id: str, limit: int, versions: tuple[int, int] | None, as_json: bool
) -> None:
    """List a profile's revisions, newest first, or compare two of them.

    \b
    Examples:
      prosona history --user ana
      prosona history --user ana --diff 3 7
    """
    if versions:
        texts = settings.run(lambda service: _two_texts(service, user_id, versions))
        diff = list(
            difflib.unified_diff(
                texts[0].splitlines(),
                texts[1].splitlines(),
                fromfile=f"{user_id} version {versions[0]}",
                tofile=f"{user_id} version {versions[1]}",
                lineterm="",
            )
        )
        if as_json:
            print_json({"from": versions[0], "to": versions[1], "diff": diff})
        elif diff:
            click.echo("\n".join(diff))
        return

    revisions = settings.run(lambda service: _revisions(service, user_id, limit))
    if as_json:
        print_json(revisions)
        return
    print_table(
        ("version", "when", "cause", "by", "interactions", "statements", "lines"),
        [
            (
                revision.version,
                moment(revision.created_at),
                _cause(revision),
                revision.actor or revision.profiler,
                _range(revision),
                len(revision.statements),
                len([line for line in revision.summary.splitlines() if line.strip()]),
            )
            for revision in revisions
        ],
        title=f"The profile of {user_id}",
    )


async def _revisions(service: ProfileService, user_id: str, limit: int) -> list[Revision]:
    revisions = await service.history(user_id, limit=limit)
    if not revisions:
        await known(service, user_id)
    return revisions


async def _two_texts(service: ProfileService, user_id: str, versions: tuple[int, int]) -> tuple[str, str]:
    return await _text_at(service, user_id, versions[0]), await _text_at(service, user_id, versions[1])


async def _text_at(service: ProfileService, user_id: str, version: int) -> str:
    from prosona.service.text import compose

    if version == 0:
        return ""
    found = await service.history(user_id, limit=1, before=version + 1)
    if not found or found[0].version != version:
        raise NotFoundError(f"{user_id!r} has no version {version}; `prosona history` lists them")
    return compose([statement.text for statement in found[0].statements], found[0].summary)


def _cause(revision: Revision) -> str:
    if revision.rolled_back_to is not None:
        return f"{revision.cause} to {revision.rolled_back_to}"
    return revision.cause


def _range(revision: Revision) -> str:
    if revision.first_seq is None or revision.last_seq is None:
        return ""
    return f"{revision.first_seq}-{revision.last_seq}"


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
    entries = settings.run(lambda service: _users(service, prefix))
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


async def _users(service: ProfileService, prefix: str) -> list[UserEntry]:
    entries: list[UserEntry] = []
    while page := await service.users(
        prefix=prefix, after=entries[-1].user_id if entries else "", limit=_PAGE
    ):
        entries += page
    return entries
