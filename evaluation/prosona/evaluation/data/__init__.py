"""Benchmarks as people with a history of choices, and what is held out of it."""

from __future__ import annotations

from prosona.evaluation.data.loading import load
from prosona.evaluation.data.records import Ask, Benchmark, Choice, DataError, Person, Target, Task

__all__ = ["Ask", "Benchmark", "Choice", "DataError", "Person", "Target", "Task", "load"]
