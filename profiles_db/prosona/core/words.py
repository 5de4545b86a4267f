"""The words of the house as types: interactions, lines, profiles, revisions.

All are immutable. Times are timezone-aware UTC. A `seq` numbers one user's interactions from 1 in the
order they were observed; a `version` numbers one user's revisions from 1 (0: none yet).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

__all__ = [
    "MAX_LINE",
    "MAX_SAMPLE",
    "MAX_TEXT",
    "Cause",
    "Consequence",
    "Edit",
    "Interaction",
    "Line",
    "LineKind",
    "Origin",
    "Profile",
    "RecordedInteraction",
    "Retired",
    "Revision",
    "Support",
    "Time",
    "as_said",
    "clean_text",
]

Origin = Literal["user", "assistant", "tool", "external"]
"""Who vouches for an interaction. Set by the connection, never read from the text."""

Cause = Literal["fold", "statement", "edit", "forget", "rollback", "import"]
"""Why a revision was made."""

LineKind = Literal["stated", "owned", "inferred"]
"""`stated`: the user's own statement, pinned. `owned`: a line that its owner wrote or changed.
`inferred`: a profiler's."""

Consequence = Literal["safety", "person", "manner", "fact", "taste", "example"]
"""What it would cost not to know a line, the dearest first: health and access; name and language; how to
answer; lasting facts; tastes; single things."""

MAX_TEXT = 20_000
"""Longest `query`, `chosen` or `rejected`, in characters."""

MAX_LINE = 500
"""Longest line, in characters: what a person still reads as one."""

MAX_SAMPLE = 16
"""Most interactions that a line names as its support: enough to answer "why", few enough to carry."""

# Nothing was observed before computers, and a day ahead covers every time zone and a clock a bit fast.
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def clean_text(text: str) -> str:
    """`text` as `prosona.core.signs` cleans it: nothing hidden in it, nothing that a terminal obeys."""
    if text.isascii() and text.isprintable():
        return text.strip()
    # Imported with the first text that needs it: its patterns take milliseconds to compile.
    from prosona.core.signs import cleaned

    return cleaned(text)


_AROUND = " .,;:!?\"'\u2026\u3002\uff01\uff1f\uff0c\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d"


def as_said(text: str) -> str:
    """`text` as it sounds: in small letters, without the marks around it. Two reports of one sentence are
    alike in it."""
    return " ".join(text.casefold().split()).strip(_AROUND) or text


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _assume_utc(value: object) -> object:
    """A time without a zone is read as UTC: logs rarely carry one."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("not a time: write it like 2026-03-01T12:00:00Z") from None
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def _to_utc(value: datetime) -> datetime:
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        raise ValueError("not a time that a calendar holds: use a year from 1900 to 8999") from None
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError("not a time of anybody's doing: use a year from 1900 to 8999")
    return moment


def _clean_or_none(text: str | None) -> str | None:
    return (clean_text(text) or None) if text else None


Text = Annotated[
    Annotated[str, Field(max_length=MAX_TEXT)] | None,
    BeforeValidator(_blank_is_none),
    AfterValidator(_clean_or_none),
]
Label = Annotated[
    Annotated[str, Field(max_length=64)] | None,
    BeforeValidator(_blank_is_none),
    AfterValidator(_clean_or_none),
]
Time = Annotated[AwareDatetime, BeforeValidator(_assume_utc), AfterValidator(_to_utc)]
"""A moment in UTC, of a year from 1900 to 8999; read from ISO 8601."""


class _Model(BaseModel):
    # Built on first use: a server starts before it needs most of these.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Interaction(_Model):
    """One observed behaviour: what was chosen or rejected, and the query it answered.

    `domain` is a short word for the field of life ("films", "news", "shopping"), `kind` one for
    the signal ("click", "rating", "chat", "post"). Texts come out as `clean_text` leaves them.
    """

    query: Text = None
    chosen: Text = None
    rejected: Text = None
    kind: Label = None
    domain: Label = None
    occurred_at: Time | None = None
    idempotency_key: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    origin: Origin = "user"
    agent: Annotated[str, Field(max_length=128)] = ""
    quarantined: Annotated[str, Field(max_length=200)] | None = None
    """Why screening set it aside: kept, shown to its owner, never folded."""

    @model_validator(mode="after")
    def _something_happened(self) -> Interaction:
        if self.chosen is None and self.rejected is None:
            raise ValueError("give `chosen` or `rejected`: what the user did, said, picked or turned down")
        return self


class RecordedInteraction(Interaction):
    """An interaction as it stands in the log."""

    seq: int
    observed_at: Time

    @property
    def happened(self) -> datetime:
        """When it happened: as was said, but never after it was observed."""
        return min(self.occurred_at or self.observed_at, self.observed_at + timedelta(days=1))

    @property
    def day(self) -> date:
        """The day (UTC) on which it happened."""
        return self.happened.date()


class Support(_Model):
    """What a line rests on."""

    times: int = 0
    """How many interactions speak for it."""
    of: int = 0
    """Of how many that could have; 0 where nothing could speak against it."""
    first: date | None = None
    last: date | None = None
    """The first and the last day on which something spoke for it, by when it happened."""
    agents: tuple[str, ...] = ()
    """The agents that reported it, at most eight."""
    sample: tuple[int, ...] = ()
    """The `seq` of up to `MAX_SAMPLE` of the interactions, the best first, the newest always among them."""
    carried: Literal["import", "upgrade", "rollback"] | None = None
    """Set on a line that stands for another reason than its interactions here: it came with a file or from
    an earlier release, or its owner brought it back. Such a line stays beside what is learned."""


class Line(_Model):
    """The unit of a profile."""

    id: str = ""
    """Short and stable: the same through rewording, folds, rollback, export and import. Empty on a line
    that a profiler has just written: it is given one, or its predecessor's, before it is kept."""
    kind: LineKind = "inferred"
    text: str
    """One line, readable by itself. Evidence is not part of it."""
    topic: str = ""
    """The field of life it belongs to, as one would head a section with it; empty for none."""
    consequence: Consequence = "taste"
    support: Support = Field(default_factory=Support)
    evidence: str = ""
    """The support in words of the line's language, shown behind the text: "14 of 15; last in March 2026"."""
    until: date | None = None
    """The last day on which it holds; None: no end is known."""
    facts: tuple[str, ...] = ()
    """What it tells, as its profiler's own stable ids; they outlive rewording and let an owner's removal
    be understood. Empty for profilers that write prose."""
    actor: str = ""
    """Who stated it or wrote it; the profiler's name for an inferred line."""
    since: Time | None = None
    """When it first stood in the profile."""


class Edit(_Model):
    """What an owner did to a line, for profilers to respect: nothing older speaks for it any more."""

    line: str
    """The id of the line."""
    text: str
    """How it read when it was taken out or rewritten."""
    topic: str = ""
    facts: tuple[str, ...] = ()
    through: int
    """The last `seq` observed at that moment: only later interactions may bring it back."""
    how: Literal["removed", "rewritten", "rolled back"]
    at: Time


class Retired(_Model):
    """A line that a revision took out, and why."""

    line: str
    why: str


class Revision(_Model):
    """One committed step of a profile: its lines from then on."""

    version: int
    created_at: Time
    cause: Cause
    actor: str
    lines: tuple[Line, ...] = ()
    retired: tuple[Retired, ...] = ()
    profiler: str | None = None
    first_seq: int | None = None
    last_seq: int | None = None
    """The interactions folded in it, if it is a fold."""
    rolled_back_to: int | None = None


class Profile(_Model):
    """A user's profile as it is handed out: `text` at `version`, and how fresh it is."""

    user_id: str
    text: str
    version: int
    updated_at: Time | None
    interactions: int
    pending: int
    stale: str | None = None
    """Why the text does not hold the pending interactions yet; None when it is up to date."""
    lines: tuple[Line, ...] | None = None
    """The lines of the text in their order; None unless asked for."""
