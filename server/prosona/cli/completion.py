"""`completion`: the script that teaches a shell to complete our words."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


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
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"{shell} is not supported")
    click.echo(kind(ctx.find_root().command, {}, "prosona", "_PROSONA_COMPLETE").source())
