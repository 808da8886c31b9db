"""Every number that is shown about the past and the future.

Invariant: numbers come from study days that were stored with the reviews, never from instants, so they are the same in
every time zone; a share is None, never 0 or 1, where nothing was counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from llmquiz.model import DRILL, Grade

ENOUGH = 10  # reviews below which a share says nothing


class DayCount(NamedTuple):
    """Reviews of one study day with one mode, grade and language; `new` where they were the first of their card; `millis` in all."""

    day: date
    mode: str
    grade: Grade
    new: bool
    lang: str
    reviews: int
    millis: int


class Share(NamedTuple):
    """How many of `reviews` were passes."""

    passed: int
    reviews: int

    @property
    def value(self) -> float | None:
        """The share, None without reviews."""
        return self.passed / self.reviews if self.reviews else None

    @property
    def enough(self) -> bool:
        """Whether there are enough reviews to say anything."""
        return self.reviews >= ENOUGH


class Today(NamedTuple):
    """One study day: graded cards (drills apart), passes, first meetings, drill repeats, and the time on all of them."""

    reviews: int
    passed: int
    new: int
    drills: int
    seconds: float


class Topic(NamedTuple):
    """A topic of the bank: questions, due and new ones, and retention (repeat reviews passed)."""

    topic: str
    questions: int
    due: int
    new: int
    retention: Share


class Stats(NamedTuple):
    """What `llmquiz stats` shows. `upcoming[i]` is how many cards fall due i days from now; overdue ones count at 0."""

    day: date
    today: Today
    streak: int
    due: int
    new: int
    upcoming: tuple[int, ...]
    retention: Share
    topics: tuple[Topic, ...]


def today(counts: Iterable[DayCount], day: date) -> Today:
    """Sum the counts of one study day."""
    mine = [c for c in counts if c.day == day]
    study = [c for c in mine if c.mode != DRILL]
    return Today(
        reviews=sum(c.reviews for c in study),
        passed=sum(c.reviews for c in study if c.grade.passed),
        new=sum(c.reviews for c in study if c.new),
        drills=sum(c.reviews for c in mine if c.mode == DRILL),
        seconds=sum(c.millis for c in mine) / 1000,
    )


def streak(days: Iterable[date], day: date) -> int:
    """Count the study days in a row with a review, up to `day`; a day that is not over yet does not break it."""
    studied = set(days)
    at = day if day in studied else day - timedelta(days=1)
    n = 0
    while at in studied:
        n += 1
        at -= timedelta(days=1)
    return n


def retention(counts: Iterable[DayCount]) -> Share:
    """Return the measured share of passes among repeat reviews: no drills, no first meetings of a card."""
    repeats = [c for c in counts if c.mode != DRILL and not c.new]
    return Share(sum(c.reviews for c in repeats if c.grade.passed), sum(c.reviews for c in repeats))


def upcoming(due: Mapping[date, int], day: date, days: int = 7) -> tuple[int, ...]:
    """Count the cards that fall due on each of the next `days` study days, from `day` on; what is overdue counts today."""
    ahead = [sum(n for d, n in due.items() if d <= day)]
    return (*ahead, *(due.get(day + timedelta(days=i), 0) for i in range(1, days)))
