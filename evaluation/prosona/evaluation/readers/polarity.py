"""A profile text as signed lines: what it says the user likes, and what it says they avoid.

The text may be written by anybody: one sentence a line with a domain head and evidence in
parentheses, a bulleted list under headings, or a paragraph of prose, in English or Chinese. Plain
words decide the sign of each piece and are then taken out of it; a clause without any keeps the sign
of the clause before it, a sentence without any that of its heading, else it counts as a like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prosona.evaluation.readers import polarity_words as words

__all__ = ["ENDED_WEIGHT", "PAST_WEIGHT", "WEAK_WEIGHT", "Line", "lines_of"]

PAST_WEIGHT = 0.25
ENDED_WEIGHT = 0.5
WEAK_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of a profile: its words, and how much it speaks for (+) or against (-) them."""

    text: str
    weight: float
    source: str
    """The whole line it was cut from, after its heading."""


@dataclass(frozen=True, slots=True)
class _Cue:
    start: int
    end: int
    sign: float


_CUE = re.compile(
    rf"(?P<avoids>\b(?:{words.AVOIDS})\b|{words.AVOIDS_ZH})|(?P<likes>\b(?:{words.LIKES})\b|{words.LIKES_ZH})"
    rf"|(?P<over>\bover\b)|(?P<negator>\b(?:{words.NEGATORS})\b|n['’]t\b)",
    re.IGNORECASE,
)
_PREFERRING = re.compile(rf"\b(?:{words.PREFERRING})\b", re.IGNORECASE)
_NEGATED = re.compile(
    rf"(?:\b(?:does|do|did|is|are|was|were|has|have|had|can|could|would|will)\s*)?(?:\b(?:{words.NEGATORS})|n['’]t)"
    r"(?:\s+(?:really|much|particularly|usually|often|an?|any|be|been|very|at all))*\s*$",
    re.IGNORECASE,
)
_NOT_ONLY = re.compile(r"\bnot (?:only|just|necessarily)\b", re.IGNORECASE)
_PAST = re.compile(words.PAST, re.IGNORECASE)
_ENDED = re.compile(words.ENDED, re.IGNORECASE)
_WEAK = re.compile(words.WEAK, re.IGNORECASE)
_EVIDENCE = re.compile(words.EVIDENCE, re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•–·>]+|\(?\d{1,2}[.)、])\s+")
_MARKUP = re.compile(r"\*\*|__|`|^#+\s*")
_PARENTHESES = re.compile(r"\s*[(（]([^()（）]*)[)）]")
_YEARS = re.compile(r"\s*(?:1[89]|20)\d\d(?:\s*[-–]\s*(?:(?:1[89]|20)\d\d)?)?\s*")
_HEAD = re.compile(r"\s*(?P<subject>[^:：.!?。！？]{1,40})(?::\s+|：)(?=\S)")
_SENTENCE = re.compile(
    r"(?<=[。！？])|(?<=[!?])\s+"
    r"|(?<=\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bvs\.)(?<!\bVol\.)(?<!\bNo\.)"
    r"(?<!\bJr\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\b[A-Z]\.)\s+"
)
_CLAUSE = re.compile(
    r"[;；]\s*|,?\s*\b(?:but|while|whereas|although|though|however|yet)\b,?\s*|[，,]?(?:但是|但|然而|不过)"
)
_FILLER = re.compile(r"\b(?:the|this) user(?:['’]s)?\b|\b\d+ (?:out )?of \d+\b|用户", re.IGNORECASE)
_EDGE = " \t,.;:!?，。；：！？、"


def lines_of(profile: str) -> list[Line]:
    """The signed pieces of a profile, in its order; evidence in parentheses is left out."""
    lines: list[Line] = []
    heading, sign = "", 1.0
    for raw in profile.splitlines():
        text = _MARKUP.sub("", _BULLET.sub("", _MARKUP.sub("", raw.strip()))).strip()
        if raw.lstrip().startswith("#") or text.endswith((":", "：")):
            heading, sign = text, _sign_of(text)
        elif text:
            text = _without_evidence(text)
            source = f"{heading} {text}".strip()
            lines += (Line(piece, weight, source) for piece, weight in _pieces(text, sign))
    return lines


def _without_evidence(text: str) -> str:
    def judged(match: re.Match[str]) -> str:
        inside = match.group(1)
        return "" if _EVIDENCE.search(inside) and not _YEARS.fullmatch(inside) else match.group()

    return _PARENTHESES.sub(judged, text)


def _pieces(text: str, heading: float) -> Iterator[tuple[str, float]]:
    subject, share = "", 1.0
    if head := _HEAD.match(text):
        subject, text = head["subject"].strip(), text[head.end() :]
        share, _ = _weight(subject)
        if _cues(subject) or share != 1.0:
            heading, subject = (_sign_of(subject) if _cues(subject) else heading), ""
    for sentence in _SENTENCE.split(text):
        sign = heading
        for clause in _CLAUSE.split(sentence):
            weight, ended = _weight(clause)
            for piece_sign, piece in _signed(_ENDED.sub(" ", _PAST.sub(" ", clause)), sign):
                sign = piece_sign
                words_of_piece = f"{subject}: {piece}" if subject else piece
                yield words_of_piece, share * weight * (-1.0 if ended else piece_sign)


def _weight(clause: str) -> tuple[float, bool]:
    """How much a clause weighs, and whether it says that something has ended."""
    if _ENDED.search(clause):
        return ENDED_WEIGHT, True
    if _PAST.search(clause):
        return PAST_WEIGHT, False
    return (WEAK_WEIGHT if _WEAK.search(clause) else 1.0), False


def _signed(clause: str, inherited: float) -> Iterator[tuple[float, str]]:
    """The clause cut where its sign changes. What stands before the first cue goes with it."""
    cues = _cues(clause)
    parts: list[tuple[float, list[str]]] = []
    before = clause[: cues[0].start] if cues else clause
    parts.append((cues[0].sign if cues else inherited, [before]))
    for cue, following in zip(cues, [*cues[1:], None], strict=False):
        rest = clause[cue.end : following.start if following else None]
        if cue.sign == parts[-1][0]:
            parts[-1][1].append(rest)
        else:
            parts.append((cue.sign, [rest]))
    for sign, texts in parts:
        piece = " ".join(_FILLER.sub(" ", " ".join(texts)).split()).strip(_EDGE)
        if any(character.isalnum() for character in piece):
            yield sign, piece


def _sign_of(text: str) -> float:
    cues = _cues(text)
    return cues[0].sign if cues else 1.0


def _cues(text: str) -> list[_Cue]:
    cues: list[_Cue] = []
    not_only = [match.start() for match in _NOT_ONLY.finditer(text)]
    for match in _CUE.finditer(text):
        if not _is_plain(text, match) or match.start() in not_only:
            continue
        start, end = match.span()
        if match["over"]:
            if _PREFERRING.search(text, 0, start):
                cues.append(_Cue(start, end, -1.0))
            continue
        if match["negator"]:
            cues.append(_Cue(start, end, -1.0))
            continue
        sign = -1.0 if match["avoids"] else 1.0
        if negated := _NEGATED.search(text, 0, start):
            start, sign = negated.start(), -sign
            if cues and cues[-1].start >= start:
                cues.pop()
        cues.append(_Cue(start, end, sign))
    return cues


def _is_plain(text: str, match: re.Match[str]) -> bool:
    """Whether a cue is a plain word and no part of a title such as "Love Actually"."""
    if not match.group()[0].isupper():
        return True
    if text[: match.start()].strip(_EDGE):
        return False
    following = text[match.end() :].lstrip()
    return not following[:1].isupper() or match.group()[-1] in "sdg"
