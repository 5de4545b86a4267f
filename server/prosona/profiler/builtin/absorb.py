"""One interaction into the memory: counted, remembered, compared, listened to."""

from __future__ import annotations

import re
from datetime import date

from prosona.core.words import RecordedInteraction
from prosona.profiler.builtin.language import spoken_in
from prosona.profiler.builtin.memory import Domain, Memory, Trace
from prosona.profiler.builtin.names import fit_to_name, harmless_sentences, label_of, visible
from prosona.profiler.builtin.reading import Reading, read
from prosona.profiler.builtin.segment import READ_CHARACTERS, fold, terms
from prosona.profiler.builtin.stated import add, is_said, kept, opens_game, wishes_in
from prosona.profiler.builtin.style import compare
from prosona.profiler.builtin.values import domain_key, value_of

__all__ = ["MAX_READ", "absorb"]

MAX_READ = 4_000
"""Characters read of one text: an answer of 600 words. What is behind them changes nothing."""
_LATEST_KEYS = 24
"""What is noted of one choice for drift: an item's tags and the words of its name."""
_NAME_TAGS = 4
_PROSE_CHARACTERS = 150
"""Longer texts without fields are prose, such as answers."""
_LANGUAGE_MEMORY = 0.98
"""A change of language is followed after about fifty interactions."""
_BARS = re.compile(r"[|\s]+")


def absorb(memory: Memory, interaction: RecordedInteraction) -> None:
    """Takes `interaction` into `memory`. What screening set aside or others said is passed by."""
    memory.seq = max(memory.seq, interaction.seq)
    spoken = is_said(interaction)
    if interaction.quarantined or (spoken and interaction.origin != "user"):
        return
    day = interaction.day.toordinal()
    chosen, rejected = _read(interaction.chosen), _read(interaction.rejected)
    _notice_language(memory, chosen or rejected)
    if spoken:
        _listen(memory, chosen, interaction.day, interaction.seq)
    else:
        domain = _domain(memory, interaction, day)
        _choose(memory, domain, interaction.query or "", chosen, rejected, day, interaction.seq)
    memory.trim()


def _read(text: str | None) -> str:
    return visible(text[:MAX_READ]).strip() if text else ""


def _domain(memory: Memory, interaction: RecordedInteraction, day: int) -> Domain:
    # A bar would part the domain from the rest in a fact's id.
    name = visible(interaction.domain or "")
    key = domain_key(_BARS.sub(" ", name))
    memory.step += 1
    memory.notice(day, interaction.seq, key)
    domain = memory.domain(key, label_of(name) or "")
    domain.last = memory.step
    domain.seen.add(day, interaction.seq)
    return domain


def _choose(
    memory: Memory, domain: Domain, query: str, chosen: str, rejected: str, day: int, seq: int
) -> None:
    for_it, against = (read(text) if text else None for text in (chosen, rejected))
    if for_it and against and not (for_it.fields or against.fields):
        longer = max(len(for_it.body), len(against.body))
        compare(memory.style, for_it.body, against.body, day, seq)
        if longer >= _PROSE_CHARACTERS:
            # Two answers to one question tell how somebody likes to be answered, not what about.
            domain.choices += 1
            domain.refusals += 1
            return
    for reading, was_chosen in ((for_it, True), (against, False)):
        if reading is None:
            continue
        domain.choices += was_chosen
        domain.refusals += not was_chosen
        value = None if reading.fields else value_of(query, reading.body)
        if value is not None and not domain.is_browsed(value.question, value.key):
            domain.count(value.key, value.name, day, seq, chosen=was_chosen)
        else:
            _count(domain, reading, day, seq, chosen=was_chosen)


def _count(domain: Domain, reading: Reading, day: int, seq: int, *, chosen: bool) -> None:
    tags = [tag for tag in reading.tags if fit_to_name(tag)]
    found = {f"#{fold(tag)}": tag for tag in [*tags, *filter(None, [reading.year])]}
    words = terms(harmless_sentences(reading.body[:READ_CHARACTERS]))
    found |= {key: name for key, name in words.items() if f"#{key}" not in found}
    for key, name in found.items():
        domain.count(key, name, day, seq, chosen=chosen)
    domain.described += len(reading.body) >= _PROSE_CHARACTERS
    if reading.name and fit_to_name(reading.name):
        domain.remember(reading.name, " ".join(tags[:_NAME_TAGS]), day, seq, chosen=chosen)
    if chosen:
        domain.glance(day, seq, list(found)[:_LATEST_KEYS])


def _listen(memory: Memory, text: str, day: date, seq: int) -> None:
    """Takes what a user said: statements of themself, and what they ask of answers."""
    ordinal = day.toordinal()
    for wish in wishes_in(text):
        memory.wishes.setdefault(wish, Trace()).add(ordinal, seq)
    if opens_game(text):
        memory.played = ordinal
    if memory.played == ordinal:
        return
    for saying in kept(text, day):
        saying.trace.add(ordinal, seq)
        add(memory.sayings, saying)


def _notice_language(memory: Memory, text: str) -> None:
    if found := spoken_in(text):
        for name in memory.languages:
            memory.languages[name] *= _LANGUAGE_MEMORY
        for name, share in found.items():
            memory.languages[name] = memory.languages.get(name, 0.0) + share
