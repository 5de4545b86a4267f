"""`doctor`: is this installation in order?"""

from __future__ import annotations

from pathlib import Path

import click

from prosona.cli import exits
from prosona.cli.options import Settings, db_option, json_option, pass_settings
from prosona.cli.output import print_json, print_table
from prosona.cli.profiler_options import choice_of, profiler_options


@click.command(short_help="Check the installation.")
@profiler_options()
@json_option()
@db_option()
@pass_settings
def doctor(
    settings: Settings,
    as_json: bool,
    profiler: str | None,
    profiler_url: str | None,
    profiler_model: str | None,
    prompt_template: Path | None,
    calls_a_day: int | None,
    tokens_a_day: int | None,
) -> None:
    """Check the installation: Python, the database, the profiler, a real server, the configured hosts.

    Changes nothing in the database; the server is tried on a file of its own, the profiler on a
    sample. The exit code is 1 if a check failed; warnings leave it at 0.

    \b
    Examples:
      prosona doctor
      prosona doctor --json | jq '.[] | select(.status != "ok")'
    """
    from prosona.cli.checks import run_checks

    choice = choice_of(
        profiler=profiler,
        profiler_url=profiler_url,
        profiler_model=profiler_model,
        prompt_template=prompt_template,
        calls_a_day=calls_a_day,
        tokens_a_day=tokens_a_day,
    )
    results = run_checks(settings.file(), choice)
    if as_json:
        print_json([{"check": r.check, "status": r.status, "detail": r.detail} for r in results])
    else:
        print_table(("", "check", "finding"), [(r.status, r.check, r.detail) for r in results])
    if any(result.status == "fail" for result in results):
        click.get_current_context().exit(exits.FAILED)
