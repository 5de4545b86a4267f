"""How the command ends: the one table of exit codes, and what each error comes to."""

from __future__ import annotations

from prosona.profiles_db import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    ProfilerError,
    ProsonaError,
    StoreError,
    UnavailableError,
)

FAILED = 1
WRONG_USE = 2
CONFLICT = 3
NOT_FOUND = 4
STORE = 5
PROFILER = 6
UNAVAILABLE = 7
INTERRUPTED = 130
CLOSED_PIPE = 141

EXIT_CODES: dict[int, str] = {
    0: "done",
    FAILED: "it failed, a check of the doctor failed, or you declined",
    WRONG_USE: "the command line or its input is wrong; nothing was stored",
    CONFLICT: "somebody else revised the profile first; nothing was stored",
    NOT_FOUND: "no such user or version",
    STORE: "the database cannot be used: busy, read-only, full, too new, or no Prosona database",
    PROFILER: "the profiler failed; the interactions stay pending",
    UNAVAILABLE: "a server did not answer",
    INTERRUPTED: "interrupted",
    CLOSED_PIPE: "whoever read the output closed it",
}

_BY_ERROR: tuple[tuple[type[ProsonaError], int], ...] = (
    (InvalidInputError, WRONG_USE),
    (ConflictError, CONFLICT),
    (NotFoundError, NOT_FOUND),
    (StoreError, STORE),
    (ProfilerError, PROFILER),
    (UnavailableError, UNAVAILABLE),
)


def exit_code(error: ProsonaError) -> int:
    """The exit code that `error` comes to."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), FAILED)


def exit_code_table() -> str:
    """The codes for `--help`, one a line; the first line keeps click from rewrapping them."""
    rows = "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())
    return f"\b\nExit codes:\n{rows}"
