"""What a user asks of answers again and again in a few words: "shorter", "just the diff", "no emoji".

One such request is about one answer. Only when they recur are they a wish; then they are counted and told.
"""

from __future__ import annotations

from pathlib import Path

from prosona.profiler.reader.cues import READING, Cues

__all__ = ["FEWEST", "WISHES", "opens_game", "wishes_in"]

WISHES = Cues(Path(__file__).parent / "wishes.toml")

FEWEST = 3
"""Requests before a wish is told: twice may be two answers to one question."""
_READ = 400
"""Characters of a message in which a game is looked for: it is proposed at the beginning."""
_LONGEST = 60
"""Characters of such a request: longer messages ask for something of their own."""


def wishes_in(message: str) -> list[str]:
    """The wishes that a short message is, by their names in `WISHES`; empty if it is none."""
    low = " ".join(message.casefold().replace("’", "'").split())
    if not low or len(low) > _LONGEST:
        return []
    return [name for name in WISHES.entries if WISHES.find(name, low)]


def opens_game(message: str) -> bool:
    """Whether a message begins a game in which its writer plays a part: what follows may be the part's words."""
    return READING.find("game", message[:_READ].casefold()) is not None
