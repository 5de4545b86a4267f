"""`doctor`: is this installation in order?"""

from __future__ import annotations

import click

from prosona.cli import exits
from prosona.cli.options import Settings, db_option, json_option, pass_settings
from prosona.cli.output import print_json, print_table


@click.command(short_help="Check the installation.")
@json_option()
@db_option()
@pass_settings
def doctor(settings: Settings, as_json: bool) -> None:
    """Check the installation: Python, the database, a real server, the configured hosts.

    Changes nothing in the database; the server is tried on a file of its own. The exit code is 1
    if a check failed; warnings leave it at 0.

    \b
    Examples:
      prosona doctor
      prosona doctor --json | jq '.[] | select(.status != "ok")'
    """
    from prosona.cli.checks import run_checks

    results = run_checks(settings.file())
    if as_json:
        print_json([{"check": r.check, "status": r.status, "detail": r.detail} for r in results])
    else:
        print_table(("", "check", "finding"), [(r.status, r.check, r.detail) for r in results])
    if any(result.status == "fail" for result in results):
        click.get_current_context().exit(exits.FAILED)
