"""Profiles made the way the product makes them: observed, folded and read through the service."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from prosona.core.tokens import count_tokens
from prosona.core.words import MAX_TEXT, Interaction
from prosona.evaluation.data import Choice
from prosona.profiler import Profiler
from prosona.profiler.seam import Usage
from prosona.service import FoldPolicy, FoldReport, ProfileService, open_service

__all__ = ["Built", "Meter", "build", "open_for_evaluation"]

_A_LONG_TIME = 86_400.0


@dataclass(frozen=True, slots=True)
class Built:
    """A profile's text after `after` choices, held to `budget` tokens, and what it took."""

    user_id: str
    after: int
    budget: int
    text: str
    tokens: int
    versions: int
    """How often the words changed: a fold after which the lines say the same, in other counts, makes none."""
    seconds: float
    """Time spent observing and folding all choices so far."""
    calls: int = 0
    """Model calls so far, failed ones too, and the tokens they read and wrote."""
    model_tokens: int = 0
    quarantined: int = 0
    """Choices that screening set aside, so that no profiler saw them."""
    problem: str | None = None
    """Why choices are still unfolded; None when the text holds them all."""


class Meter:
    """Adds up what folding each user costs in a service."""

    def __init__(self, service: ProfileService) -> None:
        self._spent: defaultdict[str, Usage] = defaultdict(Usage)
        service.watch_folds(self._add)

    def spent(self, user_id: str) -> Usage:
        """What the user has cost so far."""
        return self._spent[user_id]

    def _add(self, report: FoldReport) -> None:
        usage = self._spent[report.user_id]
        usage.calls += report.usage.calls
        usage.prompt_tokens += report.usage.prompt_tokens
        usage.completion_tokens += report.usage.completion_tokens


def open_for_evaluation(path: Path, profiler: Profiler, *, longest_fold: int, budget: int) -> ProfileService:
    """A service that folds only when told, at most `longest_fold` choices at once."""
    policy = FoldPolicy(
        pending=2**31,
        idle_seconds=_A_LONG_TIME,
        on_read=False,
        wait_seconds=_A_LONG_TIME,
        step=longest_fold,
        first_backoff_seconds=0.0,
    )
    return open_service(path, profiler=profiler, policy=policy, budget_tokens=budget)


async def build(
    service: ProfileService,
    user_id: str,
    portions: Sequence[Sequence[Choice]],
    *,
    meter: Meter,
    budgets: Sequence[int],
    after: Sequence[int] = (),
) -> AsyncIterator[Built]:
    """Folds the portions one after the other and yields the profile at every budget at the end, and
    at the largest budget as soon as each number of choices in `after` is reached.
    """
    waiting = sorted(after)
    folded = Built(user_id, 0, max(budgets), "", 0, 0, 0.0)
    for index, portion in enumerate(portions):
        began = time.perf_counter()
        receipts = await service.observe(
            user_id, [_interaction(choice, number) for number, choice in enumerate(portion, folded.after)]
        )
        await service.get(user_id, fresh=True)
        usage = meter.spent(user_id)
        folded = replace(
            folded,
            after=folded.after + len(portion),
            seconds=round(folded.seconds + time.perf_counter() - began, 4),
            calls=usage.calls,
            model_tokens=usage.tokens,
            quarantined=folded.quarantined + sum(receipt.quarantined is not None for receipt in receipts),
        )
        if index < len(portions) - 1 and waiting and folded.after >= waiting[0]:
            yield await _read(service, folded)
            waiting = [number for number in waiting if number > folded.after]
    for budget in sorted(budgets, reverse=True):
        yield await _read(service, replace(folded, budget=budget))


async def _read(service: ProfileService, folded: Built) -> Built:
    profile = await service.get(folded.user_id, max_tokens=folded.budget)
    return replace(
        folded,
        text=profile.text,
        tokens=count_tokens(profile.text),
        versions=profile.version,
        problem=profile.stale,
    )


def _interaction(choice: Choice, number: int) -> Interaction:
    return Interaction(
        # Years are folded in seconds: without a key the same words again, in answer to something else, would
        # be taken for a second report of the first ones.
        idempotency_key=str(number),
        query=choice.query[:MAX_TEXT] or None,
        chosen=choice.chosen and choice.chosen[:MAX_TEXT],
        rejected=choice.rejected and choice.rejected[:MAX_TEXT],
        kind=choice.kind,
        origin=choice.origin,
        domain=choice.domain,
        occurred_at=choice.occurred_at,
    )
