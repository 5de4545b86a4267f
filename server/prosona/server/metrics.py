"""Prometheus metrics of folding, at `/metrics`. Needs the extra `metrics`; no label names a user."""

from __future__ import annotations

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from prosona.service import FoldReport, ProfileService

_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300)


class FoldMetrics:
    """Counts the folds of one service from now on."""

    def __init__(self, service: ProfileService) -> None:
        self._service = service
        self._registry = CollectorRegistry()
        self._folds = Counter(
            "prosona_folds",
            "Attempts at folding a user, by outcome: folded, or the reason why not.",
            ["outcome"],
            registry=self._registry,
        )
        self._interactions = Counter(
            "prosona_folded_interactions", "Interactions folded.", registry=self._registry
        )
        self._calls = Counter("prosona_model_calls", "Model calls made for folds.", registry=self._registry)
        self._tokens = Counter(
            "prosona_model_tokens",
            "Tokens of those calls, read (prompt) and written (completion).",
            ["kind"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "prosona_fold_seconds",
            "How long the folds that worked took.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._users = Gauge("prosona_pending_users", "Users with anything to fold.", registry=self._registry)
        self._pending = Gauge(
            "prosona_pending_interactions", "Interactions to fold.", registry=self._registry
        )
        self._age = Gauge(
            "prosona_oldest_pending_seconds",
            "Age of the oldest interaction that waits to be folded.",
            registry=self._registry,
        )
        service.watch_folds(self._count)

    async def render(self) -> bytes:
        """The metrics in Prometheus' text format. Errors: `StoreError`."""
        totals = await self._service.pending_totals()
        self._users.set(totals.users)
        self._pending.set(totals.interactions)
        age = (datetime.now(UTC) - totals.since).total_seconds() if totals.since else 0.0
        self._age.set(max(0.0, age))
        return generate_latest(self._registry)

    def _count(self, report: FoldReport) -> None:
        if report.outcome == "nothing":
            return
        self._folds.labels(report.outcome).inc()
        self._interactions.inc(report.interactions)
        self._calls.inc(report.usage.calls)
        self._tokens.labels("prompt").inc(report.usage.prompt_tokens)
        self._tokens.labels("completion").inc(report.usage.completion_tokens)
        if report.outcome == "folded":
            self._seconds.observe(report.seconds)
