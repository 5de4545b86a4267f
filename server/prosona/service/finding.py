"""Looking for what a forget would take away, and showing it: nothing is changed here.

A topic takes with it the interactions that name it and the lines of every version that name it; a whole
line what it rested on, where that is fully known.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from prosona.core.errors import BroadForgetError, InvalidInputError, NotForgottenError
from prosona.core.lines import rendered
from prosona.core.requests import Standing
from prosona.core.topics import near, topic
from prosona.core.words import Line, RecordedInteraction
from prosona.profiles_db.store import Store
from prosona.service.answers import Preview
from prosona.service.explaining import every_revision

__all__ = ["Found", "check_found", "find", "labelled_note", "preview_of"]

_PAGE = 500
"""Interactions looked through at once."""
_BROAD_COUNT = 20
_BROAD_SHARE = 0.25
"""From 20 interactions that are a quarter of the log on, a topic is broad: its owner sees first what goes."""
_EXAMPLES = 3
_NEAR = 5
_NEAR_TEXTS = 2_000
"""The latest texts among which to look for what comes near, where nothing was found."""
_ID = re.compile("[a-z][a-z2-9]{5}")
"""What an id that was given here looks like."""


@dataclass
class Found:
    """What a forget would take away, as of one standing."""

    what: str
    standing: Standing
    names: Callable[[str], bool]
    line: Line | None
    """The line that is meant, if it is one rather than a topic."""
    interactions: list[RecordedInteraction]
    scanned_through: int
    of: int
    near: list[str]
    labelled: int = 0
    """Interactions that stay, though their kind or domain is called so."""
    in_history: bool = False
    """Whether nothing that stands names it, but something that stood does."""

    @cached_property
    def seqs(self) -> frozenset[int]:
        """The interactions that go."""
        return frozenset(item.seq for item in self.interactions)

    @cached_property
    def lines(self) -> list[Line]:
        """The standing lines that name it."""
        return [line for line in self.standing.lines if self.goes(line)]

    @cached_property
    def rested(self) -> list[Line]:
        """The inferred lines that do not name it and rest on it, in part or whole."""
        seqs = self.seqs
        return [
            line
            for line in self.standing.lines
            if line.kind == "inferred" and not self.goes(line) and not seqs.isdisjoint(line.support.sample)
        ]

    @property
    def dismissed(self) -> bool:
        """Whether the line meant rests on more interactions than it names, which stay."""
        return self.line is not None and self.line.kind == "inferred" and not _fully_known(self.line)

    def goes(self, line: Line) -> bool:
        """Whether a line is named by what is forgotten."""
        return (self.line is not None and line.id == self.line.id) or self.names(line.text)


async def find(store: Store, user_id: str, what: str) -> Found:
    """Looks for everything that `what` names: a line by its id or whole text, or else a topic.

    Raises `InvalidInputError` for a topic too short to look for.
    """
    standing = await store.standing(user_id)
    wanted = " ".join(what.split())
    line = await _line_meant(store, standing, wanted)
    names = _names(wanted, line)
    found: list[RecordedInteraction] = []
    texts: list[str] = []
    labels: Counter[tuple[str | None, str | None]] = Counter()
    after = of = 0
    while page := await store.interactions(user_id, after=after, limit=_PAGE):
        of += len(page)
        naming = await asyncio.to_thread(_naming, page, names)
        going = {item.seq for item in naming}
        labels.update((item.kind, item.domain) for item in page if item.seq not in going)
        found += naming
        texts += [text for item in page for text in _texts(item)]
        del texts[:-_NEAR_TEXTS]
        after = page[-1].seq
    if line is not None and line.kind == "inferred" and _fully_known(line):
        known = {item.seq for item in found}
        rest = [seq for seq in line.support.sample if seq not in known]
        found = sorted([*found, *await store.interactions_at(user_id, rest)], key=lambda item: item.seq)
    result = Found(wanted, standing, names, line, found, max(after, standing.head.observed), of, near=[])
    result.labelled = sum(count for pair, count in labels.items() if any(map(names, filter(None, pair))))
    if line is not None and line not in standing.lines:
        result.in_history = True
    elif not found and not result.lines:
        result.in_history = await _in_history(store, standing, names)
    if not found and not result.lines and not result.in_history:
        known_texts = [*(line.text for line in standing.lines), *reversed(texts)]
        result.near = await asyncio.to_thread(near, wanted, known_texts, _NEAR)
    return result


def preview_of(found: Found) -> Preview:
    """What would go, for its owner to see."""
    alone = [
        line for line in found.rested if _fully_known(line) and found.seqs.issuperset(line.support.sample)
    ]
    return Preview(
        what=found.what,
        interactions=len(found.interactions),
        of=found.of,
        examples=tuple(found.interactions[-_EXAMPLES:]),
        lines=(*found.lines, *alone),
        anew=tuple(line for line in found.rested if line not in alone),
        dismissed=found.dismissed,
        labelled=found.labelled,
        in_history=found.in_history,
        near=tuple(found.near),
        word=_word(found) if _is_broad(found) else None,
    )


def check_found(found: Found, confirm: str | None) -> None:
    """Raises `BroadForgetError` if much would go and `confirm` is not the word for just that, and
    `NotForgottenError` if there is nothing."""
    if _is_broad(found) and confirm != _word(found):
        examples = "; ".join(
            repr((item.chosen or item.rejected or "")[:60]) for item in found.interactions[-_EXAMPLES:]
        )
        raise BroadForgetError(
            f"{found.what!r} names {len(found.interactions)} of {found.of} interactions and"
            f" {len(found.lines)} lines, such as {examples}. Nothing was forgotten yet. Show this to the"
            f" user; to go on, call again with confirm={_word(found)!r}",
            word=_word(found),
        )
    if not found.interactions and not found.lines and not found.in_history:
        hint = f" What comes near: {'; '.join(repr(item[:80]) for item in found.near)}." if found.near else ""
        if found.labelled:
            hint = f" But {labelled_note(found.labelled)}.{hint}"
        raise NotForgottenError(
            f"nothing known names {found.what!r}; nothing was changed.{hint}", near=found.near
        )


def labelled_note(count: int) -> str:
    """What to say of interactions whose label alone is called like what is forgotten."""
    which = "1 interaction that stays has" if count == 1 else f"{count} interactions that stay have"
    return f"{which} a kind or domain of that name: to erase those, forget what they are about"


def _fully_known(line: Line) -> bool:
    return 0 < line.support.times <= len(line.support.sample)


async def _line_meant(store: Store, standing: Standing, wanted: str) -> Line | None:
    """The line that is meant by its id or its whole text, or by its id if it stands no longer; else None."""
    today, folded = (await store.now()).date(), wanted.casefold()
    line_id = folded.removeprefix("^")
    for line in standing.lines:
        if line_id == line.id or folded in (line.text.casefold(), rendered(line, today).casefold()):
            return line
    if not _ID.fullmatch(line_id):
        return None
    history = await every_revision(store, standing.head.user_id)
    gone = (line for revision in reversed(history) for line in revision.lines if line.id == line_id)
    return next(gone, None)


def _names(wanted: str, line: Line | None) -> Callable[[str], bool]:
    """Whether a text names the topic `wanted`, or what `line` says."""
    if line is None:
        return topic(wanted).names
    try:
        return topic(line.text).names
    except InvalidInputError:
        # A line of one letter is no topic, and still a line.
        return lambda text: text == line.text


def _texts(item: RecordedInteraction) -> list[str]:
    return [text for text in (item.query, item.chosen, item.rejected) if text]


def _naming(page: Sequence[RecordedInteraction], names: Callable[[str], bool]) -> list[RecordedInteraction]:
    return [item for item in page if any(map(names, _texts(item)))]


async def _in_history(store: Store, standing: Standing, names: Callable[[str], bool]) -> bool:
    history = await every_revision(store, standing.head.user_id)
    # A line stands in many revisions in the same words.
    stood = {line.text for revision in history for line in revision.lines}
    stood |= {edit.text for edit in standing.edits if edit.text}
    return await asyncio.to_thread(lambda: any(map(names, stood)))


def _is_broad(found: Found) -> bool:
    count = len(found.interactions)
    return count >= _BROAD_COUNT and count >= _BROAD_SHARE * found.of


def _word(found: Found) -> str:
    """A word for just this forget: the same while what would go is the same."""
    seen = f"{found.what.casefold()}\n{sorted(found.seqs)}".encode()
    return f"forget-{hashlib.sha256(seen).hexdigest()[:6]}"
