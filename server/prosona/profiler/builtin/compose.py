"""The summary put together: the owner's own lines first, then the strongest claims that fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prosona.profiler.builtin.claims import LIKING, Claim, Named
from prosona.profiler.builtin.sayings import Refusals
from prosona.profiler.builtin.sentences import ITEM_FORMS, OWN_FORM, Language, kind, render
from prosona.profiler.builtin.sharing import cost, fitting, shared
from prosona.profiler.builtin.state import MAX_DISMISSED, State

_FOREIGN_SHARE = 2 / 3
_SHARE_OF_THINGS = 0.4
"""Of the budget: what lists of things may keep free of what is inferred from them."""
_SHORTEST_LINE = 12
"""In tokens: in less room no line fits."""


def owner_lines(summary: str, written: Iterable[str]) -> list[str]:
    """The lines of `summary` that this profiler did not write: the owner's, or another profiler's."""
    ours = set(written)
    lines = (line.strip() for line in summary.splitlines())
    return [line for line in lines if line and line not in ours and not OWN_FORM.match(line)]


def adopted_lines(summary: str, written: Iterable[str]) -> list[str]:
    """Lines in this profiler's form that its last fold did not write, as after a rollback."""
    ours = set(written)
    lines = (line.strip() for line in summary.splitlines())
    return [line for line in lines if line and line not in ours and OWN_FORM.match(line)]


def note_dismissals(state: State, summary: str) -> None:
    """Remembers the claims of written lines that their owner took out.

    After a rollback nearly all lines differ and old ones are back: nothing was dismissed then.
    """
    standing = {line.strip() for line in summary.splitlines()}
    missing = [keys for line, keys in state.written.items() if line not in standing]
    kept = len(state.written) - len(missing)
    if missing and (kept >= len(missing) or not adopted_lines(summary, state.written)):
        state.dismissed += missing
        del state.dismissed[:-MAX_DISMISSED]


def compose(
    claims: Sequence[Claim],
    kept: Sequence[str],
    statements: Sequence[str],
    dismissed: Iterable[Iterable[str]],
    language: Language,
    max_tokens: int,
) -> dict[str, list[str]]:
    """The lines of the summary in their order, each with the keys of what it claims (none for kept ones)."""
    lines: dict[str, list[str]] = {}
    room = max_tokens
    for line in kept:
        if max_tokens - (room - cost(line)) > max_tokens * _FOREIGN_SHARE:
            break
        if line not in lines:
            lines[line] = []
            room -= cost(line)
    unwanted = {key for keys in dismissed for key in keys}
    pinned = {statement.strip() for statement in statements}
    refusals = Refusals(
        [*statements, *(named.name for claim in claims if claim.form == "saying" for named in claim.names)]
    )
    allowed = [_allowed(claim, unwanted, refusals, [*kept, *pinned]) for claim in claims]
    things = [claim for claim in allowed if claim and claim.form in ITEM_FORMS]
    reserved = min(int(max_tokens * _SHARE_OF_THINGS), room // 2) if things else 0
    for claim in allowed:
        if claim is None or claim.form in ITEM_FORMS or (claim.form == "no_lean" and (lines or things)):
            continue
        # What users said of themselves comes before any list.
        free = room if claim.form == "saying" else room - reserved
        found = fitting(claim, language, free) if free >= _SHORTEST_LINE else None
        if found and found[0] not in lines and found[0] not in pinned:
            lines[found[0]] = found[1].keys()
            room -= cost(found[0])
    for line, claim in shared(things, language, room):
        lines.setdefault(line, claim.keys())
    return lines


def still_standing(
    adopted: Sequence[str], claims: Sequence[Claim], dismissed: Iterable[Iterable[str]], language: Language
) -> list[str]:
    """The `adopted` lines of whose kind nothing newer may be said."""
    if not adopted:
        return []
    unwanted = {key for keys in dismissed for key in keys}
    kinds = {
        kind(render(claim.first(1), language)) for claim in claims if not unwanted.issuperset(claim.keys())
    }
    return [line for line in adopted if kind(line) not in kinds]


def _allowed(claim: Claim, unwanted: set[str], refusals: Refusals, owned: Sequence[str]) -> Claim | None:
    """`claim` without what its owner dismissed, ruled out, or already says in their own lines."""
    names: list[Named] = []
    for named, key in zip(claim.names, claim.keys(), strict=True):
        if key in unwanted:
            continue
        if claim.form == "saying" and any(named.name in line for line in owned):
            continue
        if claim.form in LIKING and refusals.rule_out(named.name):
            continue
        names.append(named)
    if not names:
        return None
    return Claim(
        claim.form, claim.domain, claim.label, tuple(names), claim.strength, claim.total, claim.contrasted
    )
