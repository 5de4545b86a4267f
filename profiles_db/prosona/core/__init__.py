"""The ground room: the words of the house as types, and what every other room needs of them.

`words`       interactions, lines, profiles, revisions
`requests`    what goes into a store and comes out of it
`lines`       lines in order, fitted to a budget, rendered; ids
`consequence` what matters most in a line
`tokens`      how long a text is
`topics`      whether a text names a topic
`signs`       text without what nobody sees
`orders`      whether a text gives orders to an agent
`until`       the day until which a line holds
`portable`    a profile as a file
`framing`     a profile as a model sees it
`errors`      the one tree of errors

Nothing is imported here: a hook that needs `framing` alone must not wait for the rest.
"""

from __future__ import annotations

__all__: list[str] = []
"""What it offers is in its modules, each with an `__all__` of its own."""
