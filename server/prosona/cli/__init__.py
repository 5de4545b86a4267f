"""The `prosona` command."""

from __future__ import annotations

from prosona.cli.app import main

__all__ = ["main"]
