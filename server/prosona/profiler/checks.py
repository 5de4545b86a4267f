"""Checks of what a model wrote before it may replace a good profile.

Each names what ruined somebody's profile elsewhere. Some are of the whole output: placeholders stored as
profiles, refusals, echoes of the prompt, loops, another language, halved profiles; it is refused. Others are
of one line: orders, addresses, invented contact data; that line is left out alone. Lines that merely quote
titles and people, as those of profilers that write no prose, are not checked: a title may say what it likes.

Every pattern takes time in proportion to the text, whatever stands in it.
"""

from __future__ import annotations

import json
import operator
import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence

from prosona.core.errors import OutputRejectedError
from prosona.core.lines import cost, fit, holds
from prosona.core.tokens import CJK
from prosona.core.words import MAX_LINE, Line
from prosona.profiler.alignment import lost
from prosona.profiler.seam import FoldRequest

__all__ = ["check_lines", "ruined"]

# Ranges by code point: a source file may be normalised, and some of these characters with it.
_SCRIPTS = {
    "Chinese or Japanese": re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff]"),
    "Korean": re.compile("[\uac00-\ud7af\u1100-\u11ff]"),
    "Latin": re.compile("[A-Za-z\u00c0-\u024f]"),
    "Cyrillic": re.compile("[\u0400-\u04ff]"),
    "Greek": re.compile("[\u0370-\u03ff]"),
    "Arabic": re.compile("[\u0600-\u06ff]"),
    "Hebrew": re.compile("[\u0590-\u05ff]"),
    "Indic": re.compile("[\u0900-\u0dff]"),
    "Thai": re.compile("[\u0e00-\u0e7f]"),
}
_LETTER = re.compile(r"[^\W\d_]")
_CJK = re.compile(f"[{CJK}]")

_PLACEHOLDER = re.compile(
    r"no (?:answer|summary|profile|information|preferences?|data)\b.{0,60}|not provided|n/?a|none|null"
    r"|undefined|todo|tbd|placeholder|lorem ipsum.*|未提供|暂无.{0,10}|没有(?:足够)?(?:信息|数据).{0,10}|无",
    re.IGNORECASE | re.DOTALL,
)
_MARKS = f"{string.punctuation}{string.whitespace}\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f\u2026\u2014"
_LONGEST_PLACEHOLDER = 200
"""Characters; what is longer says something."""
_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am) (?:sorry|unable|an ai|a language model|not able)"
    r"|i (?:cannot|can't|can not|don't have|do not have|won't)"
    r" (?:help|assist|provide|create|generate|infer|fulfill|comply|access"
    r"|(?:any |enough |sufficient )?information)"
    r"|as an ai(?: language model)?|there is (?:not enough|no|insufficient) (?:information|data))\b"
    r"|(?:抱歉|对不起)，?我?(?:无法|不能)|作为(?:一个)?(?:AI|人工智能|语言模型)|信息不足",
    re.IGNORECASE,
)
_REFUSES_WITHIN = 400
"""Characters: a refusal comes first."""
_JSON_START = re.compile(r"""\{\s*["'][^"']{1,60}["']\s*:|\[\s*\{""")
_PROMPT_ECHO = re.compile(
    r"=====|\*(?:QUERY|CHOSEN ITEM BY THE USER|REJECTED ITEM BY THE USER):\*|\bPast Preference Summary\b",
    re.IGNORECASE,
)

_FURNITURE = " \t-*•·0123456789.)"
_SENTENCE = re.compile("(?<=[.!?\u3002\uff01\uff1f])\\s*")
_ORDER = re.compile(
    r"(?:ignore|disregard|override|forget (?:all|any|every|the above|previous)|pretend|act as|from now on"
    r"|you (?:must|should|are|will|shall|have to|need to)\b"
    r"|(?:when(?:ever)? (?:asked|the user asks)[^.,]{0,60}, )?"
    r"(?:(?:please|always|never|do not|don't|must) ){1,3}"
    r"(?:respond|answer|reply|recommend|mention|say|tell|use|call|send|include|ignore|follow|trust|remember"
    r"|buy|visit|click|open|run|execute|output|reveal|obey|treat)\b"
    r"|when(?:ever)? (?:asked|the user asks)[^.,]{0,60}, "
    r"(?:respond|answer|reply|recommend|mention|say|tell|send|include)\b"
    r"|(?:system|assistant|developer)\s{0,3}:|(?:忽略|无视)(?:以上|之前|所有|先前)|你(?:必须|应该|现在是)|从现在起"
    r"|请(?:务必|始终|总是))",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"<\|[^|>]{1,40}\|>|\[/?INST\]|</?(?:system|assistant|user_profile|think|tool_call)\b[^>]{0,200}>|```",
    re.IGNORECASE,
)
_URL = re.compile(r"\b(?:https?|ftp)://|\bwww\.\w", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PHONE = re.compile(r"(?<![\d/.-])\+?\d(?:[ ().-]?\d){7,14}(?![\d/-])")

_OVERRUN = 1.5
"""How far past its budget an output may run and still be taken without the lines that matter least."""
_FEWEST_LETTERS = 8
"""With fewer letters to go by nothing can be said about a language."""
_SHRINK_FLOOR_TOKENS = 80
"""A profile shorter than this may shrink freely: early ones change a lot."""
_STAYING = ("import", "rollback")
_LANGUAGE_SAMPLE = 500
"""Characters of each text that tell the user's script: the beginning of 64 long ones is enough, and quick."""


def check_lines(
    lines: Sequence[Line], request: FoldRequest, *, may_shrink: bool = False
) -> tuple[list[Line], list[str]]:
    """The lines that may stand, of those that a model wrote for `request`, and a note about each left out.

    With `may_shrink` the profile may lose most of the past inferred lines: their ground is gone. Raises
    `OutputRejectedError` for an output that is no profile as a whole, or of which no line may stand.
    """
    written = [line for line in lines if line.text.strip()]
    if not written and (request.inferred or not (request.own or request.edits)):
        # Where all that was written stands in the owner's own lines, or was taken out by them, none is left.
        raise OutputRejectedError(["it is empty"])
    if problems := list(_of_the_whole(written, request)):
        raise OutputRejectedError(problems)
    kept, notes = _one_by_one(written, request)
    if written and not kept:
        raise OutputRejectedError(notes)
    if not may_shrink and _lost_too_much(kept, request):
        raise OutputRejectedError(["it lost more than half of the past summary"])
    room = {id(line) for line in fit(kept, request.max_tokens, request.now.date())}
    notes += [f"left out {line.text[:60]!r}: no room" for line in kept if id(line) not in room]
    return [line for line in kept if id(line) in room], notes


def _of_the_whole(written: Sequence[Line], request: FoldRequest) -> Iterator[str]:
    text = "\n".join(line.text.strip() for line in written)
    today = request.now.date()
    tokens = sum(cost(line, today) for line in written)
    if tokens > request.max_tokens * _OVERRUN:
        yield f"it is {tokens} tokens long, the budget is {request.max_tokens}"
    yield from ruined([line.text for line in written])
    if _strays(text, request):
        yield "it is in another language than the user's"


def ruined(rows: Sequence[str]) -> list[str]:
    """Why `rows` are no lines of a profile, whoever wrote them: a placeholder, a refusal, JSON, a loop."""
    return list(_no_profile([row.strip() for row in rows]))


def _no_profile(rows: Sequence[str]) -> Iterator[str]:
    text = "\n".join(rows)
    bare = text.strip(_MARKS)
    if text and len(bare) <= _LONGEST_PLACEHOLDER and (not bare or _PLACEHOLDER.fullmatch(bare)):
        yield "it is a placeholder"
    if _REFUSAL.search(text[:_REFUSES_WITHIN]):
        yield "it is a refusal, not a profile"
    if _is_json(text):
        yield "it is JSON, not prose"
    if _PROMPT_ECHO.search(text):
        yield "it echoes the prompt"
    if _loops([row.lstrip(_FURNITURE) for row in rows]):
        yield "it repeats itself"


def _one_by_one(written: Sequence[Line], request: FoldRequest) -> tuple[list[Line], list[str]]:
    kept: list[Line] = []
    notes: list[str] = []
    said: set[str] = set()
    for line in written:
        words = " ".join(line.text.split()).casefold()
        problem = "it is said twice" if words in said else _of_one(line.text, request)
        if problem:
            notes.append(f"left out {line.text[:60]!r}: {problem}")
        else:
            kept.append(line)
            said.add(words)
    return kept, notes


def _of_one(text: str, request: FoldRequest) -> str | None:
    if len(text) > MAX_LINE:
        return f"it is longer than {MAX_LINE} characters"
    if "\n" in text:
        return "it is more than one line"
    if _MARKUP.search(text):
        return "it holds chat markup"
    if _URL.search(text):
        return "it holds a web address"
    if any(_ORDER.match(part) for part in _SENTENCE.split(text.lstrip(_FURNITURE))):
        return "it gives orders instead of describing the user"
    for pattern, kind in ((_EMAIL, "an e-mail address"), (_PHONE, "a telephone number")):
        if any(not _given(found, request) for found in pattern.findall(text)):
            return f"it holds contact data that nobody gave ({kind})"
    return None


def _given(contact: str, request: FoldRequest) -> bool:
    """Whether an address or a number stands in what the fold was given, in whatever grouping of digits."""
    if "@" in contact:
        return any(contact in text for text in _material(request))
    digits = re.compile(r"[ ()./-]{0,3}".join(re.sub(r"\D", "", contact)))
    return any(digits.search(text) for text in _material(request))


def _lost_too_much(kept: Sequence[Line], request: FoldRequest) -> bool:
    today = request.now.date()
    # What came with a file or was brought back by its owner stands beside what is written, whatever it is.
    past = [line for line in request.inferred if holds(line, today) and line.support.carried not in _STAYING]
    if sum(cost(line, today) for line in past) < _SHRINK_FLOOR_TOKENS:
        return False
    return 2 * len(lost(past, [*kept, *request.own])) > len(past)


def _material(request: FoldRequest) -> Iterator[str]:
    yield from (line.text for line in request.lines)
    for interaction in request.interactions:
        yield from filter(None, (interaction.query, interaction.chosen, interaction.rejected))


def _strays(written: str, request: FoldRequest) -> bool:
    """Whether it leaves the script the user mostly writes in, or is in one never used."""
    material = "\n".join(text[:_LANGUAGE_SAMPLE] for text in _material(request))
    if (material.isascii() and written.isascii()) or len(_LETTER.findall(material)) < _FEWEST_LETTERS:
        return False
    theirs, ours = _shares(material), _shares(written)
    return any(
        (theirs[script] > 0.6 and ours[script] < 0.2) or (theirs[script] < 0.05 and ours[script] > 0.3)
        for script in _SCRIPTS
    )


def _shares(text: str) -> dict[str, float]:
    letters = len(_LETTER.findall(text)) or 1
    return {script: len(pattern.findall(text)) / letters for script, pattern in _SCRIPTS.items()}


def _is_json(text: str) -> bool:
    if text[:1] not in ("{", "["):
        return False
    if _JSON_START.match(text):
        return True
    try:
        json.loads(text)
    except ValueError:
        return False
    except RecursionError:
        return True
    return True


def _loops(lines: list[str]) -> bool:
    if any(count >= 3 for line, count in Counter(lines).items() if len(line) > 8):
        return True
    text = " ".join(lines)
    if _runs(text.split(), longest_period=12, shortest_run=9):
        return True
    # Chinese has no spaces: there a loop is a run of the same few characters.
    mostly_cjk = len(_CJK.findall(text)) > 0.3 * len(_LETTER.findall(text))
    return mostly_cjk and _runs(text, longest_period=40, shortest_run=24)


def _runs(sequence: Sequence[str], *, longest_period: int, shortest_run: int) -> bool:
    """Whether some stretch of `sequence` says the same thing four times in a row."""
    for period in range(1, longest_period + 1):
        same = bytes(map(operator.eq, sequence, sequence[period:]))
        if b"\1" * max(3 * period, shortest_run) in same:
            return True
    return False
