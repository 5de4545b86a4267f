"""What the service answers beside a profile: revisions made, reasons, previews of a forget."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from prosona.core.requests import Forgotten
from prosona.core.words import Cause, Line, RecordedInteraction, Time

__all__ = ["Imported", "Preview", "Reasons", "Reviewed", "Revised", "Wording", "Work"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Revised(_Answer):
    """What a revision came to. `version` did not move when there was nothing to do."""

    user_id: str
    version: int
    text: str
    cause: Cause | None
    line: str | None = None
    """The id of the line that was stated or changed, where it was one."""
    note: str | None = None
    """What the owner should know: what was redacted, what stands already."""
    forgotten: Forgotten | None = None


class Wording(_Answer):
    """How a line read from one version on."""

    version: int
    at: Time
    cause: Cause
    actor: str
    text: str


class Reasons(_Answer):
    """Why a line is in a profile."""

    line: Line
    number: int
    """Its place in the text, from 1; 0 for a line that stands no longer."""
    wordings: tuple[Wording, ...]
    """How it read, oldest first; the first tells when it first stood there."""
    interactions: tuple[RecordedInteraction, ...]
    """The interactions that it rests on, the best first: a sample of `line.support.times`."""
    note: str | None = None
    """Where it comes from if not from the log, or what its profiler adds."""
    spoke: tuple[str, ...] = ()
    """Words of those interactions that spoke most for it, where its profiler can say so."""


class Preview(_Answer):
    """What a forget would take away; nothing was changed."""

    what: str
    interactions: int
    of: int
    """Of how many in the log."""
    examples: tuple[RecordedInteraction, ...]
    """The latest few of them."""
    lines: tuple[Line, ...]
    """Lines of the profile that would go for good, whoever wrote them."""
    anew: tuple[Line, ...] = ()
    """Lines that would be inferred again from what remains."""
    dismissed: bool = False
    """The line would be dismissed, not its interactions: it rests on more of them than it names."""
    labelled: int = 0
    """How many interactions stay though their kind or domain is called so: labels are no topic."""
    in_history: bool = False
    """Whether only earlier versions of the profile name it."""
    near: tuple[str, ...] = ()
    """Where nothing was found: what comes near."""
    word: str | None = None
    """The word with which a call that would take away much is repeated; None where none is needed."""


class Reviewed(_Answer):
    """A line that its owner should look at again."""

    line: Line
    number: int
    why: Literal["ends soon", "ended", "not confirmed for long"]
    day: date
    """The day on which it ends, or on which it was last confirmed."""


class Imported(_Answer):
    """What an imported profile came to."""

    revised: Revised
    lines: int
    """Lines taken in."""
    known: int
    """Lines that stood here already."""
    refused: tuple[str, ...] = ()
    """Lines not taken in, each with the reason."""


class Work(_Answer):
    """A fold that the calling agent's own model is asked to make."""

    base_version: int
    folded_through: int
    lines: tuple[Line, ...]
    interactions: tuple[RecordedInteraction, ...]
    max_tokens: int
    rules: str
    """The writing rules, in a few sentences."""
