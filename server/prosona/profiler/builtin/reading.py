"""One item's text read: its name, its tags, and the text that describes it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from prosona.profiler.builtin.names import before_orders, short_name, short_title
from prosona.profiler.builtin.segment import HAN, READ_CHARACTERS, fold

__all__ = ["Reading", "read"]

_TAGS_AN_ITEM = 12
"""More are a shop's keywords."""
_LONGEST_TAG = 40
"""In characters."""
_NAMEABLE = 240
_NAMEABLE_WORDS = 30
"""In characters and words. A longer text without fields is described by itself and has no name."""
_LONGEST_TITLE = 120
"""In characters: what stands before tags in brackets."""
_LONGEST_TAGGED = 600
"""In characters: longer texts do not end in a list of tags."""

_NAMING = "title name headline product item 标题 名称 片名 书名 商品 品名"
_TAGGING = """
    genre genres category categories subcategory subcategories topic topics subject subjects section type
    types
    brand author authors director directors actor actors cast artist artists band cuisine style styles mood
    color
    colour material platform publisher maker language country department
    类型 分类 类别 主题 品牌 作者 导演 主演 演员 歌手 菜系 风格 题材 频道 话题 语言 国家
"""
_SPACED_TAGGING = "tag tags keyword keywords 标签 关键词"
_DESCRIBING = "excerpt abstract description summary synopsis plot overview 简介 摘要 描述 剧情"
_OTHER = """
    content text body review details feature features price rating year date url link id score views
    内容 正文 价格 评分 年份 日期 链接
"""
_NAME_FIELDS = frozenset(_NAMING.split())
_SPACED_TAG_FIELDS = frozenset(_SPACED_TAGGING.split())
_TAG_FIELDS = frozenset(_TAGGING.split()) | _SPACED_TAG_FIELDS
_DESCRIPTIONS = frozenset(_DESCRIBING.split())
_OTHER_FIELDS = frozenset(_OTHER.split())
_FIELDS = _NAME_FIELDS | _TAG_FIELDS | _DESCRIPTIONS | _OTHER_FIELDS
_LABEL = re.compile(
    rf"(?:^|(?<=[\n,;|，；。]))[ \t]*([A-Za-z][A-Za-z ]{{1,18}}|[{HAN}]{{2,4}})[ \t]*[:：][ \t]*"
)
_BRACKETS = {")": "(（", "）": "(（", "]": "[【", "】": "[【"}
"""What tags stand in behind a title: the end, and what may begin them."""
_BARS = "|｜"
_SEPARATOR = re.compile(r"[|｜,，;；/、\n]")
_ARTICLE_LAST = re.compile(r"^(.{1,80}?), (The|A|An|Les|La|Le|L'|Il|El|Los|Las|Das|Der|Die)(?= \(|$)")
_YEAR = re.compile(r"^[^\n(]{1,100}(?:\([^()\n]*\) ?)?\(((?:1[89]|20)\d\d)\)")
_ALIAS = re.compile(r"(?<=\S)\s*\((?!\d{4}\))[^()]*\)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one item. `fields` says whether the text came in labelled fields."""

    name: str | None
    tags: tuple[str, ...]
    body: str
    fields: bool

    @property
    def year(self) -> str | None:
        """The year that stands behind its title, as in "Metropolis (1927)"."""
        found = _YEAR.search(self.body) if self.fields or self.name else None
        return found.group(1) if found else None


def read(text: str) -> Reading:
    """Reads "Title: ..., Genres: A|B", "Title (1999) [A|B]", a bare name, or free text."""
    if trailing := _trailing_tags(text):
        title, inside = trailing
        return Reading(_name(title), _tags(inside, spaced=False), title, fields=True)
    parts = _fields(text[:READ_CHARACTERS])
    if not parts:
        is_short = len(text) <= _NAMEABLE and len(text.split()) <= _NAMEABLE_WORDS
        return Reading(short_name(text) if is_short else None, (), text, fields=False)
    name: str | None = None
    tags: list[str] = []
    body: list[str] = []
    for label, value in parts:
        if label in _NAME_FIELDS:
            name = name or _name(value)
            body.append(value)
        elif label in _TAG_FIELDS or (label not in _FIELDS and len(value) <= _LONGEST_TAG):
            tags += _tags(value, spaced=label in _SPACED_TAG_FIELDS)
        elif label in _DESCRIPTIONS or len(value) > _LONGEST_TAG:
            body.append(value)
    return Reading(name, tuple(dict.fromkeys(tags))[:_TAGS_AN_ITEM], "\n".join(body), fields=True)


def _fields(text: str) -> list[tuple[str, str]]:
    labels = [
        match
        for match in _LABEL.finditer(text)
        if match.group(1).strip().lower() in _FIELDS or (match.start() and text[match.start() - 1] == "\n")
    ]
    if not labels or labels[0].start() > 0:
        return []
    ends = [match.start() for match in labels[1:]] + [len(text)]
    return [
        (match.group(1).strip().lower(), text[match.end() : end].strip(" \t\n,;|，；"))
        for match, end in zip(labels, ends, strict=True)
    ]


def _trailing_tags(text: str) -> tuple[str, str] | None:
    """The title, and the list of tags in brackets behind it; those in round ones need a bar to be tags."""
    if len(text) > _LONGEST_TAGGED:
        return None
    text = text.strip()
    opening = _BRACKETS.get(text[-1:])
    if opening is None:
        return None
    start = max(map(text.rfind, opening))
    title, inside = text[:start].rstrip(), text[start + 1 : -1]
    if not title or not 0 < start <= _LONGEST_TITLE or "\n" in title + inside:
        return None
    if any(sign in inside for sign in "[](){}（）【】"):
        return None
    if opening.startswith("(") and not any(bar in inside for bar in _BARS):
        return None
    return title, inside


def _tags(value: str, *, spaced: bool) -> tuple[str, ...]:
    value = before_orders(value)
    parts = [" ".join(part.split()) for part in _SEPARATOR.split(value)]
    if spaced and len(parts) == 1:
        parts = value.split()
    return tuple(p for p in parts if 1 < len(p) <= _LONGEST_TAG and not p.isdigit() and fold(p))


def _name(text: str) -> str | None:
    name = _ALIAS.sub("", text) if "(" in text else text
    name = _ARTICLE_LAST.sub(r"\2 \1", name.strip())
    return short_title(name)
