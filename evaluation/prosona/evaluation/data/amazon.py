"""Amazon reviews: a reviews file and its metadata file as downloaded, of 2018 or 2023.

Each product a user reviewed gives one choice against a product drawn from the same metadata that
the user never reviewed. Reviews stand in order of time and the last is the target. Products without
a title are left out.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from prosona.evaluation.data.drawing import LONGEST, draw_other, person_of
from prosona.evaluation.data.lines import Row, at_line, json_rows, optional_text, text_of, time_of
from prosona.evaluation.data.records import Choice, DataError, Person

__all__ = ["QUERY", "people"]

QUERY = "Please recommend some products to me."


def people(paths: Sequence[Path], seed: int) -> Iterator[Person]:
    """People in order of the reviews. Raises `DataError` with the line that is wrong."""
    reviews_path, meta_path = paths
    products: dict[str, str] = {}
    for number, row in json_rows(meta_path):
        name, text = at_line(meta_path, number, _product, row)
        if text:
            products[name] = text
    if not products:
        raise DataError(f"{meta_path}: holds no product with a title")
    bought: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for number, row in json_rows(reviews_path):
        user, when, name = at_line(reviews_path, number, _review, row)
        if name in products:
            bought[user].append((when, name))
    draw, pool = random.Random(seed), sorted(products)
    for user, items in bought.items():
        seen = {name for _, name in items}
        choices = []
        for when, name in sorted(items)[-LONGEST:]:
            other = draw_other(draw, pool, seen)
            if other is not None:
                choices.append(Choice(QUERY, products[name], products[other], when, "shopping", "purchase"))
        if person := person_of(f"amazon_{user}", choices):
            yield person


def _product(row: Row) -> tuple[str, str | None]:
    name = text_of(row, "parent_asin" if "parent_asin" in row else "asin")
    title = optional_text(row, "title")
    categories = row.get("categories") or row.get("category") or []
    if not isinstance(categories, list) or not all(isinstance(part, str) for part in categories):
        raise ValueError("`categories` must be a list of texts")
    if title and categories:
        return name, f"Title: {title}, Category: {' / '.join(categories)}"
    return name, title and f"Title: {title}"


def _review(row: Row) -> tuple[str, datetime, str]:
    user = text_of(row, "user_id" if "user_id" in row else "reviewerID")
    when = time_of(row, "timestamp" if "timestamp" in row else "unixReviewTime")
    if when is None:
        raise ValueError("neither `timestamp` nor `unixReviewTime` is there")
    return user, when, text_of(row, "parent_asin" if "parent_asin" in row else "asin")
