"""The table of sentence forms, one a language, and the recognition of lines made from them.

Every line has the shape "Head: what (evidence; last in March 2026)", or for lists of things "Chose
what (evidence in head; last in March 2026)", so that a line written here can be told from one its
owner wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from prosona.profiler.builtin.claims import Claim, Form
from prosona.profiler.builtin.naming import turns_the_sense

ITEM_FORMS: frozenset[Form] = frozenset(["chose_items", "passed_items"])
"""Lists of things, each told apart: the domain stands behind them, not at their head."""
_FEW_NAMES = 4
_GROUP = 3
_SHORT_WORDS = 3
_COUNTS_A_LINE = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTH_NAMES = "January February March April May June July August September October November December"
_MONTHS = _MONTH_NAMES.split()
_DATED = rf"\b(?:last|said) in (?:{'|'.join(_MONTHS)}) \d{{4}}\)$"
_DATED_CHINESE = r"\d{4} ?年 ?\d{1,2} ?月[^（）\n]{0,4}）$"
OWN_FORM = re.compile(
    rf"^(?P<did>Chose|Rejected) .+ \([^()\n]* in (?P<where>[^()\n]+); {_DATED}"
    rf"|^(?P<did_zh>选过|略过).+（(?P<where_zh>[^（）：\n]+)：[^（）\n]*{_DATED_CHINESE}"
    rf"|^[^:\n]{{1,64}}: .+ \([^()\n]*{_DATED}|^[^：\n]{{1,40}}：.+（[^（）\n]*{_DATED_CHINESE}"
)


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language."""

    colon: str
    comma: str
    semicolon: str
    last_and: str
    no_domain: str
    chat: str
    answers: str
    sayings: str
    forms: Mapping[Form, str]
    manners: Mapping[tuple[str, bool], tuple[str, str]]
    """For a manner and its direction: what is preferred, and how the chosen one is called."""


ENGLISH = Language(
    colon=": ",
    comma=", ",
    semicolon="; ",
    last_and=" and ",
    no_domain="Choices",
    chat="Conversation",
    answers="Answers",
    sayings="Own words",
    forms={
        "lately": "lately likes {names} ({evidence} of the last {total} choices; last in {date})",
        "past": "earlier liked {names}, not lately ({evidence} before, none of the last {total}; last in "
        "{date})",
        "past_domain": "an earlier interest, not lately (none of the last {total} interactions; last in "
        "{date})",
        "likes_tags": "likes {names} (chose {evidence}; last in {date})",
        "likes_years": "likes those from {names} (chose {evidence}; last in {date})",
        "likes_terms": "likes what has to do with {names} (chose {evidence}; last in {date})",
        "talks_terms": "often brings up {names} ({evidence}; last in {date})",
        "chose_items": "Chose {names} ({evidence} in {label}; last in {date})",
        "avoids_tags": "avoids {names} (rejected {evidence}; last in {date})",
        "avoids_years": "avoids those from {names} (rejected {evidence}; last in {date})",
        "avoids_terms": "avoids what has to do with {names} (rejected {evidence}; last in {date})",
        "passed_items": "Rejected {names} ({evidence} in {label}; last in {date})",
        "no_lean": "no clear lean so far ({total} interactions; last in {date})",
        "style": "prefers {names} ({evidence}; last in {date})",
        "saying": "{names} ({evidence}said in {date})",
    },
    manners={
        ("length", True): ("long, detailed, thorough answers", "the longer"),
        ("length", False): ("short, brief, concise answers", "the shorter"),
        ("lists", True): ("answers in lists or steps", "the one with more list items"),
        ("lists", False): ("plain paragraphs to lists", "the one with fewer list items"),
        ("code", True): ("answers with code", "the one with more code"),
        ("code", False): ("plain explanations to code", "the one with less code"),
        ("long_words", True): ("technical, precise, expert wording", "the one with longer words"),
        ("long_words", False): ("simple, plain, easy words", "the one with shorter words"),
        ("long_sentences", True): ("long, elaborate sentences", "the one with longer sentences"),
        ("long_sentences", False): ("short sentences", "the one with shorter sentences"),
        ("hedging", True): ("careful, nuanced, balanced answers", "the more cautious"),
        ("hedging", False): ("direct, confident answers", "the less cautious"),
        ("formal", True): ("a formal, professional tone", "the more formal"),
        ("formal", False): ("a casual, informal tone", "the less formal"),
        ("warm", True): ("a warm, friendly, enthusiastic tone", "the warmer"),
        ("warm", False): ("a neutral, matter-of-fact, blunt tone", "the cooler"),
        ("playful", True): ("a playful, humorous tone", "the more playful"),
        ("playful", False): ("a serious tone", "the more serious"),
        ("address", True): ("answers that address the reader as you", "the more personal"),
        ("address", False): ("impersonal answers", "the less personal"),
        ("examples", True): ("answers with examples", "the one with more examples"),
        ("examples", False): ("answers to the point, few examples", "the one with fewer examples"),
        ("emoji", True): ("emoji in answers", "the one with more emoji"),
        ("emoji", False): ("answers free of emoji", "the one with fewer emoji"),
        ("figures", True): ("answers with figures and numbers", "the one with more figures"),
        ("figures", False): ("answers in words, few figures", "the one with fewer figures"),
        ("asking", True): ("answers that ask back", "the one with more questions"),
        ("asking", False): ("statements, few questions back", "the one with fewer questions"),
    },
)

CHINESE = Language(
    colon="：",
    comma="、",
    semicolon="；",
    last_and="、",
    no_domain="选择",
    chat="聊天",
    answers="回答",
    sayings="自述",
    forms={
        "lately": "最近喜欢{names}（最近{total}次选择中有{evidence}；最近在{date}）",
        "past": "以前喜欢{names}，最近没有再选（此前{evidence}，最近{total}次都没有；最近在{date}）",
        "past_domain": "是以前的兴趣，最近没有（最近{total}次都没有；最近在{date}）",
        "likes_tags": "喜欢{names}（选了{evidence}；最近在{date}）",
        "likes_years": "喜欢{names}年的（选了{evidence}；最近在{date}）",
        "likes_terms": "喜欢与{names}有关的内容（选了{evidence}；最近在{date}）",
        "talks_terms": "常提到{names}（{evidence}；最近在{date}）",
        "chose_items": "选过{names}（{label}：{evidence}；最近在{date}）",
        "avoids_tags": "不喜欢{names}（没选{evidence}；最近在{date}）",
        "avoids_years": "不喜欢{names}年的（没选{evidence}；最近在{date}）",
        "avoids_terms": "避开与{names}有关的内容（没选{evidence}；最近在{date}）",
        "passed_items": "略过了{names}（{label}：{evidence}；最近在{date}）",
        "no_lean": "还看不出明显的倾向（共{total}次；最近在{date}）",
        "style": "偏好{names}（{evidence}；最近在{date}）",
        "saying": "{names}（{evidence}{date}说）",
    },
    manners={
        ("length", True): ("详细的长回答", "较长的"),
        ("length", False): ("简短的回答", "较短的"),
        ("lists", True): ("分条列出的回答", "条目较多的"),
        ("lists", False): ("成段叙述的回答", "条目较少的"),
        ("code", True): ("带代码的回答", "代码较多的"),
        ("code", False): ("少用代码的回答", "代码较少的"),
        ("long_words", True): ("专业的用词", "用词较长的"),
        ("long_words", False): ("简单易懂的用词", "用词较短的"),
        ("long_sentences", True): ("较长的句子", "句子较长的"),
        ("long_sentences", False): ("短句", "句子较短的"),
        ("hedging", True): ("谨慎、周全的回答", "较谨慎的"),
        ("hedging", False): ("直接、肯定的回答", "较直接的"),
        ("formal", True): ("正式的语气", "较正式的"),
        ("formal", False): ("随意、口语化的语气", "较随意的"),
        ("warm", True): ("友好、热情的语气", "较热情的"),
        ("warm", False): ("平实、客观的语气", "较平实的"),
        ("playful", True): ("幽默、活泼的语气", "较活泼的"),
        ("playful", False): ("严肃的语气", "较严肃的"),
        ("address", True): ("直接对读者说话的回答", "称呼较多的"),
        ("address", False): ("不带称呼的回答", "称呼较少的"),
        ("examples", True): ("举例说明的回答", "例子较多的"),
        ("examples", False): ("少举例的回答", "例子较少的"),
        ("emoji", True): ("带表情符号的回答", "表情较多的"),
        ("emoji", False): ("少用表情符号的回答", "表情较少的"),
        ("figures", True): ("有数字和数据的回答", "数字较多的"),
        ("figures", False): ("少用数字的回答", "数字较少的"),
        ("asking", True): ("会反问的回答", "提问较多的"),
        ("asking", False): ("少反问的回答", "提问较少的"),
    },
)


def render(claim: Claim, language: Language) -> str:
    """The line that says `claim`, its evidence last."""
    day = max((named.day for named in claim.names), default=0)
    apart = claim.form in ITEM_FORMS
    called = [named.name for named in claim.names]
    # A name with "not" or "love" in it may turn the sense of what stands behind it.
    names = _joined(sorted(called, key=turns_the_sense) if apart else called, language, apart=apart)
    if claim.form == "style":
        names = language.manners[_manner(claim)][0]
    line = language.forms[claim.form].format(
        names=names,
        evidence=_evidence(claim, language),
        total=claim.total,
        date=month(day, language),
        label=claim.label,
    )
    return line if apart else f"{claim.label}{language.colon}{line}"


def kind(line: str) -> str:
    """The domain of a written line and what it says of it, the same for lines that say the like."""
    found = OWN_FORM.match(line)
    if found and (did := found["did"] or found["did_zh"]):
        return f"{found['where'] or found['where_zh']}: {did}"
    domain, colon, said = line.partition(": ")
    return f"{domain}: {said.split(' ', 1)[0]}" if colon else line[: line.find("：") + 3]


def _manner(claim: Claim) -> tuple[str, bool]:
    name, _, direction = claim.names[0].key.partition(" ")
    return name, direction == "more"


def _joined(names: Sequence[str], language: Language, *, apart: bool = False) -> str:
    if apart:
        return language.semicolon.join(names)
    if len(names) <= _FEW_NAMES and all(_is_short(name) for name in names):
        return language.comma.join(names[:-1]) + language.last_and * (len(names) > 1) + names[-1]
    # A long row is easier to read in groups; long names, and those that hold commas, stand alone.
    groups: list[list[str]] = []
    for name in names:
        if _is_short(name) and groups and len(groups[-1]) < _GROUP and _is_short(groups[-1][-1]):
            groups[-1].append(name)
        else:
            groups.append([name])
    return language.semicolon.join(language.comma.join(group) for group in groups)


def _is_short(name: str) -> bool:
    return name.count(" ") < _SHORT_WORDS and "," not in name and "、" not in name


def _evidence(claim: Claim, language: Language) -> str:
    count = sum(named.count for named in claim.names)
    of = claim.names[0].of
    english = language is ENGLISH
    match claim.form:
        case "style":
            other = language.manners[_manner(claim)][1]
            return f"chose {other} {count} of {of} times" if english else f"{of}次里{count}次选了{other}"
        case "saying":
            return (
                "" if count < 2 or len(claim.names) > 1 else f"{count} times, " if english else f"{count}次，"
            )
        case "chose_items":
            return f"{count} of {claim.total} choices" if english else f"{claim.total}次选择中的{count}次"
        case "passed_items":
            return f"{count} of {claim.total} rejections" if english else f"{claim.total}次略过中的{count}次"
        case "talks_terms":
            return (
                f"{count} mentions in {claim.total} messages"
                if english
                else f"{claim.total}条消息中提到{count}次"
            )
        case "lately":
            return str(max(named.count for named in claim.names)) + ("" if english else "次")
    return _each(claim, language)


def _each(claim: Claim, language: Language) -> str:
    """The counts of the first names, each its own: one item may bear several of them."""
    english = language is ENGLISH
    told = claim.names[:_COUNTS_A_LINE]
    more = claim.names[_COUNTS_A_LINE:] and (", ..." if english else "……")
    if claim.contrasted:
        counts = [f"{n.count} of {n.of}" if english else f"{n.of}次中的{n.count}次" for n in told]
        return language.comma.join(counts) + (more or "")
    counts = [f"{n.count}" if english else f"{n.count}次" for n in told]
    listed = language.comma.join(counts) + (more or "")
    return f"{listed} times in {claim.total} choices" if english else f"{claim.total}次中的{listed}"


def month(day: int, language: Language) -> str:
    """The month of `day` in words."""
    date = _EPOCH + timedelta(days=day)
    if language is CHINESE:
        return f"{date.year}年{date.month}月"
    return f"{_MONTHS[date.month - 1]} {date.year}"
