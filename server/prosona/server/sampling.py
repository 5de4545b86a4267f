"""The `host` profiler by MCP sampling: the client's own model folds, where the client offers it.

Since 2026-07-28 a tool answers that it needs input, and the client calls again with it; before, the
server asks in the middle of the call. Deprecated in the protocol, and served while clients have it.
"""

from __future__ import annotations

import json
import warnings
from typing import Any

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

from prosona.profiles_db import Backlog, ConflictError, InvalidInputError
from prosona.server.caller import agent_name
from prosona.server.prompts import backlog_as_data, how_to_write
from prosona.service import ProfileService, parse_change

_KEY = "summary"
_SINCE = "2026-07-28"
_MAX_TOKENS = 4096
_AT_ONCE = 50
_ROLE = "You write a preference summary of a user from their behaviour. Answer with the summary alone."


async def fold_by_sampling(
    service: ProfileService, user_id: str, context: Context[Any, Any]
) -> InputRequiredResult | None:
    """Folds what is pending by the client's own model, if that is the profiler and the client has one.

    A result is to be handed to the client, which calls again with the summary. None: go on; what could
    not be folded stays pending.
    """
    capabilities = context.client_capabilities
    if service.profiler.name != "host" or capabilities is None or capabilities.sampling is None:
        return None
    modern = (context.protocol_version or "") >= _SINCE
    if modern and context.input_responses is not None:
        answer = context.input_responses.get(_KEY)
        if isinstance(answer, CreateMessageResult) and context.request_state is not None:
            base_version, folded_through = json.loads(context.request_state)
            await _store(service, user_id, context, answer, base_version, folded_through)
        return None
    backlog = await service.backlog(user_id, _AT_ONCE)
    question, last_seq = _question(backlog)
    if not last_seq:
        return None
    if modern:
        request = CreateMessageRequest(method="sampling/createMessage", params=question)
        state = json.dumps([backlog.head.version, last_seq])
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
        # The user declined, or this connection cannot carry questions: the prompt is left.
        return None
    await _store(service, user_id, context, answer, backlog.head.version, last_seq)
    return None


def _question(backlog: Backlog) -> tuple[CreateMessageRequestParams, int]:
    data, last_seq = backlog_as_data(backlog)
    text = f"{data}\n\n{how_to_write()}\n\nAnswer with the new summary alone."
    message = SamplingMessage(role="user", content=TextContent(type="text", text=text))
    return (
        CreateMessageRequestParams(messages=[message], max_tokens=_MAX_TOKENS, system_prompt=_ROLE),
        last_seq,
    )


async def _store(
    service: ProfileService,
    user_id: str,
    context: Context[Any, Any],
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
        await service.revise(user_id, change, actor=agent_name(context))
    except (ConflictError, InvalidInputError):
        # Somebody was faster, or the checks refused it: the old profile stays, and the caller sees it.
        return
