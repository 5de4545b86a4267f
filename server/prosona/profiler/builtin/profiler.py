"""The statistical profiler behind the seam."""

from __future__ import annotations

from prosona.profiler.builtin.absorb import absorb
from prosona.profiler.builtin.compose import compose, note_dismissals, owner_lines
from prosona.profiler.builtin.inference import claims
from prosona.profiler.builtin.sentences import CHINESE, ENGLISH
from prosona.profiler.builtin.state import State, dump, load
from prosona.profiler.seam import FoldRequest, FoldResult


class BuiltinProfiler:
    """Counts what separates the chosen from the rejected and says it in plain sentences.

    Needs no model, no key and no network; the same requests give the same summaries. It takes
    in all interactions of a request, in time that does not grow with what came before.
    """

    name = "builtin"
    stateful = True

    async def fold(self, request: FoldRequest) -> FoldResult:
        """The summary after `request.interactions`, within `request.max_tokens`. Never fails."""
        state = load(request.state) or State()
        note_dismissals(state, request.summary)
        kept = owner_lines(request.summary, state.written)
        for interaction in request.interactions:
            absorb(state, interaction)
        for domain in state.domains.values():
            domain.trim(len(state.domains))
        language = CHINESE if state.cjk > state.latin else ENGLISH
        state.written = compose(
            claims(state, language), kept, request.statements, state.dismissed, language, request.max_tokens
        )
        summary = "\n".join(state.written)
        state.written = {line: keys for line, keys in state.written.items() if keys}
        return FoldResult(summary, len(request.interactions), dump(state))
