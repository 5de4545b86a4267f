"""One fold of the statistical profiler."""

from __future__ import annotations

from prosona.profiler.builtin.absorb import absorb
from prosona.profiler.builtin.compose import (
    adopted_lines,
    compose,
    note_dismissals,
    owner_lines,
    still_standing,
)
from prosona.profiler.builtin.inference import claims
from prosona.profiler.builtin.sentences import CHINESE, ENGLISH
from prosona.profiler.builtin.state import State, dump, load
from prosona.profiler.seam import FoldRequest, FoldResult


def fold(request: FoldRequest) -> FoldResult:
    """The summary after `request.interactions`, within `request.max_tokens`. Never fails."""
    known = load(request.state)
    state = known or State()
    note_dismissals(state, request.summary)
    adopted = adopted_lines(request.summary, state.written)
    kept = owner_lines(request.summary, state.written)
    for interaction in request.interactions:
        absorb(state, interaction)
    for domain in state.domains.values():
        domain.trim(len(state.domains))
    language = CHINESE if state.cjk > state.latin else ENGLISH
    found = claims(state, language)
    if known:
        kept += still_standing(adopted, found, state.dismissed, language)
    lines = compose(found, kept, request.statements, state.dismissed, language, request.max_tokens)
    state.written = {line: keys for line, keys in lines.items() if keys}
    return FoldResult("\n".join(lines), len(request.interactions), dump(state))
