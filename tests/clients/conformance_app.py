"""The server of the conformance tests: ours as the factory makes it, and the fixtures that the suite calls.

Run as `python conformance_app.py DATABASE`; the address is printed on stderr.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import warnings
from pathlib import Path
from typing import Annotated, Any

from mcp import MCPDeprecationWarning
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context, Message, Resolve, Sample, UserMessage
from mcp.types import (
    AudioContent,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    SamplingMessage,
    SetLevelRequestParams,
    TextContent,
    TextResourceContents,
)
from pydantic import BaseModel, Field

from prosona.server import build_server
from prosona.server.app import ProsonaServer
from prosona.server.http import open_listener, run_http
from prosona.server.logs import log_to_stderr
from prosona.service import open_service

# A transparent pixel, and a WAV file of no samples.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
SILENCE = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA="
PAUSE = 0.05

Ctx = Context[Any, Any]


def text(words: str) -> TextContent:
    return TextContent(type="text", text=words)


def picture() -> ImageContent:
    return ImageContent(type="image", data=PIXEL, mime_type="image/png")


def embedded(uri: str, mime_type: str, words: str) -> EmbeddedResource:
    return EmbeddedResource(
        type="resource", resource=TextResourceContents(uri=uri, mime_type=mime_type, text=words)
    )


def form(message: str, **fields: str) -> ElicitRequest:
    """A question to the user, with a required field of each name and JSON type."""
    properties = {name: {"type": kind} for name, kind in fields.items()}
    schema = {"type": "object", "properties": properties, "required": list(fields)}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def sampling(words: str) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=text(words))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=100))


def ask(state: str | None = None, **requests: InputRequest) -> InputRequiredResult:
    return InputRequiredResult(input_requests=requests, request_state=state)


def answered(ctx: Ctx, name: str) -> dict[str, Any] | None:
    """What the user filled in under `name`, if it was asked and answered."""
    response = (ctx.input_responses or {}).get(name)
    if isinstance(response, ElicitResult) and response.action == "accept":
        return dict(response.content or {})
    return None


def add_content(server: ProsonaServer) -> None:
    """Tools that return each kind of content."""

    @server.tool()
    async def test_simple_text() -> str:
        """Returns text."""
        return "This is a simple text response for testing."

    @server.tool()
    async def test_image_content() -> list[ImageContent]:
        """Returns an image."""
        return [picture()]

    @server.tool()
    async def test_audio_content() -> list[AudioContent]:
        """Returns audio."""
        return [AudioContent(type="audio", data=SILENCE, mime_type="audio/wav")]

    @server.tool()
    async def test_embedded_resource() -> list[EmbeddedResource]:
        """Returns an embedded resource."""
        return [embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")]

    @server.tool()
    async def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
        """Returns three kinds of content."""
        data = json.dumps({"test": "data", "value": 123})
        return [
            text("Multiple content types test:"),
            picture(),
            embedded("test://mixed-content-resource", "application/json", data),
        ]

    @server.tool()
    async def test_error_handling() -> str:
        """Fails."""
        raise RuntimeError("This tool intentionally returns an error for testing")

    @server.tool()
    async def test_tool_with_progress(ctx: Ctx) -> str:
        """Reports progress three times."""
        for done in (0, 50, 100):
            await ctx.report_progress(done, 100)
            await asyncio.sleep(PAUSE)
        return "done"

    @server.tool()
    async def test_tool_with_logging(ctx: Ctx) -> str:
        """Logs three times, as servers of the handshake era do."""
        for words in ("Tool execution started", "Tool processing data", "Tool execution completed"):
            await ctx.log("info", words)
            await asyncio.sleep(PAUSE)
        return "done"

    @server.tool()
    async def test_logging_tool(ctx: Ctx) -> str:
        """Logs once, if the request asked for logs."""
        await ctx.log("info", "test_logging_tool was called")
        return "done"

    @server.tool()
    async def test_trigger_tool_change(ctx: Ctx) -> str:
        """Says that the list of tools changed."""
        await ctx.notify_tools_changed()
        return "done"

    @server.tool()
    async def test_trigger_prompt_change(ctx: Ctx) -> str:
        """Says that the list of prompts changed."""
        await ctx.notify_prompts_changed()
        return "done"


class Person(BaseModel):
    username: str = Field(description="User's response")
    email: str = Field(description="User's email address")


class Defaults(BaseModel):
    name: str = Field(default="John Doe")
    age: int = Field(default=30)
    score: float = Field(default=95.5)
    status: str = Field(default="active", json_schema_extra={"enum": ["active", "inactive", "pending"]})
    verified: bool = Field(default=True)


OPTIONS: dict[str, Any] = {"enum": ["option1", "option2", "option3"]}
TITLED = [{"const": f"value{n}", "title": f"Choice {n}"} for n in (1, 2, 3)]


class Choices(BaseModel):
    untitledSingle: str = Field(json_schema_extra=OPTIONS)  # noqa: N815 - the suite's names
    titledSingle: str = Field(json_schema_extra={"oneOf": TITLED})  # type: ignore[dict-item]  # noqa: N815
    legacyEnum: str = Field(  # noqa: N815
        json_schema_extra={"enum": ["opt1", "opt2"], "enumNames": ["Option One", "Option Two"]}
    )
    untitledMulti: list[str] = Field(  # noqa: N815
        json_schema_extra={"items": {"type": "string", **OPTIONS}}
    )
    titledMulti: list[str] = Field(json_schema_extra={"items": {"anyOf": TITLED}})  # type: ignore[dict-item]  # noqa: N815


def add_legacy_questions(server: ProsonaServer) -> None:
    """Tools that ask the client in mid-call, as the handshake era does."""

    async def elicited(ctx: Ctx, message: str, schema: type[BaseModel]) -> str:
        result = await ctx.elicit(message, schema)
        given = result.data.model_dump_json() if result.action == "accept" else "{}"
        return f"Elicitation completed: action={result.action}, content={given}"

    @server.tool()
    async def test_sampling(prompt: str, ctx: Ctx) -> str:
        """Asks the client's model."""
        message = SamplingMessage(role="user", content=text(prompt))
        result = await ctx.session.create_message([message], max_tokens=100)
        return f"LLM response: {result.content.text if result.content.type == 'text' else ''}"

    @server.tool()
    async def test_elicitation(message: str, ctx: Ctx) -> str:
        """Asks the user."""
        return await elicited(ctx, message, Person)

    @server.tool()
    async def test_elicitation_sep1034_defaults(ctx: Ctx) -> str:
        """Asks with defaults of every type."""
        return await elicited(ctx, "Please check your data", Defaults)

    @server.tool()
    async def test_elicitation_sep1330_enums(ctx: Ctx) -> str:
        """Asks with every kind of choice."""
        return await elicited(ctx, "Please choose", Choices)

    async def set_level(
        context: ServerRequestContext[Any, Any], params: SetLevelRequestParams
    ) -> EmptyResult:
        return EmptyResult()

    server._lowlevel_server.add_request_handler("logging/setLevel", SetLevelRequestParams, set_level)


async def greeting() -> Sample:
    message = SamplingMessage(role="user", content=text("Generate a greeting"))
    return Sample([message], max_tokens=50)


def add_questions(server: ProsonaServer) -> None:
    """Tools and a prompt that need input first, as since 2026-07-28."""
    name = "What is your name?"

    @server.tool()
    async def test_input_required_result_elicitation(ctx: Ctx) -> str | InputRequiredResult:
        """Needs a name."""
        given = answered(ctx, "user_name")
        return f"Hello, {given['name']}!" if given else ask(user_name=form(name, name="string"))

    @server.tool()
    async def test_input_required_result_sampling(ctx: Ctx) -> str | InputRequiredResult:
        """Needs the client's model."""
        response = (ctx.input_responses or {}).get("capital_question")
        if isinstance(response, CreateMessageResult) and response.content.type == "text":
            return response.content.text
        return ask(capital_question=sampling("What is the capital of France?"))

    @server.tool()
    async def test_input_required_result_list_roots(ctx: Ctx) -> str | InputRequiredResult:
        """Needs the client's roots."""
        response = (ctx.input_responses or {}).get("client_roots")
        if isinstance(response, ListRootsResult):
            return " ".join(str(root.uri) for root in response.roots)
        return ask(client_roots=ListRootsRequest())

    @server.tool()
    async def test_input_required_result_request_state(ctx: Ctx) -> str | InputRequiredResult:
        """Needs a confirmation and its own state back."""
        if answered(ctx, "confirm") and ctx.request_state == "asked":
            return "state-ok"
        return ask("asked", confirm=form("Please confirm", ok="boolean"))

    @server.tool()
    async def test_input_required_result_tampered_state(ctx: Ctx) -> str | InputRequiredResult:
        """The same, for a client that changes the state."""
        if answered(ctx, "confirm") and ctx.request_state == "asked":
            return "state-ok"
        return ask("asked", confirm=form("Please confirm", ok="boolean"))

    @server.tool()
    async def test_input_required_result_multiple_inputs(ctx: Ctx) -> str | InputRequiredResult:
        """Needs three inputs at once."""
        if len(ctx.input_responses or {}) >= 3 and ctx.request_state == "asked":
            return "all there"
        return ask(
            "asked",
            user_name=form(name, name="string"),
            greeting=sampling("Generate a greeting"),
            client_roots=ListRootsRequest(),
        )

    @server.tool()
    async def test_input_required_result_multi_round(ctx: Ctx) -> str | InputRequiredResult:
        """Needs a name, then a colour."""
        if ctx.request_state == "two" and (colour := answered(ctx, "step2")):
            return f"You like {colour['color']}."
        if ctx.request_state == "one" and answered(ctx, "step1"):
            return ask("two", step2=form("Step 2: What is your favorite color?", color="string"))
        return ask("one", step1=form("Step 1: What is your name?", name="string"))

    @server.tool()
    async def test_input_required_result_capabilities(ctx: Ctx) -> str | InputRequiredResult:
        """Asks only in ways that the client declared."""
        able = ctx.client_capabilities
        requests: dict[str, InputRequest] = {}
        if able is not None and able.elicitation is not None:
            requests["user_name"] = form(name, name="string")
        if able is not None and able.sampling is not None:
            requests["greeting"] = sampling("Generate a greeting")
        return (
            InputRequiredResult(input_requests=requests) if requests else "This client can be asked nothing."
        )

    @server.tool()
    async def test_missing_capability(words: Annotated[CreateMessageResult, Resolve(greeting)]) -> str:
        """Needs a client with a model."""
        return words.model

    @server.tool()
    async def test_streaming_elicitation(ctx: Ctx) -> str | InputRequiredResult:
        """Needs a name after some progress."""
        await ctx.report_progress(1, 2)
        given = answered(ctx, "user_name")
        return f"Hello, {given['name']}!" if given else ask(user_name=form(name, name="string"))

    @server.prompt()
    async def test_input_required_result_prompt(ctx: Ctx) -> list[Message] | InputRequiredResult:
        """Needs a context."""
        given = answered(ctx, "user_context")
        if given is None:
            return ask(user_context=form("What context should the prompt use?", context="string"))
        return [UserMessage(f"Use this context: {given['context']}")]


def add_resources_and_prompts(server: ProsonaServer) -> None:
    @server.resource("test://static-text", mime_type="text/plain")
    async def static_text() -> str:
        """Text."""
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    async def static_binary() -> bytes:
        """An image."""
        return base64.b64decode(PIXEL)

    @server.resource("test://template/{id}/data", mime_type="application/json")
    async def template(id: str) -> str:
        """Data of an id."""
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})

    @server.resource("test://watched-resource", mime_type="text/plain")
    async def watched() -> str:
        """A resource to subscribe to."""
        return "Watched resource content"

    @server.prompt()
    async def test_simple_prompt() -> list[Message]:
        """No arguments."""
        return [UserMessage("This is a simple prompt for testing.")]

    @server.prompt()
    async def test_prompt_with_arguments(arg1: str, arg2: str) -> list[Message]:
        """Two arguments."""
        return [UserMessage(f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")]

    @server.prompt()
    async def test_prompt_with_embedded_resource(resourceUri: str) -> list[Message]:  # noqa: N803
        """Embeds a resource."""
        resource = embedded(resourceUri, "text/plain", "Embedded resource content for testing.")
        return [UserMessage(resource), UserMessage("Please process the embedded resource above.")]

    @server.prompt()
    async def test_prompt_with_image() -> list[Message]:
        """Holds an image."""
        return [UserMessage(picture()), UserMessage("Please analyze the image above.")]


async def main(database: Path) -> None:
    log_to_stderr()
    # The suite asks for the ways of the handshake era on purpose.
    warnings.simplefilter("ignore", MCPDeprecationWarning)
    service = open_service(database)
    server = build_server(service)
    add_content(server)
    add_legacy_questions(server)
    add_questions(server)
    add_resources_and_prompts(server)
    with open_listener("127.0.0.1", 0) as listener:
        await run_http(server, listener)
    await service.aclose()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
