"""Files of interactions, read whole before anything is stored: JSON lines, JSON, tables with a header.

A record is an interaction (`chosen`, `query`, `rejected`, `kind`, `domain`, `occurred_at`, ... as in the
log that `prosona export --interactions` writes), or a record of a benchmark with one user's `history` of
them. `userid` or `user_id` says whose it is, `timestamp` may stand for `occurred_at`. The columns of a
table may have other names that are as plain: see `prosona.cli.tables`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from prosona.core.errors import InvalidInputError
from prosona.core.words import Interaction
from prosona.service import parse_interaction, parse_user_id

__all__ = ["Gathering", "Log", "read_document", "read_log"]

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
# By these keys the conversations of ChatGPT's and of Claude's exports are known.
_CONVERSATION = ("mapping", "chat_messages")

Log = dict[str, list[Interaction]]
"""Interactions by the user they belong to, in the order of the file."""


class Gathering:
    """Interactions gathered from the records of one file, whatever its form."""

    def __init__(self, user_id: str | None, unit: str = "line") -> None:
        """With `user_id` all interactions are that user's. Errors: `InvalidInputError` for a bad one.

        `unit` is what a record is called where one is wrong: a line, an item.
        """
        self.log: Log = {}
        self._user_id = parse_user_id(user_id) if user_id is not None else None
        self._unit = unit
        self._named: set[str] = set()
        self._keyed: dict[tuple[str, str | None], Interaction] = {}

    @contextmanager
    def at(self, number: int) -> Iterator[None]:
        """Lets errors of the record with this number say where they are."""
        try:
            yield
        except InvalidInputError as error:
            raise InvalidInputError(f"{self._unit} {number}: {error}; nothing was imported") from None

    def add(self, record: object, number: int) -> None:
        """Takes in what one record holds. Errors: `InvalidInputError` for the first thing that is wrong."""
        owner, interactions = _read(record, number)
        if owner is not None:
            self._named.add(owner)
        whose = owner if self._user_id is None else self._user_id
        if whose is None:
            raise InvalidInputError("it names no user: give --user, or user_id in the record")
        if self._user_id is not None and len(self._named) > 1:
            raise InvalidInputError(f"it is {owner}'s, and those before are another's: leave out --user")
        for interaction in interactions:
            if self._keyed.setdefault((whose, interaction.idempotency_key), interaction) != interaction:
                raise InvalidInputError(
                    f"its idempotency_key stands on a {self._unit} before with other content"
                )
        self.log.setdefault(whose, []).extend(interactions)


def read_log(lines: Iterable[str], user_id: str | None) -> Log:
    """The interactions of a whole file of JSON lines. With `user_id` they are all that user's.

    Errors: `InvalidInputError` naming the line, for the first one that is wrong, or for a bad `user_id`.
    """
    gathering = Gathering(user_id)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        with gathering.at(number):
            gathering.add(_parsed(line.removeprefix("\ufeff") if number == 1 else line), number)
    return gathering.log


def read_document(text: str, user_id: str | None) -> Log | None:
    """The interactions of one JSON document, a list of records or a single one; None if it is none.

    Errors: `InvalidInputError` naming the item that is wrong.
    """
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except (json.JSONDecodeError, RecursionError):
        return None
    gathering = Gathering(user_id, unit="item")
    for number, record in enumerate(document if isinstance(document, list) else [document], start=1):
        with gathering.at(number):
            gathering.add(record, number)
    return gathering.log


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidInputError(f"no JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise InvalidInputError("no JSON that can be read: nested too deeply") from None


def _read(record: object, number: int) -> tuple[str | None, list[Interaction]]:
    if not isinstance(record, dict):
        raise InvalidInputError("not a JSON object")
    if any(key in record for key in _CONVERSATION):
        raise InvalidInputError(
            "it is a conversation of an exported chat history (ChatGPT, Claude), which cannot be imported as"
            " it is: write what you said there as JSON lines such as"
            ' {"chosen": "I am vegetarian.", "kind": "message", "domain": "chat"}, and import that file'
        )
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
