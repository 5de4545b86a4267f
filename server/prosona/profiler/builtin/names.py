"""What things are called in a line: their own words, cut short, shown as names and never as orders.

Titles, tags and labels come from anybody. One that speaks to whoever reads the profile is cut before it
does so, or left out; one that could be read as a sentence stands in quotation marks.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from prosona.profiler.builtin._words import FUNCTION_WORDS, NEGATIONS, TURNING_WORDS
from prosona.profiler.builtin.segment import HAN, is_cjk, without_noise

__all__ = [
    "before_orders",
    "fit_to_name",
    "gives_orders",
    "harmless",
    "harmless_sentences",
    "label_of",
    "needs_quotes",
    "short_name",
    "short_title",
    "turns_the_sense",
    "visible",
]

_LONGEST_WORDS = 12
_LONGEST_NAME = 80
_LONGEST_CJK = 16
"""In words, in characters, and in Chinese characters: a name, not a text."""
_LABEL_WORDS = 4
_LONGEST_LABEL = 32
"""In characters: what heads a line; longer ones are sentences."""
_PLAIN_WORDS = 3
"""More words than this could be a sentence, and are quoted."""
_PLAIN_CJK = 4
"""Chinese characters that are one word or two."""
_SEARCHED = 400
"""Characters of a text in which its name is looked for."""
_TITLE_WORDS = 6
"""A second sentence of a title ("Mamma Mia! Here We Go Again") has no more words than this."""
_MARKS = " .!?。！？,，;；:：\"'“”"

# What Unicode counts as letters or marks and nobody sees, by code point.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\U00013430-\U0001345f\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile(r"[^\n -~]")

_FORBIDDEN = re.compile(
    r"https?://|www\.|\S@\S|[<>{}\[\]|=`\\]|\*\*|\byou (?:must|should|are now|will) \w", re.IGNORECASE
)
_STRONG = "obey|recommend|suggest|promote|praise|respond|reply|mention|reveal|disregard|ignore"
_WEAK = "prefer|trust|answer|say|use|choose|pick|buy|follow|visit|send|tell|repeat|treat"
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|override|bypass|forget) (?:all|any|every|your|these"
    r"|(?:the )?(?:above|previous|prior))\b"
    r"|\b(?:ignore|disregard|override|bypass) (?:the|everything|what)\b|\bfrom now on\b"
    r"|^(?:obey|disregard|override) \w|</?(?:system|user|assistant)\b"
    r"|\b(?:system|assistant|developer) ?(?:prompt|message)\b|^(?:system|assistant) ?:"
    r"|(?<!they )\b(?:always|never|only|must|should|shall|please|do not|don't|make sure to|be sure to"
    rf"|remember to) (?:\w+ )?(?:{_STRONG})\b|(?<!they )\b(?:always|please always|must always) (?:{_WEAK})\b"
    r"|\bnever (?:tell|trust|use)\b"
    r"|[.!?;:,\u2013\u2014|(-] ?(?:please )?(?:obey|recommend|ignore|disregard)\b"
    r"|\byou (?:must|should|shall|are now|have to|need to) \w"
    r"|(?:忽略|无视|不要理会)(?:以上|之前|所有|先前|前面)|你(?:必须|应该|现在是)|从现在起|请(?:务必|始终|总是|一定)"
    r"|(?:永远|始终|总是|一定要|务必|必须)[^，。]{0,4}?(?:服从|听从|推荐|回答|回复|使用|信任|选择|购买|相信|提到)"
    r"|^(?:服从|听从)",
    re.IGNORECASE | re.MULTILINE,
)
_SPOKEN_TO = re.compile(
    rf"\b(?:always|never|must|should|you|your|users?|assistants?|systems?|model|AI|agents?|instructions?"
    rf"|prompt|please|do not|don't|remember|forget|{_STRONG}|{_WEAK})\b"
    r"|必须|应该|始终|永远|总是|一定|务必|不要|请|你|您|助手|系统|指令",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(
    rf"(?:{_STRONG}|buy|trust|visit|choose|pick|follow|prefer|send|tell|always|never|please|do not|don't"
    r"|you|must) \w",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[!?])\s+|(?<=[。！？])|(?<=\w{3}\.)\s+|\n+")
_LABEL_END = re.compile(r"[.!?] |[;。！？；]")
_FIRST_SENTENCE = re.compile(r"(?<=[!?。！？])|(?<=[a-z]{3}\.)\s")
_TEXT_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；])|\n+")
_STOPS = re.compile(r"[.!?]\s|[。！？：;；]|: |不|没|未|喜欢|讨厌|爱")
_PLAIN_HEAD = re.compile(rf"[^\W_{HAN}]|[{HAN}]")


def visible(text: str) -> str:
    """`text` without what nobody sees. Spaces of all kinds and control characters become plain spaces, but
    for line breaks."""
    if text.isascii():
        return _CONTROL.sub(" ", text)
    return "".join(map(_shown, _BLANK.sub("", text)))


def fit_to_name(text: str) -> bool:
    """Whether `text` may stand in a line as it is: no address, no markup, nothing that gives orders."""
    return not _FORBIDDEN.search(text) and not gives_orders(text)


def gives_orders(text: str) -> bool:
    """Whether something in `text` speaks to the reader of the profile."""
    return bool(_ORDERS.search(_as_read(text)))


def before_orders(text: str) -> str:
    """`text` up to where it speaks to the reader of the profile."""
    order = _ORDERS.search(_as_read(text))
    return text[: order.start()] if order else text


def harmless(name: str) -> str | None:
    """`name` up to where it stops being a name and speaks to its reader; None if nothing of it is left."""
    end = len(before_orders(name))
    read = _as_read(name)
    for boundary in _SENTENCE_END.finditer(read, 0, end):
        if boundary.start() and not _is_title(read[boundary.end() : end]):
            end = boundary.start()
            break
    head = name if end == len(name) else name[:end].rstrip(_MARKS + "-–—|(（ ")
    return head if _PLAIN_HEAD.search(head) and not _FORBIDDEN.search(head) else None


def harmless_sentences(text: str) -> str:
    """`text` without the sentences in it that give orders."""
    if not gives_orders(text):
        return text
    return "\n".join(part for part in _TEXT_SENTENCE.split(text) if part and not gives_orders(part))


def label_of(domain: str) -> str | None:
    """How the field of life that an agent called `domain` is headed; None if it cannot be named."""
    plain = " ".join(_first_line(visible(domain)).replace("_", " ").replace("|", " ").split())
    head = _LABEL_END.split(harmless(plain) or "", maxsplit=1)[0].replace(":", " ").replace("：", " ")
    short = " ".join(head.split()[:_LABEL_WORDS])[:_LONGEST_LABEL].rstrip(_MARKS)
    if not short or not fit_to_name(short) or _IMPERATIVE.match(_as_read(short)):
        return None
    return short[:1].upper() + short[1:]


def short_title(text: str) -> str | None:
    """The title `text` as written, and of a long one the beginning; None if nothing fits."""
    return _cut(" ".join(without_noise(_first_line(text)).split()).strip(_MARKS))


def short_name(text: str) -> str | None:
    """What an item described by `text` may be called in a sentence, or None if nothing fits.

    Its first sentence in its own words, and of a long one the beginning.
    """
    text = " ".join(without_noise(_first_line(text)).split()).replace("’", "'")
    text = _FIRST_SENTENCE.split(text.strip(_MARKS), maxsplit=1)[0].strip(_MARKS)
    return _cut(text)


@lru_cache(maxsize=4096)
def turns_the_sense(name: str) -> bool:
    """Whether a row of names may be misread behind `name`: it likes, denies, or ends a sentence."""
    words = [word.strip(_MARKS) for word in name.lower().replace("’", "'").replace("-", " ").split()]
    return (
        any(word in TURNING_WORDS or word in NEGATIONS or word.endswith("n't") for word in words)
        or _STOPS.search(name) is not None
    )


@lru_cache(maxsize=4096)
def needs_quotes(name: str) -> bool:
    """Whether `name` could be read as words of the profile's own. A single word cannot, and neither can a
    title written as one ("Requiem for a Dream (2000)") that speaks to nobody."""
    if name.count(" ") >= _PLAIN_WORDS:
        return not _written_as_title(name) or turns_the_sense(name) or bool(_SPOKEN_TO.search(name))
    several = " " in name or (is_cjk(name) and len(name) > _PLAIN_CJK)
    return several and (turns_the_sense(name) or bool(_IMPERATIVE.match(_as_read(name))))


def _written_as_title(name: str) -> bool:
    words = [word.lstrip("([\"'") for word in name.split()]
    return all(not word[:1].islower() or word.lower() in FUNCTION_WORDS for word in words)


def _first_line(text: str) -> str:
    return text.lstrip(_MARKS + "\n\t")[:_SEARCHED].partition("\n")[0]


def _cut(text: str) -> str | None:
    head = harmless(text)
    if head is None:
        return None
    if is_cjk(head):
        return head if len(head) <= _LONGEST_CJK else _clause(head)
    words = head.split()
    cut = len(words) > _LONGEST_WORDS
    words = words[:_LONGEST_WORDS]
    while len(words) > 1 and sum(map(len, words)) + len(words) > _LONGEST_NAME:
        words.pop()
        cut = True
    while cut and words and (words[-1].lower() in FUNCTION_WORDS or words[-1][-1:].isdigit()):
        words.pop()
    name = " ".join(words)
    if cut or len(name) > _LONGEST_NAME:
        name = name[:_LONGEST_NAME].rstrip(_MARKS) + "…"
    return name if any(map(str.isalnum, name)) else None


def _clause(text: str) -> str | None:
    first = re.split(r"[，。；：！？、,;:]", text, maxsplit=1)[0]
    return first if 2 <= len(first) <= _LONGEST_CJK else None


def _is_title(tail: str) -> bool:
    """Whether what stands behind the first sentence of a name belongs to it, as in "Mamma Mia! (2008)"."""
    words = [word.strip("()[]\"'") for word in tail.split()]
    named = [word for word in words if word[:1].isalpha()]
    return (
        len(words) <= _TITLE_WORDS
        and all(word[0].isupper() or word in FUNCTION_WORDS for word in named)
        and not _SPOKEN_TO.search(tail)
    )


def _as_read(text: str) -> str:
    """`text` in the letters that it looks like, character by character."""
    if text.isascii():
        return text
    return "".join(sign if sign.isascii() else _plain_sign(sign) for sign in text.replace("’", "'"))


@lru_cache(maxsize=4096)
def _shown(sign: str) -> str:
    if sign.isprintable() or sign == "\n":
        return sign
    return " " if sign.isspace() or unicodedata.category(sign) == "Cc" else ""


@lru_cache(maxsize=4096)
def _plain_sign(sign: str) -> str:
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 and plain.isalnum() else sign
