"""`install` and `uninstall`: the entry in a host's configuration, shown first, written with a backup."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from datetime import datetime
from pathlib import Path
from typing import cast

import click

from prosona.cli import exits
from prosona.cli.hosts import (
    HOOKS,
    HOSTS,
    Change,
    ConfigurationError,
    Host,
    Places,
    Scope,
    added,
    hooked,
    removed,
    snippet,
    unhooked,
)
from prosona.cli.options import Settings, db_option, pass_settings, user_option
from prosona.cli.output import note

_host_argument = click.argument("host_name", metavar="HOST", type=click.Choice(list(HOSTS)))
_scope_option = click.option(
    "--scope",
    type=click.Choice(["user", "project"]),
    default="user",
    show_default=True,
    help="All your work, or the project in the current folder.",
)
_yes_option = click.option("--yes", "-y", is_flag=True, help="Write without asking.")


@click.command(short_help="Make a host start the server.", epilog="Hosts: " + ", ".join(HOSTS) + ".")
@_host_argument
@user_option(required=False, text="Bind the server to this user.")
@_scope_option
@click.option("--print", "only_print", is_flag=True, help="Print the configuration and write nothing.")
@click.option(
    "--hooks",
    "with_hooks",
    is_flag=True,
    help="Also have the host show the profile and have prompts observed by itself.",
)
@_yes_option
@db_option()
@pass_settings
def install(
    settings: Settings,
    host_name: str,
    user_id: str | None,
    scope: str,
    only_print: bool,
    with_hooks: bool,
    yes: bool,
) -> None:
    """Make a host start the Prosona server.

    Shows the change and asks; keeps a backup beside the file and everything else in it. With
    --hooks the profile is in front of the model when a session starts, and what you write is
    observed, without the model having to think of it.

    \b
    Examples:
      prosona install claude-code --user ana
      prosona install claude-code --user ana --hooks
      prosona install codex --user ana --scope project
      prosona install vscode --user ana --print
    """
    host, scope_ = HOSTS[host_name], cast(Scope, scope)
    argv = server_command(settings.db, user_id)
    file = _file(host, scope_)
    if with_hooks:
        hooks = _hooks(
            settings, host, scope_, user_id
        )  # What is wrong with it is said before anything is written.
    if only_print:
        click.echo(snippet(host, argv, scope_), nl=False)
        if with_hooks:
            click.echo(f"\n{hooks.file}:\n{hooks.after}", nl=False)
        return
    try:
        change = added(host, file, argv, scope_)
    except ConfigurationError as error:
        note(f"Add this to {file} by hand:\n\n{snippet(host, argv, scope_)}")
        raise error from None
    if change.needed:
        _write(change, yes)
        click.echo(f"{host.title} will start Prosona. {host.then}")
    else:
        click.echo(f"{host.title} is configured already in {file}")
    if with_hooks:
        _install_hooks(_hooks(settings, host, scope_, user_id), host, yes)
    if user_id is None and change.needed:
        note("Without --user the agent has to name a user in each call.")


@click.command(short_help="Take the server out of a host.", epilog="Hosts: " + ", ".join(HOSTS) + ".")
@_host_argument
@_scope_option
@_yes_option
def uninstall(host_name: str, scope: str, yes: bool) -> None:
    """Take the Prosona server out of a host's configuration. Profiles stay.

    \b
    Example:
      prosona uninstall claude-code
    """
    host = HOSTS[host_name]
    file = _file(host, cast(Scope, scope))
    change = removed(host, file)
    if change.needed:
        _write(change, yes)
        click.echo(f"{host.title} will not start Prosona any more.")
    else:
        click.echo(f"{host.title} is not configured in {file}")
    if host.name in HOOKS:
        hooks = unhooked(host.name, HOOKS[host.name].files[cast(Scope, scope)](Places.here()))
        if hooks.needed:
            _write(hooks, yes)
            click.echo(f"{host.title} will not call its hooks any more.")


def server_command(db: Path | None, user_id: str | None) -> list[str]:
    """The command line that starts the server, with absolute paths: hosts have a PATH of their own."""
    from prosona.service import parse_user_id

    argv = [*program(), "serve"]
    if user_id is not None:
        argv += ["--user", parse_user_id(user_id)]
    if db is not None:
        argv += ["--db", str(db.absolute())]
    return argv


def program() -> list[str]:
    """The `prosona` command of this installation."""
    beside = shutil.which("prosona", path=sysconfig.get_path("scripts")) or shutil.which("prosona")
    return [str(Path(beside).absolute())] if beside else [sys.executable, "-m", "prosona.cli"]


def _hooks(settings: Settings, host: Host, scope: Scope, user_id: str | None) -> Change:
    """The change that adds the host's hooks."""
    from prosona.service import parse_user_id

    if host.name not in HOOKS:
        raise click.UsageError(f"{host.title} has no hooks: leave --hooks out")
    if user_id is None:
        raise click.UsageError("--hooks needs --user: a hook cannot be told whose prompts it hears")
    file = HOOKS[host.name].files[scope](Places.here())
    return hooked(host.name, file, program(), parse_user_id(user_id), settings.file().absolute())


def _install_hooks(change: Change, host: Host, yes: bool) -> None:
    if not change.needed:
        click.echo(f"{host.title} calls its hooks already, by {change.file}")
        return
    _write(change, yes)
    click.echo(
        f"{host.title} will show the profile and have prompts observed. {HOOKS[host.name].then}".rstrip()
    )


def _file(host: Host, scope: Scope) -> Path:
    if scope not in host.files:
        raise click.UsageError(f"{host.title} has no project configuration: leave --scope out")
    return host.files[scope](Places.here())


def _write(change: Change, yes: bool) -> None:
    click.echo(change.diff())
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("nobody is there to ask: repeat with --yes")
        if not click.confirm(f"Write {change.file}?", default=True, err=True):
            note("prosona: nothing was changed")
            click.get_current_context().exit(exits.FAILED)
    backup = change.write(datetime.now())
    if backup:
        note(f"The file as it was: {backup}")
