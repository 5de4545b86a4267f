"""Converters from the public sets, as they are downloaded, to benchmark lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from prosona.evaluation.data import alignx, amazon, hicupid, mind, movielens, personamem, psoups
from prosona.evaluation.data.records import Choice, DataError, Person

__all__ = ["CONVERTERS", "Converter", "convert_to"]


@dataclass(frozen=True, slots=True)
class Converter:
    """How one public set becomes benchmark lines."""

    files: tuple[str, ...]
    """The files it needs, in order."""
    people: Callable[[Sequence[Path], int], Iterator[Person]]
    """Reads them; the number seeds what is drawn at random."""
    any_number: bool = False
    """Whether the one file may be several."""


CONVERTERS: Mapping[str, Converter] = {
    "mind": Converter(("news.tsv", "behaviors.tsv"), mind.people),
    "movielens": Converter(("movies.csv", "ratings.csv"), movielens.people),
    "amazon": Converter(("reviews.jsonl", "meta.jsonl"), amazon.people),
    "alignx": Converter(("alignx.json",), alignx.people),
    "personamem": Converter(("questions.csv", "shared_contexts.jsonl"), personamem.people),
    "personamem-v2": Converter(("benchmark.csv",), personamem.people_v2),
    "psoups-expertise": Converter(("annotated.json",), psoups.people_of(1), any_number=True),
    "psoups-info": Converter(("annotated.json",), psoups.people_of(2), any_number=True),
    "psoups-style": Converter(("annotated.json",), psoups.people_of(3), any_number=True),
    "hicupid": Converter(("dialogue.jsonl", "qa.jsonl"), hicupid.people),
}


def convert_to(name: str, raw: Sequence[Path], out: Path, *, seed: int = 42, users: int | None = None) -> int:
    """Writes a public set as benchmark lines and returns how many people it has.

    Nothing is left behind when the input is wrong. Raises `DataError` with file and line.
    """
    converter = CONVERTERS[name]
    if len(raw) != len(converter.files) and not converter.any_number:
        raise DataError(f"{name} needs {len(converter.files)} files, in order: {' '.join(converter.files)}")
    count = 0
    unfinished = out.with_name(out.name + ".part")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            for count, person in enumerate(islice(converter.people(raw, seed), users), start=1):  # noqa: B007
                file.write(json.dumps(_line(person), ensure_ascii=False) + "\n")
        if not count:
            raise DataError(f"{raw[0]}: holds no user with enough choices")
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _line(person: Person) -> dict[str, object]:
    references = {ask.query: ask.reference for ask in person.asks}
    targets: list[dict[str, object]] = []
    for target in person.targets:
        entry: dict[str, object] = {
            "query": target.query,
            "chosen": target.chosen,
            "rejected": target.rejected,
        }
        if target.query in references:
            entry["reference"] = references[target.query]
        targets.append(entry)
    return {
        "user_id": person.user_id,
        "history": [_past(choice) for choice in person.history],
        "targets": targets,
    }


def _past(choice: Choice) -> dict[str, object]:
    entry: dict[str, object] = {"query": choice.query, "chosen": choice.chosen, "rejected": choice.rejected}
    if choice.occurred_at:
        entry["timestamp"] = int(choice.occurred_at.timestamp())
    if choice.domain:
        entry["domain"] = choice.domain
    if choice.kind:
        entry["kind"] = choice.kind
    return entry
