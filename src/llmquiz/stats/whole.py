"""Everything that `llmquiz stats` shows, and what it can be narrowed to.

Invariant: what is said of reviews follows every filter; what is said of cards as they are now (due, new, maturity, leeches)
follows topics, tags and kinds alone.
"""

from __future__ import annotations

from datetime import date
from itertools import accumulate
from typing import NamedTuple

from llmquiz.stats.counts import Share, Time, Today, Week

NEXT = 30  # days of the forecast
HARDEST = 10  # cards


class Scope(NamedTuple):
    """What statistics are about: cards of these topics, tags, kinds; reviews since a study day, in a language."""

    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: date | None = None
    lang: str = ""


class Topic(NamedTuple):
    """A topic of the bank: questions, due and new ones, and retention (repeat reviews passed)."""

    topic: str
    questions: int
    due: int
    new: int
    retention: Share


class Level(NamedTuple):
    """A level of the bank, likewise."""

    level: int
    questions: int
    due: int
    new: int
    retention: Share


class Kind(NamedTuple):
    """A kind of question in the bank, likewise."""

    kind: str
    questions: int
    due: int
    new: int
    retention: Share


class Hard(NamedTuple):
    """A card that goes badly: its retention, its ease in whole hundredths, its lapses."""

    id: str
    topic: str
    level: int
    ease: int
    lapses: int
    retention: Share


class Stats(NamedTuple):
    """What `llmquiz stats` shows.

    `forecast[i]` is how many cards fall due i days from now; overdue ones count at 0. `maturity` counts new, young and
    mature cards. `streak` is that of all cards whatever the scope.
    """

    day: date
    scope: Scope
    today: Today
    streak: int
    due: int
    new: int
    forecast: tuple[int, ...]
    retention: Share
    maturity: tuple[int, int, int]
    time: Time
    topics: tuple[Topic, ...]
    levels: tuple[Level, ...]
    kinds: tuple[Kind, ...]
    languages: tuple[tuple[str, Share], ...]
    weeks: tuple[Week, ...]
    year: tuple[tuple[date, int], ...]
    hardest: tuple[Hard, ...]
    leeches: tuple[Hard, ...]

    @property
    def upcoming(self) -> tuple[int, ...]:
        """The first seven days of the forecast."""
        return self.forecast[:7]

    @property
    def load(self) -> tuple[int, ...]:
        """How many cards fall due up to each day of the forecast."""
        return tuple(accumulate(self.forecast))
