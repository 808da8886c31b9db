"""Print a table of today's figures: each row an operation, what it is measured against, the ratio and its budget.

Invariant: figures are shown, never asserted: a missed budget is a line that says so, and the exit code stays 0.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sqlite3
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from measure import Figure
from rows import LONG, ROWS, Bench

COLUMNS = "{:36} {:24} {:>9} {:>9} {:>7} {:>7}  {}"


def main() -> None:
    """Measure the rows asked for and print them as they come."""
    asked = _arguments()
    print(f"# {machine()}; {asked.rounds} rounds", file=sys.stderr if asked.json else sys.stdout)
    if not asked.anki:
        print("# without Anki: rows against it are left out (--anki PYTHON names a Python that has it)", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="llmquiz-bench-") as folder:
        bench = Bench(Path(folder), asked.rounds, asked.anki)
        if not asked.json:
            print(COLUMNS.format("operation", "against", "llmquiz", "other", "ratio", "budget", ""))
        figures = []
        for name in asked.only:
            for figure in ROWS[name](bench):
                figures.append(figure)
                if not asked.json:
                    print(line(figure), flush=True)
    if asked.json:
        print(json.dumps([asdict(f) | {"met": f.met} for f in figures], indent=2))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--only",
        nargs="+",
        choices=list(ROWS),
        default=[row for row in ROWS if row not in LONG],
        metavar="ROW",
        help=f"only these: {', '.join(ROWS)} (the last takes 10 minutes, and is left out else)",
    )
    parser.add_argument("--rounds", type=int, default=25, help="how often each pair is measured (default 25; slow rows a fifth of it)")
    parser.add_argument("--anki", metavar="PYTHON", help="a Python that has Anki: pip install anki==26.9.3 in an environment of its own")
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser.parse_args()


def machine() -> str:
    """Say what the figures were taken on."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [x.partition(": ")[2] for x in cpuinfo.read_text().splitlines() if x.startswith("model name")] if cpuinfo.exists() else []
    processor = names[0] if names else platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"


def line(figure: Figure) -> str:
    """Return the row of the table."""
    ours = f"{figure.ours:.3g} {figure.unit}"
    other = "" if figure.other is None else f"{figure.other:.3g} {figure.unit}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}x"
    budget = "" if figure.budget is None else f"{figure.budget:g}x" if figure.ratio is not None else f"{figure.budget:g} {figure.unit}"
    verdict = "" if figure.met is None or math.isnan(figure.ours) else "ok" if figure.met else "missed"
    return COLUMNS.format(figure.operation, figure.against, ours, other, ratio, budget, verdict).rstrip()


if __name__ == "__main__":
    main()
