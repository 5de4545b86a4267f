"""Choices that answer a question with a value: told under what was asked, never as a bare word.

"Car rental: which preferred car type suits you better?" answered by "SUV" is a car type of car rental.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from prosona.profiler.builtin._words import FUNCTION_WORDS
from prosona.profiler.builtin.names import fit_to_name, label_of
from prosona.profiler.builtin.segment import is_cjk

__all__ = ["Value", "domain_key", "parts_of", "value_of"]

_LONGEST_VALUE = 6
"""Words of a value; longer answers are descriptions."""
_LONGEST_CJK = 12
_LONGEST_QUESTION = 18
"""Words of a question that asks for one thing."""
_LONGEST_ATTRIBUTE = 4
"""Words by which what was asked is called."""
_ASKING = frozenset(
    [
        "which",
        "what",
        "who",
        "where",
        "when",
        "how",
        "why",
        "prefer",
        "prefers",
        "preferred",
        "preference",
        "preferences",
        "suits",
        "suit",
        "better",
        "best",
        "like",
        "likes",
        "favourite",
        "favorite",
        "favourites",
        "favorites",
        "choose",
        "rather",
        "want",
        "would",
        "kind",
        "type",
        "sort",
        "please",
        "recommend",
        "suggest",
        "some",
        "give",
        "tell",
        "usual",
        "usually",
        "mostly",
        "most",
        "option",
        "options",
        "one",
        "your",
        "yours",
        "pick",
    ]
)
_CHINESE_ASKING = re.compile(
    r"你|您|更|最|比较|喜欢|偏好|偏爱|想要|选择?|哪[一种个些]*|什么样?的?|多少|怎么样?|吗|呢|的|请|[？?。，,]"
)
_WORD = re.compile(r"[^\W_][\w'-]*")
_PART = "\t"
"""Between the parts of a key: it stands in no text that is read."""
_SAME: dict[str, str] = {
    "movie": "film",
    "song": "music",
    "tv show": "series",
    "tv": "series",
    "电影": "film",
}
"""Names of one field of life, by the one that is used."""
_KEEPS_ITS_S = frozenset(["news", "series", "chess", "business", "politics", "fitness", "physics", "games"])


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one attribute."""

    key: str
    name: str


def domain_key(name: str) -> str:
    """The field of life that an agent calls `name`: "FILM ", "films" and "Movie" are one."""
    low = " ".join(name.casefold().split())
    if low.endswith("s") and not low.endswith("ss") and low not in _KEEPS_ITS_S and len(low) > 3:
        low = low[:-1]
    return _SAME.get(low, low)


def value_of(query: str, answer: str) -> Value | None:
    """The value that `answer` gives to what `query` asks; None if it is no question for one, or no value."""
    answer = " ".join(answer.split()).strip(" .。")
    if not answer or "\n" in query.strip() or not query.strip().endswith(("?", "？")):
        return None
    words = answer.split()
    if (
        len(words) > _LONGEST_VALUE
        or (is_cjk(answer) and len(answer) > _LONGEST_CJK)
        or not fit_to_name(answer)
    ):
        return None
    head, colon, rest = query.strip().rpartition(": ") if ": " in query else query.strip().rpartition("：")
    attribute = _attribute(rest)
    topic = label_of(head) if colon else ""
    if attribute is None or topic is None or not (attribute or topic):
        return None
    return Value(f"?{topic}{_PART}{attribute}{_PART}{answer.casefold()}", answer)


def parts_of(key: str) -> tuple[str, str]:
    """The topic and the attribute in the key of a value; the topic may be empty."""
    topic, attribute, _ = key[1:].split(_PART)
    return topic, attribute


def _attribute(question: str) -> str | None:
    """What a question asks for, in a few of its own words; None if it is too long to tell."""
    if is_cjk(question):
        return _CHINESE_ASKING.sub("", question)[:_LONGEST_CJK]
    words = _WORD.findall(question)
    if len(words) > _LONGEST_QUESTION:
        return None
    asked = [
        word for word in words if word.casefold() not in _ASKING and word.casefold() not in FUNCTION_WORDS
    ]
    return " ".join(asked[:_LONGEST_ATTRIBUTE])
