"""The profiler's memory of one user: bounded tables of counts, each with when and from which interactions.

All days are ordinals (`date.toordinal`) of when something happened, all seqs those of the log.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field

from prosona.core.words import Consequence

__all__ = [
    "MAX_DOMAINS",
    "MAX_EDITS",
    "RECENT",
    "Domain",
    "Item",
    "Lean",
    "Memory",
    "Rooms",
    "Saying",
    "Tally",
    "Trace",
]

MAX_DOMAINS = 24
"""Fields of life: more than anybody's agents tell apart; they share the room."""
RECENT = 8
"""How many interactions count as lately."""
MAX_EDITS = 400
"""Edits whose return would be noticed: a removal every day for a year."""
_WINDOW = 16
"""How many of the latest choices of a domain are remembered one by one, for drift."""
_KEPT_SEQS = 4
"""Interactions named for one thing: a line of several things still fills its sample."""
_TERMS_A_DOMAIN = 200
_ITEMS_A_DOMAIN = 96
"""Entries of one domain: three lines of each form, and twice as many to choose from."""
_BROWSED = 12
"""Answers to one question, each another: a person names their tastes in fewer, and few lists of options are longer."""
_SLACK = 1.25
"""Tables are cut when they are this much over their room, so that the cutting costs little a fold."""
_HALF_LIFE = 200.0
"""In interactions of a domain: after as many without a sight a count is worth half."""
_DOMAIN_HALF_LIFE = 5_000.0
"""In interactions of the user. Long, so that no field of life goes for having been quiet alone."""
_REPEAT_WORTH = 10.0
"""A thing chosen again stays as long as one chosen ten choices later."""
_DEAR: Mapping[Consequence, float] = {"safety": 100.0, "person": 50.0, "manner": 10.0, "fact": 3.0}
"""What a saying of such consequence is worth beside its weight (at most 1) and its times."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """How many entries the tables may hold, over all domains together."""

    terms: int = 480
    items: int = 240
    sayings: int = 48

    def smaller(self) -> Rooms:
        """Four fifths of it."""
        return Rooms(self.terms * 4 // 5, self.items * 4 // 5, self.sayings * 4 // 5)


@dataclass(slots=True)
class Trace:
    """How often something happened, on which first and last day, and in which interactions of late."""

    count: int = 0
    first: int = 0
    last: int = 0
    seqs: list[int] = field(default_factory=list)
    """The newest last."""

    def add(self, day: int, seq: int) -> None:
        """Counts one more time."""
        self.first = min(self.first, day) if self.count else day
        self.last = max(self.last, day)
        self.count += 1
        self.seqs.append(seq)
        del self.seqs[:-_KEPT_SEQS]

    def take(self, other: Trace) -> None:
        """Counts what `other`, which holds something, counted in other interactions, too."""
        self.first = min(self.first or other.first, other.first)
        self.last = max(self.last, other.last)
        self.count += other.count - len(set(self.seqs).intersection(other.seqs))
        self.seqs = sorted({*self.seqs, *other.seqs})[-_KEPT_SEQS:]


@dataclass(slots=True)
class Tally:
    """How often something stood in what was chosen and in what was rejected."""

    name: str
    step: int = 0
    """The domain's count of interactions at the last sight of it; old and rare ones go first."""
    chosen: Trace = field(default_factory=Trace)
    rejected: Trace = field(default_factory=Trace)

    @property
    def seen(self) -> int:
        """In how many items."""
        return self.chosen.count + self.rejected.count


@dataclass(slots=True)
class Item:
    """One named item that was chosen or rejected."""

    name: str
    tags: str
    """What it is tagged with, as shown behind its name."""
    trace: Trace = field(default_factory=Trace)


@dataclass(slots=True)
class Domain:
    """What is known in one field of life."""

    label: str
    choices: int = 0
    refusals: int = 0
    described: int = 0
    """How many of the things chosen and rejected came with long descriptions."""
    last: int = 0
    """The user's count of interactions at the last one here."""
    hushed: int = 0
    """The count of interactions here when the owner last took out a line about the domain as a whole."""
    seen: Trace = field(default_factory=Trace)
    tallies: dict[str, Tally] = field(default_factory=dict)
    window: list[tuple[int, int, list[str]]] = field(default_factory=list)
    """Day, seq and keys of the latest choices, in the order in which they happened."""
    chosen: dict[str, Item] = field(default_factory=dict)
    rejected: dict[str, Item] = field(default_factory=dict)
    since: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Choices and refusals before a key began to count anew, because its owner took it out."""
    browsed: list[str] = field(default_factory=list)
    """Questions that are asked again and again and answered by another item each time."""

    @property
    def step(self) -> int:
        """How many interactions there were."""
        return self.seen.count

    def count(self, key: str, name: str, day: int, seq: int, *, chosen: bool) -> None:
        """Counts one sight of `key` in an item chosen or rejected on `day`."""
        tally = self.tallies.get(key)
        if tally is None:
            tally = self.tallies[key] = Tally(name)
        tally.step = self.step
        (tally.chosen if chosen else tally.rejected).add(day, seq)

    def is_browsed(self, question: str, key: str) -> bool:
        """Whether answers to `question` are items to be counted by their words ("What shall I watch tonight?"),
        not values of what was asked: so many were given, and none of them twice."""
        if not question or question in self.browsed:
            return bool(question)
        if key in self.tallies:
            return False
        given = [each for each in self.tallies if each.startswith(question)]
        if len(given) < _BROWSED or any(self.tallies[each].seen > 1 for each in given):
            return False
        for each in given:
            tally = self.tallies.pop(each)
            for trace, chosen in ((tally.chosen, True), (tally.rejected, False)):
                if trace.count:
                    self.remember(tally.name, "", trace.last, trace.seqs[-1], chosen=chosen)
        self.browsed = [*self.browsed, question][-_WINDOW:]
        return True

    def remember(self, name: str, tags: str, day: int, seq: int, *, chosen: bool) -> None:
        """Remembers one named item."""
        items = self.chosen if chosen else self.rejected
        item = items.setdefault(name.lower(), Item(name, tags))
        item.tags = tags or item.tags
        item.trace.add(day, seq)

    def glance(self, day: int, seq: int, keys: list[str]) -> None:
        """Notes what stood in one choice, in the order of days."""
        insort(self.window, (day, seq, keys), key=lambda entry: entry[:2])
        del self.window[:-_WINDOW]

    def cut_tallies(self, room: int) -> None:
        """Keeps the `room` tallies that are worth most."""
        room = min(room, _TERMS_A_DOMAIN)
        if len(self.tallies) > room:
            ranked = sorted(self.tallies.items(), key=lambda pair: (-self._worth(*pair), pair[0]))
            self.tallies = dict(ranked[:room])
        # What its owner took out and nobody sees again needs no counting anew.
        self.since = dict(list(self.since.items())[-max(room, _WINDOW) :])

    def cut_items(self, room: int) -> None:
        """Keeps the `room` items of either side that are worth most."""
        for items in (self.chosen, self.rejected):
            for key in self.by_worth(items)[min(room, _ITEMS_A_DOMAIN) :]:
                del items[key]

    @staticmethod
    def by_worth(items: Mapping[str, Item]) -> list[str]:
        """The keys of `items`, late and repeated ones first."""
        late = sorted(items, key=lambda key: (-items[key].trace.last, -items[key].trace.seqs[-1]))
        worth = {key: age - _REPEAT_WORTH * (items[key].trace.count - 1) for age, key in enumerate(late)}
        return sorted(late, key=lambda key: worth[key])

    def _worth(self, key: str, tally: Tally) -> float:
        seen = tally.seen * (3 if key.startswith("#") else 1)
        return float(seen * 0.5 ** ((self.step - tally.step) / _HALF_LIFE))


@dataclass(slots=True)
class Saying:
    """Something the user said of themself, in their own words."""

    text: str
    weight: float
    """How sure it is that it belongs here, from 0 to 1."""
    negative: bool
    """Whether it speaks against something."""
    objects: list[str]
    """Its content words by their stem."""
    slot: str = ""
    """What kind of fact it is, if a person has only one of it (a home, a name, an age)."""
    consequence: Consequence = "fact"
    key: str = ""
    """Names the matter: what takes a saying's place keeps its key."""
    trace: Trace = field(default_factory=Trace)

    @property
    def day(self) -> int:
        """When it was last said."""
        return self.trace.last

    @property
    def worth(self) -> float:
        """What losing it would cost, for what has to make room."""
        return self.weight + self.trace.count + _DEAR.get(self.consequence, 0.0) + (5.0 if self.slot else 0.0)


@dataclass(slots=True)
class Lean:
    """In which pairs of answers the chosen one had more, or less, of something."""

    more: Trace = field(default_factory=Trace)
    less: Trace = field(default_factory=Trace)


@dataclass(slots=True)
class Memory:
    """Everything the profiler remembers of one user."""

    seq: int = 0
    """The last interaction taken in."""
    step: int = 0
    """How many interactions were counted."""
    languages: dict[str, float] = field(default_factory=dict)
    """How much of late speaks for each language."""
    domains: dict[str, Domain] = field(default_factory=dict)
    recent: list[tuple[int, int, str]] = field(default_factory=list)
    """Day, seq and domain of the latest interactions, in the order in which they happened."""
    style: dict[str, Lean] = field(default_factory=dict)
    sayings: list[Saying] = field(default_factory=list)
    wishes: dict[str, Trace] = field(default_factory=dict)
    """What was asked of answers in a few words, by the name of the wish."""
    played: int = 0
    """The last day on which a game was played: what is said on it may be a part's."""
    applied: dict[str, int] = field(default_factory=dict)
    """The lines whose edits are in the counts, each with the last interaction that it concerns."""
    rooms: Rooms = field(default_factory=Rooms, compare=False)

    def domain(self, key: str, label: str) -> Domain:
        """The domain `key`; the one that is worth least makes room for a new one."""
        if key not in self.domains:
            if len(self.domains) >= MAX_DOMAINS:
                del self.domains[min(self.domains, key=lambda k: (self._worth(self.domains[k]), k))]
            self.domains[key] = Domain(label)
        return self.domains[key]

    def notice(self, day: int, seq: int, key: str) -> None:
        """Notes in which domain something happened, in the order of days."""
        insort(self.recent, (day, seq, key))
        del self.recent[:-RECENT]

    def trim(self) -> None:
        """Cuts tables that have outgrown their room. What is worth least goes; each domain has its share."""
        domains = self.domains.values()
        terms = [len(domain.tallies) for domain in domains]
        if sum(terms) > self.rooms.terms * _SLACK or max(terms, default=0) > _TERMS_A_DOMAIN * _SLACK:
            self._cut_tallies()
        items = [max(len(domain.chosen), len(domain.rejected)) for domain in domains]
        if sum(items) > self.rooms.items * _SLACK or max(items, default=0) > _ITEMS_A_DOMAIN * _SLACK:
            self._cut_items()
        if (over := len(self.sayings) - self.rooms.sayings) > 0:
            least = sorted(self.sayings, key=lambda saying: (saying.worth, saying.day, saying.text))[:over]
            self.sayings = [saying for saying in self.sayings if all(saying is not one for one in least)]

    def shrink(self) -> None:
        """Gives every table less room, and cuts them to it."""
        self.rooms = self.rooms.smaller()
        self._cut_tallies()
        self._cut_items()
        for domain in self.domains.values():
            del domain.window[:-RECENT]
        self.trim()

    def _cut_tallies(self) -> None:
        share = _share([len(domain.tallies) for domain in self.domains.values()], self.rooms.terms)
        for domain in self.domains.values():
            domain.cut_tallies(share)

    def _cut_items(self) -> None:
        sizes = [max(len(domain.chosen), len(domain.rejected)) for domain in self.domains.values()]
        share = _share(sizes, self.rooms.items)
        for domain in self.domains.values():
            domain.cut_items(share)

    def _worth(self, domain: Domain) -> float:
        return float(domain.step * 0.5 ** ((self.step - domain.last) / _DOMAIN_HALF_LIFE))


def _share(sizes: list[int], room: int) -> int:
    """The most that one table may keep so that all fit in `room`: small ones leave theirs to the large."""
    left, share = room, room
    for place, size in enumerate(sorted(sizes)):
        share = left // (len(sizes) - place)
        if size > share:
            break
        left -= size
    return share
