"""Which tests can run here."""

from __future__ import annotations

from importlib.util import find_spec

_MISSING = [name for name in ("langchain", "llama_index") if find_spec(name) is None]

collect_ignore = ["integrations"] if _MISSING else []


def pytest_report_header() -> str | None:
    """Says which tests are left out, and how to run them."""
    if not _MISSING:
        return None
    return f"without {' and '.join(_MISSING)}: tests/integrations left out, see tests/integrations/check"
