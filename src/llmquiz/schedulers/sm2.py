"""SM-2 as published: P. Wozniak, "Optimization of repetition spacing in the practice of learning" (1990), SuperMemo 2.

Invariant: the arithmetic is exact. The E-Factor is kept in whole hundredths and intervals are whole days, so no float
can round 350 up to 351.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from llmquiz.model import DRILL, PASS, Grade, Memory

FIRST, SECOND = 1, 6
START_EASE, LEAST_EASE = 250, 130
# EF' = EF + 0.1 - (5 - q)(0.08 + (5 - q) * 0.02), in hundredths, for q = 0..5
EASE_STEP = (-80, -54, -32, -14, 0, 10)
LAST_DAY = date.max.toordinal()


class SM2:
    """SuperMemo 2 with whole days: I(1) = 1, I(2) = 6, I(n) = ceil(I(n-1) * EF), EF from before the repetition."""

    key = "sm2"

    def review(self, memory: Memory | None, grade: Grade, day: date, mode: str) -> Memory | None:
        """Return the memory after a review on study day `day`; `memory` is None for a new card.

        Outside SuperMemo 2's plan: a drill changes nothing, a pass before the card is due changes nothing, a fail
        before it is due restarts the repetitions.
        """
        if mode == DRILL:
            return memory
        if memory is None:
            memory = Memory(day, 0, START_EASE, 0, 0)
        if grade < PASS:
            return _failed(memory, day)
        if day < memory.due:
            return memory
        return _passed(memory, grade, day)


def _passed(memory: Memory, grade: Grade, day: date) -> Memory:
    _, interval, ease, repetitions, lapses = memory
    match repetitions:
        case 0:
            interval = FIRST
        case 1:
            interval = SECOND
        case _:
            interval = -(-interval * ease // 100)
    return Memory(_later(day, interval), interval, max(LEAST_EASE, ease + EASE_STEP[grade]), repetitions + 1, lapses)


def _failed(memory: Memory, day: date) -> Memory:
    """Restart at I(1); the E-Factor stays as it is (SuperMemo 2, step 6). It is a lapse if the card had been passed."""
    _, _, ease, repetitions, lapses = memory
    return Memory(_later(day, FIRST), FIRST, ease, 0, lapses + (repetitions > 0))


@lru_cache(maxsize=2**14)  # a replay of years asks for few others, and remembering is a fifth of the work
def _later(day: date, interval: int) -> date:
    """Return `day` plus `interval` days, at most the last day that a date can hold."""
    return date.fromordinal(min(day.toordinal() + interval, LAST_DAY))
