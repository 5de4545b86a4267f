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

__all__ = ["AVOIDING", "ITEM_FORMS", "LIKING", "OF_THE_USER", "Claim", "Named", "line_of", "price"]

LIKING: frozenset[Form] = frozenset(
    ["lately", "likes_tags", "likes_years", "likes_terms", "chose_items", "values"]
)
AVOIDING: frozenset[Form] = frozenset(
    ["avoids_tags", "avoids_years", "avoids_terms", "passed_items", "values_not"]
)
ITEM_FORMS: frozenset[Form] = frozenset(["chose_items", "passed_items"])
"""Lists of things, each told apart."""

OF_THE_USER: frozenset[Form] = frozenset(["saying", "wish", "style"])
"""Forms that belong to no field of life."""

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
    attribute: str = ""
    """What a value was asked for."""


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
    since: int = 0
    """The day on which it began, where the form tells it."""
    contrasted: bool = True
    """Whether anything was rejected, so that counts are of what was shown."""
    consequence: Consequence = "taste"

    def facts(self) -> list[str]:
        """What the line tells, name by name, as ids that outlive rewording."""
        sign = "-" if self.form in AVOIDING else "+"
        side = self.form if self.form in OF_THE_USER else f"{sign}{self.domain}"
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
        topic="" if claim.form in OF_THE_USER else claim.label,
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
    match claim.form:
        case "style":
            names = language.manners[claim.names[0].key]
        case "wish":
            names = language.wishes[claim.names[0].key]
        case "saying":
            names = _in_quotes(claim.names[0].name, language)
        case "values" | "values_not":
            names = _by_attribute(claim.names, language)
        case "chose_items" | "passed_items":
            # A name with "not" or "love" in it may turn the sense of what stands behind it.
            called = sorted(claim.names, key=lambda named: turns_the_sense(named.name))
            names = language.semicolon.join(_called(named, language) for named in called)
        case _:
            names = _joined([_called(named, language) for named in claim.names], language)
    since = language.month(claim.since) if claim.since else ""
    month = language.month(max(named.trace.last for named in claim.names))
    words = language.forms[claim.form][0].format(names=names, since=since, month=month)
    return f"{claim.label}{language.colon}{words}"


def _by_attribute(named: Sequence[Named], language: Language) -> str:
    """Values, each with what was asked for: "SUV and van (car), Avis (company)"."""
    values: dict[str, list[str]] = {}
    for each in named:
        values.setdefault(each.attribute, []).append(_called(each, language))
    joined = {attribute: _joined(names, language) for attribute, names in values.items()}
    parts = [f"{names} ({attribute})" if attribute else names for attribute, names in joined.items()]
    return language.semicolon.join(parts)


def _called(named: Named, language: Language) -> str:
    return _in_quotes(named.name, language) if needs_quotes(named.name) else named.name


def _in_quotes(name: str, language: Language) -> str:
    before, behind = language.quotes
    return f"{before}{name.replace(before.strip(), chr(39)).replace(behind.strip(), chr(39))}{behind}"


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
    last = max(named.trace.last for named in claim.names)
    count = max(named.trace.count for named in claim.names)
    several = language.counts["several"].format(count=count) if count > 1 else ""
    total = claim.total or max(named.of for named in claim.names)
    return language.forms[claim.form][1].format(
        evidence=_each(claim, language),
        times=several,
        count=count,
        total=total,
        month=language.month(last),
        day=language.day(last),
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


def _each(claim: Claim, language: Language) -> str:
    """The counts of the first names, each its own: one item may bear several of them."""
    told = claim.names[:_COUNTS_A_LINE]
    more = ", ..." if claim.names[_COUNTS_A_LINE:] else ""
    if claim.contrasted:
        pairs = [(named.trace.count, named.of) for named in told]
        counts = [language.counts["of"].format(count=count, of=of) for count, of in pairs]
        return language.comma.join(counts) + more
    counts = [str(named.trace.count) for named in told]
    if counts == ["1"] and claim.total == 1:
        return language.counts["once"]
    return language.counts["in_all"].format(listed=language.comma.join(counts) + more, total=claim.total)
