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

__all__ = ["ProsonaCommand", "evaluate", "main", "train"]

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
    "train": "app:train",
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


class LaterGroup(click.Group):
    """Commands of a room that brings much with it, such as numpy: loaded when one of them is called."""

    room = ""
    """The module that holds the commands, in a group of the same name as its function."""
    extra = ""
    """What to install for them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands of the room."""
        return self._commands().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The named command of the room."""
        return self._commands().get_command(ctx, cmd_name)

    def _commands(self) -> click.Group:
        module, _, name = self.room.partition(":")
        try:
            found = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            raise click.ClickException(
                f"{error.name} is not installed; `prosona {self.name}` needs it: "
                f"pip install 'prosona[{self.extra}]'"
            ) from None
        if not isinstance(found, click.Group):
            raise TypeError(f"{self.room} is no group of commands")
        return found


class Evaluation(LaterGroup):
    """The evaluation's commands."""

    room = "prosona.evaluation.commands:evaluate"
    extra = "evaluation"


class Training(LaterGroup):
    """The training's commands."""

    room = "prosona.training:train"
    extra = "training"


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


@click.group("train", cls=Training, short_help="Train models of our own.")
def train() -> None:
    """Trains models of our own.

    \b
    Examples:
      prosona train reader --out reader
    """
