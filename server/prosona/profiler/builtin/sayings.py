"""First-person statements: what users say they like, are, have, want, and no longer do.

A statement is kept in the third person ("they love hiking"), so that it reads as a
description and never as an order. A later one that contradicts it takes its place, by when
it was said; a fact of health gives way to nothing but word that it is over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from prosona.core.consequence import consequence_of
from prosona.profiler.builtin._cues import (
    CHINESE_CUES,
    DENIED,
    ENDED,
    ENGLISH_CUES,
    NEGATIVE,
    REMARK,
    Cue,
)
from prosona.profiler.builtin._words import CJK_FUNCTION, COMMON_WORDS, FUNCTION_WORDS
from prosona.profiler.builtin.memory import Saying
from prosona.profiler.builtin.segment import fold, is_cjk, letters, runs

__all__ = ["Refusals", "about", "add", "sayings", "third_person"]

_LONGEST_SENTENCE = 600
"""In characters: whoever goes on for longer tells a story."""
_LONGEST_WORDS = 26
_LONGEST_CJK = 40
"""In words and in Chinese characters: what is still one statement."""
_LONGEST_SAYING = 220
"""In characters: a line of 500 has room for two and their heading."""
_SAME = 0.75
"""From which share of common words on two statements are about the same."""
_LASTING = 4.0
"""The weight of what holds beyond the question that it answers."""

_THIRD = (
    (re.compile(r"\bI'm\b|\bI am\b", re.IGNORECASE), "they are"),
    (re.compile(r"\bI was\b", re.IGNORECASE), "they were"),
    (re.compile(r"\bI've\b", re.IGNORECASE), "they have"),
    (re.compile(r"\bI'd\b", re.IGNORECASE), "they would"),
    (re.compile(r"\bI'll\b", re.IGNORECASE), "they will"),
    (re.compile(r"\bam I\b", re.IGNORECASE), "are they"),
    (re.compile(r"\bI\b"), "they"),
    (re.compile(r"\bmyself\b", re.IGNORECASE), "themself"),
    (re.compile(r"\bmine\b", re.IGNORECASE), "theirs"),
    (re.compile(r"\bmy\b", re.IGNORECASE), "their"),
    (re.compile(r"\bme\b", re.IGNORECASE), "them"),
    (re.compile(r"\bcan't\b", re.IGNORECASE), "cannot"),
    (re.compile(r"\bwon't\b", re.IGNORECASE), "will not"),
    (re.compile(r"(\w)n't\b", re.IGNORECASE), r"\1 not"),
)
_OPENING = re.compile(
    r"^(?:(?:oh|well|yes|yeah|yep|no|nope|so|and|but|hey|hi|hello|ok|okay|sure|thanks|thank you|honestly|"
    r"actually|"
    r"haha|wow|also|great|cool|i think|i guess|i mean|i feel like|you know|because|since|though|that said|"
    r"sounds good|definitely|absolutely)\b[,!. ]*(?:[A-Z][a-z]+[,!] )?)+",
    re.IGNORECASE,
)
_CHINESE_OPENING = re.compile(r"^(?:嗯|哦|啊|好的|是的|对了|其实|那|不过|但是|另外|而且|谢谢|哈哈)+[，,、 ]*")
_OPTION = re.compile(
    r"\b(?:option|number|choice) (?:\d|one|two|three|four|[A-D])\b(?:,| and)? ?(?=\w)", re.IGNORECASE
)
_PADDING = re.compile(
    r"\b(?:really|quite|just|also|right now|at the moment|a bit|I think|I guess) ", re.IGNORECASE
)
_CLAUSE = re.compile(r"[,;，；]")
_ASIDE = re.compile(r",? (?:by the way|you know|to be honest|I guess|I think|if that helps)$", re.IGNORECASE)
_ABOUT_OTHERS = re.compile(r"\b(?:you|your|yours|you're|yourself)\b|你|您", re.IGNORECASE)
_ASKING = re.compile(r"(?:if|when you|what|how|do you|would you|could you|can you)\b", re.IGNORECASE)
_BREAK = re.compile(
    r",? (?:but|so|because|although|though|which|who|and (?:I|it|they|we|then)|since|even if)\b|[;:—]| - |"
    r"[，。]"
)
_WORD = re.compile(r"\w+")
_DOING = """
    eat drink play read watch live work stand longer anymore stop stopped quit favor prefer dislike
    hate avoid option options would like allergic allergy appeal appealing quite rather hobby
    hobbies favourites favorites appreciate adore crave admire passionate interested first second
    third fourth
"""
_OBJECTLESS = frozenset(_DOING.split())


def sayings(sentence: str, *, answering: bool = False) -> Saying | None:
    """What `sentence`, spoken by the user, states of the user; None if it states nothing lasting.

    When `answering` options they had asked for, whatever they say of those tells of them.
    """
    if len(sentence) > _LONGEST_SENTENCE:
        return None
    if sentence.endswith(("?", "？", "吗", "呢")) or _ABOUT_OTHERS.search(sentence):
        return None
    chinese = "我" in sentence and is_cjk(sentence.lstrip("“\"'"))
    if chinese and not letters(sentence)[0]:
        return None
    said = _chinese(sentence) if chinese else _english(sentence, answering=answering)
    # "I love it" and "sounds great" say nothing once the conversation is over.
    return said if said and (said.objects or said.slot) and len(said.text) <= _LONGEST_SAYING else None


def _english(sentence: str, *, answering: bool) -> Saying | None:
    if _ASKING.match(sentence):
        return None
    cue = next((cue for cue in ENGLISH_CUES if cue.pattern.search(sentence)), REMARK if answering else None)
    if cue is None:
        return None
    plain = _PADDING.sub("", _OPTION.sub("", _OPENING.sub("", sentence)))
    short = _shortened(_ASIDE.sub("", plain.strip(' .!;,"')))
    return None if short is None else _saying(third_person(short), sentence, cue)


def third_person(text: str) -> str:
    """An English statement in the first person, in the third."""
    for pattern, third in _THIRD:
        text = pattern.sub(third, text)
    first, _, rest = text.partition(" ")
    return f"{first.lower()} {rest}" if first[1:].islower() or first == "They" else text


def _chinese(sentence: str) -> Saying | None:
    cue = next((cue for cue in CHINESE_CUES if cue.pattern.search(sentence)), None)
    if cue is None:
        return None
    text = _CHINESE_OPENING.sub("", sentence).strip("。！!；; ，,")
    if len(text) > _LONGEST_CJK:
        parts = [part for part in re.split(r"[，,；;。]", text) if cue.pattern.search(part)]
        if not parts or len(parts[0]) > _LONGEST_CJK:
            return None
        text = parts[0]
    text = re.sub(r"^我", "", text).replace("我的", "自己的").replace("我", "自己")
    return _saying(text, sentence, cue)


def _saying(text: str, sentence: str, cue: Cue) -> Saying:
    objects = _objects(text)
    key = cue.slot or " ".join(sorted(objects)) or text.lower()
    consequence = consequence_of(sentence, cue.usual)
    if cue.slot == "name":
        consequence = "person"
    return Saying(text, cue.weight, _is_negative(text), objects, cue.slot, consequence, key)


def _shortened(text: str) -> str | None:
    """`text` if short, else its first whole clauses; None if no clause is short enough."""
    if len(text.split()) <= _LONGEST_WORDS:
        return text if len(text.split()) >= 2 else None
    cut = None
    for match in _BREAK.finditer(text):
        if 4 <= len(text[: match.start()].split()) <= _LONGEST_WORDS:
            cut = match.start()
    return text[:cut] if cut else None


def _is_negative(text: str) -> bool:
    return bool(NEGATIVE.search(text))


def _objects(text: str) -> list[str]:
    """What a statement is about: its content words without those of liking and doing."""
    if is_cjk(text):
        body = re.sub(r"喜欢|热爱|偏爱|讨厌|不再|不想|不爱|戒了|最近|现在|以前|已经|过敏", " ", text)
        characters = [
            c if c not in CJK_FUNCTION and c not in "不吃喝看听爱" and is_cjk(c) else " " for c in body
        ]
        return list(dict.fromkeys("".join(characters).split()))[:8]
    words = [fold(word) for run in runs(text, negated_too=True) for word in run]
    return list(
        dict.fromkeys(
            word
            for word in words
            if word not in COMMON_WORDS and word not in _OBJECTLESS and not word.isdigit()
        )
    )[:8]


def about(topic: str, said: Sequence[Saying]) -> list[Saying]:
    """What was `said` in one turn in answer to options about `topic`: one saying, but for lasting facts.

    An allergy or a home holds beyond the question, and is superseded by itself.
    """
    answers = [
        s for s in said if not s.slot and s.weight < _LASTING and s.consequence not in ("safety", "person")
    ]
    if not topic or not answers or is_cjk(answers[0].text):
        return list(said)
    text = f"asked about {topic}, {', '.join(saying.text for saying in answers)}"
    if len(text) > _LONGEST_SAYING:
        return list(said)
    objects = list(dict.fromkeys(word for saying in answers for word in saying.objects))
    whole = Saying(
        text,
        max(saying.weight for saying in answers),
        all(saying.negative for saying in answers),
        objects,
        consequence=answers[0].consequence,
        key=" ".join(sorted(objects)) or text.lower(),
        trace=answers[0].trace,
    )
    return [saying for saying in said if saying not in answers] + [whole]


def add(known: list[Saying], new: Saying) -> None:
    """Adds `new` to what is known, in place of what it repeats or contradicts; what was said later wins."""
    for old in [old for old in known if _same_matter(old, new)]:
        again = _repeats(old, new)
        if old.day > new.day:
            if again:
                old.trace.take(new.trace)
            return
        if again:
            new.trace.take(old.trace)
        new.key = old.key
        known.remove(old)
    known.append(new)


def _same_matter(old: Saying, new: Saying) -> bool:
    """Whether only the later of the two can stand."""
    if (old.consequence == "safety") != (new.consequence == "safety"):
        return False
    earlier, later = (old, new) if old.day <= new.day else (new, old)
    if new.consequence == "safety":
        return _is_renewed(earlier.text, later.text)
    if new.slot and new.slot == old.slot:
        return True
    a, b = set(old.objects), set(new.objects)
    if not a or not b:
        return old.text == new.text
    if old.negative == new.negative:
        return old.slot == new.slot and _overlap(a, b)
    return len(a & b) / min(len(a), len(b)) >= (0.5 if ENDED.search(later.text) else 0.6)


def _is_renewed(earlier: str, later: str) -> bool:
    """Whether a statement of health holds all that an earlier one does, be it to say that it is over."""
    if bool(DENIED.search(earlier)) != bool(DENIED.search(later)):
        return False
    earlier, later = ENDED.sub(" ", earlier).strip(), ENDED.sub(" ", later).strip()
    return _subject(earlier) == _subject(later) and _words_of(earlier) <= _words_of(later)


def _subject(text: str) -> list[str]:
    """Of whom a statement of health is: by its first word, or whose son or mother it is."""
    if is_cjk(text):
        return [text[:1]]
    words = text.lower().split(maxsplit=2)
    return words[:2] if words[:1] == ["their"] else words[:1]


def _words_of(text: str) -> set[str]:
    if is_cjk(text):
        return set(text) - CJK_FUNCTION
    return {fold(word) for word in _WORD.findall(text)} - FUNCTION_WORDS


def _repeats(old: Saying, new: Saying) -> bool:
    """Whether both say the same of the same."""
    a, b = set(old.objects), set(new.objects)
    return (
        old.negative == new.negative
        and bool(ENDED.search(old.text)) == bool(ENDED.search(new.text))
        and _overlap(a, b)
    )


def _overlap(a: set[str], b: set[str]) -> bool:
    return a == b or len(a & b) / len(a | b) >= _SAME


class Refusals:
    """What statements say that their speaker does not, or no longer, like."""

    def __init__(self, statements: Iterable[str]) -> None:
        clauses = [clause for text in statements for clause in _CLAUSE.split(text)]
        self._texts = [clause for clause in clauses if _is_negative(clause)]
        self._words = [
            {fold(word) for run in runs(text, negated_too=True) for word in run} for text in self._texts
        ]
        self._all = frozenset().union(*self._words)

    def rule_out(self, name: str) -> bool:
        """Whether one of them speaks of everything in `name`."""
        if not name.isascii():
            return any(name in text for text in self._texts)
        named = {fold(word) for word in name.split()}
        return bool(named) and named <= self._all and any(named <= words for words in self._words)
