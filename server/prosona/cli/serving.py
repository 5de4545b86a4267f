"""`serve`: the MCP server. Hosts wait for it to start: nothing is loaded here that it can do without."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import click

from prosona.cli.options import Settings, db_option, pass_settings, user_option
from prosona.cli.profilers import chosen_profiler, profiler_options

if TYPE_CHECKING:
    from typing import Unpack

    from prosona.cli.profilers import ProfilerOptions

__all__ = ["serve"]

_HOST = "127.0.0.1"
_PORT = 8765

_NEW_OBJECTS = 20_000
"""Objects made and not yet freed at which the collector looks for cycles: some calls' worth. The usual 700 are
less than one call's, and looking so often takes some hundredths of each."""


@click.command(short_help="Serve profiles over MCP.")
@user_option(required=False, text="Bind the server to this user: its tools then take no user_id.")
@click.option(
    "--transport",
    type=click.Choice(["stdio", "http"]),
    default="stdio",
    show_default=True,
    help="How agents reach it.",
)
@click.option("--host", metavar="ADDRESS", help=f"With http: a loopback address.  [default: {_HOST}]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help=f"With http; 0 takes a free one.  [default: {_PORT}]"
)
@profiler_options()
@db_option()
@pass_settings
def serve(
    settings: Settings,
    user_id: str | None,
    transport: str,
    host: str | None,
    port: int | None,
    **options: Unpack[ProfilerOptions],
) -> None:
    """Serve profiles over MCP, on stdio or as streamable HTTP at /mcp.

    Hosts start the stdio server themselves: see `prosona install`.

    \b
    Examples:
      prosona serve --user ana
      prosona serve --transport http --port 8765
      prosona serve --profiler llm --profiler-url http://127.0.0.1:8000
      prosona serve --profiler my_package.folding:make_profiler
    """
    if transport == "stdio" and (host is not None or port is not None):
        raise click.UsageError("--host and --port go with --transport http")
    chosen = chosen_profiler(options)
    from prosona.server import serve_http, serve_stdio
    from prosona.service import parse_user_id

    bound = parse_user_id(user_id) if user_id is not None else None
    service = settings.open(chosen)
    # What was loaded stays: without this the collector looks through all of it now and then, and a call that
    # comes at that moment waits up to a tenth of a second. `start` has kept it off so far.
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
    gc.enable()
    if transport == "stdio":
        serve_stdio(service, bound)
    else:
        serve_http(service, host or _HOST, _PORT if port is None else port, bound)
