"""The file itself: front matter between two lines of three dashes, lines as bullets under headings."""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prosona.core.consequence import consequence_of
from prosona.core.errors import InvalidInputError
from prosona.core.lines import new_id
from prosona.core.portable._profile import ID, MAX_FILE, PortableProfile, wrong
from prosona.core.signs import one_line
from prosona.core.words import MAX_LINE, Consequence, Line

if TYPE_CHECKING:
    from prosona.core.portable._front import Front

__all__ = ["from_markdown", "to_markdown"]

_FENCE = "---"
_STATED, _OWN, _OTHER = "Stated", "Own", "Other"
_NO_TOPICS = {"", _STATED, _OWN, _OTHER}
_NOTE = (
    "<!-- Change, add or delete lines as you like. A mark such as ^k7f2mx ties a line to what is known"
    " about it above: leave it where it is. -->"
)

_FORMAT_1 = re.compile(r"""format:[ \t]*["']?prosona-profile/1["']?""")
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t](.*)")
_BULLET = re.compile(r"[ \t]*[-*+](?:[ \t](.*))?")
_RULE = re.compile(r"[ \t]*([-*_])(?:[ \t]*\1){2,}[ \t]*")
_COMMENT = re.compile(r"[ \t]*<!--(?:(?!-->).)*-->[ \t]*")
_MARK = re.compile(rf"(?:(.*) )?\^({ID})[ \t]*")
_OUR_ID = re.compile(r"[b-df-hj-np-tv-xz][b-df-hj-np-tv-xz2-9]{5}")
"""An id as we give them. Where the front matter does not know it, only such a mark is one: "2 ^x" is text."""
_LASTING: set[Consequence] = {"fact", "taste", "example"}
"""What a reworded line may keep being of. Of health, name or manner it was by its old words."""


def to_markdown(profile: PortableProfile) -> str:
    """The file of a profile; `from_markdown` gives back what went in.

    Left out is what means something beside the log only: which interactions a line rests on, and an
    `Edit`'s `through`. A line break within a text becomes a space; a line without a word is not written.
    """
    from prosona.core.portable._front import front_matter, unbroken
    from prosona.core.portable._yaml import write_yaml

    sections: dict[str, list[str]] = {_STATED: [], _OWN: []}
    checks: dict[str, str] = {}
    for line in profile.lines:
        text = unbroken(line.text)
        if text.strip():
            checks[line.id] = _check(text)
            sections.setdefault(_section(line), []).append(f"- {text} ^{line.id}")
    body = [_NOTE] if checks else []
    for title, bullets in sections.items():
        if bullets:
            body += ["", f"## {title}", "", *bullets]
    front = write_yaml(front_matter(profile, checks)).rstrip("\n")
    return "\n".join([_FENCE, front, _FENCE, "", *body, ""])


def from_markdown(text: str) -> PortableProfile:
    """The profile in a file's text, which may be one of version 1.

    A line that was changed by hand, or moved below another heading, becomes its owner's under the same
    id; one without a mark a new one of its owner's. A wrong file is an `InvalidInputError` that names
    the line.
    """
    if len(text) > MAX_FILE:
        raise InvalidInputError(
            f"A profile file has at most {MAX_FILE:,} characters; this has {len(text):,}."
        )
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    _check_characters(lines)
    if lines[0].rstrip() != _FENCE:
        raise wrong(1, f"a profile file starts with a line of {_FENCE}")
    end = next((n for n, line in enumerate(lines[1:], start=1) if line.rstrip() == _FENCE), None)
    if end is None:
        raise wrong(len(lines), f"a line of {_FENCE} must end the front matter")
    if any(_FORMAT_1.fullmatch(line.rstrip()) for line in lines[1:end]):
        from prosona.core.portable._version_1 import read_version_1

        return read_version_1(lines, end)
    from prosona.core.portable._front import Front

    front = Front(lines[1:end])
    return front.profile(_lines(_bullets(lines[end + 1 :], first=end + 2), front))


@dataclass(slots=True)
class _Bullet:
    number: int
    """The line of the file, from 1."""
    section: str
    text: str


def _bullets(lines: Sequence[str], first: int) -> Iterator[_Bullet]:
    section, current = "", None
    for number, line in enumerate(lines, start=first):
        if current is not None and line.strip() and line[0] in " \t" and not _starts_something(line):
            # An editor may have wrapped a long line: it goes on where it is indented.
            current.text += " " + line.strip()
            continue
        if current is not None:
            yield current
            current = None
        if not line.strip() or _RULE.fullmatch(line) or _COMMENT.fullmatch(line):
            continue
        if heading := _HEADING.fullmatch(line):
            section = _title(heading[1])
        elif bullet := _BULLET.fullmatch(line):
            current = _Bullet(number, section, bullet[1] or "")
        else:
            raise wrong(number, 'a line of the profile starts with "- " and stands on one line')
    if current is not None:
        yield current


def _starts_something(line: str) -> bool:
    return any(form.fullmatch(line) for form in (_RULE, _COMMENT, _HEADING, _BULLET))


def _lines(bullets: Iterator[_Bullet], front: Front) -> list[Line]:
    known: dict[str, Line] = {}
    new: list[Line] = []
    taken = set(front.entries)
    for bullet in bullets:
        text, name = _marked(bullet.text, front)
        if not text.strip():
            raise wrong(bullet.number, "a line without a word: delete it, or write what it says")
        if name in known:
            raise wrong(bullet.number, f"the mark ^{name} stands twice; take it off the new line")
        if name in front.entries:
            known[name] = _as_left(front, name, text, bullet)
        else:
            text = _own_text(text, bullet.number)
            if not name or name in taken:
                name = new_id(text, taken)
            taken.add(name)
            new.append(
                Line(
                    id=name,
                    kind="owned",
                    text=text,
                    topic="" if bullet.section in _NO_TOPICS else bullet.section,
                    consequence=consequence_of(text),
                )
            )
    return [*(known[name] for name in front.entries if name in known), *new]


def _marked(text: str, front: Front) -> tuple[str, str]:
    """The text of a bullet without its mark, and the id in the mark; an empty one for no mark."""
    mark = _MARK.fullmatch(text)
    if mark and (mark[2] in front.entries or _OUR_ID.fullmatch(mark[2])):
        return mark[1] or "", mark[2]
    return text, ""


def _as_left(front: Front, name: str, text: str, bullet: _Bullet) -> Line:
    """The line as it was written, or as its owner left it."""
    line = front.line(name, text)
    moved = bullet.section not in ("", _section(line))
    if front.check(name) in (None, _check(text)) and not moved:
        return line
    topic = bullet.section if moved and bullet.section not in _NO_TOPICS else line.topic
    text = _own_text(text, bullet.number)
    return Line(
        id=name,
        # A statement in other words is still one, as it is by `revise --line`.
        kind="stated" if line.kind == "stated" and not moved else "owned",
        text=text,
        topic=topic,
        consequence=consequence_of(text, line.consequence if line.consequence in _LASTING else "fact"),
        until=line.until,
        since=line.since,
    )


def _own_text(text: str, number: int) -> str:
    text = one_line(text)
    if not text:
        raise wrong(number, "a line without a word: delete it, or write what it says")
    if len(text) > MAX_LINE:
        raise wrong(number, f"a line has at most {MAX_LINE} characters; this has {len(text)}")
    return text


def _section(line: Line) -> str:
    """The heading below which a line is written."""
    if line.kind == "inferred":
        return _title(line.topic) or _OTHER
    return _STATED if line.kind == "stated" else _OWN


def _title(text: str) -> str:
    """A heading as it is read: in one line, without the number signs that may close it."""
    words = text.split()
    while words and not words[-1].strip("#"):
        words.pop()
    return " ".join(words)


def _check(text: str) -> str:
    """A short checksum of a text: that it was not changed by hand, against accidents only."""
    return b32encode(hashlib.sha256(text.encode()).digest()[:5]).decode().lower()


def _check_characters(lines: Sequence[str]) -> None:
    for number, line in enumerate(lines, start=1):
        try:
            line.encode()
        except UnicodeEncodeError:
            raise wrong(number, "half a surrogate pair, which is no character") from None
