"""What words say of a sentence where they are surer than the learned reader: each language as data.

A file of cues is TOML: a table for each cue, an entry a language, with a pattern for text in small letters and
two examples, of which the pattern finds the first and not the second. Tests run all of them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

__all__ = ["READING", "Cues", "Entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One way in which one language says a thing."""

    language: str
    pattern: re.Pattern[str]
    yes: str
    """A text that the pattern finds."""
    no: str
    """One that it does not."""


class Cues:
    """The cues of one file, read with the first question: a server must start at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._joined: dict[str, re.Pattern[str]] = {}

    @cached_property
    def entries(self) -> Mapping[str, tuple[Entry, ...]]:
        """All entries by their cue."""
        tables = tomllib.loads(self._path.read_text(encoding="utf-8"))
        return {
            cue: tuple(Entry(row["language"], re.compile(row["is"]), row["yes"], row["no"]) for row in rows)
            for cue, rows in tables.items()
        }

    def find(self, cue: str, text: str) -> re.Match[str] | None:
        """Where the cue stands in `text`, in any language: people mix them, and need not say which they write.

        Small letters are expected.
        """
        if cue not in self._joined:
            parts = (f"(?:{entry.pattern.pattern})" for entry in self.entries[cue])
            self._joined[cue] = re.compile("|".join(parts))
        return self._joined[cue].search(text)


READING = Cues(Path(__file__).parent / "cues.toml")
"""What surrounds a sentence, what asks, what passes, what is a figure of speech."""
