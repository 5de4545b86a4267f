"""How well the reader reads what it was not trained on: cross-validation by scenario."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

from prosona.profiler.reader.model import LearnedReader
from prosona.profiler.reader.weights import Weights
from prosona.training.reader.labelled import LabelledMessage

__all__ = ["Validated", "cross_validate", "table_of", "threshold_for"]

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Validated:
    """One sentence as it was read by weights that had seen no message of its family."""

    message: LabelledMessage
    place: int
    probability: float
    kind_is_right: bool
    slot_is_right: bool

    @property
    def keep(self) -> bool:
        """What its label says."""
        return self.message.sentences[self.place].keep


def cross_validate(
    messages: Sequence[LabelledMessage],
    train: Callable[[Sequence[LabelledMessage]], Weights],
    done: Callable[[], None] = lambda: None,
) -> list[Validated]:
    """Each message read by weights trained on the families of four other parts."""
    parts: list[list[LabelledMessage]] = [[] for _ in range(FOLDS)]
    for message in messages:
        parts[crc32(message.family.encode()) % FOLDS].append(message)
    found: list[Validated] = []
    for number, part in enumerate(parts):
        rest = [message for other, each in enumerate(parts) if other != number for message in each]
        found += _read(part, LearnedReader(train(rest)))
        done()
    return found


def _read(messages: Iterable[LabelledMessage], reader: LearnedReader) -> Iterable[Validated]:
    for message in messages:
        judged = reader.judge(message.text, [sentence.text for sentence in message.sentences])
        for place, (sentence, judgement) in enumerate(zip(message.sentences, judged, strict=True)):
            yield Validated(
                message,
                place,
                judgement.keep,
                judgement.kind == sentence.kind,
                judgement.slot == sentence.slot,
            )


def threshold_for(read: Sequence[Validated], rightness: float) -> float:
    """The lowest probability from which on at least `rightness` of what is kept should be."""
    ranked = sorted(read, key=lambda each: -each.probability)
    right, best = 0, 0.99
    for count, each in enumerate(ranked, 1):
        right += each.keep
        if right / count >= rightness:
            best = each.probability
    return round(best, 3)


def table_of(read: Sequence[Validated], keep_from: float) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: of all sentences, by language, and by setting where there are many."""
    rows = [_row("all", read, keep_from)]
    for part in ("language", "setting"):
        groups: dict[str, list[Validated]] = defaultdict(list)
        for each in read:
            groups[getattr(each.message, part)].append(each)
        rows += [
            _row(name, group, keep_from)
            for name, group in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
            if len(group) >= 100
        ]
    return [
        "sentences",
        "n",
        "to keep",
        "kept of those",
        "right of the kept",
        "kind right",
        "slot right",
    ], rows


def _row(name: str, read: Sequence[Validated], keep_from: float) -> list[str]:
    kept = [each for each in read if each.probability >= keep_from]
    wanted = [each for each in read if each.keep]
    both = [each for each in kept if each.keep]
    return [
        name,
        str(len(read)),
        str(len(wanted)),
        _share(len(both), len(wanted)),
        _share(len(both), len(kept)),
        _share(sum(each.kind_is_right for each in both), len(both)),
        _share(sum(each.slot_is_right for each in both), len(both)),
    ]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""
