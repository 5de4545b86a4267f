"""The words of one language in which claims are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

__all__ = ["CHINESE", "ENGLISH", "Form", "Language"]

Form = Literal[
    "lately",
    "past",
    "past_domain",
    "likes_tags",
    "likes_years",
    "likes_terms",
    "talks_terms",
    "chose_items",
    "avoids_tags",
    "avoids_years",
    "avoids_terms",
    "passed_items",
    "no_lean",
    "style",
    "saying",
]
"""What kind of thing a line tells."""

_NAMES = "January February March April May June July August September October November December"
_MONTHS = _NAMES.split()


@dataclass(frozen=True, slots=True)
class Language:
    """Forms and connecting words."""

    colon: str
    comma: str
    semicolon: str
    last_and: str
    quotes: tuple[str, str]
    no_domain: str
    chat: str
    answers: str
    sayings: str
    forms: Mapping[Form, tuple[str, str]]
    """For each form its words, and the words of its evidence."""
    manners: Mapping[tuple[str, bool], tuple[str, str]]
    """For a manner and its direction: what is preferred, and how the chosen one is called."""

    @property
    def is_chinese(self) -> bool:
        """Whether it is Chinese."""
        return self.colon == "："

    def month(self, day: int) -> str:
        """The month of an ordinal day in words."""
        when = date.fromordinal(max(day, 1))
        return f"{when.year}年{when.month}月" if self.is_chinese else f"{_MONTHS[when.month - 1]} {when.year}"


ENGLISH = Language(
    colon=": ",
    comma=", ",
    semicolon="; ",
    last_and=" and ",
    quotes=('"', '"'),
    no_domain="Choices",
    chat="Conversation",
    answers="Answers",
    sayings="Own words",
    forms={
        "lately": ("lately likes {names}", "{evidence} of the last {total} choices; last in {date}"),
        "past": (
            "earlier liked {names}, not lately",
            "{evidence} before, none of the last {total}; last in {date}",
        ),
        "past_domain": (
            "an earlier interest, not lately",
            "none of the last {total} interactions; last in {date}",
        ),
        "likes_tags": ("likes {names}", "chose {evidence}; last in {date}"),
        "likes_years": ("likes those from {names}", "chose {evidence}; last in {date}"),
        "likes_terms": ("likes what has to do with {names}", "chose {evidence}; last in {date}"),
        "talks_terms": ("often brings up {names}", "{evidence}; last in {date}"),
        "chose_items": ("chose {names}", "{evidence}; last in {date}"),
        "avoids_tags": ("avoids {names}", "rejected {evidence}; last in {date}"),
        "avoids_years": ("avoids those from {names}", "rejected {evidence}; last in {date}"),
        "avoids_terms": ("avoids what has to do with {names}", "rejected {evidence}; last in {date}"),
        "passed_items": ("rejected {names}", "{evidence}; last in {date}"),
        "no_lean": ("no clear lean so far", "{total} interactions; last in {date}"),
        "style": ("prefers {names}", "{evidence}; last in {date}"),
        "saying": ("{names}", "{evidence}said in {date}"),
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
    quotes=("\u201c", "\u201d"),
    no_domain="选择",
    chat="聊天",
    answers="回答",
    sayings="自述",
    forms={
        "lately": ("最近喜欢{names}", "最近{total}次选择中有{evidence}；最近在{date}"),
        "past": ("以前喜欢{names}，最近没有再选", "此前{evidence}，最近{total}次都没有；最近在{date}"),
        "past_domain": ("是以前的兴趣，最近没有", "最近{total}次都没有；最近在{date}"),
        "likes_tags": ("喜欢{names}", "选了{evidence}；最近在{date}"),
        "likes_years": ("喜欢{names}年的", "选了{evidence}；最近在{date}"),
        "likes_terms": ("喜欢与{names}有关的内容", "选了{evidence}；最近在{date}"),
        "talks_terms": ("常提到{names}", "{evidence}；最近在{date}"),
        "chose_items": ("选过{names}", "{evidence}；最近在{date}"),
        "avoids_tags": ("不喜欢{names}", "没选{evidence}；最近在{date}"),
        "avoids_years": ("不喜欢{names}年的", "没选{evidence}；最近在{date}"),
        "avoids_terms": ("避开与{names}有关的内容", "没选{evidence}；最近在{date}"),
        "passed_items": ("略过了{names}", "{evidence}；最近在{date}"),
        "no_lean": ("还看不出明显的倾向", "共{total}次；最近在{date}"),
        "style": ("偏好{names}", "{evidence}；最近在{date}"),
        "saying": ("{names}", "{evidence}{date}说"),
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
