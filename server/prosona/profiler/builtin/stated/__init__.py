"""What users say of themselves: kept in their own words, each with its day, and nothing else of what they type."""

from prosona.profiler.builtin.stated.keeping import kept, why_kept
from prosona.profiler.builtin.stated.replacing import Refusals, add
from prosona.profiler.builtin.stated.speech import is_said
from prosona.profiler.builtin.stated.wishes import FEWEST, opens_game, wishes_in

__all__ = ["FEWEST", "Refusals", "add", "is_said", "kept", "opens_game", "why_kept", "wishes_in"]
