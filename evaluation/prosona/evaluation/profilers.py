"""Finding the profiler that a run is to judge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from prosona.core.errors import InvalidInputError
from prosona.profiler import Profiler
from prosona.service.opening import ProfilerChoice, make_profiler

__all__ = ["MakeProfiler", "profiler_named"]

MakeProfiler = Callable[[], Profiler]
"""Makes the profiler anew: a service closes the one it was given."""


def profiler_named(
    name: str, *, url: str | None = None, model: str | None = None, template: Path | None = None
) -> MakeProfiler:
    """`builtin`, `llm` at an endpoint, or what ``package.module:factory`` returns when called.

    Raises `InvalidInputError` at once for a profiler that cannot be made.
    """
    choice = ProfilerChoice.named(name, url=url, model=model, template=template)
    if choice.kind == "host":
        raise InvalidInputError("the host profiler has no model of its own to judge: give builtin or llm")
    make_profiler(choice)
    return lambda: make_profiler(choice)[0]
