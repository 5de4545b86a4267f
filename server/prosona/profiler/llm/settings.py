"""Which endpoint folds, and how it is asked."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from prosona.profiles_db import InvalidInputError

API_KEY_VARIABLE = "PROSONA_PROFILER_API_KEY"


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
    """A Jinja file in place of the built-in prompt."""
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
