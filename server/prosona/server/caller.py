"""Who is on the other end of a connection."""

from __future__ import annotations

import unicodedata
from typing import Any

from mcp.server.mcpserver import Context

_LONGEST = 128


def agent_name(context: Context[Any, Any]) -> str:
    """The client's own name for itself, in printable characters; empty when it gave none."""
    params = context.session.client_params
    if params is None:
        return ""
    name = "".join(c for c in params.client_info.name if unicodedata.category(c)[0] != "C")
    return " ".join(name.split())[:_LONGEST]
