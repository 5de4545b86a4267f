"""Spans for whoever traces this process with OpenTelemetry; nothing at all for everybody else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

__all__ = ["Span", "span"]


class Span(Protocol):
    """The part of an OpenTelemetry span that is used here."""

    def set_attribute(self, key: str, value: Any) -> None:  # noqa: ANN401 - as the API has it
        """Adds one fact to the span."""
        ...


class _NoSpan:
    def set_attribute(self, key: str, value: Any) -> None:  # noqa: ANN401
        """Nobody listens."""


_NO_SPAN = _NoSpan()


@contextmanager
def span(name: str, **attributes: str | int | float) -> Iterator[Span]:
    """A span around what runs inside. Attributes never hold a user's id or text."""
    # Tracing is configured by importing the API: where nobody did, there is nothing to import.
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        yield _NO_SPAN
        return
    with trace.get_tracer("prosona").start_as_current_span(name, attributes=attributes) as current:
        yield current
