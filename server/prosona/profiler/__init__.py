"""Profilers: what turns pending interactions into a summary."""

from prosona.profiler.builtin import BuiltinProfiler
from prosona.profiler.seam import FoldRequest, FoldResult, Profiler
from prosona.profiler.tokens import count_tokens

__all__ = ["BuiltinProfiler", "FoldRequest", "FoldResult", "Profiler", "count_tokens"]
