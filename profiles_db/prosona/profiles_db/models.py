"""The words of the house as types: interactions, statements, revisions, profiles.

All are immutable. Times are timezone-aware UTC. A `seq` numbers one user's interactions from 1
in the order they were observed; a `version` numbers one user's revisions from 1 (0: none yet).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
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

Origin = Literal["user", "assistant", "tool", "external"]
"""Who vouches for an interaction. Set by the connection, never read from the text."""

Cause = Literal["fold", "statement", "edit", "forget", "rollback", "import"]
"""Why a revision was made."""

MAX_TEXT = 20_000
"""Longest `query`, `chosen` or `rejected`, in characters."""

# Everything below U+0020 but tab and newline, and DEL: never meant, and hostile to terminals.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


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
    return value.astimezone(UTC)


def _clean_or_none(text: str | None) -> str | None:
    return (_clean(text) or None) if text else None


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


class _Model(BaseModel):
    # Built on first use: a server starts before it needs most of these.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Interaction(_Model):
    """One observed behaviour: what was chosen or rejected, and the query it answered.

    `domain` is a short word for the field of life ("films", "news", "shopping"), `kind` one for
    the signal ("click", "rating", "chat", "post"). Control characters become spaces.
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


class Receipt(_Model):
    """What an observed interaction came to. Handed out only after the append is on disk."""

    status: Literal["accepted", "duplicate"]
    pending: int
    quarantined: str | None = None


class Statement(_Model):
    """A line the user stated, kept verbatim until the user removes it."""

    text: str
    stated_at: Time
    actor: str


class Draft(_Model):
    """A revision about to be committed."""

    cause: Cause
    actor: str
    summary: str
    statements: tuple[Statement, ...] = ()
    profiler: str | None = None
    first_seq: int | None = None
    last_seq: int | None = None
    rolled_back_to: int | None = None


class Revision(Draft):
    """One committed step of a profile. `first_seq`..`last_seq` are the interactions folded in it."""

    version: int
    created_at: Time


class Head(_Model):
    """Where one user stands: the current revision and the state of the log."""

    user_id: str
    revision: Revision | None = None
    observed: int = 0
    """Interactions ever observed; also the last `seq` given out."""
    folded_through: int = 0
    pending: int = 0
    last_observed_at: Time | None = None
    problem: str | None = None
    """Why the last fold did not happen, until one succeeds."""

    @property
    def version(self) -> int:
        """The current version; 0 when there is no profile yet."""
        return self.revision.version if self.revision else 0


class Backlog(_Model):
    """One consistent read of what a fold needs."""

    head: Head
    interactions: tuple[RecordedInteraction, ...]
    state: bytes | None = None
    """The profiler's own memory, as its last fold left it."""


class Forgotten(_Model):
    """What a forget removed, counted."""

    interactions: int = 0
    statements: int = 0
    lines: int = 0
    scrubbed: bool = True
    """False while another program's open read kept old pages on disk; forgetting again retries."""


class Spending(_Model):
    """What folding one user has cost on one day: model calls, and tokens read and written."""

    calls: int = 0
    tokens: int = 0


class PendingTotals(_Model):
    """What waits to be folded over all users, and since when the longest-waiting one of them."""

    users: int = 0
    interactions: int = 0
    since: Time | None = None


class UserEntry(_Model):
    """One row of the list of users."""

    user_id: str
    version: int
    observed: int
    pending: int
    updated_at: Time | None


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


class Revised(_Model):
    """What a revision came to. `version` did not move when there was nothing to do."""

    user_id: str
    version: int
    text: str
    cause: Cause | None
    forgotten: Forgotten | None = None
