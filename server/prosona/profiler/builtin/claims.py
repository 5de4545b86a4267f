"""A claim: what one line tells, with what it rests on; and the claim put into words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from prosona.core.tokens import count_tokens
from prosona.core.until import until_in
from prosona.core.words import MAX_LINE, MAX_SAMPLE, Consequence, Line, Support
from prosona.profiler.builtin.language import Form, Language
from prosona.profiler.builtin.memory import Trace
from prosona.profiler.builtin.names import needs_quotes, turns_the_sense

__all__ = ["AVOIDING", "ITEM_FORMS", "LIKING", "Claim", "Named", "line_of", "price"]

LIKING: frozenset[Form] = frozenset(
    ["lately", "likes_tags", "likes_years", "likes_terms", "talks_terms", "chose_items"]
)
AVOIDING: frozenset[Form] = frozenset(["avoids_tags", "avoids_years", "avoids_terms", "passed_items"])
ITEM_FORMS: frozenset[Form] = frozenset(["chose_items", "passed_items"])
"""Lists of things, each told apart."""

_ACTOR = "builtin"

_AROUND = 3
"""Tokens of a line beside its words and its evidence: the brackets and the line break."""
_FEW_NAMES = 4
"""Names that are read in one breath; more stand in groups."""
_GROUP = 3
_SHORT_WORDS = 3
"""Spaces from which on a name stands alone in its group."""
_COUNTS_A_LINE = 3
"""Names whose counts are told each; more would be numbers only."""


@dataclass(frozen=True, slots=True)
class Named:
    """One thing a line names, and what speaks for that: `trace`, of `of` that could have."""

    key: str
    name: str
    trace: Trace
    of: int
    tags: str = ""
    """What stands behind the name of an item."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One line to be. The names stand in the order of their strength; the last may be left out."""

    form: Form
    domain: str
    """Key of the domain; empty for what belongs to none."""
    label: str
    """How the domain is called at the line's head."""
    names: tuple[Named, ...]
    strength: float
    total: int = 0
    """The number of choices or rejections the evidence is drawn from, where the form gives it."""
    contrasted: bool = True
    """Whether anything was rejected, so that counts are of what was shown."""
    consequence: Consequence = "taste"

    def facts(self) -> list[str]:
        """What the line tells, name by name, as ids that outlive rewording."""
        sign = "-" if self.form in AVOIDING else "+"
        side = {"style": "style", "saying": "saying"}.get(self.form, f"{sign}{self.domain}")
        return [f"{side}|{named.key}" for named in self.names]

    def first(self, count: int) -> Claim:
        """The same claim with only its `count` strongest names."""
        return replace(self, names=self.names[:count])


def line_of(claim: Claim, language: Language) -> Line:
    """The line that tells `claim`. No longer than a line may be, if its first name is not."""
    until = None
    if claim.form == "saying":
        until = until_in(claim.names[0].name, date.fromordinal(claim.names[0].trace.last))
    return Line(
        text=_text(claim, language)[:MAX_LINE],
        topic="" if claim.form == "saying" else claim.label,
        consequence=claim.consequence,
        support=_support(claim),
        evidence=_behind(claim, language),
        until=until,
        facts=tuple(claim.facts()),
        actor=_ACTOR,
    )


def price(claim: Claim, language: Language) -> int | None:
    """What the line of `claim` takes in tokens, its end apart; None if it would be too long for a line."""
    text = _text(claim, language)
    if len(text) > MAX_LINE and len(claim.names) > 1:
        return None
    return count_tokens(text) + count_tokens(_behind(claim, language)) + _AROUND


def _text(claim: Claim, language: Language) -> str:
    if claim.form == "style":
        names = language.manners[_manner(claim)][0]
    elif claim.form == "saying":
        names = claim.names[0].name
    elif claim.form in ITEM_FORMS:
        # A name with "not" or "love" in it may turn the sense of what stands behind it.
        called = sorted(claim.names, key=lambda named: turns_the_sense(named.name))
        names = language.semicolon.join(_called(named, language) for named in called)
    else:
        names = _joined([_called(named, language) for named in claim.names], language)
    return f"{claim.label}{language.colon}{language.forms[claim.form][0].format(names=names)}"


def _called(named: Named, language: Language) -> str:
    name = named.name
    if needs_quotes(name):
        before, behind = language.quotes
        name = f"{before}{name.replace(before, chr(39)).replace(behind, chr(39))}{behind}"
    return f"{name}{language.comma}{named.tags}" if named.tags else name


def _manner(claim: Claim) -> tuple[str, bool]:
    name, _, direction = claim.names[0].key.partition(" ")
    return name, direction == "more"


def _joined(names: Sequence[str], language: Language) -> str:
    if not names:
        return ""
    if len(names) <= _FEW_NAMES and all(_is_short(name) for name in names):
        return language.comma.join(names[:-1]) + language.last_and * (len(names) > 1) + names[-1]
    # A long row is easier to read in groups; long names, and those that hold commas, stand alone.
    groups: list[list[str]] = []
    for name in names:
        if _is_short(name) and groups and len(groups[-1]) < _GROUP and _is_short(groups[-1][-1]):
            groups[-1].append(name)
        else:
            groups.append([name])
    return language.semicolon.join(language.comma.join(group) for group in groups)


def _is_short(name: str) -> bool:
    return name.count(" ") < _SHORT_WORDS and "," not in name and "、" not in name


def _behind(claim: Claim, language: Language) -> str:
    """The evidence in words."""
    return language.forms[claim.form][1].format(
        evidence=_evidence(claim, language),
        total=claim.total,
        date=language.month(max(named.trace.last for named in claim.names)),
    )


def _support(claim: Claim) -> Support:
    traces = [named.trace for named in claim.names]
    if claim.form in ITEM_FORMS:
        times, of = sum(trace.count for trace in traces), claim.total
    else:
        strongest = max(claim.names, key=lambda named: named.trace.count)
        times = strongest.trace.count
        of = strongest.of if claim.contrasted or claim.form not in LIKING | AVOIDING else claim.total
    return Support(
        times=times,
        of=max(of, times) if of else 0,
        first=date.fromordinal(min(trace.first for trace in traces)),
        last=date.fromordinal(max(trace.last for trace in traces)),
        sample=_sample(traces),
    )


def _sample(traces: Sequence[Trace]) -> tuple[int, ...]:
    """The interactions that speak for most of a line, then the newest; the newest of all always."""
    speak = Counter(seq for trace in traces for seq in trace.seqs)
    ranked = sorted(speak, key=lambda seq: (-speak[seq], -seq))
    best = ranked[:MAX_SAMPLE]
    newest = max(ranked)
    if newest not in best:
        best[-1] = newest
    return tuple(best)


def _evidence(claim: Claim, language: Language) -> str:
    count = sum(named.trace.count for named in claim.names)
    of = claim.names[0].of
    chinese = language.is_chinese
    match claim.form:
        case "style":
            other = language.manners[_manner(claim)][1]
            return f"{of}次里{count}次选了{other}" if chinese else f"chose {other} {count} of {of} times"
        case "saying":
            return "" if count < 2 else f"{count}次，" if chinese else f"{count} times, "
        case "chose_items":
            return f"{claim.total}次选择中的{count}次" if chinese else f"{count} of {claim.total} choices"
        case "passed_items":
            return f"{claim.total}次略过中的{count}次" if chinese else f"{count} of {claim.total} rejections"
        case "talks_terms":
            if chinese:
                return f"{claim.total}条消息中提到{count}次"
            return f"{count} mentions in {claim.total} messages"
        case "lately":
            most = max(named.trace.count for named in claim.names)
            return f"{most}次" if chinese else str(most)
    return _each(claim, language)


def _each(claim: Claim, language: Language) -> str:
    """The counts of the first names, each its own: one item may bear several of them."""
    chinese = language.is_chinese
    told = claim.names[:_COUNTS_A_LINE]
    more = ("……" if chinese else ", ...") if claim.names[_COUNTS_A_LINE:] else ""
    if claim.contrasted:
        pairs = [(named.trace.count, named.of) for named in told]
        counts = [f"{of}次中的{count}次" if chinese else f"{count} of {of}" for count, of in pairs]
        return language.comma.join(counts) + more
    counts = [f"{named.trace.count}次" if chinese else f"{named.trace.count}" for named in told]
    listed = language.comma.join(counts) + more
    if chinese:
        return f"{claim.total}次中的{listed}"
    choices = "choice" if claim.total == 1 else "choices"
    return (
        f"once in {claim.total} {choices}" if listed == "1" else f"{listed} times in {claim.total} {choices}"
    )
