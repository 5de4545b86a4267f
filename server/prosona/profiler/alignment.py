"""Which new line is which past line, reworded: so that ids and support survive.

(written by the helper for the llm profiler; see the signatures)
"""

from __future__ import annotations

from collections.abc import Sequence

from prosona.core.words import Line, RecordedInteraction

__all__ = ["align", "restates", "supported"]


def align(past: Sequence[Line], written: Sequence[Line]) -> list[Line]:
    """`written` with the ids of the past lines that they reword, each id once; others keep an empty id."""
    raise NotImplementedError


def restates(text: str, other: str) -> bool:
    """Whether two lines say the same of the user in other words."""
    raise NotImplementedError


def supported(lines: Sequence[Line], interactions: Sequence[RecordedInteraction]) -> list[Line]:
    """`lines` with those of `interactions` that speak for each as its support's sample."""
    raise NotImplementedError
