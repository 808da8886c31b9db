"""Counts of reviews by study day, and what follows from them: today, streak, retention, weeks, time.

Invariant: numbers come from study days that were stored with the reviews, never from instants, so they are the same in
every time zone; a share is None, never 0 or 1, where nothing was counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from llmquiz.model import DRILL, Grade

ENOUGH = 10  # reviews below which a share says nothing
WEEKS = 12


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


class Week(NamedTuple):
    """The reviews of a week, drills too: how many, retention, and the seconds on all of them. `start` is its Monday."""

    start: date
    reviews: int
    retention: Share
    seconds: float

    @property
    def per_card(self) -> float | None:
        """Seconds from question to grade, on average; None without reviews."""
        return self.seconds / self.reviews if self.reviews else None


class Time(NamedTuple):
    """Time on all reviews: seconds, study days with a review, reviews."""

    seconds: float
    days: int
    reviews: int

    @property
    def per_day(self) -> float | None:
        """Seconds on a day with a review, on average; None without one."""
        return self.seconds / self.days if self.days else None

    @property
    def per_card(self) -> float | None:
        """Seconds from question to grade, on average; None without reviews."""
        return self.seconds / self.reviews if self.reviews else None


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


def by_lang(counts: Iterable[DayCount]) -> dict[str, Share]:
    """Return the retention in each language that reviews were made in, sorted; "" where it was not noted."""
    all_ = list(counts)
    return {lang: retention(c for c in all_ if c.lang == lang) for lang in sorted({c.lang for c in all_})}


def weeks(counts: Iterable[DayCount], day: date, since: date | None = None) -> tuple[Week, ...]:
    """Return the weeks (Monday first) up to that of `day`, oldest first: since `since`, else the last `WEEKS`.

    Weeks before the first review are left out, weeks without one are not.
    """
    by_week: dict[date, list[DayCount]] = {}
    for c in counts:
        by_week.setdefault(monday(c.day), []).append(c)
    if not by_week:
        return ()
    start = max(min(by_week), monday(since) if since else monday(day) - timedelta(weeks=WEEKS - 1))
    return tuple(_week(m, by_week.get(m, [])) for m in _mondays(start, day))


def _week(start: date, counts: Sequence[DayCount]) -> Week:
    return Week(start, sum(c.reviews for c in counts), retention(counts), sum(c.millis for c in counts) / 1000)


def _mondays(start: date, day: date) -> Iterator[date]:
    while start <= day:
        yield start
        start += timedelta(weeks=1)


def monday(day: date) -> date:
    """Return the first day of a day's week."""
    return day - timedelta(days=day.weekday())


def time_spent(counts: Iterable[DayCount]) -> Time:
    """Sum the time of all reviews, drills too."""
    all_ = list(counts)
    return Time(sum(c.millis for c in all_) / 1000, len({c.day for c in all_}), sum(c.reviews for c in all_))


def year(counts: Iterable[DayCount], day: date) -> tuple[tuple[date, int], ...]:
    """Return the study days of the last 12 months (53 weeks, Monday first, up to `day`) that have reviews, with how many."""
    start = monday(day) - timedelta(weeks=52)
    out: dict[date, int] = {}
    for c in counts:
        if start <= c.day <= day:
            out[c.day] = out.get(c.day, 0) + c.reviews
    return tuple(sorted(out.items()))


def upcoming(due: Mapping[date, int], day: date, days: int = 7) -> tuple[int, ...]:
    """Count the cards that fall due on each of the next `days` study days, from `day` on; what is overdue counts today."""
    ahead = [sum(n for d, n in due.items() if d <= day)]
    return (*ahead, *(due.get(day + timedelta(days=i), 0) for i in range(1, days)))
