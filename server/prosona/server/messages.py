"""Reading one JSON-RPC message, and the answer to what is none.

The SDK's models let pass what they must not: a request whose id is neither a text nor a whole number
reads as a notification, which nobody answers. And a string may spell a lone surrogate, which no text
can hold.
"""

from __future__ import annotations

import json
import re

from mcp.types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

__all__ = ["MAX_MESSAGE", "has_wrong_id", "read_message", "too_long", "wrong_id"]

MAX_MESSAGE = 4 << 20
"""Longest message, in bytes: the same as over HTTP, and far beyond what any tool takes."""

# Where an id may be something else than a text or a whole number: cheap to look for in every body, and
# what it finds is looked at properly.
_ODD_ID = re.compile(rb'"id"\s*:\s*(?:[^\s"\d-]|-?\d+[.eE])')


def read_message(line: bytes) -> tuple[JSONRPCMessage | None, JSONRPCError | None]:
    """The message in `line`, or the error to answer with; neither for a blank line, which asks nothing."""
    try:
        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValidationError as problem:
        return None, _answer_to(line, problem)
    if isinstance(message, JSONRPCNotification) and _asks(line):
        return None, wrong_id()
    return message, None


def has_wrong_id(body: bytes) -> bool:
    """Whether `body` is a request whose id is neither a text nor a whole number."""
    return bool(_ODD_ID.search(body)) and _asks(body, wrongly=True)


def wrong_id() -> JSONRPCError:
    """The answer to a request with such an id."""
    return _error(None, INVALID_REQUEST, "the id of a request is a text or a whole number; nothing was done")


def too_long() -> JSONRPCError:
    """The answer to a message that is too long to be read."""
    return _error(None, INVALID_REQUEST, f"a message has at most {MAX_MESSAGE >> 20} MiB; nothing was done")


def _answer_to(line: bytes, problem: ValidationError) -> JSONRPCError | None:
    if not line.strip():
        return None
    try:
        line.decode()
    except UnicodeDecodeError:
        return _error(None, PARSE_ERROR, "not UTF-8; nothing was done")
    try:
        # Python reads what stricter parsers refuse, such as lone surrogates: enough to find the id.
        message = json.loads(line)
        is_text = _is_text(json.dumps(message, ensure_ascii=False))
    except (ValueError, RecursionError):
        return _error(None, PARSE_ERROR, "not JSON; nothing was done")
    if is_text:
        return _error(_id_of(message), INVALID_REQUEST, "not a JSON-RPC 2.0 message; nothing was done")
    return _error(
        _id_of(message), PARSE_ERROR, "a string holds a lone surrogate, which is no text; nothing was done"
    )


def _asks(body: bytes, *, wrongly: bool = False) -> bool:
    """Whether `body` is a message with a method and an id; `wrongly`: with an id that cannot be one."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        # Beyond what Python reads, such as a number of thousands of digits. Over HTTP the SDK says so.
        return not wrongly and b'"id"' in body
    if not isinstance(message, dict) or "method" not in message or "id" not in message:
        return False
    asked = message["id"]
    return not wrongly or isinstance(asked, bool) or not isinstance(asked, str | int)


def _id_of(message: object) -> str | int | None:
    asked = message.get("id") if isinstance(message, dict) else None
    if isinstance(asked, bool) or not isinstance(asked, str | int):
        return None
    return asked if isinstance(asked, int) or _is_text(asked) else None


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _error(asked: str | int | None, code: int, message: str) -> JSONRPCError:
    return JSONRPCError(jsonrpc="2.0", id=asked, error=ErrorData(code=code, message=message))
