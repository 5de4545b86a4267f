"""The `prosona` command itself: its commands, each loaded when it is called, and how it ends."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, cast

import click

from prosona.cli import exits
from prosona.cli.options import db_option
from prosona.core.errors import ProsonaError

__all__ = ["Evaluation", "ProsonaCommand", "evaluate", "main"]

_COMMANDS = {
    "serve": "serving:serve",
    "observe": "observing:observe",
    "get": "reading:get",
    "why": "reading:why",
    "log": "observing:log",
    "history": "history:history",
    "review": "reading:review",
    "edit": "editing:edit",
    "revise": "revising:revise",
    "forget": "forgetting:forget",
    "quarantine": "observing:quarantine",
    "users": "reading:users",
    "import": "transfer:import_file",
    "export": "transfer:export",
    "fold": "keeping:fold",
    "maintain": "keeping:maintain",
    "backup": "keeping:backup",
    "restore": "keeping:restore",
    "profiler": "engine:profiler",
    "eval": "app:evaluate",
    "doctor": "doctor:doctor",
    "install": "installing:install",
    "uninstall": "installing:uninstall",
    "hook": "installing:hook",
    "completion": "installing:completion",
}


class ProsonaCommand(click.Group):
    """Loads a command's module only when that command runs, so that `serve` starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which people meet them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The named command, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        return cast(click.Command, getattr(importlib.import_module(f"prosona.cli.{module}"), name))

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command; a reader who closed the pipe ends it here, before click reports failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _leave_closed_pipe()

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: object,
    ) -> NoReturn:
        """Runs the command and leaves with one of the documented codes; errors are one line on stderr."""
        _write_utf8()
        try:
            ended = super().main(
                args,
                prog_name or "prosona",
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(exits.WRONG_USE)
        except click.UsageError as error:
            where = error.ctx.command_path if error.ctx else "prosona"
            _fail(f"{error.format_message()} (see {where} --help)", exits.WRONG_USE)
        except click.ClickException as error:
            _fail(error.format_message(), exits.FAILED)
        except ProsonaError as error:
            _fail(str(error), exits.exit_code(error))
        except (click.Abort, KeyboardInterrupt):
            sys.exit(exits.INTERRUPTED)
        except OSError as error:
            _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), exits.FAILED)
        sys.exit(ended if isinstance(ended, int) else 0)


class Evaluation(click.Group):
    """Its commands are those of `prosona.evaluation.commands`, which brings numpy: loaded when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands of the evaluation."""
        return _evaluation().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The named command of the evaluation."""
        return _evaluation().get_command(ctx, cmd_name)


def _fail(message: str, code: int) -> NoReturn:
    from prosona.cli.output import note

    note("prosona: " + " ".join(message.split()))
    sys.exit(code)


def _leave_closed_pipe() -> NoReturn:
    # The interpreter flushes stdout once more on its way out; that must not complain either.
    with contextlib.suppress(OSError, io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(exits.CLOSED_PIPE)


def _write_utf8() -> None:
    """Text of any language must come out where the platform's own encoding is a narrow one."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() not in ("utf-8", "utf8"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


@click.group(
    cls=ProsonaCommand,
    epilog=exits.exit_code_table(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@db_option(envvar="PROSONA_DB")
@click.version_option(package_name="prosona", message="%(prog)s %(version)s")
def main() -> None:
    """One portable text profile per user, shared by every agent.

    Observe what a user does, get the profile that follows from it, revise it, carry it elsewhere.
    Everything lies in one file on this machine.

    \b
    Examples:
      prosona observe --user ana --domain films --chosen "Alien" --rejected "Titanic"
      prosona get --user ana
      prosona why --user ana 1
      prosona revise --user ana --statement "I am vegetarian."
      prosona install claude-code --user ana
    """


@click.group("eval", cls=Evaluation, short_help="Judge a profiler by what it predicts.")
def evaluate() -> None:
    """Judges a profiler: how well do readers of its profiles predict what their users choose?

    \b
    Examples:
      prosona eval run --data films.jsonl --reader lexical
      prosona eval report runs/one runs/two
    """


def _evaluation() -> click.Group:
    try:
        from prosona.evaluation.commands import evaluate as commands
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is not installed; the evaluation needs it: pip install 'prosona[evaluation]'"
        ) from None
    return commands
