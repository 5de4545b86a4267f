"""Whether a text gives orders to an agent that may read it: what every door and every check of what a model
wrote ask. One list for all; who wrote a text decides how much of it holds.

`_rules`    what a rule is
`_english`, `_english_deeds`, `_english_together`, `_chinese`, `_others`   the rules
`finding`   looking for them

No list stops everything. What protects a profile from the rest is that profilers describe, that their
output is checked, and that a profile is handed out as data.
"""

from __future__ import annotations

from prosona.core.orders._rules import Trust
from prosona.core.orders.finding import order_in, patterns

__all__ = ["Trust", "order_in", "patterns"]
