"""Judging profiles: how well does a reader that sees the text alone predict what its user chooses?"""

from __future__ import annotations

from prosona.evaluation.data import Benchmark, Choice, Person, Target, load
from prosona.evaluation.plan import Plan
from prosona.evaluation.readers import Question, Reader, Reading
from prosona.evaluation.running import SetResult, run
from prosona.evaluation.summary import summarize

__all__ = [
    "Benchmark",
    "Choice",
    "Person",
    "Plan",
    "Question",
    "Reader",
    "Reading",
    "SetResult",
    "Target",
    "load",
    "run",
    "summarize",
]
