"""Profilers of three kinds for the laws: the builtin, a model that rewords, one with a memory."""

from __future__ import annotations

import json
from collections.abc import Callable

from prosona.core.errors import MemoryLostError
from prosona.core.words import Line, RecordedInteraction, Support
from prosona.profiler import BuiltinProfiler, FoldRequest, FoldResult, Profiler

WORDINGS = (
    "Likes the film {}.",
    "Enjoys the film {} very much.",
    "Has a liking for the film {}.",
    "The film {} is one that they like.",
)


def title_of(interaction: RecordedInteraction) -> str:
    """The invented word that an interaction of the laws is about."""
    return (interaction.chosen or interaction.rejected or "").split(" ")[0]


def genre_of(interaction: RecordedInteraction) -> str:
    """The genre behind the title."""
    return (interaction.chosen or interaction.rejected or "").partition(" (")[2].rstrip(")")


class RewordingProfiler:
    """A model without memory: a line for each title, all of them in other words at each fold.

    Past lines are told apart by the title in them, as a model would by their sense.
    """

    name = "rewording"
    memory_version = None
    writes_prose = True

    def __init__(self) -> None:
        self._folds = 0

    async def fold(self, request: FoldRequest) -> FoldResult:
        """The past lines reworded, and a line for each new title."""
        self._folds += 1
        titles: dict[str, None] = {}
        for line in request.inferred:
            words = line.text.replace(".", "").split()
            titles |= dict.fromkeys(word for word in words if word.startswith("Zu"))
        titles |= dict.fromkeys(title_of(item) for item in request.interactions)
        wording = WORDINGS[self._folds % len(WORDINGS)]
        lines = tuple(Line(text=wording.format(title)) for title in titles if title)
        return FoldResult(lines=lines, folded=len(request.interactions))


class CountingProfiler:
    """One with a memory of counts, in two versions that do not read each other's."""

    name = "counting"
    writes_prose = False

    def __init__(self, version: str = "counting-1") -> None:
        self.memory_version = version

    async def fold(self, request: FoldRequest) -> FoldResult:
        """A line for each title and genre with its count, of what no edit rules out."""
        if request.memory is None:
            counts: dict[str, list[int]] = {}
        else:
            try:
                version, counts = json.loads(request.memory)
            except ValueError as error:
                raise MemoryLostError("it is damaged") from error
            if version != self.memory_version:
                raise MemoryLostError("it is another version's")
        for item in request.interactions:
            for subject in (title_of(item), genre_of(item)):
                counts.setdefault(subject, []).append(item.seq)
        ruled_out = {fact: edit.through for edit in request.edits for fact in edit.facts}
        lines = []
        for subject, seqs in sorted(counts.items()):
            living = [seq for seq in seqs if seq > ruled_out.get(subject, 0)]
            if living and subject:
                support = Support(times=len(living), sample=tuple(living[-16:][::-1]))
                evidence = f"{len(living)} times"
                text = f"Films: {subject}"
                lines.append(Line(text=text, support=support, facts=(subject,), evidence=evidence))
        memory = json.dumps([self.memory_version, counts]).encode()
        return FoldResult(lines=tuple(lines), folded=len(request.interactions), memory=memory)


PROFILERS: dict[str, Callable[[], Profiler]] = {
    "builtin": BuiltinProfiler,
    "rewording": RewordingProfiler,
    "counting": CountingProfiler,
}
