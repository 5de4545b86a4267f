"""Where a serving process logs, and how much."""

from __future__ import annotations

import logging
import sys
import time

__all__ = ["NoFlood", "log_to_stderr"]

_AT_ONCE = 5
"""Times that one and the same warning is written within `_SECONDS`."""

_SECONDS = 60.0

_MOST_KINDS = 1000
"""Kinds of warnings that are counted at once; with more of them, counting begins anew."""


class NoFlood(logging.Filter):
    """Lets a warning through a few times a minute, however often it is made.

    A fault that lasts (no descriptors left, a full disk) would fill the disk with its own telling. What
    was held back is counted in the next one that is let through.
    """

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        # By its place and its words before the figures are put in.
        kind = (record.name, record.levelno, str(record.msg))
        now = time.monotonic()
        began, times = self._seen.get(kind, (now, 0))
        held_back = max(0, times - _AT_ONCE)
        if now - began >= _SECONDS:
            began, times = now, 0
        if len(self._seen) > _MOST_KINDS:
            self._seen.clear()
        self._seen[kind] = (began, times + 1)
        if times >= _AT_ONCE:
            return False
        if held_back:
            record.msg = f"{record.getMessage()} (and {held_back} times more before)"
            record.args = ()
        return True


def log_to_stderr() -> None:
    """Sends warnings and worse to stderr, one plain line each, unless logging is set up already.

    stdout belongs to the protocol.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(NoFlood())
    logging.basicConfig(
        level=logging.WARNING, handlers=[handler], format="prosona: %(levelname)s %(name)s: %(message)s"
    )
