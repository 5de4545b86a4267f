"""The one door for everything that comes in: observations, statements, edits, imports, a model's lines.

`limits`     bounds and the normal form of a text
`redaction`  secrets, taken out; `numbers` those of cards and accounts
`screening`  orders to agents, told apart by who gives them
`door`       the calls
"""

from __future__ import annotations

from prosona.core.framing import shown_name
from prosona.service.door.door import Admitted, AdmittedLine, admit, admit_line, admit_name
from prosona.service.door.limits import Writer, needs_thread

__all__ = [
    "Admitted",
    "AdmittedLine",
    "Writer",
    "admit",
    "admit_line",
    "admit_name",
    "needs_thread",
    "shown_name",
]
