"""What an owner did to lines: what they took out counts no more, what they wrote is not told again.

A memory that has taken in the interactions up to some point is the log replayed up to there, with each
edit done at its place in it. So a memory folded step by step and one folded anew are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from prosona.core.errors import MemoryLostError
from prosona.core.words import Edit, Line
from prosona.profiler._reading import words_of
from prosona.profiler.builtin.claims import LIKING, Claim, Named
from prosona.profiler.builtin.interests import overlap
from prosona.profiler.builtin.memory import MAX_EDITS, Domain, Lean, Memory
from prosona.profiler.builtin.segment import fold, runs
from prosona.profiler.builtin.stated import Refusals
from prosona.profiler.seam import QUOTES

__all__ = ["Owned", "ahead", "apply", "check", "done"]

_WORD = re.compile(r"[\w']+")
_DOMAIN_FACTS = ("past_domain",)


def check(memory: Memory, edits: Sequence[Edit]) -> None:
    """Raises `MemoryLostError` if `memory` rests on an edit that holds no longer, or lacks one."""
    through = {edit.line: edit.through for edit in edits}
    for line, done in memory.applied.items():
        now = through.get(line)
        if now is None or (now != done and now < memory.seq):
            raise MemoryLostError("what its owner had taken out counts again: the log must be folded anew")
    if len(memory.applied) < MAX_EDITS and any(
        edit.through < memory.seq and edit.line not in memory.applied for edit in edits
    ):
        raise MemoryLostError("its owner took out what was counted since: the log must be folded anew")


def ahead(memory: Memory, edits: Iterable[Edit]) -> list[Edit]:
    """The edits that are not in the counts yet, in the order of their place in the log."""
    return sorted(
        (edit for edit in edits if edit.through >= memory.seq), key=lambda edit: (edit.through, edit.line)
    )


def done(memory: Memory, edit: Edit) -> None:
    """Applies `edit` for good: all interactions that it concerns are in `memory`."""
    apply(memory, edit)
    memory.applied[edit.line] = edit.through
    while len(memory.applied) > MAX_EDITS:
        del memory.applied[min(memory.applied, key=lambda line: (memory.applied[line], line))]


def apply(memory: Memory, edit: Edit) -> None:
    """Takes away all that was counted for the facts of `edit`, on either side.

    An edit without facts is of a line that somebody else wrote: it means what its words name.
    """
    facts = edit.facts
    if not facts and edit.how != "rolled back":
        facts = tuple(_named_in(memory, edit.text))
    keys: dict[str, list[str]] = {}
    for fact in facts:
        side, _, key = fact.partition("|")
        if side == "saying":
            memory.sayings = [saying for saying in memory.sayings if saying.key != key]
        elif side == "wish":
            memory.wishes.pop(key, None)
        elif side == "style":
            memory.style[key.partition(" ")[0]] = Lean()
        elif side[:1] in ("+", "-") and side[1:] in memory.domains:
            domain = memory.domains[side[1:]]
            if key.startswith("="):
                # Who takes a list of examples out wants no others in their place.
                (domain.chosen if side[0] == "+" else domain.rejected).clear()
            else:
                keys.setdefault(side[1:], []).append(key)
    for name, taken in keys.items():
        _take_out(memory.domains[name], taken, alone=edit.how == "rolled back")


def _take_out(domain: Domain, keys: Sequence[str], *, alone: bool) -> None:
    """Takes `keys` away, and unless `alone` the words that would tell the same."""
    if any(key in _DOMAIN_FACTS for key in keys):
        domain.hushed = domain.step
    terms = [key for key in keys if _is_term(key)]
    gone = set(terms).intersection(domain.tallies)
    if not alone:
        gone |= {key for key in domain.tallies if any(_retells(key, term) for term in terms)}
    for key in gone:
        del domain.tallies[key]
    for key in (*terms, *sorted(gone.difference(terms))):
        domain.since.pop(key, None)
        domain.since[key] = (domain.choices, domain.refusals)
    domain.window = [(day, seq, [k for k in seen if k not in gone]) for day, seq, seen in domain.window]


def _retells(key: str, term: str) -> bool:
    """Whether a word is a part of what was taken out, or a larger whole. Tags are told by themselves."""
    return key.lstrip("#") == term.lstrip("#") or (not key.startswith("#") and overlap(key, term))


def _is_term(key: str) -> bool:
    """Whether a fact's key is a tag or a word, rather than an item or the domain as a whole."""
    return bool(key.strip("#")) and not key.startswith("=") and key not in _DOMAIN_FACTS


def _named_in(memory: Memory, text: str) -> list[str]:
    """The facts in `memory` whose names stand in `text`."""
    words, stems = _words(text), words_of(text)
    found = []
    for name, domain in memory.domains.items():
        for key in domain.tallies:
            plain = key.lstrip("#")
            if set(plain.split()) <= words if plain.isascii() else plain in text:
                found.append(f"+{name}|{key}")
        for key in (*domain.chosen, *domain.rejected):
            if len(key) > 1 and key in text.lower():
                found.append(f"+{name}|={key}")
    for saying in memory.sayings:
        objects = set(saying.objects)
        if objects and objects <= stems:
            found.append(f"{QUOTES}{saying.key}")
    return found


def _words(text: str) -> set[str]:
    return {fold(word) for run in runs(text, negated_too=True) for word in run}


class Owned:
    """What an owner's own lines say, and rule out."""

    def __init__(self, own: Iterable[Line], sayings: Iterable[str]) -> None:
        """`sayings` are what the user said of themself; like statements, they may refuse something."""
        lines = list(own)
        self._facts: dict[str, list[str]] = {}
        for line in lines:
            for fact in line.facts:
                side, _, key = fact.partition("|")
                # The same words may belong to likes or avoids: in any form they are the owner's.
                self._facts.setdefault(f"+{side[1:]}" if side[:1] == "-" else side, []).append(key)
        texts = [line.text for line in lines]
        self._texts = [_plain(text) for text in texts]
        self._refusals = Refusals([*texts, *sayings])

    def left_of(self, claim: Claim) -> Claim | None:
        """`claim` without what an own line tells or rules out; None if nothing is left of it."""
        names = tuple(named for named in claim.names if self._may_tell(claim, named))
        if len(names) == len(claim.names):
            return claim
        return replace(claim, names=names) if names else None

    def says(self, text: str) -> bool:
        """Whether an own line says `text` already, in these words."""
        plain = _plain(text)
        return any(plain in own or (not plain.isascii() and plain.strip() in own) for own in self._texts)

    def _may_tell(self, claim: Claim, named: Named) -> bool:
        side = claim.form if claim.form in ("saying", "style", "wish") else f"+{claim.domain}"
        if any(_is_same(side, key, named.key) for key in self._facts.get(side, ())):
            return False
        if claim.form == "saying":
            return not self.says(named.name)
        return not (claim.form in LIKING and self._refusals.rule_out(named.name))


def _is_same(side: str, key: str, other: str) -> bool:
    if side in ("style", "wish"):
        return key.partition(" ")[0] == other.partition(" ")[0]
    related = side.startswith("+") and _is_term(key) and _is_term(other)
    return key == other or (related and overlap(key, other))


def _plain(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "
