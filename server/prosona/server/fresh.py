"""What a call that folds first does while it waits, and how the client's own model folds by sampling.

Sampling is deprecated in the protocol, and served while clients have it: since 2026-07-28 a tool answers
that it needs input, and the client calls again with it; before, the server asks in the middle of the
call. Every other client is handed the work in the tool's result.
"""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, TypeVar

from mcp import MCPDeprecationWarning
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from mcp.types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    InputRequiredResult,
    SamplingMessage,
    TextContent,
)

from prosona.core.errors import ConflictError, InvalidInputError
from prosona.server.prompts import work_as_text
from prosona.service import ProfileService, parse_change

if TYPE_CHECKING:
    from prosona.service.answers import Work

__all__ = ["fold_by_sampling", "with_progress"]

T = TypeVar("T")

_EVERY_SECONDS = 1.0
"""How often a waiting client hears that it waits."""

_KEY = "summary"
_SINCE = "2026-07-28"
_MAX_TOKENS = 4096
_ROLE = "You write the lines of a user's profile from their behaviour. Answer with the lines alone."


async def with_progress(context: Context[Any, Any], work: Awaitable[T], *, within: float) -> T:
    """The result of `work`, which takes at most about `within` seconds; the client hears of each one."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        while not task.done():
            await asyncio.wait([task], timeout=_EVERY_SECONDS)
            if not task.done():
                gone = min(loop.time() - began, within)
                await context.report_progress(gone, within, "folding what is pending")
        return task.result()
    finally:
        task.cancel()


async def fold_by_sampling(
    service: ProfileService, user_id: str, context: Context[Any, Any], agent: str
) -> InputRequiredResult | None:
    """Folds what is pending by the client's own model, if the client has one to lend.

    A result is to be handed to the client, which calls again with the summary. None: go on; what could
    not be folded stays pending.
    """
    capabilities = context.client_capabilities
    if capabilities is None or capabilities.sampling is None:
        return None
    modern = (context.protocol_version or "") >= _SINCE
    if modern and context.input_responses is not None:
        answer = context.input_responses.get(_KEY)
        if isinstance(answer, CreateMessageResult) and context.request_state is not None:
            base_version, folded_through = json.loads(context.request_state)
            await _store(service, user_id, agent, answer, base_version, folded_through)
        return None
    work = await service.work(user_id)
    if work is None:
        return None
    question = _question(work)
    if modern:
        request = CreateMessageRequest(method="sampling/createMessage", params=question)
        state = json.dumps([work.base_version, work.folded_through])
        return InputRequiredResult(input_requests={_KEY: request}, request_state=state)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            asking = context.session.create_message(
                question.messages,
                max_tokens=question.max_tokens,
                system_prompt=question.system_prompt,
                related_request_id=context.request_id,
            )
        answer = await asking
    except MCPError:
        # The user declined, or this connection cannot carry questions: the work is handed over instead.
        return None
    await _store(service, user_id, agent, answer, work.base_version, work.folded_through)
    return None


def _question(work: Work) -> CreateMessageRequestParams:
    text = f"{work_as_text(work)}\n\nAnswer with the new lines alone."
    message = SamplingMessage(role="user", content=TextContent(type="text", text=text))
    return CreateMessageRequestParams(messages=[message], max_tokens=_MAX_TOKENS, system_prompt=_ROLE)


async def _store(
    service: ProfileService,
    user_id: str,
    agent: str,
    answer: CreateMessageResult,
    base_version: int,
    folded_through: int,
) -> None:
    if not isinstance(answer.content, TextContent) or answer.stop_reason == "maxTokens":
        return
    # Some models show their reasoning in the text; the summary is what follows it.
    text = answer.content.text.rsplit("</think>", 1)[-1].strip()
    if not text:
        return
    try:
        change = parse_change(text=text, base_version=base_version, folded_through=folded_through)
        await service.revise(user_id, change, actor=agent)
    except (ConflictError, InvalidInputError):
        # Somebody was faster, or the checks refused it: the old profile stays, and the caller sees it.
        return
