"""What is kept of one user, and the changes that can be made to it: each all or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import ClassVar

from pydantic import ConfigDict

from prosona.core.errors import InvalidInputError
from prosona.core.requests import Commit, Forgetting, Forgotten, Head, Memory, Receipt, Spending
from prosona.core.words import Edit, Interaction, Line, RecordedInteraction, Revision, as_said
from prosona.profiles_db.memory._forgetting import goes, renamed, without

__all__ = ["User"]

_REASON = 200
"""Longest reason for a quarantine, in characters, as the log holds it."""

_FIELDS = tuple(Interaction.model_fields)
_CONTENT = ("query", "chosen", "rejected", "kind", "domain", "occurred_at")
"""What must be the same under the same key. Who carried it is not: a retry may come over another way."""


@dataclass(slots=True)
class User:
    """One user's log, profile and folds."""

    # Memory is any bytes; they are written to a backup as text.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    incarnation: int = 0
    log: dict[int, RecordedInteraction] = field(default_factory=dict)
    observed: int = 0
    folded_through: int = 0
    read_through: int = 0
    pending: int = 0
    pending_since: datetime | None = None
    last_observed_at: datetime | None = None
    revisions: list[Revision] = field(default_factory=list)
    text: str = ""
    text_until: date | None = None
    updated_at: datetime | None = None
    edits: dict[str, Edit] = field(default_factory=dict)
    memory_version: str | None = None
    memory_data: bytes = b""
    problem: str | None = None
    retry_at: datetime | None = None
    spent_on: date | None = None
    spending: Spending = field(default_factory=Spending)

    @property
    def newest(self) -> Revision | None:
        """The current revision; None for none."""
        return self.revisions[-1] if self.revisions else None

    @property
    def version(self) -> int:
        """The current version; 0 for none."""
        return self.newest.version if self.newest else 0

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines as they stand."""
        return self.newest.lines if self.newest else ()

    @property
    def memory(self) -> Memory | None:
        """What the profiler keeps for itself."""
        return (
            None
            if self.memory_version is None
            else Memory(version=self.memory_version, data=self.memory_data)
        )

    def head(self, user_id: str) -> Head:
        """Where the user stands."""
        return Head.model_construct(
            user_id=user_id,
            incarnation=self.incarnation,
            version=self.version,
            text=self.text,
            text_until=self.text_until,
            updated_at=self.updated_at,
            observed=self.observed,
            folded_through=self.folded_through,
            read_through=self.read_through,
            pending=self.pending,
            last_observed_at=self.last_observed_at,
            problem=self.problem,
            retry_at=self.retry_at,
        )

    def append(self, items: Sequence[Interaction], echo_seconds: float, now: datetime) -> list[Receipt]:
        """Adds to the log. Raises before anything is changed."""
        new: dict[int, RecordedInteraction] = {}
        receipts, pending, observed = [], self.pending, self.observed
        for item in items:
            earlier = self._same_key(item, new) or self._echoed(item, new, now, echo_seconds)
            if earlier is None:
                observed += 1
                new[observed] = _recorded(item, seq=observed, observed_at=now)
                pending += item.quarantined is None
            receipts.append(
                Receipt(
                    status="accepted" if earlier is None else "duplicate",
                    pending=pending,
                    quarantined=(earlier or item).quarantined,
                )
            )
        if new:
            self.log.update(new)
            if pending and not self.pending:
                self.pending_since = now
            self.observed, self.pending, self.last_observed_at = observed, pending, now
        return receipts

    def set_aside(self, seqs: Collection[int], reason: str) -> int:
        """Quarantines what was not quarantined; how many."""
        found = [seq for seq in sorted(seqs) if seq in self.log and self.log[seq].quarantined is None]
        for seq in found:
            self.log[seq] = self.log[seq].model_copy(update={"quarantined": reason[:_REASON]})
        self._count()
        return len(found)

    def let_in(self, seqs: Collection[int]) -> int:
        """Moves quarantined interactions, released, to the end of the log; how many."""
        found = self._quarantined(seqs)
        for seq in found:
            self.observed += 1
            self.log[self.observed] = self.log.pop(seq).model_copy(
                update={"seq": self.observed, "quarantined": None}
            )
        self._count()
        return len(found)

    def drop(self, seqs: Collection[int]) -> Forgotten:
        """Deletes quarantined interactions."""
        found = self._quarantined(seqs)
        for seq in found:
            del self.log[seq]
        return Forgotten(interactions=len(found))

    def commit(self, commit: Commit, now: datetime) -> int | None:
        """Writes a step; None when version or watermark is another by now."""
        if commit.base_version != self.version or commit.folded_from not in (None, self.folded_through):
            return None
        self._check(commit)
        self._write(commit, now)
        return self.version

    def forget(self, forgetting: Forgetting, now: datetime) -> Forgotten:
        """Deletes what is forgotten, and writes what remains. An error of its functions changes nothing."""
        self._check(forgetting.commit)
        names = forgetting.names
        gone = {seq for seq, item in self.log.items() if goes(item, forgetting)}
        revisions = [without(revision, forgetting) for revision in self.revisions]
        edits = {line: edit for line, edit in self.edits.items() if forgetting.keeps_edits(edit)}
        problem = None if self.problem is not None and names(self.problem) else self.problem
        forgotten = Forgotten(
            interactions=len(gone),
            lines=len(self.lines) - len(revisions[-1].lines) if revisions else 0,
            versions=sum(new != old for new, old in zip(revisions, self.revisions, strict=True)),
        )
        log = {seq: renamed(item, names) for seq, item in self.log.items() if seq not in gone}
        self.log, self.revisions, self.edits, self.problem = log, revisions, edits, problem
        self._write(forgetting.commit, now)
        return forgotten

    def spend(self, day: date, calls: int, tokens: int) -> Spending:
        """Adds to the cost of a day."""
        before = self.spending if self.spent_on == day else Spending()
        self.spent_on = day
        self.spending = Spending(calls=before.calls + calls, tokens=before.tokens + tokens)
        return self.spending

    def waiting(self, limit: int | None = None) -> list[RecordedInteraction]:
        """The oldest pending interactions."""
        found: list[RecordedInteraction] = []
        for seq, item in self.log.items():
            if limit is not None and len(found) >= limit:
                break
            if seq > self.folded_through and item.quarantined is None:
                found.append(item)
        return found

    def _check(self, commit: Commit) -> None:
        if commit.folded_through is not None and not 0 <= commit.folded_through <= self.observed:
            raise InvalidInputError(
                f"Folding cannot have reached {commit.folded_through}: the log ends at {self.observed}."
            )
        if commit.history and self.revisions:
            raise InvalidInputError("Earlier revisions can only come to a user who has none.")

    def _write(self, commit: Commit, now: datetime) -> None:
        self.revisions.extend(commit.history)
        if commit.counters_only:
            if self.revisions:
                self.revisions[-1] = self.revisions[-1].model_copy(update={"lines": commit.lines})
        else:
            self.revisions.append(_revision(commit, self.version + 1, now))
        self.updated_at = now
        self.text, self.text_until = commit.text, commit.text_until
        for line in (*commit.lifted, *(edit.line for edit in commit.edits)):
            self.edits.pop(line, None)
        self.edits.update((edit.line, edit) for edit in commit.edits)
        if commit.memory is not None:
            self.memory_version = commit.memory.version if commit.memory.data else None
            self.memory_data = commit.memory.data
        if commit.folded_through is not None:
            self.folded_through = commit.folded_through
        if commit.read_through is not None:
            self.read_through = commit.read_through
        if commit.cause == "fold":
            self.problem = self.retry_at = None
        self._count()

    def _count(self) -> None:
        waiting = self.waiting()
        self.pending = len(waiting)
        self.pending_since = waiting[0].observed_at if waiting else None

    def _quarantined(self, seqs: Collection[int]) -> list[int]:
        return [seq for seq in sorted(seqs) if seq in self.log and self.log[seq].quarantined is not None]

    def _same_key(self, item: Interaction, new: dict[int, RecordedInteraction]) -> RecordedInteraction | None:
        if item.idempotency_key is None:
            return None
        for earlier in self._backwards(new):
            if earlier.idempotency_key == item.idempotency_key:
                if any(getattr(earlier, name) != getattr(item, name) for name in _CONTENT):
                    raise InvalidInputError(
                        f"idempotency_key {item.idempotency_key!r} was used before for another interaction."
                        " Nothing was stored; send a new key for a new interaction."
                    )
                return earlier
        return None

    def _echoed(
        self, item: Interaction, new: dict[int, RecordedInteraction], now: datetime, seconds: float
    ) -> RecordedInteraction | None:
        if seconds <= 0 or item.chosen is None or item.rejected is not None:
            return None
        window, words, happened = timedelta(seconds=seconds), as_said(item.chosen), item.occurred_at or now
        for earlier in self._backwards(new):
            if (
                earlier.observed_at >= now - window
                and abs((earlier.occurred_at or earlier.observed_at) - happened) <= window
                and earlier.chosen is not None
                and as_said(earlier.chosen) == words
                and _reported_otherwise(earlier, item)
            ):
                return earlier
        return None

    def _backwards(self, new: dict[int, RecordedInteraction]) -> Iterator[RecordedInteraction]:
        yield from reversed(new.values())
        yield from reversed(self.log.values())


def _reported_otherwise(earlier: Interaction, item: Interaction) -> bool:
    """Whether two reports of the same words may be of one event: by two agents, one of them with a key and
    one without, or without keys under two kinds or domains."""
    keyed = (earlier.idempotency_key is not None) + (item.idempotency_key is not None)
    other_kind = (earlier.kind, earlier.domain) != (item.kind, item.domain)
    return earlier.agent != item.agent or keyed == 1 or (keyed == 0 and other_kind)


def _recorded(item: Interaction, *, seq: int, observed_at: datetime) -> RecordedInteraction:
    fields = {name: getattr(item, name) for name in _FIELDS}
    return RecordedInteraction.model_construct(**fields, seq=seq, observed_at=observed_at)


def _revision(commit: Commit, version: int, now: datetime) -> Revision:
    return Revision.model_construct(
        version=version,
        created_at=now,
        cause=commit.cause,
        actor=commit.actor,
        lines=commit.lines,
        retired=commit.retired,
        profiler=commit.profiler,
        first_seq=commit.first_seq,
        last_seq=commit.last_seq,
        rolled_back_to=commit.rolled_back_to,
    )
