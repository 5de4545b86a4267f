"""Finding the profiler that a run is to judge."""

from __future__ import annotations

import importlib
from typing import cast

from prosona.profiler import BuiltinProfiler, Profiler
from prosona.profiles_db import InvalidInputError


def profiler_named(name: str) -> Profiler:
    """`builtin`, or what ``package.module:factory`` returns when called without arguments."""
    if name == "builtin":
        return BuiltinProfiler()
    module, _, factory = name.partition(":")
    if not factory:
        raise InvalidInputError(f"no profiler is called {name!r}: give builtin, or package.module:factory")
    try:
        return cast(Profiler, getattr(importlib.import_module(module), factory)())
    except (ImportError, AttributeError) as error:
        raise InvalidInputError(f"the profiler {name} cannot be imported: {error}") from error
