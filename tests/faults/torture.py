"""`just torture`: kills, power cuts, disks that fill up, fail or turn read-only, at every system call of what a learner does.

Run it as a script: it forks, so it wants a process of its own. Invariant: what it prints last counts every trial, and it
exits with 1 where one lost, doubled or spoilt anything.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random

import stories
import tracer
from scenarios import SCENARIOS

MEMORY = Path("/dev/shm")  # noqa: S108  where an fsync takes no time; files there are as much at the mercy of a fault


def torture(name: str, seed: int, most: int) -> Counter[str]:
    """Run one scenario once; return how many trials there were and how many ended how, and tell those that ended badly."""
    counted: Counter[str] = Counter()
    with _folder() as folder:
        for i, found in enumerate(SCENARIOS[name](seed, most, Path(folder))):
            counted[name] += 1
            if found:
                counted[found.partition(":")[0]] += 1
                print(f"{name}, seed {seed}, trial {i}: {found}", file=sys.stderr)  # noqa: T201
    return counted


def _folder() -> tempfile.TemporaryDirectory[str]:
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return tempfile.TemporaryDirectory(prefix="llmquiz-torture-", dir=MEMORY if usable else None)


def warm_up() -> None:
    """Import what a learner's process needs, so that a forked one makes few calls of its own."""
    with _folder() as folder, closing(stories.opened(stories.begin(Path(folder) / "x", 3, (), Random(0)).folder)) as collection:
        collection.refresh()
    import llmquiz.cli.app
    import llmquiz.cli.study_lines
    import llmquiz.render.markdown

    llmquiz.cli.app.build(["study"])


def main() -> int:
    """Run every scenario, or those named, and again with other seeds until the time is over; print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", choices=SCENARIOS, action="append", help="this scenario; may be given again")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--most", type=int, default=400, help="at most so many trials of a scenario and seed")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds")
    parser.add_argument("--minutes", type=float, default=0, help="go on with further seeds until so many minutes are over")
    options = parser.parse_args()
    if reason := tracer.reason_not_to_fail():
        print(f"nothing tried: {reason}")  # noqa: T201
        return 2
    warm_up()
    names, counted = options.only or list(SCENARIOS), Counter[str]()
    end, seed = time.monotonic() + 60 * options.minutes, options.seed
    while seed < options.seed + options.seeds or time.monotonic() < end:
        for name in names:
            counted += torture(name, seed, options.most)
        seed += 1
    tried = ", ".join(f"{name} {counted[name]}" for name in names)
    bad = {name: counted[name] for name in ("lost", "doubled", "unreadable", "alarming")}
    print(f"{tried}; {', '.join(f'{name} {n}' for name, n in bad.items())}")  # noqa: T201
    return 1 if any(bad.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
