"""What a profile says about the style of answers, measured on the candidates by a fixed table.

"Prefers short, technical answers" speaks of no topic that words or embeddings could match. So a word
of style in a line about answers votes for the candidate that measures higher (or lower) on one
measurement. The table was written down once and is not fitted to anything.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from prosona.evaluation.readers.polarity import Line

__all__ = ["Measurement", "is_about_style", "style_scores"]

Measurement = Callable[[str], float]

_ABOUT_ANSWERS = re.compile(
    r"\b(?:answers?|repl(?:y|ies)|responses?|explanations?|explained|writing|written|tone|style|prose|wording|"
    r"messages|language|advice)\b|回答|回复|答复|答案|解释|文风|语气|风格|文字",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"^[A-Z][a-z]+: ", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?|[㐀-鿿]")
_PROSE_WORDS = 15


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _rate(pattern: str, flags: re.RegexFlag = re.IGNORECASE) -> Measurement:
    """How often a pattern occurs, for every hundred words."""
    compiled = re.compile(pattern, flags)
    return lambda text: 100 * len(compiled.findall(text)) / max(20, len(_words(text)))


def _length(text: str) -> float:
    return math.log1p(len(_words(text)))


def _difficulty(text: str) -> float:
    """Mean letters a word plus a tenth of the mean words a sentence."""
    words = _words(text)
    sentences = [part for part in re.split(r"[.!?。！？]+", text) if _words(part)]
    if not words:
        return 0.0
    return sum(map(len, words)) / len(words) + 0.1 * len(words) / max(1, len(sentences))


_lists = _rate(r"^\s*(?:[-*•]|\d+[.)])\s", re.MULTILINE)
_headings = _rate(r"^\s*(?:#+\s|\*\*[^*\n]+\*\*\s*$|<h\d)", re.MULTILINE)
_code = _rate(r"```|`[^`\n]+`|^(?: {4}|\t)\S|[{};]\s*$", re.MULTILINE)
_warmth = _rate(
    r"!|\b(?:thanks?|glad|happy|great|wonderful|hope|feel(?:ing)?s?|sorry|understand|welcome|you|your|let['’]s|"
    r"together|friends?|care)\b|谢谢|希望|你|您|一起|加油"
)
_formal_words = _rate(
    r"\b(?:therefore|however|moreover|furthermore|thus|consequently|regarding|shall|whom|whereas|hence|"
    r"additionally|accordingly|respectively)\b|因此|然而|此外|综上|故而|您"
)
_casual_words = _rate(
    r"['’](?:s|re|ve|ll|d|m|t)\b|!|\b(?:yeah|hey|gonna|wanna|kinda|cool|awesome|stuff|guys?|ok(?:ay)?|lol|pretty|"
    r"really|just|folks)\b|哈|嘛|呀|啦|哦"
)


def _formality(text: str) -> float:
    return _formal_words(text) - 0.5 * _casual_words(text)


_hedging = _rate(
    r"\b(?:may|might|perhaps|maybe|possibly|probably|could|seems?|appears?|likely|generally|usually|depends|"
    r"i think|i believe|somewhat|roughly)\b|也许|可能|大概|或许|一般|通常"
)
_examples = _rate(r"\b(?:for example|for instance|e\.g\.|such as|example)\b|例如|比如|举例")
_references = _rate(r"https?://|www\.|\[\d+\]|\]\(|^>|\baccording to\b|\bsource\b", re.MULTILINE)
_figures = _rate(r"\d+(?:[.,]\d+)*")
_first_person = _rate(r"\b(?:i|i['’](?:ve|m|d|ll)|my|me|mine|myself)\b|我")
_emoji = _rate(r"[\U0001F300-\U0001FAFF☀-➿]|[:;]-?[)D(]")

# Words in English, words in Chinese, what they measure, and which way.
_VOCABULARY: tuple[tuple[str, str, Measurement, float], ...] = (
    (
        "short|shorter|brief|concise|concisely|succinct|terse|compact|to the point",
        "简短|简洁|精炼|扼要",
        _length,
        -1,
    ),
    (
        "long|longer|detail|details|detailed|in-depth|thorough|comprehensive|extensive",
        "详细|详尽|深入",
        _length,
        1,
    ),
    ("elaborate|exhaustive|complete", "全面|完整", _length, 1),
    (
        "technical|expert|advanced|academic|scholarly|specialist|sophisticated",
        "专业|技术性|学术",
        _difficulty,
        1,
    ),
    (
        "simple|simpler|simply|plain|basic|beginner|elementary|easy|everyday",
        "通俗|浅显|简单|易懂",
        _difficulty,
        -1,
    ),
    ("layman|accessible|non-technical|jargon-free", "入门", _difficulty, -1),
    (
        "friendly|warm|empathetic|encouraging|kind|supportive|personable|cheerful",
        "亲切|友好|温暖|鼓励",
        _warmth,
        1,
    ),
    ("unfriendly|cold|detached|impersonal|neutral|blunt|matter-of-fact|dry", "冷淡|生硬|中立", _warmth, -1),
    ("formal|professional|polite|official", "正式|书面|礼貌", _formality, 1),
    ("informal|casual|conversational|chatty|colloquial|relaxed", "口语|随意|轻松", _formality, -1),
    ("hedged|hedging|cautious|tentative|nuanced", "谨慎|委婉", _hedging, 1),
    ("direct|confident|assertive|decisive|straightforward", "直接|果断|肯定", _hedging, -1),
    (
        "list|lists|bullet|bullets|bulleted|numbered|steps|step-by-step|structured",
        "列表|要点|分点|步骤",
        _lists,
        1,
    ),
    ("heading|headings|headers|sections", "标题|分节", _headings, 1),
    ("code|snippet|snippets|commands", "代码", _code, 1),
    ("example|examples|illustrated", "例子|举例", _examples, 1),
    (
        "link|links|source|sources|reference|references|citations|quotes|quotations",
        "来源|出处|引用",
        _references,
        1,
    ),
    ("numbers|figures|data|statistics|quantitative", "数字|数据", _figures, 1),
    ("personal|first-hand|first-person|anecdotes", "亲身|个人经历|第一人称", _first_person, 1),
    ("emoji|emojis|emoticons", "表情", _emoji, 1),
)
_TABLE = tuple(
    (re.compile(rf"(?<![\w-])(?:{english})(?![\w-])|{chinese}", re.IGNORECASE), measure, sign)
    for english, chinese, measure, sign in _VOCABULARY
)


def is_about_style(line: Line) -> bool:
    """Whether a line speaks of how answers should be written, in words of the table."""
    return bool(_ABOUT_ANSWERS.search(line.source)) and any(words.search(line.text) for words, _, _ in _TABLE)


def style_scores(lines: Sequence[Line], candidates: Sequence[str]) -> list[float]:
    """How well each candidate fits the lines about style, in -1..1; all 0 where nothing can be said.

    Candidates that are no prose (titles, labelled records, short values) have no style to measure.
    """
    if not all(_is_prose(candidate) for candidate in candidates):
        return [0.0] * len(candidates)
    votes = [
        (measure, sign * line.weight)
        for line in lines
        if is_about_style(line)
        for words, measure, sign in _TABLE
        if words.search(line.text)
    ]
    total = sum(abs(weight) for _, weight in votes)
    scores = [0.0] * len(candidates)
    for measure, weight in votes:
        for index, value in enumerate(_spread([measure(candidate) for candidate in candidates])):
            scores[index] += weight * value / total
    return scores


def _is_prose(candidate: str) -> bool:
    return not _LABELLED.match(candidate) and len(_words(candidate)) >= _PROSE_WORDS


def _spread(values: list[float]) -> list[float]:
    """Values about their mean, squeezed to -1..1, so that a measurement's unit does not matter."""
    mean = sum(values) / len(values)
    scale = sum(abs(value) for value in values) / len(values)
    return [math.tanh(2 * (value - mean) / scale) if scale else 0.0 for value in values]
