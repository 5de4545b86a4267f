"""Options that several commands share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from prosona.service import ProfileService

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

ACTOR = "prosona-cli"
"""The name under which the command line observes and revises."""


@dataclass(slots=True)
class Settings:
    """What the options in front of a command and behind it came to."""

    db: Path | None = None
    """The database file; None stands for the platform's default."""

    def run(self, work: Callable[[ProfileService], Awaitable[T]]) -> T:
        """Opens the service, does `work` with it, and closes it. Errors: `ProsonaError`."""
        from prosona.service import open_service

        async def whole() -> T:
            service = open_service(self.db)
            try:
                return await work(service)
            finally:
                await service.aclose()

        return asyncio.run(whole())

    def file(self) -> Path:
        """Where the database lies, whether it exists or not."""
        from prosona.profiles_db.sqlite import default_path

        return self.db or default_path()


pass_settings = click.make_pass_decorator(Settings, ensure=True)


def _remember_db(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Settings).db = value.expanduser()


def db_option(*, envvar: str | None = None) -> Callable[[F], F]:
    """`--db PATH`, taken before the command and behind it; the one behind wins."""
    return click.option(
        "--db",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="PATH",
        envvar=envvar,
        show_envvar=True,
        expose_value=False,
        callback=_remember_db,
        help="The database file.  [default: in the platform's data directory]",
    )


def _complete_users(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from prosona.profiles_db import ProsonaError

    settings = ctx.ensure_object(Settings)
    try:
        if not settings.file().exists():
            return []
        entries = settings.run(lambda service: service.users(prefix=incomplete, limit=50))
    except (ProsonaError, OSError):
        return []  # A shell that asks for help is no place for errors.
    return [CompletionItem(entry.user_id) for entry in entries]


def user_option(*, required: bool = True, text: str = "Whose profile.") -> Callable[[F], F]:
    """`--user NAME`, completed from the database."""
    return click.option(
        "--user",
        "-u",
        "user_id",
        metavar="NAME",
        required=required,
        shell_complete=_complete_users,
        help=text,
    )


def json_option() -> Callable[[F], F]:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")
