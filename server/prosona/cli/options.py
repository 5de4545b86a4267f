"""Options that several commands share, and the service that they come to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from click.shell_completion import CompletionItem

    from prosona.core.words import Profile
    from prosona.service import ProfilerChoice, ProfileService

__all__ = [
    "ACTOR",
    "Settings",
    "confirmed",
    "db_option",
    "json_option",
    "known",
    "pass_settings",
    "user_option",
    "yes_option",
]

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

ACTOR = "prosona-cli"
"""The name under which the command line observes and revises."""

_COMPLETED = 50
"""Most user ids that a shell is offered: what fits a screen."""


@dataclass(slots=True)
class Settings:
    """What the options in front of a command and behind it came to."""

    db: str | None = None
    """Where the database is, as a path or a URL; None stands for the platform's default."""

    def run(
        self,
        work: Callable[[ProfileService], Awaitable[T]],
        *,
        profiler: ProfilerChoice | None = None,
        there: bool = True,
    ) -> T:
        """Opens the service, does `work` with it, and closes it. Errors: `ProsonaError`.

        A command that only reads or takes away needs a database that is `there`: a wrong path must not
        make a new one, nor pass for a user of whom nothing is known.
        """

        async def whole() -> T:
            async with self.service(profiler=profiler, there=there) as service:
                return await work(service)

        return asyncio.run(whole())

    @asynccontextmanager
    async def service(
        self, *, profiler: ProfilerChoice | None = None, there: bool = True
    ) -> AsyncIterator[ProfileService]:
        """The service, closed at the end; see `run`."""
        if there:
            self.check_there()
        service = self.open(profiler)
        try:
            yield service
        finally:
            await service.aclose()

    def open(self, profiler: ProfilerChoice | None = None) -> ProfileService:
        """The service on the database, with the profiler that was chosen. Errors: `ProsonaError`."""
        from prosona.service import open_service

        return open_service(self.db, choice=profiler)

    def check_there(self) -> None:
        """Raises `StoreError` where the database is not there."""
        from prosona.core.errors import StoreError

        if not (file := self.file()).exists():
            raise StoreError(
                f"the database {file} does not exist: give the right one with --db; the first"
                " `prosona observe` makes one"
            )

    def file(self) -> Path:
        """The database's file, whether it exists or not. Errors: `InvalidInputError` for a wrong URL."""
        from prosona.profiles_db.opening import default_path, path_of

        return default_path() if self.db is None else path_of(self.db)


pass_settings = click.make_pass_decorator(Settings, ensure=True)


async def known(
    service: ProfileService,
    user_id: str,
    *,
    max_tokens: int | None = None,
    fresh: bool = False,
    lines: bool = False,
) -> Profile:
    """The profile of a user that the database knows. Errors: `NotFoundError` for any other."""
    from prosona.core.errors import NotFoundError

    profile = await service.get(user_id, max_tokens=max_tokens, fresh=fresh, lines=lines)
    if profile.version == 0 and profile.interactions == 0:
        raise NotFoundError(f"nothing is known about {user_id!r}; `prosona users` lists who is")
    return profile


def _remember_db(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if not value:
        return
    place = value
    if "://" not in value:
        file = Path(value).expanduser()
        if file.is_dir():
            raise click.BadParameter(f"{file} is a folder: name a file in it", ctx, param)
        place = str(file)
    ctx.ensure_object(Settings).db = place


def db_option(*, envvar: str | None = None) -> Callable[[F], F]:
    """`--db PATH-OR-URL`, taken before the command and behind it; the one behind wins."""
    return click.option(
        "--db",
        metavar="PATH",
        envvar=envvar,
        show_envvar=True,
        expose_value=False,
        callback=_remember_db,
        help="The database: a file, or a URL such as sqlite:///PATH."
        "  [default: in the platform's data directory]",
    )


def _complete_users(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from prosona.core.errors import ProsonaError

    settings = ctx.ensure_object(Settings)
    try:
        entries = settings.run(lambda service: service.users(prefix=incomplete, limit=_COMPLETED))
    except (ProsonaError, OSError):
        return []  # A shell that asks for help is no place for errors.
    return [CompletionItem(entry.user_id) for entry in entries]


def _one_spelling(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    from prosona.core.names import WrongIdError, user_key

    try:
        return user_key(value) if value is not None else None
    except WrongIdError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def user_option(*, required: bool = True, text: str = "Whose profile.") -> Callable[[F], F]:
    """`--user NAME`, completed from the database."""
    return click.option(
        "--user",
        "-u",
        "user_id",
        metavar="NAME",
        required=required,
        callback=_one_spelling,
        shell_complete=_complete_users,
        help=text,
    )


def json_option() -> Callable[[F], F]:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def yes_option(text: str = "Do it without asking.") -> Callable[[F], F]:
    """`--yes`."""
    return click.option("--yes", "-y", is_flag=True, help=text)


def confirmed(question: str, *, typed: str | None = None, default: bool = False) -> None:
    """Asks, and returns if the answer is yes; with `typed` the answer has to be that word.

    Any other answer ends the command with the code of one who declined. Raises `click.UsageError` where
    nobody is there to ask.
    """
    import sys

    from prosona.cli import exits
    from prosona.cli.output import note, visible

    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to ask: repeat with --yes")
    if typed is None:
        agreed = click.confirm(visible(question), default=default, err=True)
    else:
        answer = click.prompt(visible(question), default="", show_default=False, err=True)
        agreed = str(answer).strip() == typed
    if not agreed:
        note("prosona: nothing was changed")
        click.get_current_context().exit(exits.FAILED)
