"""What a forget leaves of a log and of its revisions."""

from __future__ import annotations

from collections.abc import Callable

from prosona.core.requests import Forgetting
from prosona.core.words import Line, RecordedInteraction, Retired, Revision

__all__ = ["goes", "renamed", "without"]

_TEXTS = ("query", "chosen", "rejected")
"""What can name a topic. Labels (`kind`, `domain`) and agents cannot."""

_FORGOTTEN = "forgotten"
_SCREENED = "screened"
"""What stands in the place of a reason that named what is forgotten."""


def goes(item: RecordedInteraction, forgetting: Forgetting) -> bool:
    """Whether an interaction is forgotten: it was found, or came after the search and names it."""
    if item.seq <= forgetting.scanned_through or item.seq in forgetting.seqs:
        return item.seq in forgetting.seqs
    return any(forgetting.names(text) for name in _TEXTS if (text := getattr(item, name)) is not None)


def without(revision: Revision, forgetting: Forgetting) -> Revision:
    """A revision without what is forgotten."""
    names = forgetting.names
    return revision.model_copy(
        update={
            "lines": tuple(
                _cleaned(line, forgetting) for line in revision.lines if not forgetting.doomed(line)
            ),
            "retired": tuple(
                Retired(line=one.line, why=_FORGOTTEN) if names(one.why) else one for one in revision.retired
            ),
            "actor": "" if names(revision.actor) else revision.actor,
            "profiler": None if revision.profiler and names(revision.profiler) else revision.profiler,
        }
    )


def _cleaned(line: Line, forgetting: Forgetting) -> Line:
    """A line that stays, without names and facts that go and interactions that are gone."""
    facts = tuple(fact for fact in line.facts if not forgetting.names(fact))
    support = line.support.model_copy(
        update={
            "sample": tuple(seq for seq in line.support.sample if seq not in forgetting.seqs),
            "agents": tuple(agent for agent in line.support.agents if not forgetting.names(agent)),
        }
    )
    return line.model_copy(
        update={
            "support": support,
            "facts": facts,
            "actor": "" if forgetting.names(line.actor) else line.actor,
        }
    )


def renamed(item: RecordedInteraction, names: Callable[[str], bool]) -> RecordedInteraction:
    """An interaction that stays, and stays quarantined, without names that go."""
    changed: dict[str, str] = {}
    if names(item.agent):
        changed["agent"] = ""
    if item.quarantined is not None and names(item.quarantined):
        changed["quarantined"] = _SCREENED
    return item.model_copy(update=changed) if changed else item
