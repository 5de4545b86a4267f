"""How the command ends: the one table of exit codes, and what each error comes to."""

from __future__ import annotations

from prosona.core.errors import (
    BroadForgetError,
    ConflictError,
    InvalidInputError,
    NotForgottenError,
    NotFoundError,
    ProfilerError,
    ProsonaError,
    StoreError,
    UnavailableError,
)

__all__ = [
    "CLOSED_PIPE",
    "CONFLICT",
    "EXIT_CODES",
    "FAILED",
    "INTERRUPTED",
    "NOT_FORGOTTEN",
    "NOT_FOUND",
    "PROFILER",
    "STORE",
    "UNAVAILABLE",
    "WRONG_USE",
    "exit_code",
    "exit_code_table",
]

FAILED = 1
WRONG_USE = 2
CONFLICT = 3
NOT_FOUND = 4
STORE = 5
PROFILER = 6
UNAVAILABLE = 7
NOT_FORGOTTEN = 8
INTERRUPTED = 130
CLOSED_PIPE = 141
"""130 and 141 are what a shell reports of a program ended by SIGINT and by SIGPIPE."""

EXIT_CODES: dict[int, str] = {
    0: "done",
    FAILED: "it failed, a check found something broken, or you declined",
    WRONG_USE: "the command line or its input is wrong; nothing was stored",
    CONFLICT: "somebody else revised the profile first; nothing was stored",
    NOT_FOUND: "no such user, version or line",
    STORE: "the database cannot be used: not there, busy, read-only, full, damaged or too new",
    PROFILER: "the profiler failed or somebody is left unfolded; the interactions stay pending",
    UNAVAILABLE: "a server did not answer",
    NOT_FORGOTTEN: "nothing names what was to be forgotten; nothing was changed",
    INTERRUPTED: "interrupted",
    CLOSED_PIPE: "whoever read the output closed it",
}

_BY_ERROR: tuple[tuple[type[ProsonaError], int], ...] = (
    (InvalidInputError, WRONG_USE),
    (BroadForgetError, WRONG_USE),
    (ConflictError, CONFLICT),
    (NotFoundError, NOT_FOUND),
    (NotForgottenError, NOT_FORGOTTEN),
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
