"""What Prosona does with profiles: observe, get, why, revise, forget, carry; and when it folds."""

from prosona.service.change import (
    EVERYTHING,
    ProfileChange,
    explain,
    parse_change,
    parse_interaction,
    parse_user_id,
)
from prosona.service.opening import ProfilerChoice, make_profiler, open_service
from prosona.service.policy import FoldPolicy, FoldReport
from prosona.service.service import ProfileService

__all__ = [
    "EVERYTHING",
    "FoldPolicy",
    "FoldReport",
    "ProfileChange",
    "ProfileService",
    "ProfilerChoice",
    "explain",
    "make_profiler",
    "open_service",
    "parse_change",
    "parse_interaction",
    "parse_user_id",
]
