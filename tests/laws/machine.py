"""The laws of DESIGN section 3 as a state machine over all that can be done with a profile.

The oracle knows nothing of lines: it remembers what was acknowledged, what the owner wrote, took out and
forgot, by invented words that stand nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.laws.profilers import PROFILERS, CountingProfiler, title_of

from prosona.core.errors import InvalidInputError, NotForgottenError
from prosona.core.lines import render
from prosona.core.portable import from_markdown, to_markdown
from prosona.core.requests import Memory, Standing
from prosona.core.words import Line, RecordedInteraction, Revision
from prosona.profiler import Profiler
from prosona.profiles_db.store import Store
from prosona.service import FoldPolicy, ProfileService, parse_change, parse_interaction
from prosona.service.explaining import every_revision

# Nothing in the background: what happens must be the same when it is run again.
_POLICY = FoldPolicy(background=False)
USER = "ana"
TITLES = [f"Zu{syllable}{end}" for syllable in ("bal", "dor", "kim", "pel", "rus") for end in ("ak", "im")]
GENRES = ["drama", "western", "comedy"]
STATED = ["I never eat fish.", "I work at night.", "Call me Quibble.", "I live in Lyon.", "I play the oboe."]
OWNED = ["Watches slow films only, on Sundays.", "Owns a telescope.", "Reads on trains."]

_FILMS = st.tuples(st.sampled_from(TITLES), st.sampled_from(GENRES), st.booleans())


@dataclass(frozen=True)
class Taken:
    """A line that its owner took out: what it told, and how much was observed by then."""

    text: str
    facts: frozenset[str]
    through: int


class Laws(RuleBasedStateMachine):
    """Subclasses say on which store, and with which profilers."""

    make_store: Callable[[], Store]
    """Opens the store of this machine; again for a restart."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.profiler: Profiler = PROFILERS["builtin"]()
        self.service = self._open()
        self.observed = 0
        self.log: dict[str, str] = {}
        self.owned: dict[str, str] = {}
        self.taken: list[Taken] = []
        self.gone: set[str] = set()
        self.imported: dict[str, str] = {}

    def _open(self) -> ProfileService:
        async def make() -> ProfileService:
            return ProfileService(self.make_store(), self.profiler, policy=_POLICY)

        return self.runner.run(make())

    def teardown(self) -> None:
        self.runner.run(self.service.aclose())
        self.runner.close()

    @initialize(kind=st.sampled_from(sorted(PROFILERS)))
    def choose(self, kind: str) -> None:
        self._with_profiler(PROFILERS[kind]())

    # What happens.

    @rule(seen=st.lists(_FILMS, min_size=1, max_size=5), read=st.booleans())
    def observe(self, seen: list[tuple[str, str, bool]], read: bool) -> None:
        for title, genre, liked in seen:
            key = f"key-{self.observed}"
            side = "chosen" if liked else "rejected"
            interaction = parse_interaction(
                **{side: f"{title} ({genre})"}, domain="films", idempotency_key=key, agent="player"
            )
            (receipt,) = self.runner.run(self.service.observe(USER, [interaction]))
            assert receipt.status == "accepted"
            (again,) = self.runner.run(self.service.observe(USER, [interaction]))
            assert again.status == "duplicate"
            self.observed += 1
            self.log[key] = title
            # Evidence newer than a forget may bring a word back.
            self.gone = {word for word in self.gone if title not in word and genre not in word}
        if read:
            self.read()

    @rule()
    def read(self) -> None:
        profile = self.runner.run(self.service.get(USER, fresh=True))
        assert profile.pending == 0, profile.stale

    @rule(text=st.sampled_from(STATED))
    def state(self, text: str) -> None:
        revised = self.runner.run(self.service.revise(USER, parse_change(statement=text), actor="ana"))
        if revised.line is not None:
            self.owned[revised.line] = text
            self.gone.discard(text)

    @precondition(lambda self: self._lines())
    @rule(place=st.integers(0, 30), text=st.sampled_from(OWNED))
    def rewrite(self, place: int, text: str) -> None:
        line = self._pick(place)
        if text in self.owned.values():
            return
        self.runner.run(self.service.revise(USER, parse_change(line=line.id, text=text), actor="ana"))
        self.owned[line.id] = text
        self.imported.pop(line.id, None)
        self.gone.discard(text)

    @precondition(lambda self: self._lines())
    @rule(place=st.integers(0, 30))
    def pin(self, place: int) -> None:
        line = self._pick(place)
        self.runner.run(self.service.revise(USER, parse_change(pin=line.id), actor="ana"))
        self.owned[line.id] = line.text
        self.imported.pop(line.id, None)

    @precondition(lambda self: self._lines())
    @rule(place=st.integers(0, 30))
    def remove(self, place: int) -> None:
        line = self._pick(place)
        self.runner.run(self.service.revise(USER, parse_change(remove=line.id), actor="ana"))
        self.owned.pop(line.id, None)
        self.imported.pop(line.id, None)
        self.taken.append(Taken(line.text, frozenset(line.facts), self.observed))

    @rule(title=st.sampled_from(TITLES))
    def forget_topic(self, title: str) -> None:
        # What came with a file may have come to name the title since.
        naming = {line.id for line in self._lines() if title in line.text}
        with contextlib.suppress(NotForgottenError):
            self._forget(title)
        self.log = {key: about for key, about in self.log.items() if about != title}
        self.owned = {key: text for key, text in self.owned.items() if title not in text}
        self.imported = {key: text for key, text in self.imported.items() if key not in naming}
        self.gone.add(title)

    @precondition(lambda self: self.owned)
    @rule(place=st.integers(0, 30))
    def forget_own_line(self, place: int) -> None:
        line_id = sorted(self.owned)[place % len(self.owned)]
        text = self.owned[line_id]
        titles = [title for title in TITLES if title in text]
        self._forget(line_id)
        self.owned = {key: other for key, other in self.owned.items() if other != text}
        self.imported = {key: other for key, other in self.imported.items() if other != text}
        if not titles:
            self.gone.add(text)

    @precondition(lambda self: self._version() > 1)
    @rule(back=st.integers(1, 5))
    def roll_back(self, back: int) -> None:
        history = self._history()
        target = history[max(0, len(history) - 1 - back)]
        before = self._lines()
        self.runner.run(self.service.revise(USER, parse_change(rollback_to=target.version), actor="ana"))
        then = {line.id: line for line in target.lines}
        self.owned = {line.id: line.text for line in target.lines if line.kind != "inferred"}
        self.imported = {}
        told_then = {fact for line in target.lines for fact in line.facts}
        self.taken += [
            Taken(line.text, frozenset(line.facts) - told_then, self.observed)
            for line in before
            if line.id not in then
        ]
        back_again = {line.text for line in target.lines} - {line.text for line in before}
        self.taken = [
            entry for entry in self.taken if entry.text not in back_again and not entry.facts & told_then
        ]

    @rule()
    def carry(self) -> None:
        """Export, erase, import: the same profile (law 6)."""
        before = self.runner.run(self.service.export(USER))
        text = to_markdown(before)
        self.runner.run(self.service.revise(USER, parse_change(forget="*")))
        assert self.runner.run(self.service.get(USER)).version == 0
        self.log, self.taken, self.imported, self.observed = {}, [], {}, 0
        self.gone = {title for title in TITLES if title not in text}
        if not before.lines:
            self.owned = {}
            return
        imported = self.runner.run(self.service.import_profile(USER, from_markdown(text), actor="ana"))
        assert imported.refused == ()
        after = self.runner.run(self.service.export(USER))
        assert {_carried(line) for line in after.lines} == {_carried(line) for line in before.lines}
        self.imported = {line.id: line.text for line in after.lines if line.kind == "inferred"}
        known = [(r.version, r.created_at, r.cause, r.actor) for r in before.history]
        assert [(r.version, r.created_at, r.cause, r.actor) for r in after.history][: len(known)] == known

    @rule(kind=st.sampled_from(sorted(PROFILERS)))
    def change_profiler(self, kind: str) -> None:
        self._with_profiler(PROFILERS[kind]())

    @rule()
    def upgrade(self) -> None:
        """Another version of the same profiler, which cannot read the old one's memory."""
        self._with_profiler(CountingProfiler(f"counting-{self.observed + 2}"))

    @rule(known=st.booleans())
    def an_agent_reads(self, known: bool) -> None:
        """An agent's own model is handed the work, and hands back a line for each title; `known`: and the ids."""
        work = self.runner.run(self.service.work(USER))
        if work is None:
            return
        titles: dict[str, str] = {}
        for line in work.lines:
            named = [title for title in TITLES if title in line.text]
            if line.kind == "inferred" and len(named) == 1:
                titles.setdefault(named[0], line.id if known else "")
        for item in work.interactions:
            titles.setdefault(title_of(item), "")
        change = parse_change(
            text="\n".join(f"{name} Likes the film {title}." for title, name in titles.items()),
            base_version=work.base_version,
            folded_through=work.folded_through,
        )
        # Where all that it wrote was taken out by its owner, or stands already, the old lines stay.
        with contextlib.suppress(InvalidInputError):
            self.runner.run(self.service.revise(USER, change, actor="agent"))

    @rule()
    def restart(self) -> None:
        self._with_profiler(self.profiler)

    @rule()
    def damage_the_memory(self) -> None:
        """What a profiler kept for itself is garbage: it infers all from the log again."""

        async def damage() -> None:
            store = self.service._store
            standing = await store.standing(USER)
            version = self.profiler.memory_version
            if standing.revision is None or version is None:
                return
            from prosona.service.settling import to_commit

            commit = to_commit(
                standing,
                standing.lines,
                cause="fold",
                actor="x",
                now=await store.now(),
                counters_only=True,
                memory=Memory(version=version, data=b"\x00garbage"),
            )
            await store.commit(USER, commit)

        self.runner.run(damage())

    # What always holds.

    @invariant()
    def law_1_the_log_holds_what_was_acknowledged_once(self) -> None:
        found = [item.idempotency_key for item in self._log()]
        assert sorted(map(str, found)) == sorted(self.log)

    @invariant()
    def law_2_the_owners_lines_stand_word_for_word(self) -> None:
        standing = {line.id: line.text for line in self._lines() if line.kind != "inferred"}
        assert standing == self.owned

    @invariant()
    def law_3_what_its_owner_took_out_stays_away(self) -> None:
        for entry in self.taken:
            for line in self._lines():
                if line.kind != "inferred" or line.support.carried:
                    continue
                the_same = line.text == entry.text or not entry.facts.isdisjoint(line.facts)
                newest = max(line.support.sample, default=0)
                assert not the_same or newest > entry.through, (entry, line)

    @invariant()
    def law_4_nothing_names_what_was_forgotten(self) -> None:
        texts = [line.text for revision in self._history() for line in revision.lines]
        texts += [edit.text for edit in self._standing().edits]
        texts += [item.chosen or item.rejected or "" for item in self._log()]
        for word in self.gone:
            assert not [text for text in texts if word in text], word

    @invariant()
    def law_5_every_inferred_line_rests_on_something_that_lives(self) -> None:
        living = {item.seq for item in self._log()}
        for line in self._lines():
            if line.kind == "inferred" and not line.support.carried:
                assert set(line.support.sample) & living, line

    @invariant()
    def ids_are_given_once_and_the_text_is_of_the_lines(self) -> None:
        standing = self._standing()
        ids = [line.id for line in standing.lines]
        assert len(ids) == len(set(ids))
        assert all(ids)
        if standing.revision is not None:
            today = self.runner.run(self.service._store.now()).date()
            assert standing.head.text == render(standing.lines, today)

    @invariant()
    def law_6_what_was_imported_stands_beside_what_is_learned(self) -> None:
        assert set(self.imported) <= {line.id for line in self._lines()}

    # Looking.

    def _with_profiler(self, profiler: Profiler) -> None:
        self.runner.run(self.service.aclose())
        self.profiler = profiler
        self.service = self._open()

    def _forget(self, what: str) -> None:
        preview = self.runner.run(self.service.preview(USER, what))
        change = parse_change(forget=what, confirm=preview.word)
        with contextlib.suppress(InvalidInputError):
            self.runner.run(self.service.revise(USER, change, actor="ana"))

    def _standing(self) -> Standing:
        return self.runner.run(self.service._store.standing(USER))

    def _lines(self) -> tuple[Line, ...]:
        lines: tuple[Line, ...] = self._standing().lines
        return lines

    def _pick(self, place: int) -> Line:
        lines = self._lines()
        return lines[place % len(lines)]

    def _version(self) -> int:
        version: int = self._standing().head.version
        return version

    def _history(self) -> list[Revision]:
        return self.runner.run(every_revision(self.service._store, USER))

    def _log(self) -> list[RecordedInteraction]:
        return self.runner.run(self.service.interactions(USER, limit=10_000))


def _carried(line: Line) -> tuple[object, ...]:
    support = line.support
    told = (line.id, line.kind, line.text, line.topic, line.consequence, line.evidence, line.until)
    by = (line.facts, line.actor, line.since)
    return *told, *by, support.times, support.of, support.first, support.last, support.agents
