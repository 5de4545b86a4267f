"""Real small models as profilers, beside the builtin: labelled chats, folds a minute, what was refused and why.

python -m benchmarks.real_model CASES.jsonl [MODEL...] [--every N]

CASES.jsonl holds labelled chats as `prosona eval sayings` reads them. A model is fetched with its server the first
time (see `benchmarks/real_models.py`); what cannot be had is said and left out. Takes some ten seconds a case.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from pathlib import Path

from benchmarks.real_models import MODELS, UnavailableError, served

from prosona.core.errors import OutputRejectedError
from prosona.evaluation.sayings import Verdict, judge, load_cases, profiles_of
from prosona.evaluation.sayings.cases import WrittenCase
from prosona.evaluation.sayings.tables import figures
from prosona.evaluation.statistics import Estimate
from prosona.evaluation.tables import print_table
from prosona.profiler import BuiltinProfiler, FoldRequest, FoldResult, Profiler
from prosona.profiler.llm import LLMProfiler, LLMSettings

_TIMEOUT_SECONDS = 600.0
"""One call on one busy thread of a processor."""


class Counted:
    """A profiler whose folds are counted, and what was refused of them."""

    def __init__(self, profiler: Profiler) -> None:
        self._profiler = profiler
        self.name = profiler.name
        self.memory_version = profiler.memory_version
        self.writes_prose = profiler.writes_prose
        self.folds = 0
        self.calls = 0
        self.seconds = 0.0
        self.refused: Counter[str] = Counter()

    async def fold(self, request: FoldRequest) -> FoldResult:
        began, calls = time.perf_counter(), request.usage.calls
        try:
            return await self._profiler.fold(request)
        except OutputRejectedError as error:
            self.refused.update(error.problems)
            raise
        finally:
            self.folds += 1
            self.calls += request.usage.calls - calls
            self.seconds += time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path)
    parser.add_argument(
        "models", nargs="*", default=["qwen2.5-coder-1.5b"], choices=sorted(MODELS), metavar="MODEL"
    )
    parser.add_argument("--every", type=int, default=4)
    given = parser.parse_args()
    cases = load_cases(given.cases)[:: given.every]
    rows = [_row("builtin", Counted(BuiltinProfiler()), cases)]
    for name in given.models:
        try:
            with served(MODELS[name]) as url:
                settings = LLMSettings(url=url, timeout_seconds=_TIMEOUT_SECONDS)
                rows.append(_row(name, Counted(LLMProfiler(settings)), cases))
        except UnavailableError as error:
            print(error)
    headings = [
        "profiler",
        "cases",
        "facts kept",
        "stated kept",
        "clean",
        "clean of spoken",
        "empty stay empty",
    ]
    print_table([*headings, "folds", "model calls", "folds a minute", "refused"], rows)


def _row(name: str, profiler: Counted, cases: list[WrittenCase]) -> list[str]:
    texts = asyncio.run(profiles_of(cases, profiler, concurrency=1))
    verdicts: list[Verdict] = [judge(case, texts[case.id]) for case in cases]
    found = figures(verdicts)
    shown = ("facts kept", "stated kept", "clean", "clean of spoken", "empty stay empty")
    refused = "; ".join(f"{why} ({count})" for why, count in profiler.refused.most_common(3)) or "none"
    pace = f"{60 * profiler.folds / profiler.seconds:,.0f}" if profiler.seconds else ""
    counts = [str(profiler.folds), str(profiler.calls), pace, refused]
    return [name, str(len(cases)), *(_told(found[key]) for key in shown), *counts]


def _told(estimate: Estimate) -> str:
    return f"{estimate.value:.1f} [{estimate.low:.1f}, {estimate.high:.1f}]"


if __name__ == "__main__":
    main()
