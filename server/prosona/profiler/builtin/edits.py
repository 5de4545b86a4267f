"""What an owner did to lines, respected: what they took out counts no more, what they wrote is not told again.

A memory that has taken in the interactions up to some point is the log replayed up to there, with each
edit done at its place in it. So a memory folded step by step and one folded anew are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from prosona.core.errors import MemoryLostError
from prosona.core.words import Edit, Line
from prosona.profiler.builtin.claims import LIKING, Claim, Named
from prosona.profiler.builtin.interests import overlap
from prosona.profiler.builtin.memory import MAX_EDITS, Domain, Lean, Memory
from prosona.profiler.builtin.sayings import Refusals, third_person
from prosona.profiler.builtin.segment import fold, runs

__all__ = ["Owned", "ahead", "apply", "check"]

_DOMAIN_FACTS = ("past_domain", "no_lean")
_SUBJECTS = ("they are ", "they have ", "they ", "their ", "自己")
"""What a statement may begin with that an owner leaves out."""


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
        elif side == "style":
            memory.style[key.partition(" ")[0]] = Lean()
        elif side[:1] in ("+", "-") and side[1:] in memory.domains:
            keys.setdefault(side[1:], []).append(key)
    for name, taken in keys.items():
        _take_out(memory.domains[name], taken)


def _take_out(domain: Domain, keys: Sequence[str]) -> None:
    if any(key in _DOMAIN_FACTS for key in keys):
        domain.hushed = domain.step
    for key in keys:
        if key.startswith("="):
            domain.chosen.pop(key[1:], None)
            domain.rejected.pop(key[1:], None)
    terms = [key for key in keys if not key.startswith("=") and key not in _DOMAIN_FACTS]
    # A part of what was taken out, or a larger whole, would tell the same in other words.
    gone = {key for key in domain.tallies if any(overlap(key, term) for term in terms)}
    for key in gone:
        del domain.tallies[key]
    for key in (*terms, *sorted(gone.difference(terms))):
        domain.since.pop(key, None)
        domain.since[key] = (domain.choices, domain.refusals)
    domain.window = [(day, seq, [k for k in seen if k not in gone]) for day, seq, seen in domain.window]


def _named_in(memory: Memory, text: str) -> list[str]:
    """The facts in `memory` whose names stand in `text`."""
    words = _words(text)
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
        if objects and (objects <= words or all(not o.isascii() and o in text for o in objects)):
            found.append(f"saying|{saying.key}")
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
                self._facts.setdefault(side.lstrip("+-"), []).append(key)
        self._texts = [form for line in lines for form in (_plain(line.text), _plain(third_person(line.text)))]
        self._refusals = Refusals([*(line.text for line in lines), *sayings])

    def left_of(self, claim: Claim) -> Claim | None:
        """`claim` without what an own line tells or rules out; None if nothing is left of it."""
        names = tuple(named for named in claim.names if self._may_tell(claim, named))
        return replace(claim, names=names) if names else None

    def says(self, text: str) -> bool:
        """Whether an own line says `text` already, in these words."""
        plain = _plain(text)
        return any(plain in own for own in self._texts)

    def _may_tell(self, claim: Claim, named: Named) -> bool:
        # The same words belong to one side or another, to lately or past: in any form they are the owner's.
        side = claim.form if claim.form in ("saying", "style") else claim.domain
        for key in self._facts.get(side, ()):
            if key == named.key or (side == "style" and key.split()[:1] == named.key.split()[:1]):
                return False
            plain = side == claim.domain and not (named.key + key).count("=") and named.name and key
            if plain and key not in _DOMAIN_FACTS and overlap(key, named.key):
                return False
        if claim.form == "saying":
            return not self.says(_core(named.name))
        return not (claim.form in LIKING and self._refusals.rule_out(named.name))


def _core(text: str) -> str:
    for subject in _SUBJECTS:
        if text.startswith(subject):
            return text.removeprefix(subject)
    return text


def _plain(text: str) -> str:
    return f" {' '.join(text.casefold().strip(' .!。！').split())} "
