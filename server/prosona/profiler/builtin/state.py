"""The profiler's memory of one user: bounded tables of counts, updated in place.

Stored as a magic word, a checksum and compressed JSON. Whatever cannot be read back whole
(damaged, of another program, of a newer version) counts as no memory at all.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import Any

MAGIC = b"prosona-builtin-2\n"
MAX_STATE_BYTES = 65_536
MAX_DOMAINS = 8
WINDOW = 16
"""How many of the latest choices of a domain are remembered one by one, for drift."""
_TERMS_IN_ALL = 480
_TERMS_A_DOMAIN = 200
_ITEMS_IN_ALL = 240
_ITEMS_A_DOMAIN = 96
_SLACK = 1.25
_HALF_LIFE = 200.0
MAX_SAYINGS = 48
MAX_DISMISSED = 64


@dataclass(slots=True)
class Tally:
    """How often something stood in what was chosen and in what was rejected."""

    name: str
    chosen: int = 0
    rejected: int = 0
    chosen_day: int = 0
    """Day of the last choice, counted from the epoch; 0 if never."""
    rejected_day: int = 0
    step: int = 0
    """The domain's step at the last sight of it; old and rare ones are evicted first."""


@dataclass(slots=True)
class Item:
    """One named item that was chosen or rejected."""

    name: str
    count: int
    day: int


@dataclass(slots=True)
class Domain:
    """What is known in one field of life."""

    label: str
    step: int = 0
    choices: int = 0
    refusals: int = 0
    spoken: int = 0
    """How many of the choices were the user's own words."""
    prose: int = 0
    """How many of the choices were between long texts without fields, such as answers."""
    described: int = 0
    """How many of the things chosen and rejected came with long descriptions."""
    day: int = 0
    last: int = 0
    """The user's step at the last interaction here."""
    tallies: dict[str, Tally] = field(default_factory=dict)
    window: list[list[str]] = field(default_factory=list)
    chosen: dict[str, Item] = field(default_factory=dict)
    rejected: dict[str, Item] = field(default_factory=dict)

    def count(self, key: str, name: str, day: int, *, chosen: bool) -> None:
        """Counts one sight of `key` in an item chosen or rejected on `day`."""
        tally = self.tallies.get(key)
        if tally is None:
            tally = self.tallies[key] = Tally(name)
        tally.step = self.step
        if chosen:
            tally.chosen += 1
            tally.chosen_day = max(tally.chosen_day, day)
        else:
            tally.rejected += 1
            tally.rejected_day = max(tally.rejected_day, day)

    def remember(self, name: str, day: int, *, chosen: bool) -> None:
        """Remembers one named item; the same name again moves to the end."""
        items = self.chosen if chosen else self.rejected
        known = items.pop(name, None)
        items[name] = Item(name, known.count + 1 if known else 1, day)

    def trim(self, domains: int) -> None:
        """Evicts the oldest and rarest, so that all of `domains` like this one stay bounded together."""
        capacity = min(_TERMS_A_DOMAIN, _TERMS_IN_ALL // domains)
        if len(self.tallies) > capacity * _SLACK:
            ranked = sorted(self.tallies.items(), key=lambda pair: (-self._worth(*pair), pair[0]))
            self.tallies = dict(ranked[:capacity])
        room = min(_ITEMS_A_DOMAIN, _ITEMS_IN_ALL // domains)
        for items in (self.chosen, self.rejected):
            while len(items) > room:
                del items[next(iter(items))]
        del self.window[:-WINDOW]

    def _worth(self, key: str, tally: Tally) -> float:
        seen = (tally.chosen + tally.rejected) * (3 if key.startswith("#") else 1)
        return float(seen * 0.5 ** ((self.step - tally.step) / _HALF_LIFE))


@dataclass(slots=True)
class Saying:
    """Something the user said of themself, rewritten in the third person."""

    text: str
    day: int
    weight: float
    negative: bool
    objects: list[str]
    times: int = 1
    slot: str = ""
    """What kind of fact it is, if a person has only one of it (a home, a name, an age)."""


@dataclass(slots=True)
class Lean:
    """In how many pairs of answers the chosen one had more, or less, of something."""

    more: int = 0
    less: int = 0
    day: int = 0


@dataclass(slots=True)
class State:
    """Everything the profiler remembers of one user."""

    step: int = 0
    cjk: float = 0.0
    latin: float = 0.0
    domains: dict[str, Domain] = field(default_factory=dict)
    recent: list[str] = field(default_factory=list)
    """The domains of the latest interactions, oldest first."""
    style: dict[str, Lean] = field(default_factory=dict)
    sayings: list[Saying] = field(default_factory=list)
    asked: str = ""
    """What the user's last turn asked about, if it asked."""
    asked_day: int = 0
    written: dict[str, list[str]] = field(default_factory=dict)
    """The lines of the last summary, each with the keys of what it claims."""
    dismissed: list[list[str]] = field(default_factory=list)
    """Claims that the owner took out, oldest first."""

    def domain(self, key: str, label: str) -> Domain:
        """The domain `key`; the one idle for longest makes room for a new one."""
        if key not in self.domains:
            if len(self.domains) >= MAX_DOMAINS:
                del self.domains[min(self.domains, key=lambda k: (self.domains[k].last, k))]
            self.domains[key] = Domain(label)
        return self.domains[key]


def load(blob: bytes | None) -> State | None:
    """The state in `blob`, or None if there is none that this version can read."""
    if not blob or not blob.startswith(MAGIC) or len(blob) > MAX_STATE_BYTES:
        return None
    body = blob[len(MAGIC) :]
    try:
        payload = zlib.decompress(body[4:])
        if zlib.crc32(payload) != int.from_bytes(body[:4], "big"):
            return None
        return _from_json(json.loads(payload))
    except (zlib.error, ValueError, TypeError, KeyError, IndexError):
        return None


def dump(state: State) -> bytes:
    """`state` as bytes, at most `MAX_STATE_BYTES`."""
    payload = json.dumps(_to_json(state), ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "replace"
    )
    return MAGIC + zlib.crc32(payload).to_bytes(4, "big") + zlib.compress(payload, 1)


def _to_json(state: State) -> list[Any]:
    return [
        state.step,
        state.cjk,
        state.latin,
        {key: _domain_to_json(domain) for key, domain in state.domains.items()},
        state.recent,
        {name: [lean.more, lean.less, lean.day] for name, lean in state.style.items()},
        [[s.text, s.day, s.weight, s.negative, s.objects, s.times, s.slot] for s in state.sayings],
        state.asked,
        state.asked_day,
        state.written,
        state.dismissed,
    ]


def _domain_to_json(domain: Domain) -> list[Any]:
    return [
        domain.label,
        domain.step,
        domain.choices,
        domain.refusals,
        domain.spoken,
        domain.prose,
        domain.described,
        domain.day,
        domain.last,
        [
            [key, "" if t.name == key else t.name, t.chosen, t.rejected, t.chosen_day, t.rejected_day, t.step]
            for key, t in domain.tallies.items()
        ],
        domain.window,
        [[item.name, item.count, item.day] for item in domain.chosen.values()],
        [[item.name, item.count, item.day] for item in domain.rejected.values()],
    ]


def _from_json(data: list[Any]) -> State:
    step, cjk, latin, domains, recent, style, sayings, asked, asked_day, written, dismissed = data
    return State(
        step,
        cjk,
        latin,
        {key: _domain_from_json(value) for key, value in domains.items()},
        recent,
        {name: Lean(*lean) for name, lean in style.items()},
        [Saying(*saying) for saying in sayings],
        asked,
        asked_day,
        written,
        dismissed,
    )


def _domain_from_json(data: list[Any]) -> Domain:
    *numbers, tallies, window, chosen, rejected = data
    domain = Domain(*numbers)
    domain.tallies = {key: Tally(name or key, *counts) for key, name, *counts in tallies}
    domain.window = window
    domain.chosen = {item[0]: Item(*item) for item in chosen}
    domain.rejected = {item[0]: Item(*item) for item in rejected}
    return domain
