"""What each kind of revision makes of the profile it starts from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from prosona.profiler import FoldRequest
from prosona.profiler.checks import check_text
from prosona.profiles_db import Backlog, Draft, Head, InvalidInputError, Revision, Statement
from prosona.service.text import compose, statements_cost, take_apart

MAX_STATEMENT = 300
"""Longest statement, in characters."""


def pinned(head: Head, statement: str, actor: str, *, budget: int) -> Draft | None:
    """The profile with one more statement; None if it stands there already."""
    text = " ".join(statement.split())
    current = _statements(head)
    if any(s.text.casefold() == text.casefold() for s in current):
        return None
    statements = (*current, _stated(text, actor))
    _hold_budget(statements, budget)
    # The statement takes its room from the weakest inferred lines.
    left = budget - statements_cost([s.text for s in statements])
    return Draft(
        cause="statement", actor=actor, summary=compose((), _summary(head), left), statements=statements
    )


def edited(head: Head, text: str, actor: str, *, budget: int) -> Draft | None:
    """The profile as its owner rewrote it; None if nothing differs.

    A text with the heading of stated lines is the whole profile: a statement missing from it goes.
    A text without is the summary, and statements stay.
    """
    written, summary = take_apart(text)
    statements = _statements(head)
    if written is not None:
        known = {s.text: s for s in statements}
        statements = tuple(known.get(line) or _stated(line, actor) for line in dict.fromkeys(written) if line)
        _hold_budget(statements, budget)
    if summary:
        problems = check_text(summary, max_tokens=budget - statements_cost([s.text for s in statements]))
        if problems:
            raise InvalidInputError(f"the text was not stored: {'; '.join(problems)}")
    if (statements, summary) == (_statements(head), _summary(head)):
        return None
    return Draft(cause="edit", actor=actor, summary=summary, statements=statements)


def fold_by_host(
    backlog: Backlog, text: str, through: int, actor: str, *, budget: int
) -> tuple[Draft, FoldRequest]:
    """A fold made by the calling agent's own model, and the request it answers, for the checks."""
    head = backlog.head
    folded = tuple(i for i in backlog.interactions if i.seq <= through)
    if not folded or folded[-1].seq != through:
        raise InvalidInputError(
            f"folded_through={through} is not the number of a pending interaction: use the one that"
            " the refresh_profile prompt names"
        )
    statements = _statements(head)
    _, summary = take_apart(text)
    request = FoldRequest(
        summary=_summary(head),
        statements=tuple(s.text for s in statements),
        interactions=folded,
        state=None,
        max_tokens=budget - statements_cost([s.text for s in statements]),
        now=datetime.now(UTC),
    )
    draft = Draft(
        cause="fold",
        actor=actor,
        profiler="host",
        summary=summary,
        statements=statements,
        first_seq=folded[0].seq,
        last_seq=through,
    )
    return draft, request


def rolled_back(head: Head, target: Revision, actor: str) -> Draft | None:
    """The profile as it stood at `target`; None if it stands so now."""
    if (target.statements, target.summary) == (_statements(head), _summary(head)):
        return None
    return Draft(
        cause="rollback",
        actor=actor,
        summary=target.summary,
        statements=target.statements,
        rolled_back_to=target.version,
    )


def imported(head: Head, summary: str, statements: Sequence[str], actor: str, *, budget: int) -> Draft | None:
    """The profile with another's statements joined in and its summary in place of the old one."""
    known = {s.text.casefold() for s in _statements(head)}
    joined = (*_statements(head), *(_stated(s, actor) for s in statements if s.casefold() not in known))
    _hold_budget(joined, budget)
    new_summary = summary.strip() or _summary(head)
    if (joined, new_summary) == (_statements(head), _summary(head)):
        return None
    return Draft(cause="import", actor=actor, summary=new_summary, statements=joined)


def _stated(text: str, actor: str) -> Statement:
    if len(text) > MAX_STATEMENT:
        raise InvalidInputError(f"a statement is at most {MAX_STATEMENT} characters; this one is {len(text)}")
    return Statement(text=text, stated_at=datetime.now(UTC), actor=actor)


def _hold_budget(statements: Sequence[Statement], budget: int) -> None:
    cost = statements_cost([s.text for s in statements])
    if cost > budget // 2:
        raise InvalidInputError(
            f"statements may take half of the profile's {budget} tokens and would take {cost}:"
            " forget one that no longer matters first"
        )


def _statements(head: Head) -> tuple[Statement, ...]:
    return head.revision.statements if head.revision else ()


def _summary(head: Head) -> str:
    return head.revision.summary if head.revision else ""
