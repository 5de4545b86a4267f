"""Budgets of model calls and tokens for each user and day (UTC), kept in the store over restarts."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from prosona.profiler.seam import Usage
from prosona.profiles_db import ProfilerError, ProfileStore
from prosona.service.policy import FoldPolicy


class BudgetSpentError(ProfilerError):
    """A user's budget of the day is used up."""

    def __init__(self, message: str, *, retry_seconds: float) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


async def check_budget(store: ProfileStore, policy: FoldPolicy, user_id: str, usage: Usage) -> None:
    """Raises `BudgetSpentError` if the user's budget of today is used up, with `usage` not yet stored."""
    if policy.calls_a_day is None and policy.tokens_a_day is None:
        return
    now = datetime.now(UTC)
    spent = await store.spent(user_id, now.date())
    limits = (
        ("model calls", policy.calls_a_day, spent.calls + usage.calls),
        ("tokens", policy.tokens_a_day, spent.tokens + usage.tokens),
    )
    for unit, limit, used in limits:
        if limit is not None and used >= limit:
            midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
            raise BudgetSpentError(
                f"today's budget of {limit} {unit} for this user is spent; folding goes on after"
                f" {midnight:%Y-%m-%d %H:%M} UTC",
                retry_seconds=(midnight - now).total_seconds(),
            )


async def store_usage(store: ProfileStore, user_id: str, usage: Usage) -> None:
    """Adds `usage` to what the user's folds cost today."""
    if usage.calls:
        await store.spend(user_id, datetime.now(UTC).date(), calls=usage.calls, tokens=usage.tokens)
