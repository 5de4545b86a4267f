"""From the state to claims: what may be said of a user, each with its evidence and strength."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from prosona.profiler.builtin.claims import AVOIDING, Claim, Form, Named
from prosona.profiler.builtin.drift import Shift, shifts, silent_domains
from prosona.profiler.builtin.fitness import fit_to_name
from prosona.profiler.builtin.interests import FEW, Interest, distinct, interests
from prosona.profiler.builtin.segment import terms
from prosona.profiler.builtin.sentences import Language, month
from prosona.profiler.builtin.state import Domain, Item, Saying, State
from prosona.profiler.builtin.style import style_leans

_LEAN = 0.7
_LEAN_IN_PROSE = 1.7
_LEAN_OF_YEARS = 1.5
"""From how many standard errors on a lean is told."""
_TAGS_A_LINE = 6
_TERMS_A_LINE = 8
_ITEMS_A_LINE = 48
_WORDS_A_LINE = 50
_STRAGGLERS = 2
_OF_ITEMS = 1.5
_REPEAT_WORTH = 10.0
_TYPICAL_WORTH = 60.0
_WORD_COST = 1.0
_ITEM_LINES = 5
_LINES = 3
_OWN_LINE = 2.5
_SAYINGS_A_LINE = 3


def claims(state: State, language: Language) -> list[Claim]:
    """All that may be said, strongest first."""
    found = [*_of_style(state, language), *_of_sayings(state, language)]
    silent = silent_domains(state)
    for key, domain in state.domains.items():
        label = _label(key, domain, language)
        told = list(_of_domain(key, label, domain))
        if key in silent:
            told = [_weaker(claim) for claim in told]
            told.append(
                Claim("past_domain", key, label, (_whole(domain, "past_domain"),), 2.5, len(state.recent))
            )
        found += told
    found.sort(key=lambda claim: -claim.strength)
    return [*found, *_of_nothing(state, language)]


def _of_nothing(state: State, language: Language) -> Iterator[Claim]:
    """What is left to say when nothing else may be."""
    if state.domains:
        key, domain = max(state.domains.items(), key=lambda pair: (pair[1].last, pair[0]))
        yield Claim(
            "no_lean", key, _label(key, domain, language), (_whole(domain, "no_lean"),), 0.0, domain.step
        )


def _label(key: str, domain: Domain, language: Language) -> str:
    if not domain.label:
        return language.chat if key == "chat" else language.no_domain
    label = " ".join(domain.label.replace("_", " ").replace(":", " ").replace("：", " ").split())
    if not label or not fit_to_name(label):
        return language.no_domain
    return label[:1].upper() + label[1:]


def _weaker(claim: Claim) -> Claim:
    return Claim(
        claim.form, claim.domain, claim.label, claim.names, claim.strength / 2, claim.total, claim.contrasted
    )


def _of_style(state: State, language: Language) -> Iterator[Claim]:
    for lean in style_leans(state.style):
        key = f"{lean.manner} {'more' if lean.more else 'less'}"
        yield Claim(
            "style", "", language.answers, (Named(key, "", lean.wins, lean.of, lean.day),), 2 + lean.strength
        )


def _of_sayings(state: State, language: Language) -> Iterator[Claim]:
    """What users said of themselves: what weighs much has a line of its own, the rest share lines."""
    groups: dict[tuple[str, bool], list[Saying]] = {}
    for age, saying in enumerate(reversed(state.sayings)):
        if saying.weight >= _OWN_LINE:
            strength = 1.5 * saying.weight + 0.5 * math.log(saying.times) - 0.02 * age
            yield Claim("saying", "", language.sayings, (_said(saying),), strength)
        else:
            groups.setdefault((month(saying.day, language), saying.negative), []).append(saying)
    for group in groups.values():
        group.sort(key=lambda saying: -saying.weight)
        for start in range(0, len(group), _SAYINGS_A_LINE):
            part = group[start : start + _SAYINGS_A_LINE]
            yield Claim("saying", "", language.sayings, tuple(map(_said, part)), 1.5 * part[0].weight)


def _said(saying: Saying) -> Named:
    return Named(" ".join(saying.objects) or saying.text, saying.text, saying.times, saying.times, saying.day)


def _of_domain(key: str, label: str, domain: Domain) -> Iterator[Claim]:
    contrasted = domain.refusals > 0
    new, past = shifts(domain)
    if new:
        names = tuple(
            Named(s.key, s.tally.name, s.recent, s.recent, s.tally.chosen_day) for s in _apart(new, 4)
        )
        yield Claim("lately", key, label, names, 12.0, min(8, len(domain.window)))
    if past:
        names = tuple(
            Named(s.key, s.tally.name, s.before, s.before + s.tally.rejected, s.tally.chosen_day)
            for s in _apart(past, 4)
        )
        yield Claim("past", key, label, names, 7.0, 8, contrasted)
    mostly_spoken = domain.spoken * 2 > domain.choices
    shifted = {shift.key for shift in (*past, *new)}
    ranked = [interest for interest in interests(domain) if interest.key not in shifted]
    yield from _likes(key, label, domain, ranked, "talks_terms" if mostly_spoken else "likes_terms")
    yield from _avoids(key, label, domain, list(reversed(ranked)))
    if not mostly_spoken:
        leans = {i.key: i.strength for i in ranked} if domain.described * 2 > domain.step else {}
        yield from _items("chose_items", key, label, domain, leans)
        yield from _items("passed_items", key, label, domain, leans)


def _whole(domain: Domain, form: Form) -> Named:
    """Stands for the domain as a whole in a line that names nothing."""
    return Named(form, "", 0, 0, domain.day)


def _apart(found: Sequence[Shift], limit: int) -> list[Shift]:
    """The first shifts of which none is a part of another one."""
    by_key = {shift.key: shift for shift in found}
    kept = distinct((Interest(s.key, s.tally, 0.0) for s in found), limit)
    return [by_key[interest.key] for interest in kept]


def _likes(key: str, label: str, domain: Domain, ranked: list[Interest], terms: Form) -> Iterator[Claim]:
    fewest = 1 if domain.step <= FEW else 2
    good = [i for i in ranked if i.strength >= _least_lean(i, domain) and i.tally.chosen >= fewest]
    yield from _lines("likes_tags", key, label, domain, [i for i in good if i.is_tag], _TAGS_A_LINE)
    yield from _lines("likes_years", key, label, domain, [i for i in good if i.is_year], _TAGS_A_LINE)
    worded = [i for i in good if not (i.is_tag or i.is_year) and i.tally.chosen >= 3]
    yield from _lines(terms, key, label, domain, worded, _TERMS_A_LINE)


def _least_lean(interest: Interest, domain: Domain) -> float:
    """How strong a lean must be to be told. What long answers speak of was mostly asked for, not liked."""
    if interest.is_year:
        return _LEAN_OF_YEARS
    return _LEAN_IN_PROSE if domain.prose * 2 > domain.choices and not interest.is_tag else _LEAN


def _avoids(key: str, label: str, domain: Domain, ranked: list[Interest]) -> Iterator[Claim]:
    fewest = 1 if domain.step <= FEW else 2
    bad = [i for i in ranked if -i.strength >= _least_lean(i, domain) and i.tally.rejected >= fewest]
    yield from _lines("avoids_tags", key, label, domain, [i for i in bad if i.is_tag], _TAGS_A_LINE)
    yield from _lines("avoids_years", key, label, domain, [i for i in bad if i.is_year], _TAGS_A_LINE)
    worded = [i for i in bad if not (i.is_tag or i.is_year) and i.tally.rejected >= 3]
    yield from _lines("avoids_terms", key, label, domain, worded, _TERMS_A_LINE)


def _lines(
    form: Form, key: str, label: str, domain: Domain, found: list[Interest], size: int
) -> Iterator[Claim]:
    kept = distinct(found, size * _LINES)
    avoided = form in AVOIDING
    for start in range(0, len(kept), size):
        part = kept[start : start + size]
        names = tuple(_named(interest, avoided=avoided) for interest in part)
        strength = abs(part[0].strength) + (1.0 if part[0].is_tag else 0.0)
        yield Claim(form, key, label, names, strength, domain.choices, domain.refusals > 0)


def _named(interest: Interest, *, avoided: bool) -> Named:
    tally = interest.tally
    shown = tally.chosen + tally.rejected
    if avoided:
        return Named(interest.key, tally.name, tally.rejected, shown, tally.rejected_day)
    return Named(interest.key, tally.name, tally.chosen, shown, tally.chosen_day)


def _items(form: Form, key: str, label: str, domain: Domain, leans: Mapping[str, float]) -> Iterator[Claim]:
    """What was mostly chosen, or mostly passed over: what is repeated, short and late first.

    Of things with long descriptions, which no list can hold, those come first that are typical by `leans`.
    """
    chose = form == "chose_items"
    items, others = (domain.chosen, domain.rejected) if chose else (domain.rejected, domain.chosen)
    sign = _TYPICAL_WORTH if chose else -_TYPICAL_WORTH
    mostly = [i for i in items.values() if i.name not in others or i.count > others[i.name].count]
    ranked = sorted(
        (
            age
            + _WORD_COST * item.name.count(" ")
            - _REPEAT_WORTH * (item.count - 1)
            - (sign * _typical(item.name, leans) if leans else 0.0),
            item.name,
            item,
        )
        for age, item in enumerate(reversed(mostly))
    )
    for part in islice(_filled([item for _, _, item in ranked]), _ITEM_LINES):
        names = tuple(
            Named(f"={item.name.lower()}", item.name, item.count, item.count, item.day) for item in part
        )
        yield Claim(form, key, label, names, _OF_ITEMS, domain.choices if chose else domain.refusals)


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
        words += 1 + item.name.count(" ")
        full = len(line) == _ITEMS_A_LINE or words >= _WORDS_A_LINE
        if full and len(items) - index - 1 > _STRAGGLERS:
            yield line
            line, words = [], 0
    if line:
        yield line
