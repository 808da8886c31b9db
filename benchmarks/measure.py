"""How things are measured: whole processes, contenders in turn, medians of the ratios of pairs.

Invariant: two figures are compared only where they were taken one after the other in the same run, so that what else the
machine does falls on both.
"""

from __future__ import annotations

import math
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table. `other` and `ratio` are None where `ours` is measured for itself; then the budget is in `unit`."""

    operation: str
    against: str
    unit: str
    ours: float
    other: float | None
    ratio: float | None
    budget: float | None

    @property
    def met(self) -> bool | None:
        """Whether the budget holds; None where there is none."""
        measured = self.ours if self.ratio is None else self.ratio
        return None if self.budget is None else measured <= self.budget


def run(command: Sequence[str], environ: dict[str, str]) -> tuple[float, str]:
    """Run a command to its end; return its milliseconds and what it printed. Raises CalledProcessError where it fails."""
    before = time.perf_counter()
    done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return (time.perf_counter() - before) * 1000, done.stdout


def in_turn(rounds: int, *contenders: Callable[[], T]) -> list[tuple[T, ...]]:
    """Call every contender once a round, the first one first in every other round; the round that warms caches is left out."""
    out = []
    for n in range(rounds + 1):
        order = range(len(contenders)) if n % 2 else range(len(contenders) - 1, -1, -1)
        done = {i: contenders[i]() for i in order}
        if n:
            out.append(tuple(done[i] for i in range(len(contenders))))
    return out


def compared(operation: str, against: str, unit: str, pairs: Iterable[Sequence[float]], budget: float | None) -> Figure:
    """Return the row of pairs (ours, other): medians of both, and the median of their ratios; a pair with an unknown one does not count."""
    all_ = list(pairs)
    ours, other = zip(*([p for p in all_ if not any(map(math.isnan, p))] or all_), strict=True)
    ratio = statistics.median(a / b for a, b in zip(ours, other, strict=True))
    return Figure(operation, against, unit, statistics.median(ours), statistics.median(other), ratio, budget)


def alone(operation: str, unit: str, values: Iterable[float], budget: float | None) -> Figure:
    """Return the row of something measured for itself."""
    return Figure(operation, "absolute", unit, statistics.median(values), None, None, budget)


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
