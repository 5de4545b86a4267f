"""The `prosona` command."""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from prosona.cli.app import main

__all__ = ["main"]


def __getattr__(name: str) -> typing.Any:  # noqa: ANN401 - a module's attributes are of any type
    # Loaded when asked for: `prosona hook` has no time for it.
    if name != "main":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from prosona.cli.app import main

    globals()[name] = main
    return main
