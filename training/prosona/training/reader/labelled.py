"""Labelled sentences, as they are kept: one message a line of JSON, or in short form for those who write by hand.

A message in JSON: `lang`, `setting`, `text`, `sentences`, each with `s`, `keep`, `kind`, and for those to keep
`slot`. In short form messages are parted by empty lines; the first line is `# LANG SETTING FAMILY`, each other
one a segment: `+KIND/SLOT words` to keep, `-KIND words` not to. Segments are joined by a space (by nothing in
scripts without spaces), or by a line break where the words begin with `\\n`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from prosona.core.errors import InvalidInputError

__all__ = ["KINDS", "SLOTS", "LabelledMessage", "LabelledSentence", "load", "shipped"]

KINDS = ("fact", "taste", "style", "change", "correction", "temporary", "other_person")
"""Of sentences to keep."""
_LEFT_OUT = (
    "question chitchat task opinion other_person quote temporary log fiction sarcasm hypothetical injection"
)
LEFT_OUT = frozenset(_LEFT_OUT.split())
"""Of sentences not to keep: why not."""
_SLOTS = """
tool answer_style job diet health format home accessibility hobby family schedule taste language none allergy budget pet
name age pronouns
"""
SLOTS = tuple(_SLOTS.split())
_UNSPACED = frozenset({"zh", "ja", "th"})
_SEGMENT = re.compile(r"([+-])([a-z_]+)(?:/([a-z_]+))?(@other)?(~)?\s+(.+)")
_HEADING = re.compile(r"#\s*([a-z]{2,3})\s+(\S+)(?:\s+(\S+))?\s*$")


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """One sentence with its label."""

    text: str
    keep: bool
    kind: str
    slot: str


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """A message as it was typed, and its sentences in order."""

    language: str
    setting: str
    family: str
    """The scenario that several messages share; they are trained on or tested on together."""
    text: str
    sentences: tuple[LabelledSentence, ...]


def shipped() -> list[Path]:
    """The files of labelled sentences that the package brings."""
    folder = Path(__file__).parent / "sentences"
    return sorted(path for path in folder.iterdir() if path.suffix in (".jsonl", ".txt"))


def load(paths: Iterable[Path]) -> list[LabelledMessage]:
    """All messages of these files. Errors: `InvalidInputError` with the file and the line that is wrong."""
    found: list[LabelledMessage] = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInputError(f"{path}: cannot be read: {error}") from error
        found += _from_json(path, text) if path.suffix == ".jsonl" else _from_short_form(path, text)
    if not found:
        raise InvalidInputError("no labelled sentences were given")
    return found


def _from_json(path: Path, text: str) -> Iterator[LabelledMessage]:
    for number, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        try:
            told = json.loads(row)
            sentences = tuple(
                LabelledSentence(s["s"], bool(s["keep"]), s["kind"], s.get("slot") or "none")
                for s in told["sentences"]
            )
            # Messages of one setting that begin alike are variants of one scenario.
            family = told.get("family") or f"{told['setting']}/{told['text'][:12].casefold()}"
            message = LabelledMessage(told["lang"], told["setting"], family, told["text"], sentences)
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInputError(f"{path}, line {number}: not a labelled message: {error!r}") from error
        _check(path, number, message)
        yield message


def _from_short_form(path: Path, text: str) -> Iterator[LabelledMessage]:
    heading: re.Match[str] | None = None
    parts: list[tuple[str, LabelledSentence]] = []
    for number, row in enumerate([*text.splitlines(), ""], 1):
        row = row.rstrip()
        if not row.strip():
            if heading and parts:
                message = _joined(heading, parts)
                _check(path, number, message)
                yield message
            heading, parts = None, []
        elif row.startswith("#"):
            heading = _HEADING.match(row)
            if heading is None:
                raise InvalidInputError(f"{path}, line {number}: not `# LANG SETTING FAMILY`: {row[:60]!r}")
        else:
            match = _SEGMENT.match(row)
            if heading is None or match is None:
                raise InvalidInputError(
                    f"{path}, line {number}: neither `+KIND/SLOT words` nor `-KIND words` under a heading: {row[:60]!r}"
                )
            sign, kind, slot, _, _, words = match.groups()
            glue = "\n" if words.startswith("\\n") else "" if heading[1] in _UNSPACED else " "
            words = words.removeprefix("\\n").strip()
            parts.append((glue, LabelledSentence(words, sign == "+", kind, slot or "none")))


def _joined(heading: re.Match[str], parts: list[tuple[str, LabelledSentence]]) -> LabelledMessage:
    text = "".join(glue + sentence.text for glue, sentence in parts).strip()
    language, setting, family = heading.groups()
    # Translations of one scenario share its family whatever their language.
    return LabelledMessage(
        language, setting, f"{setting}/{family or text[:12]}", text, tuple(s for _, s in parts)
    )


def _check(path: Path, number: int, message: LabelledMessage) -> None:
    for sentence in message.sentences:
        kinds = KINDS if sentence.keep else LEFT_OUT
        if sentence.kind not in kinds or (sentence.keep and sentence.slot not in SLOTS):
            told = f"{'+' if sentence.keep else '-'}{sentence.kind}/{sentence.slot}"
            raise InvalidInputError(
                f"{path}, line {number}: there is no label {told}: {sentence.text[:60]!r}"
            )
