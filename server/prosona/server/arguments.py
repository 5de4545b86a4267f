"""What each tool takes, and the slim schema that agents read."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

__all__ = [
    "GetArguments",
    "ObserveArguments",
    "ReviseArguments",
    "ToolArguments",
    "explain_arguments",
    "for_any_user",
    "result_schema",
    "slim_schema",
]

_ECHO = 60
"""Characters of an unknown argument's name that a message repeats."""

_Count = Annotated[int, Field(ge=0, le=10**15)]
"""A version, a `seq` or a budget: well inside what a database integer holds."""


class ToolArguments(ArgModelBase):
    """Arguments of a tool. Unknown ones are errors; null is the same as leaving one out."""

    model_config = ConfigDict(extra="forbid")


class GetArguments(ToolArguments):
    """Arguments of `get_user_profile`."""

    max_tokens: Annotated[_Count | None, Field(description="Shorten to this many tokens")] = None
    fresh: Annotated[bool | None, Field(description="Fold pending interactions first; slower")] = None
    lines: Annotated[bool | None, Field(description="List the lines too, with ids and support")] = None


class ObserveArguments(ToolArguments):
    """Arguments of `observe_interaction`."""

    chosen: Annotated[str | None, Field(description="What they picked, did, liked or said")] = None
    query: Annotated[str | None, Field(description="What it answered or was shown for")] = None
    rejected: Annotated[str | None, Field(description="What they turned down")] = None
    kind: Annotated[str | None, Field(description="Signal: click, rating, chat, ...")] = None
    domain: Annotated[str | None, Field(description="Field of life: films, news, code, ...")] = None
    occurred_at: Annotated[str | None, Field(description="ISO 8601 time, if not now")] = None
    idempotency_key: Annotated[str | None, Field(description="Same key twice is kept once")] = None


class ReviseArguments(ToolArguments):
    """Arguments of `revise_profile`."""

    statement: Annotated[str | None, Field(description="A line to pin, in the user's words")] = None
    forget: Annotated[str | None, Field(description="A topic or line to erase for good; * erases all")] = None
    confirm: Annotated[str | None, Field(description="With forget: the word a preview gave")] = None
    line: Annotated[str | None, Field(description="A line to change, by id or words")] = None
    remove: Annotated[str | None, Field(description="A line to take out")] = None
    pin: Annotated[str | None, Field(description="A line to keep as it is")] = None
    text: Annotated[str | None, Field(description="New text of line; or the whole, with base_version")] = None
    until: Annotated[str | None, Field(description="Last day it holds, like 2026-03-01")] = None
    rollback_to: Annotated[_Count | None, Field(description="An earlier version to restore")] = None
    base_version: Annotated[_Count | None, Field(description="Version your change was made from")] = None
    folded_through: Annotated[_Count | None, Field(description="With text: the number that work gave")] = None


def for_any_user(model: type[ToolArguments]) -> type[ToolArguments]:
    """The same arguments with a required `user_id`, for a server that is not bound to one user."""
    fields: dict[str, Any] = {"user_id": (str, Field(description="Whose profile"))}
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, **fields)


def slim_schema(model: type[ToolArguments]) -> dict[str, Any]:
    """The JSON schema of `model` in as few bytes as say the same: a type and a description each.

    Bounds are left to validation, whose messages name them.
    """
    full = model.model_json_schema()
    required: list[str] = full.get("required", [])
    properties: dict[str, Any] = {}
    for name, field in sorted(full["properties"].items(), key=lambda item: item[0] not in required):
        kinds = [option["type"] for option in field.get("anyOf", [field]) if option["type"] != "null"]
        properties[name] = {"type": kinds[0], "description": field["description"]}
    slim: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        slim["required"] = required
    return slim


def result_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a tool's result without the titles that pydantic adds."""
    return _without_titles(model.model_json_schema())


def _without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    return {key: _without_titles(value) if isinstance(value, dict) else value for key, value in kept.items()}


def explain_arguments(error: ValidationError, model: type[BaseModel]) -> str:
    """What is wrong with a call's arguments and what to send instead, in one short line.

    Values are not repeated: they may be huge, hostile or private.
    """
    accepted = sorted(model.model_fields, key=lambda name: name != "user_id")
    parts = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        name = str(item["loc"][0]) if item["loc"] else ""
        if item["type"] == "extra_forbidden" and name == "user_id":
            parts.append("leave user_id out: this server is bound to one user")
        elif item["type"] == "extra_forbidden":
            parts.append(f"unknown argument {name[:_ECHO]!a}; the arguments are {', '.join(accepted)}")
        elif item["type"] == "missing":
            parts.append(f"{name} is required: say whose profile; there is no default user")
        else:
            parts.append(f"{name}: {item['msg']}" if name else item["msg"])
    return "; ".join(dict.fromkeys(parts[:4]))
