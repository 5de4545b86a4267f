"""Which tests can run here."""

from __future__ import annotations

import os
from importlib.util import find_spec

from hypothesis import settings

# The same examples on every run there, so that a change is judged by what it changed. By hand they are
# drawn anew each time; `python -m tests.laws.search` looks for longer.
settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

_MISSING = [name for name in ("langchain", "llama_index") if find_spec(name) is None]

collect_ignore = ["integrations"] if _MISSING else []


def pytest_report_header() -> str | None:
    """Says which tests are left out, and how to run them."""
    if not _MISSING:
        return None
    return f"without {' and '.join(_MISSING)}: tests/integrations left out, see tests/integrations/check"
