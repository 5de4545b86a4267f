"""YAML as front matter needs it: mappings, lists and plain values; nothing that refers, runs or repeats."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from prosona.core.portable._profile import wrong

__all__ = ["Path", "read_yaml", "write_yaml"]

Path = tuple[str | int, ...]
"""Where a value stands: the keys and places that lead to it."""

_MAX_DEPTH = 10
"""Deepest nesting; a profile needs six."""

# Narrower than YAML 1.1: a day stays text, and "no" is a word. At most 18 digits fit an integer anywhere.
_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast where it was built."""


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is being read."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None
    """The key whose value comes next, which stands at line `number`."""
    number: int = 0


def read_yaml(text: str, first: int) -> tuple[object, dict[Path, int]]:
    """The value in `text`, and the line of each value in it; `first` is the number of its first line.

    Aliases, tags and repeated keys are refused with an `InvalidInputError` that names the line, as is
    everything that is no YAML. Only whole numbers, true, false and null are other than text.
    """
    where: dict[Path, int] = {}
    frames: list[_Frame] = []
    root: object = None
    documents = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            number = first + (event.start_mark.line if event.start_mark else 0)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1 or event.tags or event.version:
                    raise wrong(number, "the front matter is one plain YAML document")
            elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise wrong(
                    number, "anchors (&) and aliases (*) are not used here; put such a text in quotes"
                )
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                frames.pop()
            elif isinstance(event, yaml.NodeEvent):
                if getattr(event, "tag", None):
                    raise wrong(number, "tags (!) are not used here; put such a text in quotes")
                root = _place(event, frames, where, number, root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise wrong(first + (mark.line if mark else 0), f"no YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        raise wrong(first, f"no YAML: a character that may only stand escaped: {error.reason}") from None
    return root, where


def _place(
    event: yaml.NodeEvent, frames: list[_Frame], where: dict[Path, int], number: int, root: object
) -> object:
    """Puts a value where it belongs; the outermost value is returned."""
    frame = frames[-1] if frames else None
    if frame is not None and isinstance(frame.value, dict) and frame.key is None:
        if not isinstance(event, yaml.ScalarEvent):
            raise wrong(number, "a key is a word")
        if event.value in frame.value:
            raise wrong(number, f"{event.value[:40]} is given twice")
        frame.key, frame.number = event.value, number
        return root
    value = _value(event)
    path: Path = ()
    if frame is not None:
        if isinstance(frame.value, dict):
            assert frame.key is not None
            path, number = (*frame.path, frame.key), frame.number
            frame.value[frame.key], frame.key = value, None
        else:
            path = (*frame.path, len(frame.value))
            frame.value.append(value)
    where[path] = number
    if isinstance(value, dict | list):
        if len(frames) == _MAX_DEPTH:
            raise wrong(number, "nested too deep")
        frames.append(_Frame(value, path))
    return value if frame is None else root


def _value(event: yaml.NodeEvent) -> object:
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    assert isinstance(event, yaml.ScalarEvent)
    text = event.value
    if not event.implicit[0]:
        return text
    return int(text) if _INT.fullmatch(text) else _WORDS.get(text, text)


class _Dumper(yaml.SafeDumper):
    """Writes each value out, on a line of its own where it is long, and whatever is odd in it escaped."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Other breaks than a line feed end a line for some readers and not for others.
    style = None if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def write_yaml(value: object) -> str:
    """`value` as YAML in the order given, readable by any reader of YAML 1.1 or 1.2."""
    written = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1 << 30, default_flow_style=None
    )
    assert isinstance(written, str)
    return written
