"""Which sentences of a message are kept: those that the learned reader keeps, but for what is surely nobody's fact.

A kept sentence stands as it was typed. Only a question or a request at its end is cut off, where what is left
is kept by itself: "I'm vegan, what can I cook?" says that somebody is vegan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from prosona.core.consequence import consequence_of
from prosona.core.orders import order_in
from prosona.core.until import until_in
from prosona.core.words import Consequence
from prosona.profiler._reading import words_of
from prosona.profiler.builtin.memory import Saying
from prosona.profiler.builtin.segment import is_cjk
from prosona.profiler.builtin.stated.slots import SLOTS, denies, slot_of
from prosona.profiler.builtin.stated.speech import reported
from prosona.profiler.reader.cues import READING
from prosona.profiler.reader.model import Judgement, reader
from prosona.profiler.reader.own_words import is_no_fact
from prosona.profiler.reader.sentences import Sentence, sentences

__all__ = ["kept", "why_kept"]

_LONGEST = 220
"""Characters of one kept sentence: a line of 500 has room for two and their heading."""
_LONG_MESSAGE = 400
"""Characters from which on a message is a text about something, rather than a word to an assistant."""
_LONGEST_READ = 400
"""Characters of a sentence that is looked at: one that goes on for longer tells a story."""
_MOST_CLAUSES = 6
"""Clauses at the end of a sentence that are tried without."""
_FEWEST_WORDS = 2
_FEWEST_SIGNS = 4
"""Words, and signs in scripts without spaces, of the shortest statement: "bin vegan", 我吃素 is one shorter."""
_SURER_BY_SLOT = 0.15
"""How much less likely a sentence may be for the reader where its words name a fact of which one has one."""
_DEARER = 0.1
"""How much less likely a sentence of health may be: to miss an allergy costs more than to quote one too many."""
_PLAIN, _NOT_UNLIKELY = 90, 0.2
"""Characters of a statement of health that is nothing but that, and how likely the reader must still find it."""
_SURE_SLOT = 0.6
"""From which sureness on the reader is believed about what a sentence is about."""

_CLAUSE_END = re.compile(
    r"[,;:–—]\s+|\s[-–—]\s|[，；、,]|\.\.\.\s*|\s(?=(?:so|and|but|what|which|how|where|was|wie|und) )"
)
_ADDRESS = re.compile(r"https?://|www\.|\S@\S|[<>{}\[\]|`\\]|\*\*")
_ONESELF = re.compile(
    r"\b(?:i|i'\w+|im|ive|id|my|me|mine|myself|we|we'\w+|our|us|ich|mich|mir|mein\w*|wir|uns|unser\w*|bin|hab\w?|je|j'\w+|me|moi|mon|ma"
    r"|mes|nous|notre|suis|yo|mi|mis|soy|tengo|estoy|vivo|nosotros|eu|meu|minha|sou|tenho|estou|moro|nós|io|mio|mia|sono|ho|ik|mijn)\b|^\W*ben\b",
    re.IGNORECASE,
)
_EVERYBODY = re.compile(r"\b(?:we|we'\w+|our|us)\b", re.IGNORECASE)
_TO_ANOTHER = re.compile(r"\b(?:you|your|yours|you're|y'all|let's)\b")
_OPEN_END = re.compile(
    r"\b(?:of|to|with|in|on|at|for|by|about|a|an|the|is|are|was|than|but|and|or|though|exactly|out|figure|know|see"
    r"|understand|sure|wonder|wondering|check|find|guide|idea|curious|at high level)\W*$"
)
"""What a statement that was cut off behind it does not end with."""
_SPACED = re.compile(r"[a-z\u0370-\u06ff\u0900-\u0dff]", re.IGNORECASE)
"""Letters of scripts that put spaces between words; Japanese and Thai do not."""
_LATIN = re.compile("[a-z]", re.IGNORECASE)
_WISHES = frozenset({"style", "correction"})
"""Kinds that need not name who wishes: "Never bullet points, please"."""
_FRAGMENT_WORDS = 7
"""So short a note may leave its speaker out: "no shellfish, ever", "bin seit Mai vegan"."""
_WISH_WORDS = 14
"""A longer sentence without a first person is about its matter, however like a rule it sounds."""
_EMPTY = frozenset(
    words_of(
        "i do will did have had am is was too open sure okay yes no never always see seen saw it that one would could"
        " can know only just actually really imagine good nice great cool amazing awesome sounds sound me both so"
    )
)
"""Content words that say nothing without what they answer."""
_USUAL: dict[str, Consequence] = {
    "allergy": "safety",
    "health": "safety",
    "accessibility": "safety",
    "name": "person",
    "pronouns": "person",
    "language": "person",
    "answer_style": "manner",
    "format": "manner",
    "taste": "taste",
    "hobby": "taste",
}
"""The consequence of what a sentence is about, where that is surely told; facts else."""


def kept(message: str, day: date) -> list[Saying]:
    """The statements of `message` about whoever typed it on `day`, in their order."""
    if told := reported(message):
        # An agent's words on the user: read as the user would say them, kept as they came.
        judgement = reader().judge(told, [told])[0]
        plain = " ".join(message.split())
        keep = judgement.keep >= reader().keeps_from and len(plain) <= _LONGEST
        saying = _saying(plain, judgement, day) if keep else None
        return [saying] if saying else []
    found = sentences(message)
    judged = reader().judge(message, [sentence.text for sentence in found])
    sayings = []
    for place, judgement in enumerate(judged):
        text = _statement(message, found, place, judgement)
        if text and (saying := _saying(text, judgement, day)):
            sayings.append(saying)
    return sayings


def why_kept(message: str, line: str) -> tuple[str, ...]:
    """The words that spoke most for keeping the sentence of `message` that `line` quotes; empty if it does none."""
    found = [sentence.text for sentence in sentences(message)]
    told = next((saying.text for saying in kept(message, date.max) if saying.text in line), None)
    place = next((place for place, sentence in enumerate(found) if told and told in sentence), None)
    return () if place is None else reader().spoke(message, found, place)


def _statement(message: str, found: Sequence[Sentence], place: int, judgement: Judgement) -> str:
    """What of a sentence is kept; empty if nothing is."""
    sentence = found[place]
    if sentence.surroundings or len(sentence.text) > _LONGEST_READ:
        return ""
    plainly = len(sentence.text) <= _PLAIN and READING.find("plainly", sentence.text.casefold())
    if judgement.keep < _WORTH_A_LOOK and not plainly and not _asks(sentence.text):
        return ""
    if is_no_fact(sentence.text):
        return ""
    texts = [each.text for each in found]
    for text in _parts(sentence.text):
        if len(text) > _LONGEST or not _says_enough(text) or _asks(text):
            continue
        keep, needed = judgement.keep, reader().keeps_from
        if text != sentence.text:
            changed = [*texts[:place], text, *texts[place + 1 :]]
            # The rest of the sentence is part of the message, but no neighbour of its own.
            keep = reader().judge(message, changed)[place].keep
            if READING.find("asking", text.casefold()):
                return ""
        low = text.casefold()
        slot = slot_of(low)
        of_health = consequence_of(text, "fact") == "safety"
        if READING.find("dangling", low) and not of_health:
            return ""
        if READING.find("talking", low) and not (of_health or slot):
            return ""
        if text != sentence.text and _OPEN_END.search(low):
            return ""
        # A home, a name, an age: the words are surer than the reader, who needs to be less so.
        if slot:
            needed -= _SURER_BY_SLOT
        elif of_health and (_ONESELF.search(text) or not _LATIN.search(text)):
            needed -= _DEARER
        if plainly:
            # Said outright, in so few words: surer than the reader, who has not seen every food.
            needed = min(needed, _NOT_UNLIKELY)
        long = len(message) > _LONG_MESSAGE
        if long:
            # A post, a letter, an article: most of it is about its matter, and the reader must be surer.
            needed = reader().sure_from
        if not slot and _TO_ANOTHER.search(low):
            # Told to somebody else, of them: "I'm so proud of you". Only a wish may name whom it asks.
            if judgement.kind not in _WISHES and not of_health:
                return ""
            needed = reader().sure_from
        if not slot and not _speaks_of_oneself(text, judgement, strictly=long):
            return ""
        return text if keep >= needed else ""
    return ""


def _speaks_of_oneself(text: str, judgement: Judgement, *, strictly: bool) -> bool:
    """Whether the words can be of whoever says them: in the first person, where a language shows it, or a wish.

    And whether they say anything by themselves: "I haven't" and "I do, too" answer something.
    """
    if is_cjk(text) or not _LATIN.search(text):
        return True
    if not words_of(text) - _EMPTY:
        return False
    if strictly:
        # In a post "we" is everybody.
        return bool(_ONESELF.search(_EVERYBODY.sub("", text)))
    if _ONESELF.search(text):
        return True
    words = len(text.split())
    if words <= _FRAGMENT_WORDS:
        return True
    wishes = judgement.kind in _WISHES and READING.find("wishing", text.casefold())
    return words <= _WISH_WORDS and bool(wishes)


_WORTH_A_LOOK = 0.35
"""Below this no part of a sentence comes to be kept, unless it is the question that makes it so unlikely."""


def _parts(text: str) -> Iterator[str]:
    """The sentence, and what is left of it without its last clauses as long as they ask for something."""
    ends = [match.start() for match in _CLAUSE_END.finditer(text)][-_MOST_CLAUSES:]
    left = text
    if not _asks(text):
        tail_start = max((end for end in ends), default=None) if ends else None
        if tail_start is None or not _tail_asks(text, tail_start):
            yield text
    for end in reversed(ends):
        if _tail_asks(left, end):
            left = text[:end]
            yield left.rstrip(" ,;:，；、-–—")


def _tail_asks(text: str, end: int) -> bool:
    tail = text[end:].lstrip(" ,;:，；、-–—.").casefold()
    return bool(tail) and (_asks(tail) or READING.find("asking", tail) is not None)


def _asks(text: str) -> bool:
    return text.rstrip("\"'”」 )").endswith(("?", "？", "؟"))


def _says_enough(text: str) -> bool:
    if is_cjk(text) or not _SPACED.search(text):
        return len(text) >= _FEWEST_SIGNS
    return len(text.split()) >= _FEWEST_WORDS


def _saying(text: str, judgement: Judgement, day: date) -> Saying | None:
    text = text.strip().strip('"“”')
    if _ADDRESS.search(text) or order_in(text, "own"):
        return None
    low = text.casefold()
    until = until_in(text, day)
    if until is None and READING.find("passing", low) and slot_of(low) not in SLOTS:
        return None
    if until is not None and until < day:
        return None
    told = judgement.slot if judgement.slot_sureness >= _SURE_SLOT else ""
    usual: Consequence = _USUAL.get(told) or ("manner" if judgement.kind == "style" else "fact")
    if judgement.kind == "taste" and usual == "fact":
        usual = "taste"
    slot = slot_of(low)
    consequence = consequence_of(text, usual)
    if slot == "name":
        consequence = "person"
    objects = sorted(words_of(text))[:_MOST_OBJECTS]
    key = slot or " ".join(objects) or low
    return Saying(text, judgement.keep, denies(low), objects, slot, consequence, key)


_MOST_OBJECTS = 12
"""Content words by which a statement is found again and compared."""
