"""`python -m prosona.hooks deliver`: what a hook starts beside itself."""

from __future__ import annotations

import sys

from prosona.hooks.deliver import main

main(sys.argv[1:])
