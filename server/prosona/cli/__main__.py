"""`python -m prosona.cli` is the `prosona` command."""

from __future__ import annotations

from prosona.cli.start import main

__all__ = ["main"]

main()
