"""`prosona eval`: the commands of `prosona.evaluation`, which brings numpy and is loaded when called."""

from __future__ import annotations

import click


class Evaluation(click.Group):
    """Its commands are those of `prosona.evaluation.command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands of the evaluation."""
        return _evaluation().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The named command of the evaluation."""
        return _evaluation().get_command(ctx, cmd_name)


def _evaluation() -> click.Group:
    try:
        from prosona.evaluation.command import evaluate as commands
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is not installed; the evaluation needs it: pip install 'prosona[evaluation]'"
        ) from None
    return commands


@click.group("eval", cls=Evaluation, short_help="Judge a profiler by what it predicts.")
def evaluate() -> None:
    """Judges a profiler: how well do readers of its profiles predict what their users choose?

    \b
    Examples:
      prosona eval run --data films.jsonl --reader lexical
      prosona eval report runs/one runs/two
    """
