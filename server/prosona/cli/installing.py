"""`install`, `uninstall`, `hook` and `completion`: what makes other programs call this one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from prosona.cli.options import Settings, confirmed, db_option, pass_settings, user_option, yes_option
from prosona.cli.output import note, say
from prosona.hosts.table import HOSTS, Places, Scope

if TYPE_CHECKING:
    from prosona.hosts.change import Plan

__all__ = ["completion", "hook", "install", "uninstall"]

_host_argument = click.argument("host_name", metavar="HOST", type=click.Choice(list(HOSTS)))
_scope_option = click.option(
    "--scope",
    type=click.Choice(["user", "project"]),
    default="user",
    show_default=True,
    help="All your work, or the project in the current folder.",
)
_HOSTS = "Hosts: " + ", ".join(HOSTS) + "."


@click.command(short_help="Make a host start the server.", epilog=_HOSTS)
@_host_argument
@user_option(required=False, text="Bind the server to this user.")
@_scope_option
@click.option(
    "--profiler",
    type=click.Choice(["host", "builtin"]),
    default="host",
    show_default=True,
    help="What reads: the host's own model, beside the builtin, which stands in meanwhile; or the builtin alone.",
)
@click.option("--print", "only_print", is_flag=True, help="Print the configuration and write nothing.")
@click.option(
    "--hooks",
    "with_hooks",
    is_flag=True,
    help="Also have the host show the profile and have prompts observed by itself.",
)
@click.option(
    "--allow-tools",
    is_flag=True,
    help="Also let the host run the tools that read and observe without asking each time.",
)
@yes_option("Write without asking.")
@db_option()
@pass_settings
def install(
    settings: Settings,
    host_name: str,
    user_id: str | None,
    scope: Scope,
    profiler: str,
    only_print: bool,
    with_hooks: bool,
    allow_tools: bool,
    yes: bool,
) -> None:
    """Make a host start the Prosona server.

    Shows the change and asks; keeps a backup beside the file and everything else in it. With
    --hooks the profile is in front of the model when a session starts, and what you write is
    observed, without the model having to think of it.

    \b
    Examples:
      prosona install claude-code --user ana
      prosona install claude-code --user ana --hooks --allow-tools
      prosona install codex --user ana --scope project
      prosona install vscode --user ana --print
    """
    from prosona.hosts.change import ConfigurationError, Wanted, offer, plan, printed, program

    host, places = HOSTS[host_name], Places.here()
    db = settings.file() if settings.db is not None else None
    wanted = Wanted(program(), user_id, db, profiler, hooks=with_hooks, allow_tools=allow_tools)
    if only_print:
        say(printed(host, scope, places, wanted).removesuffix("\n"))
        return
    try:
        planned = plan(host, scope, places, wanted)
    except ConfigurationError as error:
        if error.by_hand:
            note(error.by_hand)
        raise
    _carry_out(planned, yes)
    if not allow_tools and (question := offer(host, scope, places)):
        note(f"{question} Repeat with --allow-tools.")


@click.command(short_help="Take the server out of a host.", epilog=_HOSTS)
@_host_argument
@_scope_option
@yes_option("Write without asking.")
def uninstall(host_name: str, scope: Scope, yes: bool) -> None:
    """Take the Prosona server out of a host's configuration. Profiles stay.

    \b
    Example:
      prosona uninstall claude-code
    """
    from prosona.hosts.change import plan

    _carry_out(plan(HOSTS[host_name], scope, Places.here(), None), yes)


def _carry_out(planned: Plan, yes: bool) -> None:
    """Shows the changes of a plan, asks, writes them, and says what was done."""
    from prosona.hosts.change import apply

    for change in planned.changes:
        say(change.diff())
    if planned.changes and not yes:
        files = " and ".join(str(change.file) for change in planned.changes)
        confirmed(f"Write {files}?", default=True)
    for backup in apply(planned, datetime.now()):
        note(f"The file as it was: {backup}")
    for sentence in planned.sentences:
        say(sentence)
    for remark in planned.notes:
        note(remark)


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
    from prosona.hosts.hook import main

    main(arguments)


@click.command(short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell: commands, options, hosts and user ids.

    \b
    Examples:
      prosona completion bash > ~/.local/share/bash-completion/completions/prosona
      prosona completion zsh  > "${fpath[1]}/_prosona"
      prosona completion fish > ~/.config/fish/completions/prosona.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"{shell} is not supported")
    click.echo(kind(ctx.find_root().command, {}, "prosona", "_PROSONA_COMPLETE").source())
