"""JSON-RPC messages of both protocol eras, and what counts as a good answer."""

from __future__ import annotations

import json
from typing import Any, Literal

Era = Literal["2026-07-28", "2025-11-25"]
MODERN: Era = "2026-07-28"
LEGACY: Era = "2025-11-25"

_CLIENT = {"name": "benchmark", "version": "0"}
_META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": _CLIENT,
}

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": _CLIENT},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def tool_call(number: int, tool: str, arguments: dict[str, Any], era: Era) -> dict[str, Any]:
    params: dict[str, Any] = {"name": tool, "arguments": arguments}
    if era == MODERN:
        params["_meta"] = _META
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


def encoded(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


def check_result(message: dict[str, Any]) -> None:
    if "error" in message or message["result"].get("isError"):
        raise RuntimeError(f"the server answered with an error: {message}")
