"""What `prosona doctor` finds out about the profiler: it answers, it serves this, a fold took so long."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from prosona.profiler import FoldRequest, Profiler
from prosona.profiler.checks import check_fold
from prosona.profiles_db import OutputRejectedError, ProsonaError, RecordedInteraction

if TYPE_CHECKING:
    from prosona.service import ProfilerChoice

_SECONDS = 120.0
_SAMPLE = (
    ("Which film tonight?", "Solaris, slow and set in space", "Saw, a horror film"),
    ("Which book for the train?", "A quiet novel about a lighthouse", "A loud thriller"),
    ("Which film next?", "Arrival, about talking with strangers", "A car chase"),
)


def check_profiler(choice: ProfilerChoice) -> tuple[Literal["ok", "warn", "fail"], str]:
    """A verdict and the finding. An endpoint is asked for its model and for one fold of a sample."""
    from prosona.service import make_profiler

    if choice.kind == "host":
        return "ok", "the calling agent's own model, by sampling or the prompt refresh_profile"
    try:
        profiler, _ = make_profiler(choice)
        return asyncio.run(_try_out(profiler))
    except OutputRejectedError as error:
        return "warn", f"it answers, but a fold of a sample was refused: {error}"
    except ProsonaError as error:
        return "fail", str(error)
    except TimeoutError:
        return "fail", f"a fold of a sample took more than {_SECONDS:.0f} s"


async def _try_out(profiler: Profiler) -> tuple[Literal["ok", "warn", "fail"], str]:
    from prosona.profiler.seam import ClosingProfiler

    now = datetime.now(UTC)
    interactions = tuple(
        RecordedInteraction(seq=n, observed_at=now, query=query, chosen=chosen, rejected=rejected)
        for n, (query, chosen, rejected) in enumerate(_SAMPLE, start=1)
    )
    request = FoldRequest("", (), interactions, None, 600, now)
    try:
        async with asyncio.timeout(_SECONDS):
            whose = await _whose(profiler)
            began = time.perf_counter()
            result = await profiler.fold(request)
            took = time.perf_counter() - began
    finally:
        if isinstance(profiler, ClosingProfiler):
            await profiler.aclose()
    if problems := check_fold(result.summary, request):
        return "warn", f"{whose}: a fold of a sample was refused: {'; '.join(problems)}"
    cost = f", {request.usage.tokens} tokens" if request.usage.calls else ""
    return "ok", f"{whose}: folded a sample in {took:.2f} s{cost}"


async def _whose(profiler: Profiler) -> str:
    if not profiler.name.startswith("llm"):
        return profiler.name
    from prosona.profiler.llm import LLMProfiler

    assert isinstance(profiler, LLMProfiler)
    served = await profiler.served()
    context = f", context {served.context_tokens} tokens" if served.context_tokens else ""
    return f"llm: {served.name}{context}"
