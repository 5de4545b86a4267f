"""The MCP server: three tools, resources and prompts over a `ProfileService`."""

from prosona.server.app import build_server
from prosona.server.http import serve_http
from prosona.server.stdio import serve_stdio

__all__ = ["build_server", "serve_http", "serve_stdio"]
