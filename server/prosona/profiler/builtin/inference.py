"""From the memory to claims: what may be said of a user, each with its evidence and strength."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from prosona.core.consequence import RANKS
from prosona.profiler.builtin.claims import AVOIDING, Claim, Named
from prosona.profiler.builtin.interests import (
    FEW,
    Interest,
    Shift,
    distinct,
    interests,
    shifts,
    silent_domains,
)
from prosona.profiler.builtin.language import Form, Language
from prosona.profiler.builtin.memory import RECENT, Domain, Item, Memory
from prosona.profiler.builtin.segment import terms
from prosona.profiler.builtin.stated import FEWEST
from prosona.profiler.builtin.style import style_leans
from prosona.profiler.builtin.values import parts_of

__all__ = ["claims"]

_LEAN = 0.7
_LEAN_OF_MANY = 1.5
"""From how many standard errors on a lean is told; years and single words are so many that some lean by chance."""
_TAGS_A_LINE = 6
_TERMS_A_LINE = 8
_ITEMS_A_LINE = 48
_WORDS_A_LINE = 50
"""What a line holds before a reader loses the thread."""
_STRAGGLERS = 2
"""So few items do not begin a line of their own."""
_SHIFTS_A_LINE = 4
"""More would be no shift."""
_FEWEST_WORDS = 5
"""Sights of a single word before it is told: of hundreds of words in titles some recur by chance ("Girl" in three)."""
_FEWEST_PHRASES = 3
"""Sights of several words together ("Harry Potter"), which hardly do."""
_WORD_COST = 1.0
"""A word more in an item's name costs as much as a choice longer ago."""
_REPEAT_WORTH = 10.0
"""A thing chosen once more comes as far forward as one chosen ten choices later."""
_TYPICAL_WORTH = 60.0
"""The same for each standard error by which a thing's words lean together."""
_ITEM_LINES = 5
_LINES = 3
"""Lines of one form in one domain."""

# Strengths on the scale of standard errors, for what is not measured in them.
_OF_ITEMS = 1.5
_OF_LATELY = 12.0
_OF_PAST = 7.0
_OF_PAST_DOMAIN = 2.5
_OF_VALUES = 2.0
_OF_STYLE = 2.0
_OF_WISHES = 4.0
_OF_SAYINGS = 3.0
"""For a saying that is certain."""
_FEWEST_REFUSALS = 2
"""Values turned down before it is told: one alone may only have been less good than the other."""
_NOT_SO_MUCH = 1.0
"""By how much less what was turned down tells than what was chosen."""
_VALUES_AN_ATTRIBUTE = 3
_VALUES_A_LINE = 8
"""What a person would say in one breath of one thing."""
_RIVALS = {"short": "detailed", "detailed": "short"}
"""Wishes that exclude each other."""


def claims(memory: Memory, language: Language) -> list[Claim]:
    """All that may be said: by consequence, the strongest first."""
    found = [*_of_style(memory, language), *_of_wishes(memory, language), *_of_sayings(memory, language)]
    silent = silent_domains(memory)
    for key, domain in memory.domains.items():
        label = domain.label or language.choices
        told = [*_of_values(key, label, domain), *_of_domain(key, label, domain)]
        if key in silent:
            told = [replace(claim, strength=claim.strength / 2) for claim in told]
            if domain.step > domain.hushed:
                told.append(_of_past(key, label, domain))
        found += told
    found.sort(key=lambda claim: (RANKS[claim.consequence], -claim.strength))
    return found


def _of_past(key: str, label: str, domain: Domain) -> Claim:
    """That a field of life is past."""
    named = Named("past_domain", "", domain.seen, 0)
    return Claim(
        "past_domain", key, label, (named,), _OF_PAST_DOMAIN, domain.step - domain.hushed, consequence="taste"
    )


def _of_style(memory: Memory, language: Language) -> Iterator[Claim]:
    for lean in style_leans(memory.style):
        key = f"{lean.manner} {'more' if lean.more else 'less'}"
        named = Named(key, "", lean.wins, lean.of)
        yield Claim(
            "style", "", language.answers, (named,), _OF_STYLE + lean.strength, lean.of, consequence="manner"
        )


def _of_wishes(memory: Memory, language: Language) -> Iterator[Claim]:
    """What was asked of answers often enough to be a wish; of two that exclude each other, the later."""
    for name, trace in memory.wishes.items():
        rival = memory.wishes.get(_RIVALS.get(name, ""))
        if trace.count < FEWEST or (rival and rival.count >= FEWEST and rival.last > trace.last):
            continue
        named = Named(name, "", trace, 0)
        strength = _OF_WISHES + math.log(trace.count)
        yield Claim("wish", "", language.answers, (named,), strength, consequence="manner")


def _of_sayings(memory: Memory, language: Language) -> Iterator[Claim]:
    """What users said of themselves, each on a line of its own; the latest first among equals."""
    latest = sorted(memory.sayings, key=lambda saying: (-saying.day, -saying.trace.seqs[-1], saying.text))
    for age, saying in enumerate(latest):
        strength = _OF_SAYINGS * saying.weight + 0.5 * math.log(saying.trace.count) - 0.02 * age
        named = Named(saying.key, saying.text, saying.trace, 0)
        yield Claim("saying", "", language.said, (named,), strength, consequence=saying.consequence)


def _of_values(key: str, label: str, domain: Domain) -> Iterator[Claim]:
    """Values under what was asked for, a line for each thing they belong to; and those that were turned down,
    where more than one was, or one more than once."""
    forms: tuple[Form, ...] = ("values", "values_not")
    for form in forms:
        turned_down = form == "values_not"
        by_topic: dict[str, list[Named]] = {}
        for name, tally in domain.tallies.items():
            if not name.startswith("?"):
                continue
            ours, theirs = tally.chosen, tally.rejected
            if turned_down:
                ours, theirs = theirs, ours
            if ours.count > theirs.count:
                topic, attribute = parts_of(name)
                of = ours.count + theirs.count
                by_topic.setdefault(topic, []).append(Named(name, tally.name, ours, of, attribute))
        for topic, named in by_topic.items():
            named.sort(key=lambda each: (-each.trace.count, -each.trace.last, each.name))
            told = _best_of_each(named)
            times = sum(each.trace.count for each in told)
            if turned_down and times < _FEWEST_REFUSALS:
                continue
            strength = _OF_VALUES + math.log(times) - (_NOT_SO_MUCH if turned_down else 0.0)
            yield Claim(form, key, topic or label, tuple(told), strength)


def _best_of_each(named: Sequence[Named]) -> list[Named]:
    """The most chosen values of each attribute; attributes in the order of their best ones."""
    kept: dict[str, list[Named]] = {}
    for each in named:
        values = kept.setdefault(each.attribute, [])
        if len(values) < _VALUES_AN_ATTRIBUTE:
            values.append(each)
    return [each for values in kept.values() for each in values][:_VALUES_A_LINE]


def _of_domain(key: str, label: str, domain: Domain) -> Iterator[Claim]:
    contrasted = domain.refusals > 0
    new, past = shifts(domain)
    if new:
        told = _apart(new, _SHIFTS_A_LINE)
        names = tuple(Named(s.key, s.tally.name, s.lately, s.lately.count) for s in told)
        since = min(s.tally.chosen.first for s in told)
        yield Claim("lately", key, label, names, _OF_LATELY, RECENT, since)
    if past:
        names = tuple(
            Named(s.key, s.tally.name, s.tally.chosen, s.tally.chosen.count + s.tally.rejected.count)
            for s in _apart(past, _SHIFTS_A_LINE)
        )
        yield Claim("past", key, label, names, _OF_PAST, domain.choices, contrasted=contrasted)
    shifted = {shift.key for shift in (*past, *new)}
    ranked = [interest for interest in interests(domain) if interest.key not in shifted]
    yield from _likes(key, label, domain, ranked)
    yield from _avoids(key, label, domain, list(reversed(ranked)))
    leans = {i.key: i.strength for i in ranked} if domain.described * 2 > domain.step else {}
    yield from _items("chose_items", key, label, domain, leans)
    yield from _items("passed_items", key, label, domain, leans)


def _apart(found: Sequence[Shift], limit: int) -> list[Shift]:
    """The first shifts of which none is a part of another one."""
    by_key = {shift.key: shift for shift in found}
    kept = distinct((Interest(shift.key, shift.tally, 0.0) for shift in found), limit)
    return [by_key[interest.key] for interest in kept]


def _likes(key: str, label: str, domain: Domain, ranked: list[Interest]) -> Iterator[Claim]:
    fewest = 1 if domain.step <= FEW else 2
    good = [i for i in ranked if i.strength >= _least_lean(i) and i.tally.chosen.count >= fewest]
    yield from _lines("likes_tags", key, label, domain, [i for i in good if i.is_tag], _TAGS_A_LINE)
    yield from _lines("likes_years", key, label, domain, [i for i in good if i.is_year], _TAGS_A_LINE)
    words = [i for i in good if i.is_text and i.tally.chosen.count >= _fewest_sights(i)]
    yield from _lines("likes_terms", key, label, domain, words, _TERMS_A_LINE)


def _avoids(key: str, label: str, domain: Domain, ranked: list[Interest]) -> Iterator[Claim]:
    fewest = 1 if domain.step <= FEW else 2
    bad = [i for i in ranked if -i.strength >= _least_lean(i) and i.tally.rejected.count >= fewest]
    yield from _lines("avoids_tags", key, label, domain, [i for i in bad if i.is_tag], _TAGS_A_LINE)
    yield from _lines("avoids_years", key, label, domain, [i for i in bad if i.is_year], _TAGS_A_LINE)
    words = [i for i in bad if i.is_text and i.tally.rejected.count >= _fewest_sights(i)]
    yield from _lines("avoids_terms", key, label, domain, words, _TERMS_A_LINE)


def _fewest_sights(interest: Interest) -> int:
    """How often something of the words of items must be seen before it is told."""
    return _FEWEST_WORDS if interest.is_word else _FEWEST_PHRASES


def _least_lean(interest: Interest) -> float:
    """How strong a lean must be to be told."""
    return _LEAN_OF_MANY if interest.is_year or interest.is_word else _LEAN


def _lines(
    form: Form, key: str, label: str, domain: Domain, found: list[Interest], size: int
) -> Iterator[Claim]:
    kept = distinct(found, size * _LINES)
    for start in range(0, len(kept), size):
        part = kept[start : start + size]
        names = tuple(_named(interest, avoided=form in AVOIDING) for interest in part)
        strength = abs(part[0].strength) + (1.0 if part[0].is_tag else 0.0)
        # Choices before their owner took all of these out do not count.
        before = min(domain.since.get(interest.key, (0, 0))[0] for interest in part)
        yield Claim(
            form, key, label, names, strength, domain.choices - before, contrasted=domain.refusals > 0
        )


def _named(interest: Interest, *, avoided: bool) -> Named:
    tally = interest.tally
    trace = tally.rejected if avoided else tally.chosen
    return Named(interest.key, tally.name, trace, tally.chosen.count + tally.rejected.count)


def _items(form: Form, key: str, label: str, domain: Domain, leans: Mapping[str, float]) -> Iterator[Claim]:
    """What was mostly chosen, or mostly passed over: what is repeated, short and late first.

    Of things with long descriptions, which no list can hold, those come first that are typical by `leans`.
    """
    chose = form == "chose_items"
    items, others = (domain.chosen, domain.rejected) if chose else (domain.rejected, domain.chosen)
    sign = _TYPICAL_WORTH if chose else -_TYPICAL_WORTH
    mostly = [i for k, i in items.items() if k not in others or i.trace.count > others[k].trace.count]
    mostly.sort(key=lambda item: (-item.trace.last, -item.trace.seqs[-1], item.name))
    ranked = sorted(
        (
            age
            + _WORD_COST * (item.name.count(" ") + len(item.tags.split()))
            - _REPEAT_WORTH * (item.trace.count - 1)
            - (sign * _typical(f"{item.name} {item.tags}", leans) if leans else 0.0),
            item.name,
            item,
        )
        for age, item in enumerate(mostly)
    )
    for part in islice(_filled([item for _, _, item in ranked]), _ITEM_LINES):
        names = tuple(
            Named(f"={item.name.lower()}", item.name, item.trace, item.trace.count) for item in part
        )
        total = domain.choices if chose else domain.refusals
        yield Claim(form, key, label, names, _OF_ITEMS, total, consequence="example")


def _typical(name: str, leans: Mapping[str, float]) -> float:
    """How far the tags and words in `name` lean together."""
    keys = _keys_in(name)
    return sum(leans.get(key, 0.0) for key in keys) / math.sqrt(len(keys) or 1)


@lru_cache(maxsize=8192)
def _keys_in(name: str) -> tuple[str, ...]:
    found = terms(name)
    return (*found, *(f"#{key}" for key in found))


def _filled(items: Sequence[Item]) -> Iterator[list[Item]]:
    """`items` in lines of about the same length, none with a few stragglers."""
    line: list[Item] = []
    words = 0
    for index, item in enumerate(items):
        line.append(item)
        words += 1 + item.name.count(" ") + len(item.tags.split())
        full = len(line) == _ITEMS_A_LINE or words >= _WORDS_A_LINE
        if full and len(items) - index - 1 > _STRAGGLERS:
            yield line
            line, words = [], 0
    if line:
        yield line
