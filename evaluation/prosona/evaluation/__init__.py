"""Judging profiles: how well does a reader that sees the text alone predict what its user chooses?"""

from __future__ import annotations

__all__: list[str] = []
