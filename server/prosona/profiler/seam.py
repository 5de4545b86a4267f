"""The seam behind which a profile is inferred."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from prosona.profiles_db import RecordedInteraction


@dataclass(slots=True)
class Usage:
    """What folding has cost: model calls, and tokens read and written. Failed calls count too."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens(self) -> int:
        """Read and written together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class FoldRequest:
    """What one fold works from: new summary = profiler(past summary, pending interactions)."""

    summary: str
    """The past summary, one sentence a line, as it stands: its owner may have edited it. May be empty."""
    statements: tuple[str, ...]
    """Pinned lines. They stay beside the summary whatever the profiler writes."""
    interactions: tuple[RecordedInteraction, ...]
    """Pending interactions, oldest first; never empty."""
    state: bytes | None
    """What the profiler's last fold for this user returned as `state`; None at first or after a forget."""
    max_tokens: int
    """Budget of the new summary, as `count_tokens` counts."""
    now: datetime
    """When the fold runs, so that profilers need no clock."""
    usage: Usage = field(default_factory=Usage, compare=False)
    """Where a profiler that calls a model adds up what it spent, whether the fold succeeds or not."""


@dataclass(frozen=True, slots=True)
class FoldResult:
    """A new summary, one sentence a line, strongest first, and how many interactions are in it."""

    summary: str
    folded: int
    """How many of the request's interactions, from the oldest, the summary accounts for; at least 1."""
    state: bytes | None = None
    """Opaque memory for the next fold, or None for a profiler whose memory is the summary alone."""


class Profiler(Protocol):
    """Infers summaries. Errors: `ProfilerError`."""

    @property
    def name(self) -> str:
        """Short name, kept with each revision."""
        ...

    @property
    def stateful(self) -> bool:
        """Whether its knowledge lies in `state`, so that a forget must fold what is left anew."""
        ...

    async def fold(self, request: FoldRequest) -> FoldResult:
        """A new summary from the past one and the pending interactions. Must not block the event loop."""
        ...


@runtime_checkable
class ClosingProfiler(Profiler, Protocol):
    """A profiler that holds connections."""

    async def aclose(self) -> None:
        """Lets go of them."""
        ...
