"""Which backups stay: all of the last day, then one a day, a week, a month.

Invariant: pure; the newest always stays, and one that was made before something destructive stays a month.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from llmquiz.model import CUTOFF, study_day

ALL_OF = timedelta(hours=24)
BEFORE_STAYS = timedelta(days=30)
SPANS: Sequence[tuple[int, Callable[[date], Hashable]]] = (
    (12, lambda day: day),
    (10, lambda day: day.isocalendar()[:2]),
    (9, lambda day: (day.year, day.month)),
)


class Dated(NamedTuple):
    """A backup as thinning sees it: its name, when it was made (aware), whether before something destructive."""

    name: str
    made: datetime
    before: bool = False


def keep(backups: Iterable[Dated], now: datetime, cutoff: time = CUTOFF) -> set[str]:
    """Return the names of those that stay.

    All of the last 24 hours; the newest of each of the last 12 study days, 10 weeks and 9 months that have one; for 30
    days those made before a migration, merge or restore. `now` is in the learner's zone.
    """
    newest_first = sorted(backups, key=lambda b: (b.made, b.name), reverse=True)
    out = {b.name for b in newest_first if now - b.made < ALL_OF or (b.before and now - b.made < BEFORE_STAYS)}
    out.update(b.name for b in newest_first[:1])
    for limit, span in SPANS:
        seen: dict[Hashable, str] = {}
        for b in newest_first:
            seen.setdefault(span(study_day(b.made.astimezone(now.tzinfo), cutoff)), b.name)
        out.update(list(seen.values())[:limit])
    return out
