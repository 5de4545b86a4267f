"""Profilers: what turns pending interactions into lines with evidence."""

from prosona.profiler.builtin import BuiltinProfiler
from prosona.profiler.seam import ClosingProfiler, FoldRequest, FoldResult, Profiler, Usage

__all__ = ["BuiltinProfiler", "ClosingProfiler", "FoldRequest", "FoldResult", "Profiler", "Usage"]
