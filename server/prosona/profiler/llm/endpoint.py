"""One OpenAI-compatible endpoint: a call that is bounded in time and number, and errors that say why."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import openai
from openai.types import Model
from openai.types.chat import ChatCompletion

from prosona.profiler.llm.breaker import CircuitBreaker
from prosona.profiler.llm.output import Completion
from prosona.profiler.llm.retry_after import seconds_asked_for
from prosona.profiler.llm.settings import LLMSettings
from prosona.profiler.llm.wire import Message
from prosona.profiler.seam import Usage
from prosona.profiles_db import OutputRejectedError, ProfilerError, ProfilerUnavailableError

T = TypeVar("T")

_PASSING = frozenset({408, 409, 429})
_ANYBODYS = frozenset({401, 403, 404, 405, 501})
"""Wrong key, wrong URL, unknown model: no user's request is to blame, and none would fare better."""
_MISSET_SECONDS = 30.0


class PromptTooLongError(ProfilerError):
    """The endpoint found the prompt longer than it was measured."""


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

    async def complete(self, messages: list[Message], max_output_tokens: int, usage: Usage) -> Completion:
        """One answer. What it cost is added to `usage` as soon as the endpoint has named it."""
        served = await self.served()
        while True:
            try:
                answer = await self._call(lambda: self._create(served, messages, max_output_tokens))
            except _UnknownParameterError as error:
                self._unknown.add(error.name)
                continue
            completion = _completion(answer)
            usage.calls += 1
            usage.prompt_tokens += completion.prompt_tokens
            usage.completion_tokens += completion.completion_tokens
            return completion

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
                f"{self._settings.base_url} lists no model; name one", retry_seconds=_MISSET_SECONDS
            )
        length = (found.model_extra or {}).get("max_model_len") if found else None
        return ServedModel(found.id if found else str(name), length if isinstance(length, int) else None)

    def _create(
        self, served: ServedModel, messages: list[Message], max_output_tokens: int
    ) -> Awaitable[ChatCompletion]:
        body: dict[str, Any] = {
            "model": served.name,
            "messages": messages,
            "temperature": self._settings.temperature,
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

    async def _call(self, request: Callable[[], Awaitable[T]], *, optional: bool = False) -> T:
        """`request`, tried a bounded number of times. With `optional` a 404 blames the request alone."""
        with self._breaker.guard():
            for attempt in range(1, self._settings.attempts + 1):
                last = attempt == self._settings.attempts
                try:
                    # A waiting retry holds no slot: others may fare better.
                    async with self._slots:
                        return await request()
                except openai.APIStatusError as error:
                    passing = error.status_code in _PASSING or (
                        error.status_code >= 500 and error.status_code != 501
                    )
                    if not passing:
                        if error.status_code == 404 and not optional:
                            # The engine may have come back with another model: ask again next time.
                            self._served = None
                        raise _refused(error, optional=optional) from error
                    asked_for = seconds_asked_for(error.response.headers)
                    if last or (asked_for or 0.0) > self._settings.longest_wait_seconds:
                        raise ProfilerUnavailableError(
                            f"the endpoint answered {error.status_code}: {_words(error)}",
                            retry_seconds=asked_for or 0.0,
                        ) from error
                    wait = asked_for
                except openai.APIConnectionError as error:
                    if last:
                        raise ProfilerUnavailableError(
                            f"{self._settings.base_url} {_connection_words(error)}", retry_seconds=0.0
                        ) from error
                    wait = None
                except (openai.OpenAIError, ValueError) as error:
                    raise ProfilerError(f"the endpoint answered what is no answer: {error!s:.200}") from error
                await asyncio.sleep(self._backoff(attempt) if wait is None else wait)
        raise AssertionError("the last attempt returns or raises")

    def _backoff(self, attempt: int) -> float:
        longest = min(
            self._settings.longest_wait_seconds, self._settings.first_wait_seconds * 2 ** (attempt - 1)
        )
        return float(longest * random.uniform(0.5, 1.0))


class _UnknownParameterError(ProfilerError):
    """The endpoint does not know a parameter that others need."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the endpoint does not take {name}")
        self.name = name


_OPTIONAL_PARAMETERS = frozenset({"top_k", "top_p", "temperature", "max_tokens"})


def _refused(error: openai.APIStatusError, *, optional: bool) -> ProfilerError:
    words = _words(error)
    if error.status_code in _ANYBODYS and not optional:
        return ProfilerUnavailableError(
            f"the endpoint answered {error.status_code}: {words}", retry_seconds=_MISSET_SECONDS
        )
    body = error.body if isinstance(error.body, dict) else {}
    if body.get("code") == "context_length_exceeded" or "context length" in words.lower():
        return PromptTooLongError(words)
    if body.get("param") in _OPTIONAL_PARAMETERS and "unsupported" in f"{body.get('code')} {words}".lower():
        return _UnknownParameterError(str(body["param"]))
    return ProfilerError(f"the endpoint refused the prompt ({error.status_code}): {words}")


def _words(error: openai.APIStatusError) -> str:
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    return " ".join(str(message or error.message).split())[:300]


def _connection_words(error: openai.APIConnectionError) -> str:
    if isinstance(error, openai.APITimeoutError):
        return "did not answer in time"
    return f"cannot be reached: {error.__cause__ or error!s}"[:300]


def _completion(answer: object) -> Completion:
    choices = answer.choices if isinstance(answer, ChatCompletion) else None
    if not isinstance(answer, ChatCompletion) or not choices:
        raise ProfilerError("the endpoint answered what is no chat completion")
    choice = choices[0]
    message = choice.message
    extra = (message.model_extra or {}) if message else {}
    reasoning = extra.get("reasoning") or extra.get("reasoning_content")
    content = message.content if message else None
    if content is not None and not isinstance(content, str):
        raise OutputRejectedError(["it is no text"])
    usage = answer.usage
    return Completion(
        text=content or "",
        reasoning=reasoning if isinstance(reasoning, str) else "",
        finish_reason=str(choice.finish_reason),
        prompt_tokens=_number(usage.prompt_tokens if usage else 0),
        completion_tokens=_number(usage.completion_tokens if usage else 0),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
