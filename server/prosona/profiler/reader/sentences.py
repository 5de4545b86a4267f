"""A message cut into sentences, each with what surrounds it: quotation, code, a log, somebody else's text.

What is surrounded like that is not the user speaking of themself, whatever the words are. Time is linear in the
length of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prosona.profiler.reader.cues import READING

__all__ = ["MAX_READ", "Sentence", "sentences"]

MAX_READ = 4_000
"""Characters read of one message. Whoever writes more hands over a text; what is behind changes nothing."""
_MOST_SENTENCES = 60

# What ends no sentence though it ends with a full stop: titles, "for example", initials, single letters.
_SHORT = re.compile(
    r"(?:^|[\s(])(?:st|dr|mr|mrs|ms|prof|sr|sra|dra|jr|vs|etc|e\.g|i\.e|eg|ie|approx|no|nr|bzw|z\.b|d\.h|ca|ggf|usw|str|p\.ex"
    r"|av|aprox|mme|mlle|m|inc|ltd|fig|vol|ed|al|dept|est|[a-z]|[a-z]\.[a-z])\.$",
    re.IGNORECASE,
)
_END = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*(?=\s|$))|(?:[。！？؟।]+[」』”）]*)|\n+")
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_QUOTE_LINE = re.compile(r"^\s*>")
_MAIL = re.compile(
    r"^\s*(?:from|to|cc|subject|sent|date|von|an|betreff|gesendet|de|à|objet|para|asunto|enviado|assunto|发件人|收件人|主题"
    r"|差出人|件名|보낸사람|제목)\s*[:：]\s*\S",
    re.IGNORECASE,
)
_LOG = re.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ]|\[?\d\d:\d\d:\d\d|(?:[A-Z]+ )?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|TRACE)\b"
    r"|Traceback|\s+at \S+\(|\s*File \"|\w*(?:Error|Exception)\b[:\[]|error(?:\[\w+\])?:|warning:|note:|thread '|panic"
    r"|\s*-->|\s*\d+ \||npm ERR|E\s{3}|FAILED|PASSED|\$ |# \w+ing|>>> )"
)
_CODE = re.compile(
    r"[;{}]\s*$|^\s*(?:def|class|import|from \w+ import|return|const|let|var|function|public|private|#include|package|"
    r"SELECT|INSERT|UPDATE|CREATE|if \(|for \(|while \(|@\w+|</?\w+[^>]*>\s*$)\b|\w\(\)|=>|::\w|==|!=|&&|\|\|"
    r"|^\s*[\w.]+ = \S|^\s*\"[\w-]+\":|^\s{4,}\S.*[(){}=]"
)
_TABLE = re.compile(r"\|.*\||\t.*\t|^[^,\n]{0,40}(?:,[^,\n ][^,\n]{0,40}){3,}$")
_SAYS = re.compile(
    r"\b(?:says?|said|told me|asks?|asked|writes?|wrote|texted|goes|shouts?|answer(?:s|ed)|sagt\w*|schrieb"
    r"|meinte|dit|écrit|dice|dijo|escribió|diz|disse|escreveu)\s*[:,]?\s*[\"“„«]|(?:说|写道|问|回答|言っ|書い|말했|썼)[：:，,]?\s*[“\"「『]"
)
# Words between quotation marks, over several sentences too: more than a title or a term.
_SPANS = (
    re.compile(r"[\"“„](?=\S)([^\"“”„]{12,2000}?)[\"”“](?=$|[\s.,;:!?)）。，！？])"),
    re.compile(r"«([^«»]{12,2000})»|「([^「」]{6,2000})」|『([^『』]{6,2000})』|“([^“”]{6,2000})”"),
    re.compile(
        r"(?:(?<=[\s:(])|^)['‘](?=\S)([^\n]{12,600}?)['’](?=$|[.,;:!?)]*\s|[.,;:!?)]+$)", re.MULTILINE
    ),
)
_SPEECH = re.compile(r"^\s*[—–]\s*\S")
_MOSTLY = 0.5
"""Share of a sentence within quotation marks from which on it is a quotation."""
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_DOCUMENT = re.compile(
    r"^\s*(?:context|document|passage|article|source|excerpt|background|transcript|input|text|data|email|kontext|dokument|contexte"
    r"|contexto|documento|上下文|文档|资料|原文|文脈|資料)\s*[:：]",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"^\s*(?:question|query|task|q|frage|aufgabe|pregunta|tarefa|pergunta|问题|任务|質問)\s*[:：]\s*",
    re.IGNORECASE,
)
_MARKS = re.compile(r"^[\s\-*•]+|\s+$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it stands in its message."""

    text: str
    surroundings: frozenset[str]
    """What it stands in, of: quoted, code, log, mail, table, handed, played, supposed. Empty: the user speaks."""


def sentences(message: str) -> list[Sentence]:
    """The sentences of `message` in order, at most sixty, of its first 4,000 characters."""
    found: list[Sentence] = []
    for text, around in _blocks(message[:MAX_READ].replace("\r\n", "\n")):
        spans = _quoted(text)
        for start, end, sentence in _cut(text):
            if len(found) == _MOST_SENTENCES:
                return found
            found.append(Sentence(sentence, around | _inside(sentence, start, end, spans)))
    return found


def _blocks(message: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Parts of the message with what they are part of. Plain lines that follow on each other stay together."""
    plain: list[str] = []
    state = _State()
    for row in message.split("\n"):
        around = state.of(row)
        if around:
            if plain:
                yield "\n".join(plain), frozenset()
                plain = []
            yield row, around
            continue
        # Somebody's text may begin within the row: behind a colon, after what is to be done with it.
        own, given = _parted(row)
        if given is None:
            plain.append(own)
            continue
        plain.append(own)
        yield "\n".join(plain), frozenset()
        plain = []
        kind, rest = given
        state.opened(kind, rest)
        if rest.strip():
            yield rest, frozenset({kind})
    if plain:
        yield "\n".join(plain), frozenset()


class _State:
    """What the rows before say of the next one."""

    def __init__(self) -> None:
        self._fenced = False
        self._mail = False
        self._given = ""
        self._empty = 0

    def of(self, row: str) -> frozenset[str]:
        if _FENCE.match(row):
            self._fenced = not self._fenced
            return frozenset({"code"})
        if self._fenced:
            return frozenset({"code"})
        if not row.strip():
            return frozenset({self._given}) if self._given else frozenset()
        if _TASK.match(row):
            self._given, self._mail = "", False
            return frozenset()
        if _QUOTE_LINE.match(row):
            return frozenset({"quoted"})
        if _MAIL.match(row):
            self._mail = True
        if self._mail:
            return frozenset({"mail"})
        if self._given:
            return frozenset({self._given})
        if _DOCUMENT.match(row):
            self._given = "handed"
            return frozenset({"handed"})
        if _LOG.search(row):
            return frozenset({"log"})
        if _CODE.search(row):
            return frozenset({"code"})
        return frozenset({"table"}) if _TABLE.search(row) else frozenset()

    def opened(self, kind: str, rest: str) -> None:
        """From here on somebody's text is given; what is a role or a supposition holds to the end."""
        self._given = kind


def _parted(row: str) -> tuple[str, tuple[str, str] | None]:
    """The row up to where somebody else's text begins, and that text with what it is."""
    low = row.casefold() + "\n"
    for kind in ("supposed", "played", "handed"):
        match = READING.find(kind, low)
        if match:
            start = match.start() if kind != "handed" else match.end()
            # A whole sentence is played or supposed, with all that follows in it.
            begin = max(row.rfind(sign, 0, match.start()) for sign in ".!?。！？") + 1
            start = min(begin if kind != "handed" else start, len(row))
            return row[:start], (kind, row[start:])
    return row, None


def _cut(text: str) -> Iterator[tuple[int, int, str]]:
    """The sentences of a part with their places. A full stop behind a title or an initial ends nothing."""
    start = 0
    for match in _END.finditer(text):
        piece = text[start : match.end()]
        if match[0].startswith(".") and len(match[0]) == 1 and _goes_on(text, start, match):
            continue
        begun, start = start, match.end()
        if said := _bare(piece):
            yield begun, start, said
    if said := _bare(text[start:]):
        yield start, len(text), said


def _bare(piece: str) -> str:
    return _MARKS.sub("", _LIST_MARK.sub("", " ".join(piece.split()).replace("’", "'")))


def _goes_on(text: str, start: int, match: re.Match[str]) -> bool:
    after = text[match.end() : match.end() + 2].strip()
    before = text[max(start, match.start() - 12) : match.end()]
    return bool(_SHORT.search(before)) or bool(after and after[0].islower() and before[-2:-1].isdigit())


def _quoted(text: str) -> list[tuple[int, int]]:
    """Where words stand between quotation marks. An apostrophe is none."""
    return [match.span() for pattern in _SPANS for match in pattern.finditer(text)]


def _inside(sentence: str, start: int, end: int, spans: list[tuple[int, int]]) -> frozenset[str]:
    """What the sentence itself shows: words of others in it, or a speech in a story."""
    covered = sum(max(0, min(end, last) - max(start, first)) for first, last in spans)
    if covered > _MOSTLY * (end - start) or _SAYS.search(sentence) or _SPEECH.match(sentence):
        return frozenset({"quoted"})
    return frozenset()
