"""Every error that Prosona raises on purpose.

::

    ProsonaError
    ├── InvalidInputError        an argument is wrong; the message says what to send instead
    ├── NotFoundError            no such user or version
    ├── ConflictError            somebody else revised the profile first; carries both texts
    ├── NotForgottenError        nothing names the topic; says what comes near
    ├── BroadForgetError         a topic names much: shows what would go, and the word to repeat with
    ├── StoreError
    │   ├── StoreBusyError       another program held the file past the time limit
    │   ├── StoreReadOnlyError   the file or its folder may not be written
    │   ├── StoreFullError       no space left where the file lies
    │   ├── StoreTooNewError     the file was written by a newer Prosona
    │   ├── StoreReplacedError   the file was removed or replaced under this process
    │   ├── StoreDamagedError    the file's own structure is broken
    │   ├── StoreForkedError     the store was opened before a fork
    │   └── NotAStoreError       the file is not a Prosona database
    ├── ProfilerError            the profiler could not be reached or broke
    │   ├── OutputRejectedError  what it wrote failed the checks; the old profile stays
    │   ├── MemoryLostError      it cannot read its own memory: it must fold from the log again
    │   ├── BudgetSpentError     a user's model calls or tokens of the day are used up
    │   ├── CrashedError         it raised what no profiler should
    │   ├── RacedError           the profile kept changing while it was folded
    │   └── ProfilerUnavailableError  it cannot be used by anyone just now; says for how long
    └── UnavailableError         the server on the other side of a connection is gone
        └── UndeliveredError     a client was closed with observations that nobody has

`code` is the name an error carries over the wire, so that a client raises the same class
that the service raised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from prosona.core.words import Profile

__all__ = [
    "BroadForgetError",
    "BudgetSpentError",
    "ConflictError",
    "CrashedError",
    "InvalidInputError",
    "MemoryLostError",
    "NotAStoreError",
    "NotForgottenError",
    "NotFoundError",
    "OutputRejectedError",
    "ProfilerError",
    "ProfilerUnavailableError",
    "ProsonaError",
    "RacedError",
    "StoreBusyError",
    "StoreDamagedError",
    "StoreError",
    "StoreForkedError",
    "StoreFullError",
    "StoreReadOnlyError",
    "StoreReplacedError",
    "StoreTooNewError",
    "UnavailableError",
    "UndeliveredError",
]


class ProsonaError(Exception):
    """Root of the tree. The text is written for the person or agent that made the call."""

    code: ClassVar[str] = "error"


class InvalidInputError(ProsonaError):
    """An argument is wrong. Nothing was stored; the message says what to send instead."""

    code = "invalid_input"


class NotFoundError(ProsonaError):
    """The user or version asked for does not exist."""

    code = "not_found"


class ConflictError(ProsonaError):
    """The profile moved past `base_version` while the caller was working on it.

    `current` is the profile as it stands and `proposed` the text that was not stored, so that
    the caller can merge the two and try again with `base_version=current.version`.
    """

    code = "conflict"

    def __init__(self, *, current: Profile, proposed: str) -> None:
        super().__init__(
            f"the profile is at version {current.version} now: merge your text into the current one and"
            f" send it again with base_version={current.version}"
        )
        self.current = current
        self.proposed = proposed


class NotForgottenError(ProsonaError):
    """Nothing of the user's names the topic. Nothing was changed; `near` are things that come near."""

    code = "not_forgotten"

    def __init__(self, message: str, *, near: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.near = tuple(near)


class BroadForgetError(ProsonaError):
    """Much would go. Nothing was changed; the message shows it, and `word` confirms a second call."""

    code = "broad_forget"

    def __init__(self, message: str, *, word: str) -> None:
        super().__init__(message)
        self.word = word


class StoreError(ProsonaError):
    """The store could not do what was asked. Nothing was half-written."""

    code = "store"


class StoreBusyError(StoreError):
    """Another program held the database past the time limit; the call may be repeated."""

    code = "store_busy"


class StoreReadOnlyError(StoreError):
    """The database file, or the folder it lies in, may not be written."""

    code = "store_read_only"


class StoreFullError(StoreError):
    """The disk that holds the database is full."""

    code = "store_full"


class StoreTooNewError(StoreError):
    """The database was written by a newer Prosona than this one; upgrade to open it."""

    code = "store_too_new"


class StoreReplacedError(StoreError):
    """The file was removed, replaced or set back while it was open. Nothing was acknowledged since."""

    code = "store_replaced"


class StoreDamagedError(StoreError):
    """The file's structure is broken. Restore it from a backup."""

    code = "store_damaged"


class StoreForkedError(StoreError):
    """The store was opened before this process was forked; open another one in the child."""

    code = "store_forked"


class NotAStoreError(StoreError):
    """The file exists and is not a Prosona database; it was left as it is."""

    code = "not_a_store"


class ProfilerError(ProsonaError):
    """The profiler could not be reached, or broke. The interactions stay pending."""

    code = "profiler"


class OutputRejectedError(ProfilerError):
    """What the profiler wrote failed the checks. The old profile stays."""

    code = "output_rejected"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class MemoryLostError(ProfilerError):
    """The profiler cannot read the memory it was handed; it must be built again from the log."""

    code = "memory_lost"


class BudgetSpentError(ProfilerError):
    """A user's model calls or tokens of the day are used up; folding goes on after `retry_seconds`."""

    code = "budget_spent"

    def __init__(self, message: str, *, retry_seconds: float) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class CrashedError(ProfilerError):
    """The profiler raised what no profiler should. The interactions stay pending."""

    code = "crashed"


class RacedError(ProfilerError):
    """The profile kept changing while it was folded. The interactions stay pending."""

    code = "raced"


class ProfilerUnavailableError(ProfilerError):
    """The profiler cannot be used just now, whoever asks. No user is to blame; try after a while."""

    code = "profiler_unavailable"

    def __init__(self, message: str, *, retry_seconds: float) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class UnavailableError(ProsonaError):
    """The server on the other side of the connection is gone or did not answer."""

    code = "unavailable"


class UndeliveredError(UnavailableError):
    """The client was closed while the store or server could not be reached.

    `interactions` are the observations that nobody has: pairs of a user id and the arguments of
    `observe`, to be sent again whenever the program likes.
    """

    code = "undelivered"

    def __init__(self, interactions: Sequence[tuple[str | None, Mapping[str, object]]]) -> None:
        super().__init__(f"{len(interactions)} observations could not be delivered")
        self.interactions = tuple(interactions)
