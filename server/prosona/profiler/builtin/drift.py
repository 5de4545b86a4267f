"""What changed lately within a domain, and which domains fell silent."""

from __future__ import annotations

from dataclasses import dataclass

from prosona.profiler.builtin.interests import is_year
from prosona.profiler.builtin.state import Domain, State, Tally

RECENT = 8
"""How many choices count as lately."""
_FEWEST_BEFORE = 6
_SILENCE = 0.03
"""How unlikely an interest's absence must be before it is said to be past."""


@dataclass(frozen=True, slots=True)
class Shift:
    """An interest that is new (in `recent` of the latest choices) or past (in `before`, none lately)."""

    key: str
    tally: Tally
    recent: int
    before: int


def shifts(domain: Domain) -> tuple[list[Shift], list[Shift]]:
    """The interests of `domain` that are new lately, and those that are past; strongest first."""
    window = domain.window[-RECENT:]
    earlier = domain.choices - len(window)
    if len(window) < RECENT or earlier < _FEWEST_BEFORE:
        return [], []
    new: list[Shift] = []
    past: list[Shift] = []
    long_window = domain.window
    for key, tally in domain.tallies.items():
        if tally.chosen < 4 or is_year(key):
            continue
        recent = sum(key in keys for keys in window)
        before = tally.chosen - recent
        rate = before / earlier
        if recent >= RECENT / 2 and rate < recent / len(window) / 4:
            new.append(Shift(key, tally, recent, before))
        elif before >= 4 and _fell_silent(key, tally, domain, long_window):
            past.append(Shift(key, tally, 0, before))
    new.sort(key=lambda shift: (-shift.recent, shift.before, not shift.key.startswith("#"), shift.key))
    past.sort(key=lambda shift: (-shift.before, not shift.key.startswith("#"), shift.key))
    return new, past


def _fell_silent(key: str, tally: Tally, domain: Domain, window: list[list[str]]) -> bool:
    for size in (RECENT, len(window)):
        if any(key in keys for keys in window[-size:]):
            return False
        rate = tally.chosen / max(domain.choices - size, tally.chosen)
        if (1 - rate) ** size < _SILENCE:
            return True
    return False


def silent_domains(state: State) -> list[str]:
    """The domains that held a good share of all interactions and none of the latest."""
    latest = state.recent
    if len(latest) < RECENT:
        return []
    found = []
    for key, domain in state.domains.items():
        steps = max(state.step - len(latest), 1)
        rate = min(1.0, domain.step / steps)
        if key not in latest and domain.step >= 4 and (1 - rate) ** len(latest) < _SILENCE:
            found.append(key)
    return found
