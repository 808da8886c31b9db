"""Every number that is shown about the past and the future.

Invariant: numbers come from study days that were stored with the reviews, never from instants, so they are the same in
every time zone; a share is None, never 0 or 1, where nothing was counted.
"""

from llmquiz.stats.counts import (
    ENOUGH,
    DayCount,
    Share,
    Time,
    Today,
    Week,
    by_lang,
    monday,
    retention,
    streak,
    time_spent,
    today,
    upcoming,
    weeks,
    year,
)
from llmquiz.stats.whole import HARDEST, NEXT, Hard, Kind, Level, Scope, Stats, Topic

__all__ = [
    "ENOUGH",
    "HARDEST",
    "NEXT",
    "DayCount",
    "Hard",
    "Kind",
    "Level",
    "Scope",
    "Share",
    "Stats",
    "Time",
    "Today",
    "Topic",
    "Week",
    "by_lang",
    "monday",
    "retention",
    "streak",
    "time_spent",
    "today",
    "upcoming",
    "weeks",
    "year",
]
