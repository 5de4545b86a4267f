"""Asking a model behind an OpenAI-compatible endpoint, with the sampling of the published protocol."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from prosona.core.errors import InvalidInputError, UnavailableError

__all__ = ["ChatModel", "ContextTooLongError", "Endpoint", "Messages", "Reply", "Token", "without_thinking"]

Messages = Sequence[Mapping[str, str]]

_THOUGHT = re.compile(r"<think>.*?</think>|^.*?</think>", re.DOTALL)
_FINAL_CHANNEL = re.compile(
    r".*(?:<\|channel\|>|assistant)final(?:<\|constrain\|>\w*)?(?:<\|message\|>)?", re.DOTALL
)
_CONTROL_TOKEN = re.compile(r"<\|(?:end|return|start|message|channel)\|>")


class ContextTooLongError(InvalidInputError):
    """The prompt does not fit the model's context."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model answers. `channels`: it thinks in channels as GPT-OSS does; None: by its name."""

    base_url: str
    model: str
    api_key: str = "none"
    concurrency: int = 16
    timeout_seconds: float = 120.0
    seed: int = 42
    channels: bool | None = None

    @property
    def in_channels(self) -> bool:
        """Whether answers come after a thinking channel that cannot be switched off."""
        return "gpt-oss" in self.model.lower() if self.channels is None else self.channels


@dataclass(frozen=True, slots=True)
class Token:
    """One token of an answer with its log probability, and those of the likeliest others."""

    text: str
    logprob: float
    others: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered: `text` without its thinking, `raw` with it."""

    text: str
    raw: str
    refusal: str | None
    tokens: tuple[Token, ...]
    cost: int
    """Tokens of prompt and answer together, as the endpoint counted."""


class ChatModel:
    """One model, asked at most `concurrency` questions at a time. Close it when done."""

    def __init__(self, endpoint: Endpoint) -> None:
        try:
            import openai
        except ImportError as error:
            raise InvalidInputError(
                "asking a model needs the openai package: pip install 'prosona[evaluation]'"
            ) from error
        self.endpoint = endpoint
        self._openai = openai
        self._places = asyncio.Semaphore(endpoint.concurrency)
        self._client = openai.AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=endpoint.api_key,
            timeout=endpoint.timeout_seconds,
            max_retries=4,
        )

    async def ask(self, messages: Messages, *, max_tokens: int, logprobs: bool = False) -> Reply:
        """One answer, thinking off where the model allows it.

        Raises `ContextTooLongError`, `InvalidInputError` for a request the endpoint does not take, and
        `UnavailableError` when it cannot be reached or keeps failing.
        """
        body: dict[str, Any] = {"top_k": 20}
        if not self.endpoint.in_channels:
            body["chat_template_kwargs"] = {"enable_thinking": False}
        options: dict[str, Any] = {"logprobs": True, "top_logprobs": 20} if logprobs else {}
        try:
            async with self._places:
                answer = await self._client.chat.completions.create(
                    model=self.endpoint.model,
                    messages=[dict(message) for message in messages],  # type: ignore[misc]
                    max_tokens=max_tokens,
                    temperature=0.6,
                    top_p=0.95,
                    seed=self.endpoint.seed,
                    extra_body=body,
                    **options,
                )
        except self._openai.BadRequestError as error:
            if "context" in str(error).lower():
                raise ContextTooLongError(str(error)) from error
            raise InvalidInputError(f"{self.endpoint.base_url} refused the request: {error}") from error
        except self._openai.OpenAIError as error:
            raise UnavailableError(f"{self.endpoint.base_url} did not answer: {error}") from error
        if not answer.choices:
            raise UnavailableError(f"{self.endpoint.base_url} answered without any choice")
        choice = answer.choices[0]
        raw = choice.message.content or ""
        found = choice.logprobs.content if choice.logprobs else None
        return Reply(
            text=without_thinking(raw),
            raw=raw,
            refusal=choice.message.refusal,
            tokens=tuple(
                Token(token.token, token.logprob, {t.token: t.logprob for t in token.top_logprobs or ()})
                for token in found or ()
            ),
            cost=answer.usage.total_tokens if answer.usage else 0,
        )

    async def likelihood(self, front: str, text: str) -> float:
        """The mean log probability of a token of `text` behind `front`, in nats.

        Raises `ContextTooLongError`, `InvalidInputError` for an endpoint that does not tell the probabilities
        of what it was given, and `UnavailableError` when it cannot be reached or keeps failing.
        """
        try:
            async with self._places:
                answer = await self._client.completions.create(
                    model=self.endpoint.model,
                    prompt=front + text,
                    # Some servers write at least one token, which is left out below.
                    max_tokens=1,
                    temperature=0.0,
                    echo=True,
                    logprobs=1,
                )
        except self._openai.BadRequestError as error:
            if "context" in str(error).lower():
                raise ContextTooLongError(str(error)) from error
            raise InvalidInputError(f"{self.endpoint.base_url} refused the request: {error}") from error
        except self._openai.OpenAIError as error:
            raise UnavailableError(f"{self.endpoint.base_url} did not answer: {error}") from error
        found = answer.choices[0].logprobs if answer.choices else None
        places, logprobs = (found.text_offset or [], found.token_logprobs or []) if found else ([], [])
        # A token that begins in front of the text counts to the front.
        inside = [
            logprob
            for place, logprob in zip(places, logprobs, strict=False)
            if logprob is not None and len(front) <= place < len(front) + len(text)
        ]
        if not inside:
            raise InvalidInputError(
                f"{self.endpoint.base_url} does not tell how likely a given text is (echo with logprobs); "
                "the likelihood reader needs that"
            )
        return sum(inside) / len(inside)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._client.close()


def without_thinking(text: str) -> str:
    """The answer alone: what follows the last think block, or the final channel."""
    text = _FINAL_CHANNEL.sub("", text, count=1)
    return _CONTROL_TOKEN.sub("", _THOUGHT.sub("", text)).strip()
