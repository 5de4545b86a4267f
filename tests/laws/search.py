"""The laws for as long as one likes, with examples drawn anew each time.

python -m tests.laws.search --examples 1000 --steps 40 --store sqlite
"""

from __future__ import annotations

import argparse
import time

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.laws.test_laws import LawsInMemory, LawsOnSQLite

STORES = {"memory": LawsInMemory, "sqlite": LawsOnSQLite}


def main() -> None:
    """Prints how many histories held; raises with the shortest one that did not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=300)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--store", choices=sorted(STORES), default="memory")
    given = parser.parse_args()
    search = settings(
        max_examples=given.examples,
        stateful_step_count=given.steps,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    began = time.monotonic()
    run_state_machine_as_test(STORES[given.store], settings=search)
    seconds = time.monotonic() - began
    print(
        f"{given.examples} histories of up to {given.steps} steps on {given.store} held, in {seconds:.0f} s"
    )


if __name__ == "__main__":
    main()
