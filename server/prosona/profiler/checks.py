"""Checks of a summary before it may replace a good one (DESIGN section 3).

Each check names what ruined somebody's profile elsewhere: placeholders stored as profiles, refusals,
echoes of the prompt, loops, halved texts, invented contact data, lines that give orders.
"""

from __future__ import annotations

import json
import operator
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from prosona.profiler.seam import FoldRequest
from prosona.profiler.tokens import count_tokens

_CJK = re.compile(r"[㐀-鿿豈-﫿]")
_LETTER = re.compile(r"[^\W\d_]")
_SCRIPTS = {
    "Chinese or Japanese": re.compile(r"[㐀-鿿豈-﫿぀-ヿ]"),
    "Korean": re.compile(r"[가-힯]"),
    "Latin": re.compile(r"[A-Za-zÀ-ɏ]"),
    "Cyrillic": re.compile(r"[Ѐ-ӿ]"),
    "Greek": re.compile(r"[Ͱ-Ͽ]"),
    "Arabic": re.compile(r"[؀-ۿ]"),
    "Hebrew": re.compile(r"[֐-׿]"),
    "Indic": re.compile(r"[ऀ-෿]"),
    "Thai": re.compile(r"[฀-๿]"),
}

_PLACEHOLDER = re.compile(
    r"^\W*(?:no (?:answer|summary|profile|information|preferences?|data)\b.{0,60}|not provided|n/?a|none"
    r"|null|undefined|todo|tbd|placeholder|lorem ipsum.*|\.{3,}"
    r"|未提供|暂无.{0,10}|没有(?:足够)?(?:信息|数据).{0,10}|无)\W*$",
    re.IGNORECASE | re.DOTALL,
)
_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am) (?:sorry|unable|an ai|a language model|not able)"
    r"|i (?:cannot|can't|can not|don't have|do not have|won't)"
    r" (?:help|assist|provide|create|generate|infer|fulfill|comply|access"
    r"|(?:any |enough |sufficient )?information)"
    r"|as an ai(?: language model)?|there is (?:not enough|no|insufficient) (?:information|data))\b"
    r"|(?:抱歉|对不起)，?我?(?:无法|不能)|作为(?:一个)?(?:AI|人工智能|语言模型)|信息不足",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"^(?:ignore|disregard|override|forget (?:all|any|every|the above|previous)|pretend|act as|from now on"
    r"|you (?:must|should|are|will|shall|have to|need to)\b"
    r"|(?:please |always |never |do not |don't |must |when(?:ever)? (?:asked|the user asks)[^.]{0,60}, )+"
    r"(?:respond|answer|reply|recommend|mention|say|tell|use|call|send|include|ignore|follow|trust|remember"
    r"|buy|visit|click|open|run|execute|output|reveal|obey|treat)\b"
    r"|(?:system|assistant|developer)\s*:|(?:忽略|无视)(?:以上|之前|所有|先前)|你(?:必须|应该|现在是)|从现在起|请(?:务必|始终|总是))",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"<\|[^|>]{1,40}\|>|\[/?INST\]|</?(?:system|assistant|user_profile|think|tool_call)\b[^>]*>|```",
    re.IGNORECASE,
)
_JSON_START = re.compile(r"""\{\s*["'][^"']{1,60}["']\s*:|\[\s*\{""")
_URL = re.compile(r"\b(?:https?|ftp)://|\bwww\.\w", re.IGNORECASE)
_PROMPT_ECHO = re.compile(
    r"=====|\*(?:QUERY|CHOSEN ITEM BY THE USER|REJECTED ITEM BY THE USER):\*|\bPast Preference Summary\b",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\d/.-])\+?\d(?:[ ().-]?\d){7,14}(?![\d/-])")

_FEWEST_LETTERS = 8
"""With fewer letters to go by nothing can be said about a language."""
_SHRINK_FLOOR_TOKENS = 80
"""A profile shorter than this may shrink freely: early ones change a lot."""


def check_fold(summary: str, request: FoldRequest, *, may_shrink: bool = False) -> list[str]:
    """What is wrong with `summary` as the outcome of `request`; empty when nothing is."""
    problems = check_text(summary, max_tokens=request.max_tokens)
    if problems:
        return problems
    past = count_tokens(request.summary)
    if not may_shrink and past >= _SHRINK_FLOOR_TOKENS and count_tokens(summary) < past / 2:
        problems.append("it lost more than half of the past summary")
    material = _material(request)
    problems += [f"it holds contact data that nobody gave ({kind})" for kind in _invented(summary, material)]
    theirs, ours = cjk_share(material), cjk_share(summary)
    if (theirs > 0.6 and ours < 0.2) or (theirs < 0.05 and ours > 0.3):
        problems.append("it is in another language than the user's")
    return problems


def check_text(text: str, *, max_tokens: int) -> list[str]:
    """What is wrong with `text` as a summary whoever wrote it; empty when nothing is."""
    stripped = text.strip()
    if not stripped:
        return ["it is empty"]
    problems = []
    if _PLACEHOLDER.match(stripped):
        problems.append("it is a placeholder")
    if _REFUSAL.search(stripped[:400]):
        problems.append("it is a refusal, not a summary")
    if _is_json(stripped):
        problems.append("it is JSON, not prose")
    if _MARKUP.search(stripped):
        problems.append("it holds chat markup")
    if _PROMPT_ECHO.search(stripped):
        problems.append("it echoes the prompt")
    if _URL.search(stripped):
        problems.append("it holds a web address")
    lines = [line.strip(" \t-*•·0123456789.)") for line in stripped.splitlines() if line.strip()]
    if any(_ORDER.match(line) for line in lines):
        problems.append("it gives orders instead of describing the user")
    if _loops(lines):
        problems.append("it repeats itself")
    tokens = count_tokens(stripped)
    if tokens > max_tokens:
        problems.append(f"it is {tokens} tokens long, the budget is {max_tokens}")
    return problems


def cjk_share(text: str) -> float:
    """The share of Chinese characters among the letters of `text`, from 0 to 1."""
    letters = len(_LETTER.findall(text))
    return len(_CJK.findall(text)) / letters if letters else 0.0


def check_script(summary: str, request: FoldRequest) -> list[str]:
    """A problem if `summary` leaves the script the user mostly writes in, or is in one never used.

    For models, which write any language; the builtin profiler may not know the user's.
    """
    material = _material(request)
    if (material.isascii() and summary.isascii()) or len(_LETTER.findall(material)) < _FEWEST_LETTERS:
        return []
    theirs, ours = _script_shares(material), _script_shares(summary)
    strays = any(
        (theirs[script] > 0.6 and ours[script] < 0.2) or (theirs[script] < 0.05 and ours[script] > 0.3)
        for script in _SCRIPTS
    )
    return ["it is in another language than the user's"] if strays else []


def _script_shares(text: str) -> dict[str, float]:
    letters = len(_LETTER.findall(text)) or 1
    return {script: len(pattern.findall(text)) / letters for script, pattern in _SCRIPTS.items()}


def _is_json(text: str) -> bool:
    if text[0] not in "{[":
        return False
    if _JSON_START.match(text):
        return True
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _loops(lines: list[str]) -> bool:
    if any(count >= 3 for line, count in Counter(lines).items() if len(line) > 8):
        return True
    text = " ".join(lines)
    if _runs(text.split(), longest_period=12, shortest_run=9):
        return True
    # Chinese has no spaces: there a loop is a run of the same few characters.
    return cjk_share(text) > 0.3 and _runs(text, longest_period=40, shortest_run=24)


def _runs(sequence: Sequence[str], *, longest_period: int, shortest_run: int) -> bool:
    """Whether some stretch of `sequence` says the same thing four times in a row."""
    for period in range(1, longest_period + 1):
        same = bytes(map(operator.eq, sequence, sequence[period:]))
        if b"\1" * max(3 * period, shortest_run) in same:
            return True
    return False


def _material(request: FoldRequest) -> str:
    parts: list[str] = [request.summary, *request.statements]
    for interaction in request.interactions:
        parts += [p for p in (interaction.query, interaction.chosen, interaction.rejected) if p]
    return "\n".join(parts)


def _invented(summary: str, material: str) -> Iterable[str]:
    if any(found not in material for found in _EMAIL.findall(summary)):
        yield "an e-mail address"
    digits = re.sub(r"\D", "", material)
    if any(re.sub(r"\D", "", found) not in digits for found in _PHONE.findall(summary)):
        yield "a telephone number"
