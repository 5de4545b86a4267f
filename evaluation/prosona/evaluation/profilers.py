"""Finding the profiler that a run is to judge."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from prosona.profiler import Profiler
from prosona.profiles_db import InvalidInputError
from prosona.service.opening import ProfilerChoice, make_profiler

MakeProfiler = Callable[[], Profiler]
"""Makes the profiler anew: a service closes the one it was given."""


def profiler_named(
    name: str, *, url: str | None = None, model: str | None = None, template: Path | None = None
) -> MakeProfiler:
    """`builtin`, `llm` at an endpoint, or what ``package.module:factory`` returns when called.

    Raises `InvalidInputError` at once for a profiler that cannot be made.
    """
    if name in ("builtin", "llm"):
        choice = ProfilerChoice(url=url, model=model, template=template)
        chosen = replace(choice, kind="llm" if name == "llm" else "builtin")
        make_profiler(chosen)
        return lambda: make_profiler(chosen)[0]
    module, _, factory = name.partition(":")
    if not factory:
        raise InvalidInputError(
            f"no profiler is called {name!r}: give builtin, llm or package.module:factory"
        )
    try:
        return cast(MakeProfiler, getattr(importlib.import_module(module), factory))
    except (ImportError, AttributeError) as error:
        raise InvalidInputError(f"the profiler {name} cannot be imported: {error}") from error
