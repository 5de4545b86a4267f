"""The official conformance suite, against our server with the suite's fixtures added to it.

No scored scenario is expected to fail. What fails unscored: the tasks extension, which Prosona does
not offer, and three scenarios that the suite calls pending and that want more fixtures.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.clients.conftest import Run, StartUrl

pytestmark = pytest.mark.node

CONFORMANCE = "node_modules/@modelcontextprotocol/conformance/dist/index.js"
APP = Path(__file__).parent / "conformance_app.py"
NOT_SCORED = "Not scored for"


@pytest.mark.parametrize(("requirements", "scored"), [("2026-07-28", 37), ("2025-11-25", 30)])
def test_every_scored_scenario_passes(
    run_node: Run, start_url: StartUrl, tmp_path: Path, requirements: str, scored: int
) -> None:
    url = start_url([sys.executable, str(APP), str(tmp_path / "p.db")])
    ended = run_node(
        CONFORMANCE, "server", "--url", url, "--requirements", requirements, "-o", str(tmp_path / "results")
    )
    assert ended.returncode == 0, ended.stdout[-4000:]
    summary = ended.stdout.split("=== SUMMARY ===")[1]
    results = re.findall(r"^([✓✗]) ([\w-]+): \d+ passed", summary, re.MULTILINE)
    unscored = set(re.findall(r"^  [✓✗] ([\w-]+) \(", summary.split(NOT_SCORED)[1], re.MULTILINE))
    passed = [name for mark, name in results if mark == "✓" and name not in unscored]
    failed = [name for mark, name in results if mark == "✗" and name not in unscored]
    assert (len(passed), failed) == (scored, []), summary
