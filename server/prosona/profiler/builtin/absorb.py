"""One interaction into the memory: counted, remembered, compared, listened to."""

from __future__ import annotations

import re

from prosona.core.words import RecordedInteraction
from prosona.profiler.builtin.listening import asked_about, is_spoken, sentences
from prosona.profiler.builtin.memory import Domain, Memory, Saying
from prosona.profiler.builtin.names import fit_to_name, harmless_sentences, label_of, visible
from prosona.profiler.builtin.reading import Reading, read
from prosona.profiler.builtin.sayings import about, add, sayings
from prosona.profiler.builtin.segment import READ_CHARACTERS, fold, letters, terms
from prosona.profiler.builtin.style import compare

__all__ = ["MAX_READ", "absorb"]

MAX_READ = 4_000
"""Characters read of one text: an answer of 600 words. What is behind them changes nothing."""
_LATEST_KEYS = 24
"""What is noted of one choice for drift: an item's tags and the words of its name."""
_ANSWER_SENTENCES = 3
"""A longer turn tells a story of its own rather than what is chosen and why."""
_NAME_TAGS = 4
_PROSE_CHARACTERS = 150
"""Longer texts without fields are prose, such as answers."""
_LANGUAGE_MEMORY = 0.98
"""A change of language is followed after about fifty interactions."""
_BARS = re.compile(r"[|\s]+")


def absorb(memory: Memory, interaction: RecordedInteraction) -> None:
    """Takes `interaction` into `memory`. What screening set aside or others said is passed by."""
    memory.seq = max(memory.seq, interaction.seq)
    spoken = is_spoken(interaction)
    if interaction.quarantined or (spoken and interaction.origin != "user"):
        return
    day = interaction.day.toordinal()
    chosen, rejected = _read(interaction.chosen), _read(interaction.rejected)
    domain = _domain(memory, interaction, "chat" if spoken else "", day)
    _notice_language(memory, chosen or rejected)
    if spoken:
        _listen(memory, domain, chosen, day, interaction.seq)
    else:
        _choose(memory, domain, chosen, rejected, day, interaction.seq)
    memory.trim()


def _read(text: str | None) -> str:
    return visible(text[:MAX_READ]).strip() if text else ""


def _domain(memory: Memory, interaction: RecordedInteraction, usual: str, day: int) -> Domain:
    # A bar would part the domain from the rest in a fact's id.
    name = visible(interaction.domain or "")
    key = _BARS.sub(" ", name).strip().lower() or usual
    memory.step += 1
    memory.notice(day, interaction.seq, key)
    domain = memory.domain(key, label_of(name) or "")
    domain.last = memory.step
    domain.seen.add(day, interaction.seq)
    return domain


def _choose(memory: Memory, domain: Domain, chosen: str, rejected: str, day: int, seq: int) -> None:
    for_it, against = (read(text) if text else None for text in (chosen, rejected))
    if for_it:
        domain.choices += 1
        _count(domain, for_it, day, seq, chosen=True)
    if against:
        domain.refusals += 1
        _count(domain, against, day, seq, chosen=False)
    if for_it and against and not (for_it.fields or against.fields):
        domain.prose += min(len(for_it.body), len(against.body)) >= _PROSE_CHARACTERS
        compare(memory.style, for_it.body, against.body, day, seq)


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


def _listen(memory: Memory, domain: Domain, text: str, day: int, seq: int) -> None:
    """Takes what a user said: statements of themself, and what they talk about but for what they refuse."""
    domain.choices += 1
    domain.spoken += 1
    spoken: dict[str, str] = {}
    told: list[Saying] = []
    spoke = list(sentences(text))
    topic = memory.asked if len(spoke) <= _ANSWER_SENTENCES and day == memory.asked_day else ""
    for sentence in spoke:
        said = sayings(sentence, answering=bool(topic))
        if said and fit_to_name(said.text):
            said.trace.add(day, seq)
            told.append(said)
        if not (said and said.negative):
            spoken |= terms(harmless_sentences(sentence))
    for saying in about(topic, told):
        add(memory.sayings, saying)
    asked = asked_about(text) if len(text) < MAX_READ else ""
    memory.asked, memory.asked_day = (asked if fit_to_name(asked) else ""), day
    for key, name in spoken.items():
        domain.count(key, name, day, seq, chosen=True)
    domain.glance(day, seq, list(spoken)[:_LATEST_KEYS])


def _notice_language(memory: Memory, text: str) -> None:
    chinese, others = letters(text)
    if every := chinese + others:
        memory.cjk = memory.cjk * _LANGUAGE_MEMORY + chinese / every
        memory.latin = memory.latin * _LANGUAGE_MEMORY + others / every
