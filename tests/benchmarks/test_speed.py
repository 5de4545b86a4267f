from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(300)
def test_a_quick_run_measures_every_section_and_prints_the_table(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    outcome = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed", "--quick", "--json", str(figures)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=280,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert "measured against what it must be" in outcome.stdout
    lines = json.loads(figures.read_text(encoding="utf-8"))
    for what in (
        "cold start",
        "get_user_profile p50",
        "get_user_profile p99",
        "observe_interaction p50",
        "memory",
        "HTTP calls a second",
        "get p50 with 2,000 interactions, 500 users",
        "observe p50 with 2,000 interactions, 500 users",
        "are erased from 1 MB, two processes",
        "builtin fold of 8 new, after 10 and after 300",
        "reference memory server",
    ):
        found = [line for line in lines if what in line["what"]]
        assert found, f"no line about {what}"
        assert all(line.get("measure") or line.get("why") for line in found)
