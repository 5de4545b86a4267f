"""The options that choose a profiler, the same for every command that folds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from prosona.service import ProfilerChoice

F = TypeVar("F", bound=Callable[..., Any])


def profiler_options() -> Callable[[F], F]:
    """`--profiler`, `--profiler-url`, ...: given to the command as `**chosen`, for `choice_of`."""
    options = (
        click.option(
            "--profiler",
            type=click.Choice(["builtin", "llm", "host"]),
            envvar="PROSONA_PROFILER",
            show_envvar=True,
            help="What folds: no model, an OpenAI-compatible endpoint, or the agent's own model."
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
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            envvar="PROSONA_PROMPT_TEMPLATE",
            show_envvar=True,
            help="A Jinja file in place of the built-in prompt.",
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


def choice_of(
    *,
    profiler: str | None,
    profiler_url: str | None,
    profiler_model: str | None,
    prompt_template: Path | None,
    calls_a_day: int | None,
    tokens_a_day: int | None,
) -> ProfilerChoice:
    """The profiler that the options chose. Raises `click.UsageError` for options that do not go together."""
    from prosona.service import ProfilerChoice

    kind = profiler or ("llm" if profiler_url else "builtin")
    if kind == "llm" and not profiler_url:
        raise click.UsageError("--profiler llm needs --profiler-url")
    if kind != "llm" and (profiler_url or prompt_template or profiler_model):
        raise click.UsageError(
            "--profiler-url, --profiler-model and --prompt-template go with --profiler llm"
        )
    default = ProfilerChoice()
    return ProfilerChoice(
        kind="llm" if kind == "llm" else "host" if kind == "host" else "builtin",
        url=profiler_url,
        model=profiler_model,
        template=prompt_template,
        calls_a_day=default.calls_a_day if calls_a_day is None else calls_a_day or None,
        tokens_a_day=default.tokens_a_day if tokens_a_day is None else tokens_a_day or None,
    )
