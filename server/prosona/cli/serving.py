"""`serve`: the MCP server."""

from __future__ import annotations

import click

from prosona.cli.options import Settings, db_option, pass_settings, user_option

_HOST = "127.0.0.1"
_PORT = 8765


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
@db_option()
@pass_settings
def serve(
    settings: Settings, user_id: str | None, transport: str, host: str | None, port: int | None
) -> None:
    """Serve profiles over MCP, on stdio or as streamable HTTP at /mcp.

    Hosts start the stdio server themselves: see `prosona install`.

    \b
    Examples:
      prosona serve --user ana
      prosona serve --transport http --port 8765
    """
    if transport == "stdio" and (host is not None or port is not None):
        raise click.UsageError("--host and --port go with --transport http")
    from prosona.server import serve_http, serve_stdio
    from prosona.service import open_service, parse_user_id

    bound = parse_user_id(user_id) if user_id is not None else None
    service = open_service(settings.db)
    if transport == "stdio":
        serve_stdio(service, bound)
    else:
        serve_http(service, host or _HOST, _PORT if port is None else port, bound)
