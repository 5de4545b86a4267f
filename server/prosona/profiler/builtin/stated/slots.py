"""Facts of which a person has one at a time, and words that say that something is over, not so, or was wrong."""

from __future__ import annotations

from pathlib import Path

from prosona.profiler.reader.cues import Cues

__all__ = ["SLOTS", "STATED", "corrects", "denies", "is_over", "slot_of"]

STATED = Cues(Path(__file__).parent / "slots.toml")
SLOTS = ("name", "age", "home", "job", "diet")
"""In the order in which a sentence that names several is taken: the rarer first."""


def slot_of(low: str) -> str:
    """Which of those facts a sentence in small letters states; empty for none."""
    return next((slot for slot in SLOTS if STATED.find(slot, low)), "")


def denies(low: str) -> bool:
    """Whether it speaks against something."""
    return STATED.find("denied", low) is not None


def is_over(low: str) -> bool:
    """Whether it says that something is no longer, or has become something else."""
    return STATED.find("ended", low) is not None


def corrects(low: str) -> bool:
    """Whether it sets right what was understood before."""
    return STATED.find("corrects", low) is not None
