"""How an error reaches an agent: a sentence that says what to do, and a code for programs."""

from __future__ import annotations

from typing import Any

from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS, CallToolResult, TextContent

from prosona.profiles_db import ConflictError, InvalidInputError, NotFoundError, ProsonaError

ERROR_META = "prosona/error"
"""Key in a failed result's `_meta`: `{"code": ...}`, and for a conflict `current` and `proposed`."""

CRASHED = (
    "Prosona failed on this call and nothing was changed by it; its log says why. The call may be repeated."
)

_LONGEST = 600
"""Characters of an error's own words. They may quote what was sent."""


def describe(error: ProsonaError) -> str:
    """The error in words for the agent that made the call."""
    if isinstance(error, ConflictError):
        current = error.current
        return (
            f"Conflict: the profile is at version {current.version} now, and nothing was stored. Merge the"
            f" two texts below and call revise_profile again with base_version={current.version}.\n\n"
            f"The profile at version {current.version}:\n{current.text}\n\nYours:\n{error.proposed}"
        )
    words = str(error)
    return words if len(words) <= _LONGEST else words[:_LONGEST] + "..."


def failed_call(error: ProsonaError) -> CallToolResult:
    """`error` as the result of a tool call."""
    details: dict[str, Any] = {"code": error.code}
    if isinstance(error, ConflictError):
        details["current"] = error.current.model_dump(mode="json")
        details["proposed"] = error.proposed
    return CallToolResult(
        content=[TextContent(type="text", text=describe(error))],
        is_error=True,
        _meta={ERROR_META: details},
    )


def crashed_call() -> CallToolResult:
    """The result of a tool call that failed in a way nobody foresaw."""
    return CallToolResult(
        content=[TextContent(type="text", text=CRASHED)],
        is_error=True,
        _meta={ERROR_META: {"code": ProsonaError.code}},
    )


def protocol_error(error: ProsonaError, **data: str) -> MCPError:
    """`error`, with `data` beside its code, for prompts and resources, which have no error results."""
    wrong = isinstance(error, InvalidInputError | NotFoundError)
    return MCPError(
        INVALID_PARAMS if wrong else INTERNAL_ERROR,
        describe(error),
        {**data, ERROR_META: {"code": error.code}},
    )
