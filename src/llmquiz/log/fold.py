"""From live reviews to what is cached of them: rows of `memories` and `days`.

Invariant: pure: the same reviews give the same rows, whoever asks and in whatever order they were written down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from llmquiz.model import DRILL, Grade, Memory
from llmquiz.schedulers import Scheduler

Live = tuple[str, str, int, float, str, str]  # (at, day, grade, seconds, mode, lang) of a live review
Tally = Counter[tuple[str, str, int, int, str, str]]  # (day, mode, grade, new, lang, "n" or "millis") -> amount
Row = tuple[Any, ...]


class Recall(NamedTuple):
    """A cached memory with what statistics need: `reviews` without drills; `recalls` the repeat ones, `recalled` passed."""

    memory: Memory | None
    reviews: int
    recalls: int
    recalled: int
    last_at: str


NOTHING = Recall(None, 0, 0, 0, "")


def step(scheduler: Scheduler, recall: Recall, at: str, day: date, grade: Grade, mode: str) -> Recall:  # noqa: PLR0913
    """Return what is recalled of a card after one more review, the newest."""
    study = mode != DRILL
    repeat = study and recall.reviews > 0
    return Recall(
        scheduler.review(recall.memory, grade, day, mode),
        recall.reviews + study,
        recall.recalls + repeat,
        recall.recalled + (repeat and grade.passed),
        at,
    )


def recall(scheduler: Scheduler, reviews: Iterable[Live]) -> Recall:
    """Fold one card's live reviews, oldest first."""
    out = NOTHING
    for at, day, grade, _, mode, _ in reviews:
        out = step(scheduler, out, at, date.fromisoformat(day), Grade(grade), mode)
    return out


def recall_row(card: str, recall_: Recall) -> Row:
    """Return the row of `memories`; the memory must be there."""
    memory = recall_.memory
    if memory is None:
        msg = f"{card} has no memory"
        raise ValueError(msg)
    return (card, memory.due.isoformat(), *memory[1:], *recall_[1:])


def day_row(day: str, grade: int, seconds: float, mode: str, lang: str, *, new: bool) -> Row:  # noqa: PLR0913
    """Return what one review adds to `days`, as a row of it."""
    return day, mode, grade, int(new), lang, 1, round(seconds * 1000)


def tally(reviews: Iterable[Live]) -> Tally:
    """Count one card's live reviews, oldest first; the first that is no drill is the card's first meeting."""
    out, met = Tally(), False
    for review in reviews:
        new = not met and review[4] != DRILL
        met = met or new
        *key, n, millis = day_row(*review[1:], new=new)
        out.update({(*key, "n"): n, (*key, "millis"): millis})
    return out


def day_rows(counted: Tally) -> list[Row]:
    """Return the rows of `days` (or changes to them), leaving out what is zero."""
    keys = sorted({key[:5] for key, amount in counted.items() if amount})
    return [(*key, counted[(*key, "n")], counted[(*key, "millis")]) for key in keys]


def fold(scheduler: Scheduler, rows: Iterable[tuple[str, str, str, int, float, str, str]]) -> tuple[list[Row], list[Row]]:
    """Return all rows of `memories` and `days` for live reviews (card first) in order of (card, at)."""
    memories: list[Row] = []
    counted = Tally()

    def close(card: str, reviews: Sequence[Live]) -> None:
        folded = recall(scheduler, reviews)
        if folded.memory is not None:
            memories.append(recall_row(card, folded))
        counted.update(tally(reviews))

    card, reviews = "", list[Live]()
    for row in rows:
        if row[0] != card and reviews:
            close(card, reviews)
            reviews = []
        card = row[0]
        reviews.append(row[1:])
    if reviews:
        close(card, reviews)
    return memories, day_rows(counted)


def memory(row: Row) -> Memory:
    """Return the memory of a row of (due, interval, ease, repetitions, lapses)."""
    due, *rest = row
    return Memory(date.fromisoformat(due), *rest)
