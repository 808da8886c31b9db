"""llmquiz's part of a load, in process: 100 files into an empty collection, then one of them changed.

Invariant: imports are made before the clock starts, as they are for the peers.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import llmquiz.loading  # noqa: F401  it imports yaml
from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings

sys.path.insert(0, str(Path(__file__).parents[1]))
from cards import write_topic


def refresh(home: Path, bank: Path) -> float:
    """Open a collection and bring its bank up to date; return the seconds of the latter."""
    collection = Collection(Paths(home), Settings(shipped=False, banks=(bank,)))
    before = time.perf_counter()
    problems = collection.refresh()
    took = time.perf_counter() - before
    problems += collection.problems()
    collection.close()
    if problems:
        raise ValueError(problems[0])
    return took


def main(home: Path, bank: Path, cards: int) -> None:
    """Print the seconds of loading all and of loading one changed file (of `cards` cards), and the peak in MiB, as JSON."""
    whole = refresh(home, bank)
    write_topic(bank, 0, cards, revision=1)
    again = refresh(home, bank)
    print(json.dumps({"load": whole, "reload": again, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
