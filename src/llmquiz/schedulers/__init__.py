"""Schedulers: what a review does to a memory. A new scheduler is one file here and one line in `SCHEDULERS`.

Invariant: a memory is a pure function of the reviews of its card, folded in order of their instants; nothing here
reads a clock or a random number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Protocol

from llmquiz.model import STUDY, Grade, Memory
from llmquiz.schedulers.sm2 import SM2


class Scheduler(Protocol):
    """What turns reviews into due dates."""

    @property
    def key(self) -> str:
        """The scheduler's name and parameters: cached memories made under another key are not used."""
        ...

    def review(self, memory: Memory | None, grade: Grade, day: date, mode: str) -> Memory | None:
        """Return the memory after one review on a study day; None in and out for a card without a memory."""
        ...


SCHEDULERS: dict[str, type[Scheduler]] = {
    "sm2": SM2,
}


def replay(scheduler: Scheduler, reviews: Iterable[tuple[Grade, date, str]]) -> Memory | None:
    """Fold (grade, study day, mode) of one card's live reviews, in order of their instants, to its memory."""
    memory = None
    for grade, day, mode in reviews:
        memory = scheduler.review(memory, grade, day, mode)
    return memory


def intervals(scheduler: Scheduler, reviews: Iterable[tuple[Grade, date, str]]) -> Iterator[int | None]:
    """Yield after each of one card's live reviews its interval in days, None where it has no memory."""
    memory = None
    for grade, day, mode in reviews:
        memory = scheduler.review(memory, grade, day, mode)
        yield None if memory is None else memory.interval


def preview(scheduler: Scheduler, memory: Memory | None, day: date, mode: str = STUDY) -> tuple[int | None, ...]:
    """Return for each grade 0..5 the days from `day` until the card would be due; None where it would have no memory."""
    after = (scheduler.review(memory, grade, day, mode) for grade in Grade)
    return tuple(None if m is None else (m.due - day).days for m in after)
