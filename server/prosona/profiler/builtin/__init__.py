"""The statistical profiler: no model, no key, no network."""

from prosona.profiler.builtin.profiler import BuiltinProfiler

__all__ = ["BuiltinProfiler"]
