"""The memory as bytes: a magic word, a checksum and compressed JSON, never more than `MAX_BYTES`."""

from __future__ import annotations

import json
import zlib
from typing import Any

from prosona.core.errors import MemoryLostError
from prosona.profiler.builtin.memory import Domain, Item, Lean, Memory, Saying, Tally, Trace
from prosona.profiler.builtin.profiler import BuiltinProfiler

__all__ = ["MAX_BYTES", "dump", "load"]

MAX_BYTES = 65_536
"""What one user's memory may take: read and written whole with every fold."""
_MAGIC = f"prosona-{BuiltinProfiler.memory_version}\n".encode()
_MAX_PLAIN = 4_194_304
"""In bytes: what no memory of ours comes near to uncompressed."""


def load(blob: bytes) -> Memory:
    """The memory in `blob`. Raises `MemoryLostError` if it is not one that this version wrote, whole."""
    if not blob.startswith(_MAGIC) or len(blob) > MAX_BYTES:
        raise MemoryLostError("the memory was not written by this version of the builtin profiler")
    body = blob[len(_MAGIC) :]
    try:
        unpacking = zlib.decompressobj()
        payload = unpacking.decompress(body[4:], _MAX_PLAIN)
        if not unpacking.eof or zlib.crc32(payload) != int.from_bytes(body[:4], "big"):
            raise MemoryLostError("the memory of the builtin profiler is damaged")
        return _memory(json.loads(payload))
    except (zlib.error, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise MemoryLostError("the memory of the builtin profiler is damaged") from error


def dump(memory: Memory) -> bytes:
    """`memory` as bytes. Where it would take more than `MAX_BYTES`, what is worth least goes from it."""
    while len(blob := _packed(memory)) > MAX_BYTES:
        memory.shrink()
    return blob


def _packed(memory: Memory) -> bytes:
    payload = json.dumps(_plain(memory), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return _MAGIC + zlib.crc32(payload).to_bytes(4, "big") + zlib.compress(payload, 1)


def _plain(memory: Memory) -> list[Any]:
    return [
        memory.seq,
        memory.step,
        {name: round(share, 4) for name, share in memory.languages.items()},
        {key: _plain_domain(domain) for key, domain in memory.domains.items()},
        memory.recent,
        {name: [_plain_trace(lean.more), _plain_trace(lean.less)] for name, lean in memory.style.items()},
        [
            [s.text, s.weight, s.negative, s.objects, s.slot, s.consequence, s.key, _plain_trace(s.trace)]
            for s in memory.sayings
        ],
        {name: _plain_trace(trace) for name, trace in memory.wishes.items()},
        memory.played,
        memory.applied,
    ]


def _plain_domain(domain: Domain) -> list[Any]:
    # Only what is counted still can be told to have changed; it is named by its place among the tallies.
    places = {key: place for place, key in enumerate(domain.tallies)}
    return [
        domain.label,
        domain.choices,
        domain.refusals,
        domain.described,
        domain.last,
        domain.hushed,
        _plain_trace(domain.seen),
        [
            [key, 0 if t.name == key else t.name, t.step, _plain_trace(t.chosen), _plain_trace(t.rejected)]
            for key, t in domain.tallies.items()
        ],
        [
            [day, seq, [place for key in keys if (place := places.get(key)) is not None]]
            for day, seq, keys in domain.window
        ],
        _plain_items(domain.chosen),
        _plain_items(domain.rejected),
        domain.since,
        domain.browsed,
    ]


def _plain_items(items: dict[str, Item]) -> list[Any]:
    return [[item.name, item.tags, _plain_trace(item.trace)] for item in items.values()]


def _plain_trace(trace: Trace) -> list[int] | int:
    return [trace.count, trace.first, trace.last, *trace.seqs] if trace.count else 0


def _memory(data: list[Any]) -> Memory:
    seq, step, languages, domains, recent, style, sayings, wishes, played, applied = data
    return Memory(
        seq,
        step,
        languages,
        {key: _domain(value) for key, value in domains.items()},
        [(day, at, key) for day, at, key in recent],
        {name: Lean(_trace(more), _trace(less)) for name, (more, less) in style.items()},
        [_saying(data) for data in sayings],
        {name: _trace(trace) for name, trace in wishes.items()},
        played,
        applied,
    )


def _saying(data: list[Any]) -> Saying:
    *plain, trace = data
    saying = Saying(*plain)
    saying.trace = _trace(trace)
    return saying


def _domain(data: list[Any]) -> Domain:
    *plain, seen, tallies, window, chosen, rejected, since, browsed = data
    domain = Domain(*plain)
    domain.seen = _trace(seen)
    domain.tallies = {
        key: Tally(name or key, step, _trace(for_it), _trace(against))
        for key, name, step, for_it, against in tallies
    }
    keys = list(domain.tallies)
    domain.window = [(day, seq, [keys[place] for place in places]) for day, seq, places in window]
    domain.chosen, domain.rejected = _items(chosen), _items(rejected)
    domain.since = {key: (choices, refusals) for key, (choices, refusals) in since.items()}
    domain.browsed = [str(question) for question in browsed]
    return domain


def _items(data: list[Any]) -> dict[str, Item]:
    return {name.lower(): Item(name, tags, _trace(trace)) for name, tags, trace in data}


def _trace(data: list[int] | int) -> Trace:
    return Trace(data[0], data[1], data[2], data[3:]) if isinstance(data, list) else Trace()
