"""MIND (news): `news.tsv` and `behaviors.tsv` as downloaded.

Each impression with a click and a non-click gives one choice: the first article clicked against one
drawn from those shown beside it and not clicked. A user's impressions stand in order of time and the
last is the target.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from prosona.evaluation.data.drawing import person_of
from prosona.evaluation.data.lines import at_line, text_lines
from prosona.evaluation.data.records import Choice, Person

__all__ = ["QUERY", "people"]

QUERY = "Please recommend some news to me."
_NEWS_FIELDS = 8
_BEHAVIOR_FIELDS = 5


def people(paths: Sequence[Path], seed: int) -> Iterator[Person]:
    """People in order of their first impression. Raises `DataError` with the line that is wrong."""
    news_path, behaviors_path = paths
    news = dict(_news(news_path))
    draw = random.Random(seed)
    choices: dict[str, list[Choice]] = defaultdict(list)
    for number, line in text_lines(behaviors_path):
        user, choice = at_line(behaviors_path, number, _choice, line, news, draw)
        if choice:
            choices[user].append(choice)
    for user, made in choices.items():
        made.sort(key=lambda choice: choice.occurred_at or datetime.min.replace(tzinfo=UTC))
        if person := person_of(f"mind_{user}", made):
            yield person


def _news(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in text_lines(path):
        fields = line.split("\t")
        at_line(path, number, _expect, fields, _NEWS_FIELDS)
        name, category, subcategory, title, abstract = fields[:5]
        text = f"Title: {title}, Category: {category} / {subcategory}"
        yield name, f"{text}, Abstract: {abstract}" if abstract else text


def _choice(line: str, news: dict[str, str], draw: random.Random) -> tuple[str, Choice | None]:
    fields = line.split("\t")
    _expect(fields, _BEHAVIOR_FIELDS)
    shown = [item.rpartition("-") for item in fields[4].split()]
    if not all(name in news and click in ("0", "1") for name, _, click in shown):
        raise ValueError("impressions must be known articles followed by -0 or -1")
    clicked = [name for name, _, click in shown if click == "1"]
    passed = [name for name, _, click in shown if click == "0"]
    if not clicked or not passed:
        return fields[1], None
    when = datetime.strptime(fields[2], "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=UTC)
    return fields[1], Choice(QUERY, news[clicked[0]], news[draw.choice(passed)], when, "news", "click")


def _expect(fields: Sequence[str], count: int) -> None:
    if len(fields) != count:
        raise ValueError(f"{len(fields)} fields between tabs where there must be {count}")
