"""Nobody pays for a framework they do not use."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

FRAMEWORKS = {"langchain", "langchain_core", "langgraph", "llama_index"}


def _frameworks_after(code: str) -> set[str]:
    shown = f"{code}\nimport json, sys\nprint(json.dumps([*{{m.split('.')[0] for m in sys.modules}}]))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1])) & FRAMEWORKS


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import prosona.client, prosona.server, prosona.service, prosona.cli", set()),
        ("import prosona.langchain", {"langchain_core"}),
        ("from prosona.langchain import with_profile, profile_tools", {"langchain_core"}),
        ("from prosona.langchain import ProfileMiddleware", {"langchain", "langchain_core", "langgraph"}),
        ("import prosona.llama_index", {"llama_index"}),
    ],
)
def test_an_import_brings_in_its_own_framework_only(code: str, expected: set[str]) -> None:
    assert _frameworks_after(code) == expected


def test_a_name_that_is_not_there_is_an_ordinary_error() -> None:
    import prosona.langchain

    with pytest.raises(AttributeError, match="has no attribute 'ProfileMemory'"):
        _ = prosona.langchain.ProfileMemory
