"""`observe`: one interaction into the log."""

from __future__ import annotations

import sys

import click

from prosona.cli.options import ACTOR, Settings, db_option, json_option, pass_settings, user_option
from prosona.cli.output import print_json


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

    texts = {"chosen": chosen, "query": query, "rejected": rejected}
    interaction = parse_interaction(
        **_with_stdin(texts),
        kind=kind,
        domain=domain,
        occurred_at=occurred_at,
        idempotency_key=idempotency_key,
        agent=ACTOR,
    )
    receipt = settings.run(lambda service: service.observe(user_id, [interaction]))[0]
    if as_json:
        print_json(receipt)
        return
    aside = f" but set aside ({receipt.quarantined})" if receipt.quarantined else ""
    click.echo(f"{receipt.status}{aside}, {receipt.pending} pending")


def _with_stdin(texts: dict[str, str | None]) -> dict[str, str | None]:
    piped = [name for name, text in texts.items() if text == "-"]
    if len(piped) > 1:
        raise click.UsageError(f"only one of --{' and --'.join(piped)} can be read from stdin")
    for name in piped:
        texts[name] = sys.stdin.buffer.read().decode("utf-8", "replace")
    return texts
