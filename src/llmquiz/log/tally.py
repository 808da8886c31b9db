"""What statistics count: cards of the bank from the caches, reviews under a filter from the log.

Invariant: only `reviews` reads the log's rows, and it is asked only where the caches cannot answer; over everything it
counts what `days` and `memories` hold (a law, tested).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from llmquiz.log import Log
from llmquiz.log.cache import where
from llmquiz.log.fold import Row
from llmquiz.model import LEECH_LAPSES, MATURE_DAYS, Grade
from llmquiz.session import Wanted
from llmquiz.stats import HARDEST, DayCount, Hard, Scope, Share, retention

BANK = "questions q left join memories m on m.card = q.id"
HARD = "q.id, q.topic, q.level, m.ease, m.lapses, m.recalled, m.recalls"


class Reviews(NamedTuple):
    """Reviews in a scope: their counts by study day, and the retention of each topic and level."""

    counts: tuple[DayCount, ...]
    topics: Mapping[Any, Share]
    levels: Mapping[Any, Share]


def maturity(log: Log, scope: Scope) -> tuple[int, int, int]:
    """Return how many cards of a scope are new, young and mature."""
    said, values = where(cards(scope))
    rows = log.reading(
        f"""select coalesce(sum(m.card is null), 0), coalesce(sum(m.interval < {MATURE_DAYS}), 0),
            coalesce(sum(m.interval >= {MATURE_DAYS}), 0) from {BANK} where not q.shadowed{said}""",  # noqa: S608
        values,
    )
    new, young, mature = rows[0]
    return new, young, mature


def hardest(log: Log, scope: Scope) -> tuple[Hard, ...]:
    """Return the cards with the smallest share of passes, of those that failed; as if each had one pass and one fail more."""
    return _hard(log, scope, f"m.recalled < m.recalls order by (m.recalled + 1.0) / (m.recalls + 2), m.ease, q.id limit {HARDEST}")


def leeches(log: Log, scope: Scope) -> tuple[Hard, ...]:
    """Return the cards with `LEECH_LAPSES` lapses or more, most first."""
    return _hard(log, scope, f"m.lapses >= {LEECH_LAPSES} order by m.lapses desc, q.id")


def _hard(log: Log, scope: Scope, rest: str) -> tuple[Hard, ...]:
    said, values = where(cards(scope))
    rows = log.reading(f"select {HARD} from {BANK} where not q.shadowed{said} and {rest}", values)  # noqa: S608
    return tuple(Hard(i, t, n, ease, lapses, Share(passed, all_)) for i, t, n, ease, lapses, passed, all_ in rows)


def cards(scope: Scope) -> Wanted:
    """Return what a scope says of cards."""
    return Wanted(topics=scope.topics, tags=scope.tags)


def reviews(log: Log, scope: Scope) -> Reviews:
    """Count the live reviews of a scope in one pass over the log."""
    said, values = where(cards(scope))
    rows = log.reading(
        f"""select day, mode, grade, coalesce(at = met, 0), lang, topic, level, count(*), cast(sum(round(seconds * 1000)) as integer)
        from (select r.day, r.mode, r.grade, r.at, r.lang, r.seconds, q.topic, q.level,
                min(case when r.mode <> 'drill' then r.at end) over (partition by r.card) as met
            from live_reviews r left join questions q on q.id = r.card and not q.shadowed where true{said})
        where day >= :since and (:lang = '' or lang = :lang) group by 1, 2, 3, 4, 5, 6, 7""",  # noqa: S608
        values | {"since": scope.since.isoformat() if scope.since else "", "lang": scope.lang},
    )
    counts = [(_count(r), r[5], r[6]) for r in rows]
    return Reviews(_summed(c for c, _, _ in counts), _by(counts, 1), _by(counts, 2))


def _count(row: Row) -> DayCount:
    day, mode, grade, new, lang, _, _, n, millis = row
    return DayCount(date.fromisoformat(day), mode, Grade(grade), bool(new), lang, n, millis)


def _summed(counts: Iterable[DayCount]) -> tuple[DayCount, ...]:
    amounts: Counter[tuple[Any, ...]] = Counter()
    for c in counts:
        amounts.update({(*c[:5], "n"): c.reviews, (*c[:5], "millis"): c.millis})
    keys = sorted({key[:5] for key in amounts})
    return tuple(DayCount._make((*key, amounts[(*key, "n")], amounts[(*key, "millis")])) for key in keys)


def _by(counts: Iterable[tuple[DayCount, Any, Any]], place: int) -> dict[Any, Share]:
    grouped: dict[Any, list[DayCount]] = {}
    for row in counts:
        grouped.setdefault(row[place], []).append(row[0])
    return {name: retention(some) for name, some in grouped.items()}
