"""Every number that is shown about the past and the future.

Invariant: numbers come from study days that were stored with the reviews, never from instants, so they are the same in
every time zone; a share is None, never 0 or 1, where nothing was counted. `whole`, which only `llmquiz stats` and `topics`
need, is imported by them: a session starts without it.
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

__all__ = [
    "ENOUGH",
    "DayCount",
    "Share",
    "Time",
    "Today",
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
