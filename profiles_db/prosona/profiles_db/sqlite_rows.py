"""Rows of the database as models, and back. Times are whole microseconds since 1970, in UTC."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from prosona.profiles_db.migrations import KEY_BITS
from prosona.profiles_db.models import Draft, Head, Interaction, RecordedInteraction, Revision, Statement

Row = tuple[Any, ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LOW_BITS = (1 << KEY_BITS) - 1

INTERACTION_COLUMNS = (
    "id, observed_at, occurred_at, origin, agent, kind, domain, idempotency_key, quarantined, "
    "query, chosen, rejected"
)
REVISION_COLUMNS = (
    "id, created_at, cause, actor, profiler, first_seq, last_seq, rolled_back_to, statements, summary"
)


def key(uid: int, number: int) -> int:
    """The key of the interaction with seq `number`, or the revision with that version, of a user."""
    return (uid << KEY_BITS) | number


def number_of(row_id: int) -> int:
    """The seq or version within a key."""
    return row_id & _LOW_BITS


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The UTC time of whole microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def _maybe_time(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def dump_statements(statements: Iterable[Statement]) -> str:
    """Statements as they are kept: text first, unescaped, so that a forget can look for its bytes."""
    return json.dumps(
        [[s.text, to_micros(s.stated_at), s.actor] for s in statements],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def load_statements(text: str) -> tuple[Statement, ...]:
    """Statements from what `dump_statements` wrote."""
    # Rows of our own are not validated again: reads are the hot path.
    return tuple(
        Statement.model_construct(text=words, stated_at=from_micros(micros), actor=actor)
        for words, micros, actor in json.loads(text)
    )


def interaction_row(uid: int, seq: int, observed_at: int, item: Interaction) -> Row:
    """The values of `INTERACTION_COLUMNS`."""
    return (
        key(uid, seq),
        observed_at,
        None if item.occurred_at is None else to_micros(item.occurred_at),
        item.origin,
        item.agent,
        item.kind,
        item.domain,
        item.idempotency_key,
        item.quarantined,
        item.query,
        item.chosen,
        item.rejected,
    )


def interaction(row: Row) -> RecordedInteraction:
    """The interaction of one row of `INTERACTION_COLUMNS`."""
    row_id, observed_at, occurred_at, origin, agent, kind, domain, idempotency_key, quarantined, *texts = row
    query, chosen, rejected = texts
    return RecordedInteraction.model_construct(
        query=query,
        chosen=chosen,
        rejected=rejected,
        kind=kind,
        domain=domain,
        occurred_at=_maybe_time(occurred_at),
        idempotency_key=idempotency_key,
        origin=origin,
        agent=agent,
        quarantined=quarantined,
        seq=number_of(row_id),
        observed_at=from_micros(observed_at),
    )


def revision_row(uid: int, version: int, created_at: int, draft: Draft) -> Row:
    """The values of `REVISION_COLUMNS`."""
    return (
        key(uid, version),
        created_at,
        draft.cause,
        draft.actor,
        draft.profiler,
        draft.first_seq,
        draft.last_seq,
        draft.rolled_back_to,
        dump_statements(draft.statements),
        draft.summary,
    )


def revision(row: Row) -> Revision:
    """The revision of one row of `REVISION_COLUMNS`."""
    row_id, created_at, cause, actor, profiler, first, last, rolled_back_to, statements, summary = row
    return Revision.model_construct(
        cause=cause,
        actor=actor,
        summary=summary,
        statements=load_statements(statements),
        profiler=profiler,
        first_seq=first,
        last_seq=last,
        rolled_back_to=rolled_back_to,
        version=number_of(row_id),
        created_at=from_micros(created_at),
    )


def head(user_id: str, row: Row) -> Head:
    """The head of one row: observed, folded_through, pending, last_observed_at, problem, revision."""
    observed, folded_through, pending, last_observed_at, problem, *rest = row
    return Head.model_construct(
        user_id=user_id,
        revision=None if rest[0] is None else revision(tuple(rest)),
        observed=observed,
        folded_through=folded_through,
        pending=pending,
        last_observed_at=_maybe_time(last_observed_at),
        problem=problem,
    )
