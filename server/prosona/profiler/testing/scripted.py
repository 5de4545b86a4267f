"""A profiler for tests: it writes what a script says, as slowly as a script says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from prosona.profiler.seam import FoldRequest, FoldResult
from prosona.profiles_db import ProfilerError

Step = str | ProfilerError | Callable[[FoldRequest], str]
"""A summary to write, an error to raise, or a function of the request."""


class ScriptedProfiler:
    """Takes one step of its script for each fold and repeats the last one.

    `requests` holds what it was asked. While `gate` is cleared, folds wait for it; `started` is set
    when one begins.
    """

    def __init__(self, *script: Step, name: str = "scripted", stateful: bool = False) -> None:
        self._script: list[Step] = list(script) or [_numbered]
        self._name = name
        self._stateful = stateful
        self.requests: list[FoldRequest] = []
        self.started = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def stateful(self) -> bool:
        """As given; its state is the number of interactions folded since it began."""
        return self._stateful

    async def fold(self, request: FoldRequest) -> FoldResult:
        """The next step of the script."""
        self.requests.append(request)
        self.started.set()
        await self.gate.wait()
        step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(step, ProfilerError):
            raise step
        summary = step(request) if callable(step) else step
        state = None
        if self._stateful:
            seen = int(request.state or b"0") + len(request.interactions)
            state = str(seen).encode()
        return FoldResult(summary=summary, folded=len(request.interactions), state=state)


def _numbered(request: FoldRequest) -> str:
    """The past summary's lines and a line for each interaction, newest last, within the budget."""
    lines = [*request.summary.splitlines(), *_lines(request)]
    return "\n".join(lines[-20:])


def _lines(request: FoldRequest) -> Iterable[str]:
    for interaction in request.interactions:
        verb = "Chose" if interaction.chosen else "Passed over"
        yield f"{verb} {interaction.chosen or interaction.rejected} (interaction {interaction.seq})."
