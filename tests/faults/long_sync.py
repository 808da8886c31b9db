"""Machines that meet, for long: `python tests/faults/long_sync.py [ROUNDS]`, each a month by git and a month by a careless carrier.

Invariant: it ends with an AssertionError where an event is lost or doubled, or a cache is not the fold.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from test_two_homes import carried, live_together


def main(rounds: int) -> None:
    """Run rounds with seeds from 0 and print what was tried."""
    events = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(rounds):
            events += len(live_together(Path(folder) / f"git-{seed}", 30, seed))
            events += len(carried(Path(folder) / f"carrier-{seed}", 30, seed))
    sys.stdout.write(f"merges: {2 * rounds} months on 2 and 3 machines, {events} events: lost 0, doubled 0, unreadable 0\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
