"""Rows of the database as models, and back.

Rows of our own are not validated again when they are read: reads are the hot path.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from prosona.core.requests import Head
from prosona.core.words import (
    Edit,
    Interaction,
    Line,
    RecordedInteraction,
    Retired,
    Revision,
    Support,
    as_said,
)
from prosona.profiles_db.sqlite.numbers import CLOCK_SLACK, from_micros, key, now_micros, number_of, to_micros

__all__ = [
    "EDIT_COLUMNS",
    "HEAD_COLUMNS",
    "INTERACTION_COLUMNS",
    "REVISION_COLUMNS",
    "Row",
    "dump_lines",
    "dump_retired",
    "echo_of",
    "edit",
    "edit_row",
    "head",
    "interaction",
    "interaction_row",
    "load_lines",
    "load_retired",
    "revision",
    "revision_row",
]

Row = tuple[Any, ...]

# Not validated, which would build its model before a server needs it.
_NO_SUPPORT = Support.model_construct()
_OF_SUPPORT = frozenset(Support.model_fields)

HEAD_COLUMNS = (
    "users.id, version, observed, folded_through, pending, last_observed_at, updated_at, problem, retry_at, "
    "problem_at, text, text_until, read_through"
)
INTERACTION_COLUMNS = (
    "id, observed_at, occurred_at, origin, agent, kind, domain, idempotency_key, quarantined, "
    "query, chosen, rejected, echo"
)
REVISION_COLUMNS = (
    "id, created_at, cause, actor, profiler, first_seq, last_seq, rolled_back_to, lines, retired"
)
EDIT_COLUMNS = "uid, line, text, topic, facts, through, how, at"


def _maybe_time(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def dump_lines(lines: Iterable[Line]) -> str:
    """Lines as they are kept; what has its usual value is left out."""
    return _compact([_line_values(line) for line in lines])


def _line_values(line: Line) -> dict[str, Any]:
    support = line.support
    values: dict[str, Any] = {
        "id": line.id,
        "kind": line.kind,
        "text": line.text,
        "topic": line.topic,
        "consequence": line.consequence,
        "times": support.times,
        "of": support.of,
        "first": support.first.isoformat() if support.first else None,
        "last": support.last.isoformat() if support.last else None,
        "agents": support.agents,
        "sample": support.sample,
        "carried": support.carried,
        "evidence": line.evidence,
        "until": line.until.isoformat() if line.until else None,
        "facts": line.facts,
        "actor": line.actor,
        "since": None if line.since is None else to_micros(line.since),
    }
    return {name: value for name, value in values.items() if value or (name == "since" and value is not None)}


def load_lines(text: str) -> tuple[Line, ...]:
    """Lines from what `dump_lines` wrote."""
    return tuple(map(_line, json.loads(text)))


def _line(values: dict[str, Any]) -> Line:
    get = values.get
    support = _NO_SUPPORT
    if not _OF_SUPPORT.isdisjoint(values):
        support = Support.model_construct(
            times=get("times", 0),
            of=get("of", 0),
            first=_maybe_day(get("first")),
            last=_maybe_day(get("last")),
            agents=tuple(get("agents", ())),
            sample=tuple(get("sample", ())),
            carried=get("carried"),
        )
    return Line.model_construct(
        id=get("id", ""),
        kind=values["kind"],
        text=get("text", ""),
        topic=get("topic", ""),
        consequence=values["consequence"],
        support=support,
        evidence=get("evidence", ""),
        until=_maybe_day(get("until")),
        facts=tuple(get("facts", ())),
        actor=get("actor", ""),
        since=_maybe_time(get("since")),
    )


def dump_retired(retired: Iterable[Retired]) -> str:
    """What a revision took out, as it is kept."""
    return _compact([[one.line, one.why] for one in retired])


def load_retired(text: str) -> tuple[Retired, ...]:
    """What a revision took out, from what `dump_retired` wrote."""
    return tuple(Retired.model_construct(line=line, why=why) for line, why in json.loads(text))


def _maybe_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _compact(value: object) -> str:
    # Unescaped, so that what is to be forgotten can be looked for in the bytes of the file.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def echo_of(chosen: str | None) -> int | None:
    """A short number by which the same words are found again; None for nothing chosen."""
    return None if chosen is None else zlib.crc32(as_said(chosen).encode())


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
        echo_of(item.chosen),
    )


def interaction(row: Row) -> RecordedInteraction:
    """The interaction of one row of `INTERACTION_COLUMNS`."""
    row_id, observed_at, occurred_at, origin, agent, kind, domain, idempotency_key, quarantined, *texts = row
    query, chosen, rejected, _ = texts
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


def revision_row(uid: int, revision: Revision) -> Row:
    """The values of `REVISION_COLUMNS`."""
    return (
        key(uid, revision.version),
        to_micros(revision.created_at),
        revision.cause,
        revision.actor,
        revision.profiler,
        revision.first_seq,
        revision.last_seq,
        revision.rolled_back_to,
        dump_lines(revision.lines),
        dump_retired(revision.retired),
    )


def revision(row: Row) -> Revision:
    """The revision of one row of `REVISION_COLUMNS`."""
    row_id, created_at, cause, actor, profiler, first, last, rolled_back_to, lines, retired = row
    return Revision.model_construct(
        version=number_of(row_id),
        created_at=from_micros(created_at),
        cause=cause,
        actor=actor,
        lines=load_lines(lines),
        retired=load_retired(retired),
        profiler=profiler,
        first_seq=first,
        last_seq=last,
        rolled_back_to=rolled_back_to,
    )


def edit_row(uid: int, one: Edit) -> Row:
    """The values of `EDIT_COLUMNS`."""
    facts = _compact(one.facts)
    return uid, one.line, one.text, one.topic, facts, one.through, one.how, to_micros(one.at)


def edit(row: Row) -> Edit:
    """The edit of one row of `EDIT_COLUMNS`."""
    _, line, text, topic, facts, through, how, at = row
    return Edit.model_construct(
        line=line,
        text=text,
        topic=topic,
        facts=tuple(json.loads(facts)),
        through=through,
        how=how,
        at=from_micros(at),
    )


def head(user_id: str, row: Row) -> Head:
    """The head of one row of `HEAD_COLUMNS`."""
    (
        uid,
        version,
        observed,
        folded,
        pending,
        last_at,
        updated_at,
        problem,
        retry_at,
        noted,
        text,
        until,
        read,
    ) = row
    if retry_at is not None and noted is not None and noted > now_micros() + CLOCK_SLACK:
        retry_at = None
    return Head.model_construct(
        user_id=user_id,
        incarnation=uid,
        version=version,
        text=text or "",
        text_until=None if until is None else date.fromordinal(until),
        updated_at=_maybe_time(updated_at),
        observed=observed,
        folded_through=folded,
        read_through=read,
        pending=pending,
        last_observed_at=_maybe_time(last_at),
        problem=problem,
        retry_at=_maybe_time(retry_at),
    )
