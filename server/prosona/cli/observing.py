"""`observe`, `log` and `quarantine`: what goes into the log, what stands in it, what was set aside."""

from __future__ import annotations

import sys
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
from prosona.cli.output import OLD_PAGES_LEFT, counted, moment, note, print_json, print_table, said, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prosona.core.requests import Forgotten
    from prosona.core.words import RecordedInteraction
    from prosona.service import ProfileService

__all__ = ["log", "observe", "quarantine"]

_PAGE = 500
"""Interactions read at a time."""


@click.command(short_help="Record one thing a user did.")
@user_option(text="Whose behaviour this is.")
@click.option("--chosen", metavar="TEXT", help="What the user picked, did, wrote or liked; - reads stdin.")
@click.option("--query", metavar="TEXT", help="What it answered or was shown for; - reads stdin.")
@click.option("--rejected", metavar="TEXT", help="What the user turned down; - reads stdin.")
@click.option("--kind", metavar="WORD", help="The signal: click, rating, chat, post ...")
@click.option("--domain", metavar="WORD", help="The field of life: films, news, shopping ...")
@click.option("--occurred-at", metavar="TIME", help="When, as ISO 8601; without a zone it is UTC.")
@click.option("--idempotency-key", metavar="KEY", help="Observing the same key again changes nothing.")
@json_option()
@db_option()
@pass_settings
def observe(
    settings: Settings,
    user_id: str,
    chosen: str | None,
    query: str | None,
    rejected: str | None,
    kind: str | None,
    domain: str | None,
    occurred_at: str | None,
    idempotency_key: str | None,
    as_json: bool,
) -> None:
    """Record one thing a user did. It is on disk when the command ends.

    \b
    Examples:
      prosona observe --user ana --domain films --chosen "Alien" --rejected "Titanic"
      prosona observe --user ana --kind chat --chosen - < message.txt
    """
    from prosona.service import parse_interaction

    interaction = parse_interaction(
        **_with_stdin({"chosen": chosen, "query": query, "rejected": rejected}),
        kind=kind,
        domain=domain,
        occurred_at=occurred_at,
        idempotency_key=idempotency_key,
        agent=ACTOR,
    )
    receipt = settings.run(lambda service: service.observe(user_id, [interaction]), there=False)[0]
    if as_json:
        print_json(receipt)
        return
    aside = f" but set aside ({receipt.quarantined})" if receipt.quarantined else ""
    say(f"{receipt.status}{aside}, {receipt.pending} pending")
    if receipt.redacted:
        note(f"taken out before it was kept: {receipt.redacted}")
    if receipt.quarantined:
        note(f"`prosona quarantine list --user {user_id}` shows it; release or drop it there")


def _with_stdin(texts: dict[str, str | None]) -> dict[str, str | None]:
    piped = [name for name, text in texts.items() if text == "-"]
    if len(piped) > 1:
        raise click.UsageError(f"only one of --{' and --'.join(piped)} can be read from stdin")
    for name in piped:
        texts[name] = sys.stdin.buffer.read().decode("utf-8", "replace")
    return texts


@click.command(short_help="List what was observed.")
@user_option()
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many interactions."
)
@click.option("--before", type=click.IntRange(min=1), metavar="SEQ", help="Those in front of this one.")
@json_option()
@db_option()
@pass_settings
def log(settings: Settings, user_id: str, limit: int, before: int | None, as_json: bool) -> None:
    """List a user's interactions, the newest last; what was set aside is marked.

    \b
    Examples:
      prosona log --user ana
      prosona log --user ana --limit 100 --before 41
    """
    page, older = settings.run(lambda service: _page(service, user_id, limit, before))
    if as_json:
        print_json(page)
        return
    print_table(
        ("seq", "when", "domain", "kind", "agent", "", "what"),
        [
            (
                i.seq,
                moment(i.happened),
                i.domain,
                i.kind,
                i.agent,
                "quarantined" if i.quarantined else "",
                said(i),
            )
            for i in page
        ],
    )
    if older:
        note(f"there are older ones: prosona log --user {user_id} --before {page[0].seq}")
    elif not page:
        note("there are none")


async def _page(
    service: ProfileService, user_id: str, limit: int, before: int | None
) -> tuple[list[RecordedInteraction], bool]:
    """The last `limit` interactions with a seq below `before`, and whether there are older ones."""
    profile = await known(service, user_id)
    end = profile.interactions + 1 if before is None else before
    # Forgetting leaves gaps between the numbers: the stretch that is read grows until it holds enough.
    stretch = limit + 1
    while True:
        after = max(0, end - 1 - stretch)
        found = await _between(service, user_id, after, before)
        if len(found) > limit or after == 0:
            return found[-limit:], len(found) > limit
        stretch *= 4


async def _between(
    service: ProfileService, user_id: str, after: int, before: int | None
) -> list[RecordedInteraction]:
    found: list[RecordedInteraction] = []
    while page := await service.interactions(user_id, after=after, limit=_PAGE):
        found += [i for i in page if before is None or i.seq < before]
        after = page[-1].seq
        if before is not None and after >= before:
            break
    return found


@click.group(short_help="Look through what was set aside.")
def quarantine() -> None:
    """Look through what screening set aside: list it, release it to be folded, or drop it.

    \b
    Examples:
      prosona quarantine list --user ana
      prosona quarantine release --user ana 12 15
    """


_seqs_argument = click.argument("seqs", metavar="SEQ...", type=click.IntRange(min=1), nargs=-1, required=True)


@quarantine.command("list", short_help="List what was set aside, and why.")
@user_option()
@json_option()
@db_option()
@pass_settings
def list_quarantined(settings: Settings, user_id: str, as_json: bool) -> None:
    """List what was set aside, with the reason.

    \b
    Example:
      prosona quarantine list --user ana
    """

    async def read(service: ProfileService) -> list[RecordedInteraction]:
        await known(service, user_id)
        return await _quarantined(service, user_id)

    found = settings.run(read)
    if as_json:
        print_json(found)
        return
    print_table(
        ("seq", "when", "domain", "agent", "reason", "what"),
        [(i.seq, moment(i.happened), i.domain, i.agent, i.quarantined, said(i)) for i in found],
    )
    if not found:
        note("nothing is set aside")


@quarantine.command(short_help="Let interactions in, to be folded.")
@user_option()
@_seqs_argument
@json_option()
@db_option()
@pass_settings
def release(settings: Settings, user_id: str, seqs: tuple[int, ...], as_json: bool) -> None:
    """Let interactions in that were set aside: they are pending then, and keep their day.

    \b
    Example:
      prosona quarantine release --user ana 12 15
    """

    async def change(service: ProfileService) -> int:
        await _check_quarantined(service, user_id, seqs)
        return await service.let_in(user_id, seqs)

    count = settings.run(change)
    if as_json:
        print_json({"released": count})
    else:
        say(f"released {counted(count, 'interaction')}")


@quarantine.command(short_help="Delete interactions that were set aside.")
@user_option()
@_seqs_argument
@yes_option("Drop them without asking.")
@json_option()
@db_option()
@pass_settings
def drop(settings: Settings, user_id: str, seqs: tuple[int, ...], yes: bool, as_json: bool) -> None:
    """Delete interactions that were set aside, from the bytes of the database too.

    \b
    Example:
      prosona quarantine drop --user ana 12
    """
    doomed = settings.run(lambda service: _check_quarantined(service, user_id, seqs))
    if not yes:
        for interaction in doomed:
            note(f"  {interaction.seq}  {said(interaction)}")
        confirmed(f"Drop {counted(len(doomed), 'interaction')} for good?")

    async def change(service: ProfileService) -> Forgotten:
        return await service.drop(user_id, [interaction.seq for interaction in doomed])

    gone = settings.run(change)
    if as_json:
        print_json(gone)
        return
    say(f"dropped {counted(gone.interactions, 'interaction')}")
    if not gone.scrubbed:
        note(OLD_PAGES_LEFT)


async def _quarantined(service: ProfileService, user_id: str) -> list[RecordedInteraction]:
    found: list[RecordedInteraction] = []
    while page := await service.quarantined(user_id, after=found[-1].seq if found else 0, limit=_PAGE):
        found += page
    return found


async def _check_quarantined(
    service: ProfileService, user_id: str, seqs: Sequence[int]
) -> list[RecordedInteraction]:
    """The interactions with these seqs. Errors: `NotFoundError` if any of them is not set aside."""
    from prosona.core.errors import NotFoundError

    await known(service, user_id)
    found = {interaction.seq: interaction for interaction in await _quarantined(service, user_id)}
    if missing := sorted(set(seqs) - found.keys()):
        numbers = ", ".join(map(str, missing))
        raise NotFoundError(
            f"nothing with the seq {numbers} is set aside; what is:"
            f" `prosona quarantine list --user {user_id}`"
        )
    return [found[seq] for seq in sorted(set(seqs))]
