"""What each revision of a profile changed."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from prosona.core.words import Cause, Line, LineKind, Revision, Time

__all__ = ["Changed", "Step", "says", "steps", "worth_showing"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Changed(_Answer):
    """A line that a revision added, changed or retired."""

    line: str
    """Its id."""
    kind: LineKind
    text: str
    """How it reads from then on; how it read until then, if it was retired."""
    before: str = ""
    """How it read before, if that was changed."""
    why: str = ""
    """Why it was retired, where that is known."""


class Step(_Answer):
    """What one revision came to: its lines against those of the revision before it."""

    version: int
    at: Time
    cause: Cause
    actor: str
    profiler: str | None = None
    first_seq: int | None = None
    last_seq: int | None = None
    """The interactions folded in it, if it is a fold."""
    rolled_back_to: int | None = None
    added: tuple[Changed, ...] = ()
    changed: tuple[Changed, ...] = ()
    """Lines that say something else, or are another kind of line, than before; counts do not matter."""
    retired: tuple[Changed, ...] = ()


def steps(revisions: Sequence[Revision]) -> list[Step]:
    """The steps that `revisions`, newest first, made; the last of them is compared with an empty profile.

    To have the steps of `n` revisions, ask for `n + 1` of them and leave out the last step. Those that are
    not worth showing are left out.
    """
    before: Sequence[Sequence[Line]] = [*(revision.lines for revision in revisions[1:]), ()]
    return [
        _step(revision, past)
        for revision, past in zip(revisions, before, strict=True)
        if worth_showing(revision, past)
    ]


def worth_showing(revision: Revision, past: Sequence[Line]) -> bool:
    """Whether a revision that followed on `past` says something new: not so a fold that only put other
    examples into a list of them."""
    if revision.cause != "fold":
        return True
    was = {line.id: line for line in past}
    if was.keys() != {line.id for line in revision.lines}:
        return True
    return any(
        says(line) != says(was[line.id])
        for line in revision.lines
        if line.kind != "inferred" or line.consequence != "example"
    )


def _step(revision: Revision, past: Sequence[Line]) -> Step:
    was = {line.id: line for line in past}
    now = {line.id: line for line in revision.lines}
    why = {retired.line: retired.why for retired in revision.retired}
    return Step(
        version=revision.version,
        at=revision.created_at,
        cause=revision.cause,
        actor=revision.actor,
        profiler=revision.profiler,
        first_seq=revision.first_seq,
        last_seq=revision.last_seq,
        rolled_back_to=revision.rolled_back_to,
        added=tuple(
            Changed(line=line.id, kind=line.kind, text=line.text)
            for line in revision.lines
            if line.id not in was
        ),
        changed=tuple(
            Changed(
                line=line.id,
                kind=line.kind,
                text=line.text,
                before=was[line.id].text if was[line.id].text != line.text else "",
            )
            for line in revision.lines
            if line.id in was and says(line) != says(was[line.id])
        ),
        retired=tuple(
            Changed(line=line.id, kind=line.kind, text=line.text, why=why.get(line.id, ""))
            for line in past
            if line.id not in now
        ),
    )


def says(line: Line) -> tuple[object, ...]:
    """What of `line` a reader of its profile sees, counts apart: lines that agree in it are the same to them."""
    return line.kind, line.topic, line.text, line.until
