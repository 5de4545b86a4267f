"""One OpenAI-compatible endpoint: a call that is bounded in time and number, and errors that say why."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import openai
from openai.types import Model
from openai.types.chat import ChatCompletion

from prosona.core.errors import InvalidInputError, ProfilerError, ProfilerUnavailableError
from prosona.core.tokens import count_tokens
from prosona.profiler.llm.output import Completion, completion_of
from prosona.profiler.llm.patience import (
    MISSET_SECONDS,
    OPTIONAL_PARAMETERS,
    CircuitBreaker,
    UnknownParameterError,
    backoff,
    connection_words,
    never_connected,
    passes,
    refusal,
    seconds_asked_for,
    words_of,
)
from prosona.profiler.llm.prompt import Message
from prosona.profiler.seam import Usage

__all__ = ["API_KEY_VARIABLE", "Endpoint", "LLMSettings", "ServedModel"]

T = TypeVar("T")

API_KEY_VARIABLE = "PROSONA_PROFILER_API_KEY"
"""The environment variable that holds the endpoint's key."""


@dataclass(frozen=True, slots=True)
class LLMSettings:
    """One OpenAI-compatible endpoint. The sampling defaults are the published model's.

    Raises `InvalidInputError` for a URL that is none.
    """

    url: str
    """With or without the `/v1` at its end."""
    model: str | None = None
    """None: the first model that the endpoint lists."""
    api_key: str = field(default_factory=lambda: os.environ.get(API_KEY_VARIABLE, ""), repr=False)
    template: Path | None = None
    """How the model is asked: `alignxplore`, the form of the published model; `changes`, the one for any other; or
    a Jinja file of one's own. None: by the name of the model that is served."""
    temperature: float = 0.6
    top_p: float = 0.95
    top_k: int = 20
    """Sent only to engines that list a context length, as vLLM does: hosted ones refuse to know it."""
    max_output_tokens: int = 4096
    context_tokens: int = 16_384
    """Room for prompt and output together, where the endpoint does not say."""
    must_think: bool | None = None
    """Whether an output without a think block is refused; None: for AlignXplore models only."""
    concurrency: int = 32
    """Calls in flight from this process."""
    timeout_seconds: float = 180.0
    """For one call, from connecting to its last byte."""
    attempts: int = 3
    """Tries at one call over errors that pass: 408, 409, 429, 5xx, lost connections."""
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 20.0
    """How long a try waits for the next at most; an endpoint that asks for more is left alone so long."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInputError(
                f"{self.url[:80]!r} is not the URL of an endpoint; give one like http://127.0.0.1:8000"
            )

    @property
    def base_url(self) -> str:
        """The URL under which `/chat/completions` lies."""
        url = self.url.rstrip("/")
        return url if urlsplit(url).path.strip("/") else f"{url}/v1"

    @property
    def root_url(self) -> str:
        """The URL under which vLLM has `/tokenize`."""
        return self.base_url.removesuffix("/v1")


@dataclass(frozen=True, slots=True)
class ServedModel:
    """What the endpoint says about the model that folds."""

    name: str
    context_tokens: int | None
    """Prompt and output together; None where the endpoint does not say, as hosted ones do not."""


class Endpoint:
    """Calls one endpoint, at most `concurrency` at a time, and leaves it alone while it is down.

    Errors: `ProfilerUnavailableError` when the endpoint is to blame, another `ProfilerError` when
    this one request is.
    """

    def __init__(self, settings: LLMSettings, breaker: CircuitBreaker | None = None) -> None:
        self._settings = settings
        self._breaker = breaker or CircuitBreaker()
        self._slots = asyncio.Semaphore(settings.concurrency)
        # A local engine takes any key, the library insists on one. Retries are ours, below.
        self._client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            api_key=settings.api_key or "none",
            timeout=settings.timeout_seconds,
            max_retries=0,
        )
        self._asking = asyncio.Lock()
        self._served: ServedModel | None = None
        self._can_tokenize = True
        self._unknown: set[str] = set()

    async def served(self) -> ServedModel:
        """The model that folds, asked for once; only its name if it was set and is not listed."""
        async with self._asking:
            if self._served is None:
                self._served = await self._ask_what_is_served()
            return self._served

    async def count(self, messages: list[Message]) -> int | None:
        """Tokens of the prompt by the endpoint's own tokenizer; None where it offers none."""
        if not self._can_tokenize:
            return None
        served = await self.served()
        body = {"model": served.name, "messages": messages, "add_generation_prompt": True}
        try:
            answer = await self._call(
                lambda: self._client.post(
                    f"{self._settings.root_url}/tokenize", cast_to=dict[str, Any], body=body
                ),
                optional=True,
            )
        except ProfilerUnavailableError:
            raise
        except ProfilerError:
            answer = None
        counted = answer.get("count") if isinstance(answer, dict) else None
        if not isinstance(counted, int):
            self._can_tokenize = False
            return None
        return counted

    async def complete(
        self, messages: list[Message], max_output_tokens: int, usage: Usage, *, greedy: bool = False
    ) -> Completion:
        """One answer, the likeliest with `greedy`. Every call that reached the endpoint is added to `usage`, failed
        ones too."""
        served = await self.served()
        for _ in range(len(OPTIONAL_PARAMETERS) + 1):
            left_out = frozenset(self._unknown)
            try:
                answer = await self._call(
                    lambda: self._create(served, messages, max_output_tokens, greedy=greedy), usage=usage
                )
            except UnknownParameterError as error:
                if error.name in left_out:
                    break
                self._unknown.add(error.name)
                continue
            return _billed(completion_of(answer), messages, usage)
        raise ProfilerUnavailableError(
            f"the endpoint refuses {' and '.join(sorted(self._unknown))} though they are not sent any more",
            retry_seconds=MISSET_SECONDS,
        )

    async def aclose(self) -> None:
        """Lets go of its connections."""
        await self._client.close()

    async def _ask_what_is_served(self) -> ServedModel:
        models = await self._call(lambda: self._client.models.list())
        listed = [m for m in models.data if isinstance(m, Model)] if models.data else []
        name = self._settings.model
        found = next((m for m in listed if name in (None, m.id)), None)
        if found is None and name is None:
            raise ProfilerUnavailableError(
                f"{self._settings.base_url} lists no model; name one", retry_seconds=MISSET_SECONDS
            )
        length = (found.model_extra or {}).get("max_model_len") if found else None
        return ServedModel(found.id if found else str(name), length if isinstance(length, int) else None)

    def _create(
        self, served: ServedModel, messages: list[Message], max_output_tokens: int, *, greedy: bool
    ) -> Awaitable[ChatCompletion]:
        body: dict[str, Any] = {
            "model": served.name,
            "messages": messages,
            "temperature": 0.0 if greedy else self._settings.temperature,
            "top_p": self._settings.top_p,
            "max_tokens": max_output_tokens,
        }
        if served.context_tokens is not None:
            body["top_k"] = self._settings.top_k
        if "max_tokens" in self._unknown:
            # Newer hosted models know this limit by another name only.
            body["max_completion_tokens"] = max_output_tokens
        for name in self._unknown:
            body.pop(name, None)
        # The same request as chat.completions.create, whose checks of its arguments cost a fifth of a fold.
        return self._client.post("/chat/completions", cast_to=ChatCompletion, body=body)

    async def _call(
        self, request: Callable[[], Awaitable[T]], *, usage: Usage | None = None, optional: bool = False
    ) -> T:
        """`request`, tried a bounded number of times. With `optional` a 404 blames the request alone."""
        with self._breaker.guard():
            for attempt in range(1, self._settings.attempts + 1):
                last = attempt == self._settings.attempts
                try:
                    # A waiting retry holds no slot: others may fare better.
                    async with self._slots:
                        return await _counted(request, usage)
                except openai.APIStatusError as error:
                    if not passes(error):
                        if error.status_code == 404 and not optional:
                            # The engine may have come back with another model: ask again next time.
                            self._served = None
                        raise refusal(error, optional=optional) from error
                    asked_for = seconds_asked_for(error.response.headers)
                    if last or (asked_for or 0.0) > self._settings.longest_wait_seconds:
                        raise ProfilerUnavailableError(
                            f"the endpoint answered {error.status_code}: {words_of(error)}",
                            retry_seconds=asked_for or 0.0,
                        ) from error
                    wait = asked_for
                except openai.APIConnectionError as error:
                    if last:
                        raise ProfilerUnavailableError(
                            f"{self._settings.base_url} {connection_words(error)}", retry_seconds=0.0
                        ) from error
                    wait = None
                except (openai.OpenAIError, ValueError) as error:
                    raise ProfilerError(f"the endpoint answered what is no answer: {error!s:.200}") from error
                if wait is None:
                    wait = backoff(
                        attempt,
                        first_seconds=self._settings.first_wait_seconds,
                        longest_seconds=self._settings.longest_wait_seconds,
                    )
                await asyncio.sleep(wait)
        raise AssertionError("the last attempt returns or raises")


async def _counted(request: Callable[[], Awaitable[T]], usage: Usage | None) -> T:
    """`request`, counted in `usage` as a model call whatever comes of it, unless it never got there."""
    if usage is None:
        return await request()
    usage.calls += 1
    try:
        return await request()
    except openai.APIConnectionError as error:
        usage.calls -= never_connected(error)
        raise


def _billed(completion: Completion, messages: list[Message], usage: Usage) -> Completion:
    """Adds the tokens of `completion` to `usage`, estimated where the endpoint does not name them."""
    read, written = completion.prompt_tokens, completion.completion_tokens
    usage.prompt_tokens += read or sum(count_tokens(message["content"]) for message in messages)
    usage.completion_tokens += written or count_tokens(completion.text) + count_tokens(completion.reasoning)
    return completion
