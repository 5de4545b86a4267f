"""Hosts: the programs that start our server and call our hooks.

`table`   one row a host: where its configuration lies, in which shape, how its hooks speak
`change`  a change to a host's configuration: planned, shown, then written without harm
`check`   what of ours stands in hosts' configurations, and whether it fits together
`hook`    what a host calls at the start of a session and for every prompt
`deliver` the process beside a hook: stores what was heard, and folds

Nothing is imported here: a host waits for its hooks, and `hook` must not wait for the rest.
"""

from __future__ import annotations

__all__: list[str] = []
"""What it offers is in its modules, each with an `__all__` of its own."""
