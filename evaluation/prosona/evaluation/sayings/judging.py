"""One profile against the labels of its case."""

from __future__ import annotations

import re
from dataclasses import dataclass

from prosona.core.tokens import count_tokens
from prosona.evaluation.sayings.cases import Forbidden, Wanted, WrittenCase

__all__ = ["Verdict", "judge"]

_LET_PASS = 1.25
"""How far over its budget a stream's text is read: tokens are counted in more than one way."""
_NO_CLAIM = re.compile(
    r"no clear (lean|preference)|nothing (is )?known|no (profile|facts|information|preferences)\b"
    r"|^\W*(none|n/?a|unknown|empty)\W*$|看不出明显|暂无",
    re.IGNORECASE,
)
"""A line that says that nothing is known claims nothing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a profile of `case` came to."""

    case: WrittenCase
    text: str
    found: tuple[bool, ...]
    """For each expected fact whether it is there."""
    broken: tuple[tuple[Forbidden, str], ...]
    """What is forbidden and stands there, with its line."""
    claims: int
    """Lines that say something."""

    @property
    def missed(self) -> tuple[Wanted, ...]:
        """The expected facts that are not there."""
        return tuple(fact for fact, there in zip(self.case.expect, self.found, strict=True) if not there)

    @property
    def says_too_much(self) -> bool:
        """Whether it says something where nothing should be kept."""
        return self.case.should_be_empty and self.claims > 0

    @property
    def is_perfect(self) -> bool:
        """Whether all is there and nothing that should not be."""
        return not self.missed and not self.broken and not (self.claims and not self.case.expect)


def judge(case: WrittenCase, text: str) -> Verdict:
    """Reads `text` line by line. A stream's is read as far as its budget goes."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if case.is_stream:
        lines = _within(lines, int(case.budget * _LET_PASS))
    return Verdict(
        case,
        text,
        found=tuple(_stands(fact, lines) for fact in case.expect),
        broken=tuple(
            (item, next(line for line in lines if item.pattern.search(line)))
            for item in case.forbid
            if any(item.pattern.search(line) for line in lines)
        ),
        claims=sum(not _NO_CLAIM.search(line) for line in lines),
    )


def _within(lines: list[str], room: int) -> list[str]:
    kept = []
    for line in lines:
        room -= count_tokens(line)
        if room < 0:
            break
        kept.append(line)
    return kept


def _stands(fact: Wanted, lines: list[str]) -> bool:
    return any(all(part.search(line) for part in each) for each in fact.alternatives for line in lines)
