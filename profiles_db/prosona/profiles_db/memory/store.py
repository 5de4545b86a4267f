"""The store in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from prosona.core.errors import InvalidInputError, StoreError
from prosona.core.requests import (
    Backlog,
    Claim,
    Commit,
    Forgetting,
    Forgotten,
    Head,
    PendingTotals,
    Receipt,
    Spending,
    Standing,
    UserEntry,
)
from prosona.core.words import Interaction, RecordedInteraction, Revision
from prosona.profiles_db.memory._user import User
from prosona.profiles_db.memory.place import Held, MemoryPlace

__all__ = ["MemoryStore"]


class MemoryStore:
    """A `Store` in memory, on a place of its own or on one that other stores share.

    Every call runs to its end at once, so that all of it happened or none. Threads may share it.
    """

    def __init__(self, place: MemoryPlace | None = None) -> None:
        self.place = MemoryPlace() if place is None else place
        self._open = True
        self.place.holders.add(self)

    def crash(self) -> None:
        """As if the process of this store had been killed: it answers no more, and its claims are free."""
        self._open = False
        self.place.holders.discard(self)

    async def append(
        self, user_id: str, interactions: Sequence[Interaction], *, echo_seconds: float = 0.0
    ) -> list[Receipt]:
        """See `prosona.profiles_db.store.Log`, as for the calls that follow."""
        with self._asked(user_id) as user:
            if not interactions:
                return []
            # A first call that is refused leaves no user behind.
            log = user or User()
            receipts = log.append(interactions, echo_seconds, self.place.time())
            self.place.keep(user_id, log)
            return receipts

    async def interactions(
        self, user_id: str, *, after: int = 0, limit: int = 500
    ) -> list[RecordedInteraction]:
        with self._asked(user_id) as user:
            return _page(user, after, limit, quarantined=False)

    async def interactions_at(self, user_id: str, seqs: Collection[int]) -> list[RecordedInteraction]:
        with self._asked(user_id) as user:
            return [user.log[seq] for seq in sorted(set(seqs)) if seq in user.log] if user else []

    async def quarantined(
        self, user_id: str, *, after: int = 0, limit: int = 500
    ) -> list[RecordedInteraction]:
        with self._asked(user_id) as user:
            return _page(user, after, limit, quarantined=True)

    async def set_aside(self, user_id: str, seqs: Collection[int], reason: str) -> int:
        with self._asked(user_id, reason) as user:
            return user.set_aside(set(seqs), reason) if user else 0

    async def let_in(self, user_id: str, seqs: Collection[int]) -> int:
        with self._asked(user_id) as user:
            return user.let_in(set(seqs)) if user else 0

    async def drop(self, user_id: str, seqs: Collection[int]) -> Forgotten:
        with self._asked(user_id) as user:
            return user.drop(set(seqs)) if user else Forgotten()

    async def head(self, user_id: str) -> Head:
        with self._asked(user_id) as user:
            return user.head(user_id) if user else Head(user_id=user_id)

    async def standing(self, user_id: str) -> Standing:
        with self._asked(user_id) as user:
            if user is None:
                return Standing(head=Head(user_id=user_id))
            return Standing.model_construct(
                head=user.head(user_id), revision=user.newest, edits=tuple(user.edits.values())
            )

    async def revisions(self, user_id: str, *, limit: int = 50, before: int | None = None) -> list[Revision]:
        with self._asked(user_id) as user:
            found = [r for r in user.revisions if before is None or r.version < before] if user else []
            return found[::-1][: max(limit, 0)]

    async def users(self, *, prefix: str = "", after: str = "", limit: int = 100) -> list[UserEntry]:
        with self._asked(prefix, after):
            names = sorted(name for name in self.place.users if name.startswith(prefix) and name > after)
            return [self._entry(name) for name in names[: max(limit, 0)]]

    async def commit(self, user_id: str, commit: Commit) -> int | None:
        with self._asked(user_id, commit.text) as user:
            if commit.incarnation != (user.incarnation if user else 0):
                return None
            if commit.token is not None and not self._is_current(user_id, commit.token):
                return None
            profile = user or User()
            version = profile.commit(commit, self.place.time())
            if version is not None:
                self.place.keep(user_id, profile)
                self.place.changes += 1
            return version

    async def forget(self, user_id: str, forgetting: Forgetting) -> Forgotten | None:
        with self._asked(user_id, forgetting.commit.text) as user:
            if user is None or (user.incarnation, user.version) != (
                forgetting.incarnation,
                forgetting.base_version,
            ):
                return None
            forgotten = user.forget(forgetting, self.place.time())
            self.place.changes += 1
            return forgotten

    async def erase(self, user_id: str) -> Forgotten:
        with self._asked(user_id):
            self.place.claims.pop(user_id, None)
            user = self.place.users.pop(user_id, None)
            if user is None:
                return Forgotten()
            self.place.changes += 1
            return Forgotten(
                interactions=len(user.log),
                lines=len(user.lines),
                versions=max(len(user.revisions) - 1, 0),
            )

    async def changed(self) -> int:
        with self._asked():
            return self.place.changes

    async def versions(self, user_ids: Collection[str]) -> dict[str, tuple[int, int]]:
        with self._asked(*user_ids):
            known = self.place.users
            return {
                name: (known[name].incarnation, known[name].version) if name in known else (0, 0)
                for name in user_ids
            }

    async def backlog(self, user_id: str, limit: int) -> Backlog:
        with self._asked(user_id) as user:
            if user is None:
                return Backlog(head=Head(user_id=user_id))
            return Backlog.model_construct(
                head=user.head(user_id),
                revision=user.newest,
                edits=tuple(user.edits.values()),
                interactions=tuple(user.waiting(max(limit, 0))),
                memory=user.memory,
            )

    async def claim(self, user_id: str, seconds: float) -> Claim | None:
        with self._asked(user_id):
            return None if self.place.held(user_id) else self._take(user_id, seconds)

    async def claim_due(
        self, seconds: float, *, pending: int, idle_seconds: float, limit: int
    ) -> list[Claim]:
        with self._asked():
            now = self.place.time()
            idle_since = now - timedelta(seconds=idle_seconds)
            due = [
                (user.pending_since, user.incarnation, name)
                for name, user in self.place.users.items()
                if user.pending_since is not None
                and (user.pending >= pending or _before(user.last_observed_at, idle_since))
                and _before(user.retry_at, now)
                and self.place.held(name) is None
            ]
            return [self._take(name, seconds) for _, _, name in sorted(due)[: max(limit, 0)]]

    async def renew(self, claims: Collection[Claim], seconds: float) -> None:
        with self._asked():
            for claim in claims:
                if self._is_current(claim.user_id, claim.token):
                    self._hold(claim, seconds)

    async def release(self, claim: Claim, *, problem: str | None = None, retry_seconds: float = 0.0) -> None:
        with self._asked(claim.user_id, problem or "") as user:
            if not self._is_current(claim.user_id, claim.token):
                return
            del self.place.claims[claim.user_id]
            if user is not None and problem is not None:
                user.problem = problem
                later = self.place.time() + timedelta(seconds=retry_seconds)
                user.retry_at = later if retry_seconds > 0 else None

    async def pending_totals(self) -> PendingTotals:
        with self._asked():
            waiting = [user for user in self.place.users.values() if user.pending]
            return PendingTotals(
                users=len(waiting),
                interactions=sum(user.pending for user in waiting),
                since=min((user.pending_since for user in waiting if user.pending_since), default=None),
            )

    async def spent(self, user_id: str, day: date) -> Spending:
        with self._asked(user_id) as user:
            return user.spending if user and user.spent_on == day else Spending()

    async def spend(self, user_id: str, day: date, *, calls: int, tokens: int) -> Spending:
        with self._asked(user_id) as user:
            return user.spend(day, calls, tokens) if user else Spending()

    async def now(self) -> datetime:
        with self._asked():
            return self.place.time()

    async def maintain(self, progress: Callable[[str], None] = lambda step: None) -> list[str]:
        with self._asked():
            return []

    async def backup(self, target: Path) -> None:
        with self._asked():
            self.place.write_copy(target)

    async def close(self) -> None:
        # Its process lives on, and with it what it has claimed.
        self._open = False

    @contextmanager
    def _asked(self, user_id: str = "", *others: str) -> Iterator[User | None]:
        """The user, for as long as nobody else changes anything."""
        for text in (user_id, *others):
            try:
                text.encode()
            except UnicodeEncodeError:
                raise InvalidInputError("a text holds half a surrogate pair, which is no character") from None
        with self.place.lock:
            if not self._open:
                raise StoreError("this store is closed: open another one")
            yield self.place.users.get(user_id)

    def _entry(self, user_id: str) -> UserEntry:
        user = self.place.users[user_id]
        return UserEntry(
            user_id=user_id,
            version=user.version,
            observed=user.observed,
            pending=user.pending,
            updated_at=user.updated_at,
        )

    def _is_current(self, user_id: str, token: str) -> bool:
        held = self.place.claims.get(user_id)
        return held is not None and held.claim.token == token

    def _take(self, user_id: str, seconds: float) -> Claim:
        user = self.place.users.get(user_id)
        claim = Claim(
            user_id=user_id, token=self.place.new_token(), incarnation=user.incarnation if user else 0
        )
        self._hold(claim, seconds)
        return claim

    def _hold(self, claim: Claim, seconds: float) -> None:
        now = self.place.time()
        self.place.claims[claim.user_id] = Held(claim, self, now, now + timedelta(seconds=seconds))


def _page(user: User | None, after: int, limit: int, *, quarantined: bool) -> list[RecordedInteraction]:
    if user is None:
        return []
    found = [
        item
        for seq, item in user.log.items()
        if seq > after and (not quarantined or item.quarantined is not None)
    ]
    return found[: max(limit, 0)]


def _before(moment: datetime | None, limit: datetime) -> bool:
    return moment is None or moment <= limit
