"""Signed lines from raw interactions, so that a fixed reader can read a history like a profile."""

from __future__ import annotations

from collections.abc import Iterable

from prosona.evaluation.readers.polarity import Line

__all__ = ["lines_of_choices"]


def lines_of_choices(choices: Iterable[tuple[str | None, str | None]]) -> list[Line]:
    """One line for each chosen text (+1) and each rejected text (-1), in the order given.

    They have no source: a raw text says nothing about the style of answers.
    """
    return [
        Line(text, weight, source="")
        for chosen, rejected in choices
        for text, weight in ((chosen, 1.0), (rejected, -1.0))
        if text
    ]
