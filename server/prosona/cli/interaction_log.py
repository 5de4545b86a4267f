"""Files of interactions, one JSON object a line: read whole before anything is stored.

A line is an interaction (`chosen`, `query`, `rejected`, `kind`, `domain`, `occurred_at`, ... as in
the log that `prosona export --interactions` writes), or a record of a benchmark with one user's
`history` of them. `userid` or `user_id` says whose it is, `timestamp` may stand for `occurred_at`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from prosona.profiles_db import Interaction, InvalidInputError
from prosona.service import parse_interaction, parse_user_id

_FIELDS = (
    "query",
    "chosen",
    "rejected",
    "kind",
    "domain",
    "occurred_at",
    "idempotency_key",
    "origin",
    "agent",
)
# Written by `export`, set anew by an import; and what benchmarks keep for their own scoring.
_IGNORED = frozenset({"seq", "observed_at", "quarantined", "meta"})
_OWNER = ("user_id", "userid")

Log = dict[str, list[Interaction]]
"""Interactions by the user they belong to, in the order of the file."""


def read_log(lines: Iterable[str], user_id: str | None) -> Log:
    """The interactions of a whole file. With `user_id` they are all that user's.

    Errors: `InvalidInputError` naming the line, for the first one that is wrong, or for a bad `user_id`.
    """
    user_id = parse_user_id(user_id) if user_id is not None else None
    log: Log = {}
    named: set[str] = set()
    keyed: dict[tuple[str, str | None], Interaction] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            owner, interactions = _line(line, number)
            if owner is not None:
                named.add(owner)
            whose = owner if user_id is None else user_id
            if whose is None:
                raise InvalidInputError("it names no user: give --user, or user_id in the line")
            if user_id is not None and len(named) > 1:
                raise InvalidInputError(f"it is {owner}'s, and lines before are another's: leave out --user")
            for interaction in interactions:
                if keyed.setdefault((whose, interaction.idempotency_key), interaction) != interaction:
                    raise InvalidInputError("its idempotency_key stands on a line before with other content")
        except InvalidInputError as error:
            raise InvalidInputError(f"line {number}: {error}; nothing was imported") from None
        log.setdefault(whose, []).extend(interactions)
    return log


def _line(line: str, number: int) -> tuple[str | None, list[Interaction]]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidInputError(f"no JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise InvalidInputError("no JSON that can be read: nested too deeply") from None
    if not isinstance(record, dict):
        raise InvalidInputError("not a JSON object")
    owner = _owner(record)
    if "history" not in record:
        return owner, [_interaction(record, f"{number}")]
    history = record["history"]
    if not isinstance(history, list):
        raise InvalidInputError("its history is not a list")
    # A benchmark's record carries more than its history: the targets, say, which no profile may see.
    domain = record.get("domain")
    interactions = []
    for index, item in enumerate(history, start=1):
        if not isinstance(item, dict):
            raise InvalidInputError(f"history {index}: not a JSON object")
        try:
            interactions.append(_interaction({"domain": domain, **item}, f"{number}.{index}"))
        except InvalidInputError as error:
            raise InvalidInputError(f"history {index}: {error}") from None
    return owner, interactions


def _owner(record: Mapping[str, object]) -> str | None:
    given = next((record[key] for key in _OWNER if record.get(key) is not None), None)
    return parse_user_id(str(given)) if given is not None else None


def _interaction(item: Mapping[str, object], place: str) -> Interaction:
    unknown = item.keys() - set(_FIELDS) - _IGNORED - set(_OWNER) - {"timestamp"}
    if unknown:
        raise InvalidInputError(f"{', '.join(sorted(unknown))}: no such field of an interaction")
    fields = {name: item[name] for name in _FIELDS if item.get(name) is not None}
    when = item.get("timestamp")
    if when is not None and "occurred_at" not in fields:
        fields["occurred_at"] = _moment(when)
    if "idempotency_key" not in fields:
        # The same line of the same file is the same interaction, however often it is imported.
        content = json.dumps([place, item], sort_keys=True, ensure_ascii=False, default=str)
        digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
        fields["idempotency_key"] = f"import:{digest[:32]}"
    return parse_interaction(**fields)


def _moment(value: object) -> object:
    """A time in seconds since 1970 as benchmarks write it; anything else is for the model to judge."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise InvalidInputError("timestamp: no time since 1970 in seconds") from None
