"""The text of a profile: pinned statements first, then the summary; put together and taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prosona.profiler import count_tokens
from prosona.profiler.checks import cjk_share

STATED_HEADINGS = ("Stated by the user:", "用户自述：")
_BULLET = "- "


def compose(statements: Sequence[str], summary: str, max_tokens: int | None = None) -> str:
    """The profile as one text. With `max_tokens`, whole lines that do not fit are left out.

    Lines stand in order of weight, statements before inferred ones, so the budget goes to what
    matters most; no sentence is ever cut.
    """
    lines = [line for line in summary.splitlines() if line.strip()]
    if max_tokens is not None:
        heading_cost = count_tokens(STATED_HEADINGS[0]) + 3
        kept = list(_fitting((_BULLET + s for s in statements), max_tokens - heading_cost))
        statements = [line.removeprefix(_BULLET) for line in kept]
        spent = heading_cost + sum(count_tokens(line) + 1 for line in kept) if kept else 0
        lines = list(_fitting(lines, max_tokens - spent))
    inferred = "\n".join(lines)
    if not statements:
        return inferred
    heading = STATED_HEADINGS[1] if cjk_share(" ".join(statements) + inferred) > 0.5 else STATED_HEADINGS[0]
    stated = "\n".join([heading, *(_BULLET + s for s in statements)])
    return f"{stated}\n\n{inferred}" if inferred else stated


def statements_cost(statements: Sequence[str]) -> int:
    """Tokens that the pinned statements take in the composed text."""
    if not statements:
        return 0
    return count_tokens(STATED_HEADINGS[0]) + 3 + sum(count_tokens(_BULLET + s) + 1 for s in statements)


def take_apart(text: str) -> tuple[list[str] | None, str]:
    """The statements and the summary of a whole profile text; None for a text without the heading."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    if not lines or lines[0].strip() not in STATED_HEADINGS:
        return None, "\n".join(line for line in lines if line)
    statements: list[str] = []
    rest = len(lines)
    for number, line in enumerate(lines[1:], start=1):
        if not line.startswith(_BULLET):
            rest = number
            break
        statements.append(line.removeprefix(_BULLET).strip())
    return statements, "\n".join(line for line in lines[rest:] if line)


def _fitting(lines: Iterable[str], max_tokens: int) -> Iterable[str]:
    left = max_tokens
    for line in lines:
        cost = count_tokens(line) + 1
        if cost <= left:
            left -= cost
            yield line
