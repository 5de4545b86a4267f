"""What goes into a store and comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from prosona.core.words import Cause, Edit, Line, RecordedInteraction, Retired, Revision, Time, _Model

__all__ = [
    "Backlog",
    "Claim",
    "Commit",
    "Forgetting",
    "Forgotten",
    "Head",
    "Memory",
    "PendingTotals",
    "Receipt",
    "Spending",
    "Standing",
    "UserEntry",
]


class Receipt(_Model):
    """What an observed interaction came to. Handed out only after the append is on disk."""

    status: Literal["accepted", "duplicate"]
    pending: int
    quarantined: str | None = None
    redacted: str | None = None
    """What was taken out of its text before it was kept ("a password"); None if nothing was."""


class Head(_Model):
    """Where one user stands, by one indexed read."""

    user_id: str
    incarnation: int = 0
    """Tells this user from one of the same name who was erased; never given twice. 0: not known."""
    version: int = 0
    text: str = ""
    """The current lines rendered, all of them."""
    text_until: date | None = None
    """The last day on which `text` may be shown as it is: a line of it ends then, or grows old."""
    updated_at: Time | None = None
    observed: int = 0
    """Interactions ever observed; also the last `seq` given out."""
    folded_through: int = 0
    read_through: int = 0
    """The last interaction that an agent's own model has read: what was said until then it tells itself."""
    pending: int = 0
    last_observed_at: Time | None = None
    problem: str | None = None
    """Why the last fold did not happen, until one succeeds."""
    retry_at: Time | None = None
    """When the next try is due after a failure; None: at once."""


class Memory(_Model):
    """What a profiler keeps for itself between folds."""

    version: str
    """The profiler's `memory_version` that wrote it."""
    data: bytes


class Standing(_Model):
    """One consistent read of a user's profile with its lines and its owner's edits."""

    head: Head
    revision: Revision | None = None
    edits: tuple[Edit, ...] = ()
    """Oldest first."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines as they stand."""
        return self.revision.lines if self.revision else ()


class Backlog(Standing):
    """One consistent read of what a fold needs."""

    interactions: tuple[RecordedInteraction, ...] = ()
    """The oldest pending ones."""
    memory: Memory | None = None


class Claim(_Model):
    """The right to fold one user, until it is released or runs out."""

    user_id: str
    token: str
    """A commit under a token that is no longer current is refused."""
    incarnation: int


class Commit(_Model):
    """A step to be written by compare-and-swap on `incarnation`, `base_version`, and for a fold also on
    `folded_from` and the claim's `token`."""

    incarnation: int
    base_version: int
    cause: Cause
    actor: str
    lines: tuple[Line, ...]
    text: str
    """The lines rendered, for `Head.text`."""
    text_until: date | None = None
    counters_only: bool = False
    """The lines say what they said: their support is brought up to date within the current version."""
    retired: tuple[Retired, ...] = ()
    profiler: str | None = None
    first_seq: int | None = None
    last_seq: int | None = None
    rolled_back_to: int | None = None
    folded_from: int | None = None
    folded_through: int | None = None
    """The watermark before and after; None where it does not move."""
    read_through: int | None = None
    """What an agent's own model has read now; None where that does not move."""
    memory: Memory | None = None
    """The profiler's new memory; None keeps the old one, one with empty `data` clears it."""
    edits: tuple[Edit, ...] = ()
    """Edits to add; one about the same line is replaced."""
    lifted: tuple[str, ...] = ()
    """Lines whose edits hold no longer, because their owner brought them back."""
    token: str | None = None
    history: tuple[Revision, ...] = ()
    """Earlier revisions that come with an imported profile, oldest first; only where there are none yet."""


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What a forget takes away. The functions run on another thread and must not call the store."""

    incarnation: int
    base_version: int
    seqs: frozenset[int]
    """Interactions found before, by their `seq`."""
    scanned_through: int
    """Interactions behind this one were not looked at yet: those that `names` are deleted, too."""
    names: Callable[[str], bool]
    """Whether a text names what is forgotten."""
    doomed: Callable[[Line], bool]
    """Whether a line of an earlier version goes: it names what is forgotten, or rests on nothing else."""
    commit: Commit
    """The revision that follows, cause `forget`; its `folded_through` is where folding begins anew.
    Its memory, `lines` and `edits` are free of what is forgotten."""
    keeps_edits: Callable[[Edit], bool]
    """Whether an edit may stay."""


class Forgotten(_Model):
    """What a forget removed, counted."""

    interactions: int = 0
    lines: int = 0
    """Lines of the current version, of any kind."""
    versions: int = 0
    """Earlier versions that held something of it."""
    scrubbed: bool = True
    """False while another program's open read, or a lack of room, kept old pages on disk: the debt is
    noted in the file and paid when it can be."""
    notes: tuple[str, ...] = ()
    """What its owner should know: what was dismissed rather than erased, what comes near."""


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
