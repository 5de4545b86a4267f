"""Profiles behind a Prosona server, over MCP: a command of this machine or a URL."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from prosona.client.calls import Fields
from prosona.core.errors import (
    BroadForgetError,
    BudgetSpentError,
    ConflictError,
    InvalidInputError,
    NotForgottenError,
    OutputRejectedError,
    ProfilerUnavailableError,
    ProsonaError,
    StoreForkedError,
    UnavailableError,
)
from prosona.core.requests import Receipt
from prosona.core.words import Line, Profile, Support
from prosona.service.answers import Preview, Reasons, Revised
from prosona.service.steps import Step

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult

__all__ = ["RemoteCalls"]

_ERROR_META = "prosona/error"
_SUPPORT = ("times", "of", "first", "last", "agents")


class RemoteCalls:
    """Calls a server over MCP. Connects on the first call, and again after the server went away."""

    def __init__(self, target: str | Sequence[str], *, agent: str, token: str | None, timeout: float) -> None:
        self._target = target
        self._agent = agent
        self._token = token
        self._timeout = timeout
        self._process = os.getpid()
        self._connecting = asyncio.Lock()
        self._client: Client | None = None
        self._stop: asyncio.Event | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def observe(self, user_id: str | None, interaction: Fields) -> Receipt:
        """Appends one interaction."""
        content = await self._call("observe_interaction", user_id, interaction)
        return Receipt.model_validate(content)

    async def get(self, user_id: str | None, *, max_tokens: int | None, fresh: bool, lines: bool) -> Profile:
        """The profile as it stands."""
        arguments = {"max_tokens": max_tokens, "fresh": fresh or None, "lines": lines or None}
        content = await self._call("get_user_profile", user_id, arguments)
        # The work is for agents with a model, and the note for what reads it.
        told = {name: value for name, value in content.items() if name not in ("note", "work", "lines")}
        listed = [_line(line) for line in content.get("lines", ())] if lines else None
        return Profile.model_validate({**told, "lines": listed})

    async def revise(self, user_id: str | None, change: Fields) -> Revised:
        """One revision."""
        if isinstance(change.get("until"), date):
            change = {**change, "until": str(change["until"])}
        content = dict(await self._call("revise_profile", user_id, change))
        content["note"] = content.pop("notice", None)
        return Revised.model_validate({"cause": None, **content})

    async def why(self, user_id: str | None, line: str) -> Reasons:
        """Why a line is there."""
        return Reasons.model_validate(await self._read(user_id, f"why/{quote(line, safe='')}"))

    async def preview(self, user_id: str | None, what: str) -> Preview:
        """What a forget would take away."""
        return Preview.model_validate(await self._read(user_id, f"preview/{quote(what, safe='')}"))

    async def history(self, user_id: str | None, *, limit: int) -> list[Step]:
        """What the last revisions changed, newest first."""
        listed = await self._read(user_id, f"history?limit={limit}")
        return [Step.model_validate(step) for step in listed]

    async def aclose(self) -> None:
        """Ends the connection; a server that this client started ends with it."""
        keeper, stop = self._keeper, self._stop
        self._client = self._keeper = self._stop = None
        if keeper is not None and stop is not None:
            stop.set()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _read(self, user_id: str | None, below: str) -> Any:  # noqa: ANN401 - any JSON
        from mcp import MCPError
        from mcp.types import TextResourceContents

        if user_id is None:
            # A bound server knows whose profile it is; its resources are named by user.
            user_id = (await self.get(None, max_tokens=None, fresh=False, lines=False)).user_id
        client = await self._connected()
        uri = f"profile://{quote(user_id, safe='')}/{below}"
        try:
            contents = (await client.read_resource(uri, cache_mode="bypass")).contents
        except MCPError as error:
            raise await self._failure(error) from None
        (text,) = [c.text for c in contents if isinstance(c, TextResourceContents)]
        read = json.loads(text)
        if isinstance(read, dict):
            read.pop("about", None)
        return read

    async def _call(self, tool: str, user_id: str | None, arguments: Fields) -> dict[str, Any]:
        from mcp import MCPError

        given = {
            name: value for name, value in {"user_id": user_id, **arguments}.items() if value is not None
        }
        client = await self._connected()
        try:
            result = await client.call_tool(tool, given)
        except MCPError as error:
            raise await self._failure(error) from None
        if result.is_error or result.structured_content is None:
            raise _error_of(result)
        content: dict[str, Any] = result.structured_content
        return content

    async def _connected(self) -> Client:
        if os.getpid() != self._process:
            raise StoreForkedError(
                "this client was made before this process was forked; make another one in the child"
            )
        async with self._connecting:
            if self._client is None or self._keeper is None or self._keeper.done():
                ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
                self._stop = asyncio.Event()
                self._keeper = asyncio.create_task(self._keep(ready, self._stop), name="prosona connection")
                waiting: set[asyncio.Future[Any]] = {ready, self._keeper}
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if not ready.done():
                    # Transports fail with errors of many libraries, alone or in groups; to a caller
                    # all of them mean that the server is not to be had.
                    error = _innermost(self._keeper.exception())
                    raise UnavailableError(f"no connection to {self._where()}: {error}")
                self._client = ready.result()
            return self._client

    async def _keep(self, ready: asyncio.Future[Client], stop: asyncio.Event) -> None:
        """Holds the connection in a task of its own: it must be opened and closed in the same one."""
        async with contextlib.AsyncExitStack() as stack:
            client = await self._open(stack)
            ready.set_result(await stack.enter_async_context(client))
            await stop.wait()

    async def _open(self, stack: contextlib.AsyncExitStack) -> Client:
        from mcp import Client, StdioServerParameters
        from mcp.types import Implementation

        info = Implementation(name=self._agent, version=version("prosona"))
        if isinstance(self._target, str) and self._target.startswith(("http://", "https://")):
            import httpx2
            from mcp.client.streamable_http import streamable_http_client

            headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
            http = await stack.enter_async_context(
                httpx2.AsyncClient(headers=headers, timeout=httpx2.Timeout(self._timeout, read=None))
            )
            transport = streamable_http_client(self._target, http_client=http)
            return Client(transport, client_info=info, read_timeout_seconds=self._timeout)
        command = shlex.split(self._target) if isinstance(self._target, str) else list(self._target)
        if not command:
            raise InvalidInputError("give a URL or a command to connect to")
        server = StdioServerParameters(command=command[0], args=command[1:])
        return Client(server, client_info=info, read_timeout_seconds=self._timeout)

    def _where(self) -> str:
        return self._target if isinstance(self._target, str) else shlex.join(self._target)

    async def _failure(self, error: Any) -> ProsonaError:  # noqa: ANN401 - MCPError is imported late
        """The error of ours behind a protocol error; a lost connection is dropped for the next call."""
        data = error.error.data
        details = data.get(_ERROR_META) if isinstance(data, dict) else None
        if details is not None:
            return _raised(details, str(error))
        await self.aclose()
        return UnavailableError(f"{self._where()} did not answer: {error}")


def _line(told: Mapping[str, Any]) -> Line:
    support = Support(**{name: told[name] for name in _SUPPORT if name in told})
    return Line(support=support, **{name: value for name, value in told.items() if name not in _SUPPORT})


def _innermost(error: BaseException | None) -> BaseException | None:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _error_of(result: CallToolResult) -> ProsonaError:
    """The error that the server raised, as the same class."""
    text = " ".join(block.text for block in result.content if block.type == "text")
    return _raised((result.meta or {}).get(_ERROR_META, {"code": InvalidInputError.code}), text)


def _raised(details: Mapping[str, Any], text: str) -> ProsonaError:
    """The error of ours that a server tells of by its code and what its class carries."""
    match details.get("code"):
        case ConflictError.code:
            current = Profile.model_validate(details["current"])
            return ConflictError(current=current, proposed=details["proposed"])
        case BroadForgetError.code:
            return BroadForgetError(text, word=details["word"])
        case NotForgottenError.code:
            return NotForgottenError(text, near=details["near"])
        case OutputRejectedError.code:
            return OutputRejectedError(details["problems"])
        case BudgetSpentError.code:
            return BudgetSpentError(text, retry_seconds=details["retry_seconds"])
        case ProfilerUnavailableError.code:
            return ProfilerUnavailableError(text, retry_seconds=details["retry_seconds"])
        case code:
            return _plain_classes().get(code, ProsonaError)(text)


def _plain_classes() -> dict[object, type[ProsonaError]]:
    """Error classes by wire code, those that carry nothing but their words."""
    found: dict[object, type[ProsonaError]] = {}
    waiting: list[type[ProsonaError]] = [ProsonaError]
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        # A subclass somewhere else that inherits its code is not what the server raised.
        if "code" in vars(cls) and cls.__init__ in (ProsonaError.__init__, Exception.__init__):
            found[cls.code] = cls
    return found
