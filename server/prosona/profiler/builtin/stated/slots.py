"""Facts of which a person has one at a time, and words that say that something is over, not so, or was wrong."""

from __future__ import annotations

import re
from pathlib import Path

from prosona.profiler.reader.cues import Cues

__all__ = ["SLOTS", "STATED", "corrects", "denies", "denies_health", "is_over", "slot_of", "whose"]

STATED = Cues(Path(__file__).parent / "slots.toml")
SLOTS = ("name", "age", "home", "job", "diet")
"""In the order in which a sentence that names several is taken: the rarer first."""


_WHOSE = re.compile(
    r"^\W*(?:(?:my|our|mein\w*|unser\w*|ma|mon|mes|mi|mis|minha|meu) (\w+)"
    r"|我(?:的)?(\w?[儿女爸妈哥姐弟妹妻夫公婆孩][\w]?))"
)
_NO_ALLERGY = re.compile(
    r"\b(?:not|never|isn't|aren't|don't|doesn't|kein\w*|nicht|pas|no|não)\b[^.]{0,24}(?:allerg|alérg|intoler|diabet|asthm|c(?:o)?eliac)"
    r"|(?:不|没有?)[^，。]{0,12}过敏|アレルギー(?:では|は)?(?:ない|ありません)|알레르기가? ?(?:없|아니)"
)


def denies_health(low: str) -> bool:
    """Whether it says that a matter of health is not there: that stands beside what was said, and ends nothing."""
    return _NO_ALLERGY.search(low) is not None


def whose(low: str) -> str:
    """Whose matter a sentence in small letters begins with: "son" for "my son is ..."; empty for the speaker's."""
    match = _WHOSE.match(low)
    return (match[1] or match[2]) if match else ""


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
