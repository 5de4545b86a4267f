"""The seam behind which lines are inferred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from prosona.core.words import Edit, Line, RecordedInteraction

__all__ = [
    "QUOTES",
    "ClosingProfiler",
    "ExplainingProfiler",
    "FoldRequest",
    "FoldResult",
    "Inferring",
    "Profiler",
    "Usage",
]


QUOTES = "saying|"
"""Begins the facts of a line that quotes what somebody said, whichever profiler wrote it: an agent's own model may
read that better. What is counted has other facts."""


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
    """What one fold works from."""

    lines: tuple[Line, ...]
    """The lines as they stand. Those that are `stated` or `owned` are the owner's: they stay beside what
    is written, whatever it is. The `inferred` ones are replaced by it."""
    edits: tuple[Edit, ...]
    """What the owner took out, rewrote or rolled back, oldest first. Nothing with a `seq` up to an edit's
    `through` may speak again for what it took out."""
    interactions: tuple[RecordedInteraction, ...]
    """Pending interactions, oldest first; never empty."""
    memory: bytes | None
    """What the profiler's last fold for this user returned; None where everything begins anew: the
    interactions are then the first of the log."""
    max_tokens: int
    """Budget of the inferred lines, as `count_tokens` counts them rendered."""
    now: datetime
    """When the fold runs, so that profilers need no clock."""
    usage: Usage = field(default_factory=Usage, compare=False)
    """Where a profiler that calls a model adds up what it spent, whether the fold succeeds or not."""

    @property
    def inferred(self) -> tuple[Line, ...]:
        """The past lines that a fold replaces."""
        return tuple(line for line in self.lines if line.kind == "inferred")

    @property
    def own(self) -> tuple[Line, ...]:
        """The lines that their owner stated or wrote."""
        return tuple(line for line in self.lines if line.kind != "inferred")


@dataclass(frozen=True, slots=True)
class FoldResult:
    """The inferred lines from now on, and how many interactions are in them."""

    lines: tuple[Line, ...]
    """In the order of their worth. An `id` is kept if a past line has it; a line without is matched with
    the past ones by its facts and its words (`prosona.profiler.alignment`), or given a new id. Each names
    in `support.sample` the interactions of this request that speak for it, if any do."""
    folded: int
    """How many of the request's interactions, from the oldest, the lines account for; at least 1."""
    memory: bytes | None = None
    """For the next fold; None for a profiler whose memory is the lines alone."""
    nothing_lasts: bool = False
    """That a model read all of it and found nothing worth a line: without this, its writing none is a failure."""


class Inferring(Protocol):
    """Whatever wrote lines: a profiler, or the model of an agent."""

    @property
    def name(self) -> str:
        """Short name, kept with each revision."""
        ...

    @property
    def memory_version(self) -> str | None:
        """Names the form of its memory. Another one than the stored memory's, and all is folded from the log
        again. None: it keeps no memory beside the lines."""
        ...


class Profiler(Inferring, Protocol):
    """Infers lines. Errors: `ProfilerError`; any other exception counts as a crash of its own."""

    @property
    def writes_prose(self) -> bool:
        """Whether its lines are a model's own words, which are checked as such; false where lines only
        quote titles and people, who may say what they like."""
        ...

    async def fold(self, request: FoldRequest) -> FoldResult:
        """New inferred lines from the past ones and the pending interactions. Must not block the event loop.

        Raises `MemoryLostError` for a memory that it cannot read.
        """
        ...


@runtime_checkable
class ClosingProfiler(Profiler, Protocol):
    """A profiler that holds connections."""

    async def aclose(self) -> None:
        """Lets go of them."""
        ...


@runtime_checkable
class ExplainingProfiler(Profiler, Protocol):
    """A profiler that can say what spoke for a line of its own."""

    def spoke(self, line: Line, interactions: Sequence[RecordedInteraction]) -> tuple[str, ...]:
        """The words of `interactions`, on which `line` rests, that spoke most for it; empty where none did."""
        ...
