"""Where a serving process logs."""

from __future__ import annotations

import logging
import sys


def log_to_stderr() -> None:
    """Sends warnings and worse to stderr, one plain line each, unless logging is set up already.

    stdout belongs to the protocol.
    """
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="prosona: %(levelname)s %(name)s: %(message)s"
    )
