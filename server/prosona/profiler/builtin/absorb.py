"""One interaction into the state: counted, remembered, compared, listened to."""

from __future__ import annotations

from datetime import UTC, datetime

from prosona.profiler.builtin.asking import asked_about
from prosona.profiler.builtin.drift import RECENT
from prosona.profiler.builtin.fitness import fit_to_name, gives_orders
from prosona.profiler.builtin.reading import Reading, read
from prosona.profiler.builtin.sayings import about, add, sayings
from prosona.profiler.builtin.segment import cjk_and_latin, fold, terms
from prosona.profiler.builtin.spoken import sentences, spoken_words
from prosona.profiler.builtin.state import Domain, Saying, State
from prosona.profiler.builtin.style import compare
from prosona.profiles_db import RecordedInteraction

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_KEYS = 24
_ANSWER_SENTENCES = 3
"""A longer turn tells a story of its own rather than what is chosen and why."""
_NAME_TAGS = 4
_PROSE_CHARACTERS = 150
_LANGUAGE_MEMORY = 0.98


def absorb(state: State, interaction: RecordedInteraction) -> None:
    """Takes `interaction` into `state`. What screening set aside or others said is passed by."""
    spoken = spoken_words(interaction)
    if interaction.quarantined or (spoken is not None and interaction.origin != "user"):
        return
    day = ((interaction.occurred_at or interaction.observed_at) - _EPOCH).days
    key = (interaction.domain or "").strip().lower() or ("chat" if spoken else "")
    state.step += 1
    state.recent.append(key)
    del state.recent[:-RECENT]
    domain = state.domain(key, (interaction.domain or "").strip())
    domain.step += 1
    domain.last = state.step
    domain.day = max(domain.day, day)
    _notice_language(state, interaction)
    if spoken is not None:
        _listen(state, domain, spoken, day)
        return
    chosen = interaction.chosen and read(interaction.chosen)
    rejected = interaction.rejected and read(interaction.rejected)
    if chosen:
        domain.choices += 1
        _count(domain, chosen, day, chosen=True)
    if rejected:
        domain.refusals += 1
        _count(domain, rejected, day, chosen=False)
    if chosen and rejected and not (chosen.fields or rejected.fields):
        domain.prose += min(len(chosen.body), len(rejected.body)) >= _PROSE_CHARACTERS
        compare(state.style, chosen.body, rejected.body, day)


def _count(domain: Domain, reading: Reading, day: int, *, chosen: bool) -> None:
    if gives_orders(reading.body):
        return
    tags = [tag for tag in reading.tags if fit_to_name(tag)]
    found = {f"#{fold(tag)}": tag for tag in [*tags, *filter(None, [reading.year])]}
    found |= {key: name for key, name in terms(reading.body).items() if f"#{key}" not in found}
    for key, name in found.items():
        domain.count(key, name, day, chosen=chosen)
    keys = list(found)
    domain.described += len(reading.body) >= _PROSE_CHARACTERS
    if reading.name and fit_to_name(reading.name):
        name = ", ".join(filter(None, (reading.name, " ".join(tags[:_NAME_TAGS]))))
        domain.remember(name, day, chosen=chosen)
    if chosen:
        domain.window.append(keys[:_LATEST_KEYS])


def _listen(state: State, domain: Domain, text: str, day: int) -> None:
    """Takes what a user said: statements of themself, and what they talk about but for what they refuse."""
    domain.choices += 1
    domain.spoken += 1
    spoken: dict[str, str] = {}
    told: list[Saying] = []
    spoke = list(sentences(text))
    topic = state.asked if len(spoke) <= _ANSWER_SENTENCES and day == state.asked_day else ""
    for sentence in spoke:
        said = sayings(sentence, day, answering=bool(topic))
        if said and fit_to_name(said.text):
            told.append(said)
        if not (said and said.negative):
            spoken |= terms(sentence)
    for saying in about(topic, told):
        add(state.sayings, saying)
    asked = asked_about(text)
    state.asked, state.asked_day = (asked if fit_to_name(asked) else ""), day
    for key, name in spoken.items():
        domain.count(key, name, day, chosen=True)
    domain.window.append(list(spoken)[:_LATEST_KEYS])


def _notice_language(state: State, interaction: RecordedInteraction) -> None:
    cjk, latin = cjk_and_latin(interaction.chosen or interaction.rejected or "")
    letters = cjk + latin
    if letters:
        state.cjk = state.cjk * _LANGUAGE_MEMORY + cjk / letters
        state.latin = state.latin * _LANGUAGE_MEMORY + latin / letters
