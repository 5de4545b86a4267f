"""MovieLens: `movies.csv` and `ratings.csv` as downloaded.

Each film a user rated gives one choice, whatever the rating, against a film drawn from those the user
never rated. Ratings stand in order of time and the last is the target. (Accuracy on such pairs is
mostly knowing which films are popular: read it beside the popularity column.)
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from prosona.evaluation.data.drawing import LONGEST, draw_other, person_of
from prosona.evaluation.data.lines import at_line, csv_rows
from prosona.evaluation.data.records import Choice, Person

__all__ = ["QUERY", "people"]

QUERY = "Please recommend some movies to me."


def people(paths: Sequence[Path], seed: int) -> Iterator[Person]:
    """People in order of the ratings file. Raises `DataError` with the line that is wrong."""
    movies_path, ratings_path = paths
    films = {
        row["movieId"]: f"Title: {row['title']}, Genres: {row['genres']}"
        for _, row in csv_rows(movies_path, ("movieId", "title", "genres"))
    }
    rated: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, row in csv_rows(ratings_path, ("userId", "movieId", "rating", "timestamp")):
        when = at_line(ratings_path, number, _time, row, films)
        rated[row["userId"]].append((when, row["movieId"]))
    draw, pool = random.Random(seed), sorted(films)
    for user, ratings in rated.items():
        seen = {film for _, film in ratings}
        choices = []
        for when, film in sorted(ratings)[-LONGEST:]:
            other = draw_other(draw, pool, seen)
            if other is not None:
                at = datetime.fromtimestamp(when, tz=UTC)
                choices.append(Choice(QUERY, films[film], films[other], at, "movies", "rating"))
        if person := person_of(f"movielens_{user}", choices):
            yield person


def _time(row: Mapping[str, str], films: Mapping[str, str]) -> int:
    if row["movieId"] not in films:
        raise ValueError(f"the film {row['movieId']} is not in the list of films")
    if not row["timestamp"].isdigit():
        raise ValueError(f"`timestamp` must be seconds since 1970, is {row['timestamp']!r}")
    return int(row["timestamp"])
