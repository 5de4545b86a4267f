"""A profile as one Markdown file: what its owner carries from one place to another, reads and edits.

Front matter in YAML holds what is known about each line, by its id; below stand the lines themselves::

    ---
    format: prosona-profile/2
    user_id: ana
    version: 7
    updated_at: '2026-11-23T09:30:00Z'
    lines:
      k7f2mx: {kind: stated, check: dyt5qd2c, actor: ana, since: '2026-11-02T10:00:00Z', consequence: fact}
    ---

    ## Stated

    - I am vegetarian. ^k7f2mx

A line that was changed by hand, or has no mark, is its owner's (`owned`, or still `stated`) when the file
is read; one that was taken out is gone. Only `format`, `user_id` and the lines are needed in a file
written by hand.
`prosona-profile-2.schema.json`, beside this package, describes the front matter.
"""

from prosona.core.portable._profile import FORMAT, MAX_FILE, PortableProfile
from prosona.core.portable.markdown import from_markdown, to_markdown

__all__ = ["FORMAT", "MAX_FILE", "PortableProfile", "from_markdown", "to_markdown"]
