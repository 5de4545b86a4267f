"""The statistical profiler behind the seam."""

from __future__ import annotations

import asyncio

from prosona.profiler.seam import FoldRequest, FoldResult

_FEW = 16


class BuiltinProfiler:
    """Counts what separates the chosen from the rejected and says it in plain sentences.

    Needs no model, no key and no network; the same requests give the same summaries. It takes
    in all interactions of a request, in time that does not grow with what came before.
    """

    name = "builtin"
    stateful = True

    async def fold(self, request: FoldRequest) -> FoldResult:
        """The summary after `request.interactions`, within `request.max_tokens`. Never fails."""
        # Imported with the first fold: a server starts before it needs to know how.
        from prosona.profiler.builtin.folding import fold

        if len(request.interactions) <= _FEW:
            # A few milliseconds, which a thread beside the event loop would only spread over more calls.
            return fold(request)
        return await asyncio.to_thread(fold, request)
