"""How an error reaches an agent: a sentence that says what to do, and a code for programs."""

from __future__ import annotations

from typing import Any

from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS, CallToolResult, TextContent

from prosona.core.errors import (
    BroadForgetError,
    BudgetSpentError,
    ConflictError,
    InvalidInputError,
    NotForgottenError,
    NotFoundError,
    OutputRejectedError,
    ProfilerUnavailableError,
    ProsonaError,
)

__all__ = ["ERROR_META", "crashed_call", "failed_call", "protocol_error"]

ERROR_META = "prosona/error"
"""Key in a failed result's `_meta`, and in a protocol error's data: `{"code": ...}` and what the class of
the error carries beside its words."""

CRASHED = (
    "Prosona failed on this call and nothing was changed by it; its log says why. The call may be repeated."
)

_LONGEST = 600
"""Characters of an error's own words. They may quote what was sent."""

_LONGEST_PREVIEW = 4_000
"""Characters of what the owner must see before much of theirs is erased, or because nothing was."""


def failed_call(error: ProsonaError) -> CallToolResult:
    """`error` as the result of a tool call.

    It has no structured content: hosts check that against the schema of a result that went well.
    """
    return _failed(_described(error), _details(error))


def crashed_call() -> CallToolResult:
    """The result of a tool call that failed in a way nobody foresaw."""
    return _failed(CRASHED, {"code": ProsonaError.code})


def protocol_error(error: ProsonaError, **data: str) -> MCPError:
    """`error`, with `data` beside its code, for prompts and resources, which have no error results."""
    wrong = isinstance(error, InvalidInputError | NotFoundError)
    return MCPError(
        INVALID_PARAMS if wrong else INTERNAL_ERROR,
        _described(error),
        {**data, ERROR_META: _details(error)},
    )


def _described(error: ProsonaError) -> str:
    """The error in words for the agent that made the call."""
    if isinstance(error, ConflictError):
        current = error.current
        return (
            f"Conflict: the profile is at version {current.version} now, and nothing was stored. Merge the"
            f" two texts below and call revise_profile again with base_version={current.version}.\n\n"
            f"The profile at version {current.version}:\n{current.text}\n\nYours:\n{error.proposed}"
        )
    words = str(error)
    longest = _LONGEST_PREVIEW if isinstance(error, BroadForgetError | NotForgottenError) else _LONGEST
    return words if len(words) <= longest else words[:longest] + "..."


def _details(error: ProsonaError) -> dict[str, Any]:
    """What a client needs to raise the same error: its code, and what its class carries."""
    details: dict[str, Any] = {"code": error.code}
    if isinstance(error, ConflictError):
        details |= {"current": error.current.model_dump(mode="json"), "proposed": error.proposed}
    elif isinstance(error, BroadForgetError):
        details["word"] = error.word
    elif isinstance(error, NotForgottenError):
        details["near"] = list(error.near)
    elif isinstance(error, OutputRejectedError):
        details["problems"] = list(error.problems)
    elif isinstance(error, BudgetSpentError | ProfilerUnavailableError):
        details["retry_seconds"] = error.retry_seconds
    return details


def _failed(words: str, details: dict[str, Any]) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=words)], is_error=True, _meta={ERROR_META: details}
    )
