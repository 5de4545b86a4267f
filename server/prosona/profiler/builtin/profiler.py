"""The statistical profiler behind the seam."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from prosona.core.errors import MemoryLostError
from prosona.core.words import Line, RecordedInteraction
from prosona.profiler.seam import QUOTES, FoldRequest, FoldResult

if TYPE_CHECKING:
    from prosona.profiler.builtin.memory import Memory

__all__ = ["BuiltinProfiler"]

_FEW_CHARACTERS = 4_000
"""What is read in about 5 ms; a thread beside the event loop takes the rest."""
_SMALL_MEMORY = 16_384
"""In bytes: what is unpacked, ranked and packed again in about 5 ms."""


class BuiltinProfiler:
    """Counts what separates the chosen from the rejected and tells it in plain lines with their evidence.

    Needs no model, no key and no network; the same log with the same edits gives the same lines, in
    however many folds. It takes in all interactions of a request, in time that is linear in their text
    and does not grow with what came before.
    """

    name = "builtin"
    memory_version = "builtin-5"
    writes_prose = False

    def __init__(self) -> None:
        self._warm = False

    async def fold(self, request: FoldRequest) -> FoldResult:
        """The lines after `request.interactions`, within `request.max_tokens`.

        Raises `MemoryLostError` for a memory that it did not write, or that no longer fits the owner's
        edits or the interactions: everything must then be folded from the log.
        """
        if self._warm and _is_quick(request):
            return _fold(request)
        # The first fold also loads what it needs, which takes as long as ten folds.
        result = await asyncio.to_thread(_fold, request)
        self._warm = True
        return result

    def spoke(self, line: Line, interactions: Sequence[RecordedInteraction]) -> tuple[str, ...]:
        """The words of a kept sentence for which the reader kept it; nothing for what was counted."""
        from prosona.profiler.builtin.stated import why_kept

        said = [
            interaction
            for interaction in interactions
            if interaction.chosen and any(fact.startswith(QUOTES) for fact in line.facts)
        ]
        found = (why_kept(interaction.chosen or "", line.text) for interaction in said)
        return next((words for words in found if words), ())


def _is_quick(request: FoldRequest) -> bool:
    characters = sum(
        len(text) for item in request.interactions for text in (item.chosen, item.rejected) if text
    )
    return characters <= _FEW_CHARACTERS and len(request.memory or b"") <= _SMALL_MEMORY


def _fold(request: FoldRequest) -> FoldResult:
    # Imported with the first fold: a server starts before it needs to know how.
    from prosona.profiler.builtin._encoding import dump
    from prosona.profiler.builtin.absorb import absorb
    from prosona.profiler.builtin.compose import compose
    from prosona.profiler.builtin.edits import Owned, ahead, apply, done
    from prosona.profiler.builtin.inference import claims
    from prosona.profiler.builtin.language import LANGUAGES, language_of

    memory = _remembered(request)
    edits = ahead(memory, request.edits)
    for interaction in request.interactions:
        while edits and edits[0].through < interaction.seq:
            done(memory, edits.pop(0))
        absorb(memory, interaction)
    blob = dump(memory)
    # What is left concerns interactions that are still pending, too: those lines go now, and once more
    # when the last of the interactions is in.
    for edit in edits:
        apply(memory, edit)
    # Of equals the first: English, which says least wrong of who writes in a language that is not known.
    told_in = max(LANGUAGES, key=lambda name: memory.languages.get(name, 0.0))
    language = language_of(told_in)
    owned = Owned(request.own, [saying.text for saying in memory.sayings])
    lines = compose(claims(memory, language), owned, language, request.max_tokens, request.now.date())
    return FoldResult(lines, len(request.interactions), blob)


def _remembered(request: FoldRequest) -> Memory:
    from prosona.profiler.builtin._encoding import load
    from prosona.profiler.builtin.edits import check
    from prosona.profiler.builtin.memory import Memory

    if request.memory is None:
        return Memory()
    memory = load(request.memory)
    check(memory, request.edits)
    if request.interactions[0].seq <= memory.seq:
        raise MemoryLostError("interactions came in behind those that were counted: fold the log anew")
    return memory
