"""Choosing a profiler on the command line: one of ours, or one made by somebody's own code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

if TYPE_CHECKING:
    from prosona.service import ProfilerChoice

__all__ = ["ProfilerOptions", "chosen_profiler", "profiler_options"]

F = TypeVar("F", bound=Callable[..., Any])

_OURS = ("builtin", "llm", "host")


class ProfilerOptions(TypedDict):
    """What `profiler_options` hands to a command, as keywords."""

    profiler: str | None
    profiler_url: str | None
    profiler_model: str | None
    prompt_template: Path | None
    calls_a_day: int | None
    tokens_a_day: int | None


def profiler_options() -> Callable[[F], F]:
    """`--profiler`, `--profiler-url`, ...: given to the command as `ProfilerOptions`."""
    options = (
        click.option(
            "--profiler",
            metavar="NAME",
            envvar="PROSONA_PROFILER",
            show_envvar=True,
            help="What folds: builtin (no model), llm (an OpenAI-compatible endpoint), host (the agent's own"
            " model), or MODULE:FACTORY, a callable of yours that makes one."
            "  [default: llm with --profiler-url, else builtin]",
        ),
        click.option(
            "--profiler-url",
            metavar="URL",
            envvar="PROSONA_PROFILER_URL",
            show_envvar=True,
            help="The endpoint of llm. Its key is read from PROSONA_PROFILER_API_KEY.",
        ),
        click.option(
            "--profiler-model",
            metavar="NAME",
            envvar="PROSONA_PROFILER_MODEL",
            show_envvar=True,
            help="Its model.  [default: the first one that it lists]",
        ),
        click.option(
            "--prompt-template",
            type=click.Path(path_type=Path),
            metavar="NAME",
            envvar="PROSONA_PROMPT_TEMPLATE",
            show_envvar=True,
            help="How it is asked: alignxplore (the published model's form), changes (any other's), or a Jinja file."
            "  [default: by the model's name]",
        ),
        click.option(
            "--calls-a-day",
            type=click.IntRange(0),
            envvar="PROSONA_CALLS_A_DAY",
            show_envvar=True,
            help="Model calls a user may cost a day; 0 for no limit.  [default: 200]",
        ),
        click.option(
            "--tokens-a-day",
            type=click.IntRange(0),
            envvar="PROSONA_TOKENS_A_DAY",
            show_envvar=True,
            help="Tokens a user may cost a day; 0 for no limit.  [default: 1000000]",
        ),
    )

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _on_the_command_line(name: str) -> bool:
    """Whether an option was given there; one from the environment may be meant for another command."""
    context = click.get_current_context()
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def chosen_profiler(options: ProfilerOptions) -> ProfilerChoice:
    """The profiler that the options chose; a factory of the user's own may lie in the current folder.

    Raises `click.UsageError` for options that do not go together.
    """
    from prosona.service import ProfilerChoice

    url, model, template = options["profiler_url"], options["profiler_model"], options["prompt_template"]
    kind = options["profiler"] or ("llm" if url else "builtin")
    module, colon, factory = kind.partition(":")
    if kind not in _OURS and not (module and colon and factory):
        raise click.UsageError(
            f"--profiler {kind}: there is no such profiler; name builtin, llm, host or MODULE:FACTORY"
        )
    if kind == "llm" and not url:
        raise click.UsageError("--profiler llm needs --profiler-url")
    if kind != "llm" and any(
        map(_on_the_command_line, ("profiler_url", "profiler_model", "prompt_template"))
    ):
        raise click.UsageError(
            "--profiler-url, --profiler-model and --prompt-template go with --profiler llm"
        )
    if colon and (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)  # Behind all that is installed: a project may hold files of any name.
    calls, tokens = options["calls_a_day"], options["tokens_a_day"]
    default = ProfilerChoice()
    return ProfilerChoice(
        kind="module" if colon else "llm" if kind == "llm" else "host" if kind == "host" else "builtin",
        url=url,
        model=model,
        template=template,
        factory=kind if colon else None,
        calls_a_day=default.calls_a_day if calls is None else calls or None,
        tokens_a_day=default.tokens_a_day if tokens is None else tokens or None,
    )
