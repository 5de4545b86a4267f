"""Processes killed at random lose nothing; the long run is `python -m tests.laws.kills --kills 200`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.laws.kills import kill_many


@pytest.mark.timeout(300)
def test_processes_killed_at_random_lose_nothing_double_nothing_and_bring_nothing_back(
    tmp_path: Path,
) -> None:
    outcome = kill_many(tmp_path, kills=12)
    assert outcome.holds, outcome
    assert outcome.acknowledged > 20
    assert outcome.forgotten > 3
