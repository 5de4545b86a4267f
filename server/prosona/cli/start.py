"""Where the `prosona` command begins. Hosts wait for hooks, so those pass the rest of it by."""

from __future__ import annotations

import gc
import sys

__all__ = ["main"]


def main() -> None:
    """Runs the command line of this process and ends it."""
    if sys.argv[1:2] == ["hook"] and not {"-h", "--help"} & set(sys.argv):
        from prosona.hosts.hook import main as hook

        hook(sys.argv[2:])
    if sys.argv[1:2] == ["serve"]:
        # What a start makes are modules, which stay; looking for garbage among them takes a tenth of it.
        gc.disable()
    from prosona.cli.app import main as command

    command()
