"""From live reviews to what is cached of them: rows of `memories` and `days`.

Invariant: pure: the same reviews give the same rows, whoever asks and in whatever order they were written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from llmquiz.model import DRILL, PASS, Grade, Memory
from llmquiz.schedulers import Scheduler

Live = tuple[str, str, int, float, str, str]  # (at, day, grade, seconds, mode, lang) of a live review
Tally = dict[tuple[str, str, int, int, str], list[int]]  # (day, mode, grade, new, lang) -> [reviews, millis]
Row = tuple[Any, ...]

_day, _grade = cache(date.fromisoformat), cache(Grade)  # a log has a million reviews, of a thousand days and six grades


class Recall(NamedTuple):
    """A cached memory with what statistics need: `reviews` without drills; `recalls` the repeat ones, `recalled` passed."""

    memory: Memory | None
    reviews: int
    recalls: int
    recalled: int
    last_at: str


NOTHING = Recall(None, 0, 0, 0, "")


def recall(scheduler: Scheduler, reviews: Iterable[Live], before: Recall = NOTHING) -> Recall:
    """Return what is recalled of a card after more live reviews, oldest first, each newer than those of `before`."""
    memory, studied, recalls, recalled, at = before
    for at, day, grade, _, mode, _ in reviews:  # noqa: B007  the last instant stays
        memory = scheduler.review(memory, _grade(grade), _day(day), mode)
        if mode != DRILL:
            if studied:
                recalls += 1
                recalled += grade >= PASS
            studied += 1
    return Recall(memory, studied, recalls, recalled, at)


def recall_row(card: str, recall_: Recall) -> Row:
    """Return the row of `memories`; the memory must be there."""
    memory = recall_.memory
    if memory is None:
        msg = f"{card} has no memory"
        raise ValueError(msg)
    return (card, memory.due.isoformat(), *memory[1:], *recall_[1:])


def tally(counted: Tally, reviews: Iterable[Live], sign: int = 1, *, met: bool = False) -> None:
    """Count one card's live reviews, oldest first, into `counted`, or out of it with -1 as `sign`.

    The first that is no drill is the card's first meeting, unless it was `met` before.
    """
    for _, day, grade, seconds, mode, lang in reviews:
        new = 0 if met or mode == DRILL else 1
        met = met or new == 1
        key = day, mode, grade, new, lang
        amount = counted.get(key)
        if amount is None:
            amount = counted[key] = [0, 0]
        amount[0] += sign
        amount[1] += sign * round(seconds * 1000)


def day_row(review: Live, *, met: bool) -> Row:
    """Return the change of `days` by one live review of a card that was met before, or not; what `tally` makes of one, in less time."""
    _, day, grade, seconds, mode, lang = review
    return day, mode, grade, int(not met and mode != DRILL), lang, 1, round(seconds * 1000)


def day_rows(counted: Tally) -> list[Row]:
    """Return the rows of `days` (or changes to them), leaving out what is zero."""
    return [(*key, *amount) for key, amount in sorted(counted.items()) if any(amount)]


def fold(scheduler: Scheduler, cards: Iterable[tuple[str, Sequence[Live]]], counted: Tally) -> Iterator[Row]:
    """Yield the rows of `memories` for cards with their live reviews, which are counted into `counted` on the way."""
    for card, reviews in cards:
        tally(counted, reviews)
        folded = recall(scheduler, reviews)
        if folded.memory is not None:
            yield recall_row(card, folded)


def memory(row: Sequence[Any]) -> Memory:
    """Return the memory of a row of (due, interval, ease, repetitions, lapses)."""
    due, *rest = row
    return Memory(_day(due), *rest)
