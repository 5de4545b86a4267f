"""The laws are worth their name: with a mend taken out, the machine finds the fault it was made for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.laws.test_laws import LawsInMemory

from prosona.core.requests import Standing
from prosona.core.words import Line, Revision
from prosona.profiler import BuiltinProfiler, FoldRequest, FoldResult
from prosona.service import _run, forgetting, revising, rolling_back, settling

_SEARCH = settings(
    max_examples=400,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    # It is enough that a fault is found; nobody reads how.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

_reworded = revising._reworded
_rolled_back = rolling_back.rolled_back
_settle = settling.settle
_inferred_again = forgetting._inferred_again


def _an_edit_is_the_profilers_again(*args: object) -> Line:
    """A line in the owner's words that is still taken for a profiler's."""
    line: Line = _reworded(*args)  # type: ignore[arg-type]  # as it is called
    return line.model_copy(update={"kind": "inferred"})


def _a_rollback_is_forgotten(standing: Standing, target: Revision, now: object) -> object:
    """The lines of a version put back, and nothing noted of what went."""
    change = _rolled_back(standing, target, now)  # type: ignore[arg-type]  # as it is called
    if change is not None:
        change.edits = []
    return change


def _what_came_with_a_file_goes(past: object, *args: object, **more: object) -> tuple[Line, ...]:
    """Lines that stand for another reason than the log, dropped at the next fold."""
    lines = _settle(past, *args, **more)  # type: ignore[arg-type]  # as it is called
    return tuple(line for line in lines if not line.support.carried)


async def _nothing_is_inferred_again(*args: object) -> object:
    """A forget that deletes interactions and leaves the lines that rested on them."""
    _, memory, through = await _inferred_again(*args)  # type: ignore[arg-type]  # as it is called
    found = args[3]
    kept = tuple(line for line in found.standing.lines if not found.goes(line))  # type: ignore[attr-defined]
    return kept, memory, through


def _an_edit_is_not_heeded(*args: object) -> bool:
    """Lines that their owner took out may come back."""
    return False


async def _memory_is_never_lost(run: _run.Run) -> None:
    """A profiler's lost memory is an error like any other: the profile is frozen."""
    await run._steps()


FAULTS: dict[str, tuple[object, str, Callable[..., object]]] = {
    "an owner's words are overwritten by the next fold": (
        revising,
        "_reworded",
        _an_edit_is_the_profilers_again,
    ),
    "imported lines are gone at the next fold": (_run, "settle", _what_came_with_a_file_goes),
    "a line outlives what it rested on": (forgetting, "_inferred_again", _nothing_is_inferred_again),
    "a damaged memory freezes the profile": (_run.Run, "steps", _memory_is_never_lost),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
@pytest.mark.timeout(400)
def test_the_laws_find(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, name, broken = FAULTS[fault]
    monkeypatch.setattr(place, name, broken)
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(LawsInMemory, settings=_SEARCH)


@pytest.mark.timeout(400)
def test_the_laws_find_that_a_rollback_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prosona.service._revisions.rolled_back", _a_rollback_is_forgotten)
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(LawsInMemory, settings=_SEARCH)


@pytest.mark.timeout(400)
def test_the_laws_find_that_a_removed_line_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    fold = BuiltinProfiler.fold

    async def forgetful(self: BuiltinProfiler, request: FoldRequest) -> FoldResult:
        return await fold(self, replace(request, edits=()))

    monkeypatch.setattr(BuiltinProfiler, "fold", forgetful)
    monkeypatch.setattr(settling, "_taken_out", _an_edit_is_not_heeded)
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(LawsInMemory, settings=_SEARCH)
