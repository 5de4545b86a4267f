"""A profiler for tests: it writes what a script says, as slowly as a script says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence

from prosona.core.errors import MemoryLostError
from prosona.core.words import Line, RecordedInteraction, Support
from prosona.profiler.alignment import align, merge_support, supported
from prosona.profiler.seam import FoldRequest, FoldResult

__all__ = ["Said", "ScriptedProfiler", "Step", "rewording"]

Said = str | Sequence[Line] | FoldResult
"""What a fold writes: a text, of which each line becomes one of the profile and is known again as a model's
lines are; lines, handed out as they are; or a whole result."""
Step = Said | Exception | Callable[[FoldRequest], Said]
"""What to write, an error to raise, whatever it is, or a function of the request, which may do either."""

_MOST_LINES = 20
"""Lines that the script of one who gives none keeps: enough for a test, within any budget."""
_WORDINGS = (
    "The user {text}",
    "Evidently, the user {text}",
    "As before: {text}",
    "{text}, it seems",
    "By and large {text}",
)


class ScriptedProfiler:
    """Takes one step of its script for each fold and repeats the last one; without a script it keeps the
    past lines and writes one for each interaction.

    With a `memory_version` it keeps a memory: `folded`, how many interactions it has folded since that began
    anew, and the `lines` it wrote last, as JSON. `requests` holds what it was asked. While `gate` is
    cleared, folds wait for it; `started` is set when one begins.
    """

    def __init__(
        self,
        *script: Step,
        name: str = "scripted",
        memory_version: str | None = None,
        writes_prose: bool = True,
    ) -> None:
        self._script: list[Step] = list(script) or [self._one_each]
        self._name = name
        self._memory_version = memory_version
        self._writes_prose = writes_prose
        self.requests: list[FoldRequest] = []
        self.started = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def memory_version(self) -> str | None:
        """As given."""
        return self._memory_version

    @property
    def writes_prose(self) -> bool:
        """As given."""
        return self._writes_prose

    async def fold(self, request: FoldRequest) -> FoldResult:
        """The next step of the script."""
        self.requests.append(request)
        self.started.set()
        await self.gate.wait()
        step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(step, Exception):
            raise step
        said = step(request) if callable(step) else step
        if isinstance(said, FoldResult):
            return said
        lines = _known(said, request) if isinstance(said, str) else said
        return FoldResult(
            lines=tuple(lines), folded=len(request.interactions), memory=self._remembering(lines, request)
        )

    def _remembering(self, lines: Sequence[Line], request: FoldRequest) -> bytes | None:
        if self._memory_version is None:
            return None
        before, _ = _remembered(request)
        memory = {
            "folded": before + len(request.interactions),
            "lines": [line.model_dump(mode="json") for line in lines],
        }
        return json.dumps(memory).encode()

    def _one_each(self, request: FoldRequest) -> list[Line]:
        past = request.inferred if self._memory_version is None else _remembered(request)[1]
        return [*past, *_new_lines(request, with_facts=self._memory_version is not None)][-_MOST_LINES:]


def _remembered(request: FoldRequest) -> tuple[int, Sequence[Line]]:
    if request.memory is None:
        return 0, ()
    try:
        memory = json.loads(request.memory)
        return int(memory["folded"]), [Line.model_validate(line) for line in memory["lines"]]
    except (ValueError, KeyError, TypeError) as error:
        raise MemoryLostError("the scripted profiler cannot read its memory") from error


def rewording(request: FoldRequest) -> list[Line]:
    """A step that says each past line in other words than before, without its id, and adds a line for each
    interaction."""
    lines = []
    for line in request.inferred:
        core = _core(line.text)
        wording = _WORDINGS[(request.interactions[-1].seq + len(core)) % len(_WORDINGS)]
        lines.append(Line(text=wording.format(text=core)))
    return [*lines, *_new_lines(request)]


def _core(text: str) -> str:
    """What was said before it was reworded."""
    for wording in _WORDINGS:
        before, after = wording.split("{text}")
        if text.startswith(before) and text.endswith(after):
            text = text.removeprefix(before).removesuffix(after)
    return text


def _known(text: str, request: FoldRequest) -> list[Line]:
    """A line for each line of `text`, with ids and support as a model's lines get them."""
    written = [Line(text=row.strip()) for row in text.splitlines() if row.strip()]
    return supported(align(request.inferred, written), request.interactions)


def _new_lines(request: FoldRequest, *, with_facts: bool = False) -> list[Line]:
    return [
        Line(
            text=_told(item),
            support=merge_support(Support(), [item]),
            facts=(f"scripted:{item.seq}",) if with_facts else (),
        )
        for item in request.interactions
    ]


def _told(item: RecordedInteraction) -> str:
    verb = "Chose" if item.chosen else "Passed over"
    # One line of a profile, however long what was chosen.
    words = " ".join((item.chosen or item.rejected or "").split())[:200]
    return f"{verb} {words} (interaction {item.seq})."
