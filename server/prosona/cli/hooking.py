"""`hook`: what hosts call at the start of a session and for every prompt."""

from __future__ import annotations

import click


@click.command(
    short_help="Answer a host's hook.",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def hook(arguments: tuple[str, ...]) -> None:
    """Answer a host's hook: show the profile, observe a prompt.

    Takes session-start or prompt, --host HOST, --user NAME and --db PATH, and the host's JSON on
    stdin. Hosts call it; `prosona install HOST --hooks` has them do so. Always ends with 0.

    \b
    Example:
      prosona hook session-start --host claude-code --user ana
    """
    from prosona.hooks import main

    main(arguments)
