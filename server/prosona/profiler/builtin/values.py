"""Choices that answer a question: told under what was asked, never as a bare word.

"Car rental: which preferred car type suits you better?" answered by "SUV" is a car of car rental; an option of
a dozen words is one, too. What is chosen like that is a fact about what was asked, not an item of an inventory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from prosona.profiler.builtin._words import FUNCTION_WORDS
from prosona.profiler.builtin.names import fit_to_name, label_of
from prosona.profiler.builtin.segment import is_cjk

__all__ = ["Value", "domain_key", "parts_of", "value_of"]

_LONGEST_VALUE = 22
"""Words of a value: an option that is told whole. Longer answers are texts, and tell of manner."""
_LONGEST_CJK = 40
_LONGEST_QUESTION = 24
"""Words of a question that asks for one thing."""
_LONGEST_ATTRIBUTE = 5
"""Words by which what was asked is called."""
_ASKING = """
which what who where when how why prefer prefers preferred preference preferences suits suit better best like likes
favourite favorite favourites favorites choose rather want would kind kinds type types sort please recommend
suggest some give tell usual usually mostly most option options one your yours pick good great nice try could
should
looking ideas help find need me my
"""
_ASKING_WORDS = frozenset(_ASKING.split())
_JOINING = frozenset(["of", "to", "for", "from", "in", "on", "at", "with", "and", "or", "by", "about"])
_ARTICLES = frozenset(["the", "a", "an"])
"""What may stand between two words of what was asked."""
_WHOSE = frozenset(["my", "your", "our", "this", "these"])
"""What is left out there without parting them: "for my book club"."""
_CHINESE_ASKING = re.compile(
    r"你|您|更|最|比较|喜欢|偏好|偏爱|想要|选择?|哪[一种个些]*|什么样?的?|多少|怎么样?|推荐|有没有|可以|一些"
    r"|吗|呢|的|请|[？?。，,]"
)
_WORD = re.compile(r"[^\W_][\w'-]*")
_SEVERAL = re.compile(r"[.!?] +[A-Z]|[。！？].")
"""More than one sentence: an answer in words, no option."""
_PART = "\t"
"""Between the parts of a key: it stands in no text that is read."""
_SAME = {"movie": "film", "song": "music", "tv show": "series", "tv": "series", "电影": "film"}
"""Names of one field of life, by the one that is used."""
_KEEPS_ITS_S = frozenset(["news", "series", "chess", "business", "politics", "fitness", "physics", "games"])


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one attribute."""

    key: str
    name: str
    question: str
    """Begins the keys of all answers to the same question; empty if it names one thing of many ("Car rental: ...")."""


def domain_key(name: str) -> str:
    """The field of life that an agent calls `name`: "FILM ", "films" and "Movie" are one."""
    low = " ".join(name.casefold().split())
    if low.endswith("s") and not low.endswith("ss") and low not in _KEEPS_ITS_S and len(low) > 3:
        low = low[:-1]
    return _SAME.get(low, low)


def value_of(query: str, answer: str) -> Value | None:
    """The value that `answer` gives to what `query` asks; None if it is no question for one, or no value."""
    query, answer = query.strip(), " ".join(answer.split()).strip(" .。")
    if not answer or "\n" in query or not query.endswith(("?", "？")):
        return None
    if _SEVERAL.search(answer):
        return None
    longest = len(answer) > _LONGEST_CJK if is_cjk(answer) else len(answer.split()) > _LONGEST_VALUE
    if longest or not fit_to_name(answer):
        return None
    head, colon, rest = query.rpartition(": ") if ": " in query else query.rpartition("：")
    asked = _attribute(rest)
    # Without a head what was asked heads the line itself.
    topic, attribute = (label_of(head), asked) if colon else (asked[:1].upper() + asked[1:], "")
    if not topic or not fit_to_name(topic):
        return None
    question = f"?{topic}{_PART}{attribute}{_PART}"
    return Value(question + answer.casefold(), answer, "" if colon else question)


def parts_of(key: str) -> tuple[str, str]:
    """The topic and the attribute in the key of a value; the attribute may be empty."""
    topic, attribute, _ = key[1:].split(_PART)
    return topic, attribute


def _attribute(question: str) -> str:
    """What a question asks for, in a few of its own words; empty if it is too long to tell."""
    if is_cjk(question):
        return _CHINESE_ASKING.sub("", question)[:12]
    words = _WORD.findall(question)
    if len(words) > _LONGEST_QUESTION:
        return ""
    known = _ASKING_WORDS | FUNCTION_WORDS
    named: list[str] = []
    joining: list[str] = []
    told = 0
    for word in words:
        low = word.casefold()
        in_a_name = bool(named) and not joining and word[:1].isupper() and named[-1][:1].isupper()
        if low not in known and (told < _LONGEST_ATTRIBUTE or in_a_name):
            # "days of the week": without what joins them its words are a riddle.
            named += [*joining, word] if named else [word]
            joining = []
            told += 1
        elif low in _JOINING:
            joining = [low]
        elif low in _ARTICLES:
            joining += [low] if joining else []
        elif low not in _WHOSE:
            joining = []
    return " ".join(named)
