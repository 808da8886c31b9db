"""What statistics count: cards of the bank from the caches, reviews under a filter from the log.

Invariant: the log's rows are read only where the caches cannot answer, and then say what `days` and `memories` say (a law,
tested).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from llmquiz.log import Log
from llmquiz.log.cache import ANY, BY_ID, HIDDEN, where
from llmquiz.model import LEECH_LAPSES, MATURE_DAYS, Grade
from llmquiz.session import Wanted
from llmquiz.stats import DayCount, Share
from llmquiz.stats.whole import HARDEST, Hard, Scope

REVIEWED = "r.day >= :since and (:lang = '' or r.lang = :lang)"
HARD = "q.id, q.topic, q.level, m.ease, m.lapses, m.recalled, m.recalls"


class Group(NamedTuple):
    """The cards of one topic, level and kind: all; due and new ones that are not hidden; retention; all that are new, young, mature."""

    topic: str
    level: int
    kind: str
    questions: int
    due: int
    new: int
    retention: Share
    maturity: tuple[int, ...]


def groups(log: Log, day: date, scope: Scope) -> list[Group]:
    """Return the cards of a scope by topic, level and kind, in one pass over the bank."""
    said, values = where(cards(scope))
    shown = f"q.id not in ({HIDDEN})"
    rows = log.reading(
        f"""select q.topic, q.level, q.kind, count(*), coalesce(sum(m.due <= :day and {shown}), 0), sum(m.card is null and {shown}),
            coalesce(sum(m.recalled), 0), coalesce(sum(m.recalls), 0), sum(m.card is null),
            coalesce(sum(m.interval < {MATURE_DAYS}), 0), coalesce(sum(m.interval >= {MATURE_DAYS}), 0)
        from {BY_ID} left join memories m on m.card = q.id where not q.shadowed{said} group by 1, 2, 3""",  # noqa: S608
        values | {"day": day.isoformat()},
    )
    there = [Group(t, x, k, n, due, new, Share(passed, all_), tuple(rest)) for t, x, k, n, due, new, passed, all_, *rest in rows]
    if scope.since or scope.lang:
        counted = shares(log, scope)
        there = [g._replace(retention=counted.get(g[:3], Share(0, 0))) for g in there]
    return there


def grouped(some: Iterable[Group], column: str) -> list[tuple[Any, int, int, int, Share]]:
    """Return (name, questions, due, new, retention) for each topic, level or kind, sorted."""
    by: dict[Any, list[Group]] = {}
    for group in some:
        by.setdefault(getattr(group, column), []).append(group)
    return [
        (name, sum(g.questions for g in mine), sum(g.due for g in mine), sum(g.new for g in mine), summed(g.retention for g in mine))
        for name, mine in sorted(by.items())
    ]


def maturity(some: Sequence[Group]) -> tuple[int, int, int]:
    """Return how many cards are new, young and mature."""
    new, young, mature = (sum(g.maturity[i] for g in some) for i in range(3))
    return new, young, mature


def hardest(log: Log, scope: Scope) -> tuple[Hard, ...]:
    """Return the cards with the smallest share of passes, of those that failed; as if each had one pass and one fail more."""
    return _hard(log, scope, f"m.recalled < m.recalls order by (m.recalled + 1.0) / (m.recalls + 2), m.ease, q.id limit {HARDEST}")


def leeches(log: Log, scope: Scope) -> tuple[Hard, ...]:
    """Return the cards with `LEECH_LAPSES` lapses or more, most first."""
    return _hard(log, scope, f"m.lapses >= {LEECH_LAPSES} order by m.lapses desc, q.id")


def _hard(log: Log, scope: Scope, rest: str) -> tuple[Hard, ...]:
    said, values = where(cards(scope))
    sql = f"select {HARD} from memories m cross join questions q on q.id = m.card where not q.shadowed{said} and {rest}"  # noqa: S608
    rows = log.reading(sql, values)
    return tuple(Hard(i, t, n, ease, lapses, Share(passed, all_)) for i, t, n, ease, lapses, passed, all_ in rows)


def cards(scope: Scope) -> Wanted:
    """Return what a scope says of cards."""
    return Wanted(topics=scope.topics, tags=scope.tags, kinds=scope.kinds)


def counts(log: Log, scope: Scope, days: Sequence[DayCount]) -> list[DayCount]:
    """Return the counts of a scope by study day: those of `days` that it takes in, or from the log where cards are named."""
    if cards(scope) == ANY:
        first = scope.since or date.min
        return [c for c in days if c.day >= first and scope.lang in ("", c.lang)]
    sql, values = _live(scope)
    rows = log.reading(
        f"""{sql} select r.day, r.mode, r.grade, coalesce(r.at = met.at, 0), r.lang, count(*),
            cast(sum(round(r.seconds * 1000)) as integer)
        from live r left join met on met.card = r.card where {REVIEWED} group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5""",  # noqa: S608
        values,
    )
    return [DayCount(date.fromisoformat(d), mode, Grade(g), bool(new), lang, n, ms) for d, mode, g, new, lang, n, ms in rows]


def shares(log: Log, scope: Scope) -> dict[tuple[str, int, str], Share]:
    """Return the retention by topic, level and kind, in one pass over the log's reviews of the scope."""
    sql, values = _live(scope)
    rows = log.reading(
        f"""{sql}, repeats as (select r.card, sum(r.grade >= 3) as passed, count(*) as n from live r join met on met.card = r.card
            where r.mode <> 'drill' and r.at <> met.at and {REVIEWED} group by r.card)
        select q.topic, q.level, q.kind, sum(passed), sum(n) from repeats join questions q on q.id = card and not q.shadowed
        group by 1, 2, 3""",  # noqa: S608
        values,
    )
    return {(topic, level, kind): Share(passed, n) for topic, level, kind, passed, n in rows}


def _live(scope: Scope) -> tuple[str, dict[str, object]]:
    """Return, as the start of a query, the live reviews of a scope's cards and the first meeting of each card."""
    also, values = where(cards(scope))
    mine = f"where coalesce(n.card, r.card) in (select q.id from questions q where not q.shadowed{also})" if also else ""  # noqa: S608
    sql = f"""with live as (
            select coalesce(n.card, r.card) as card, r.at, r.day, r.grade, r.seconds, r.mode, r.lang
            from live_reviews r left join names n on n.old = r.card {mine}),
        met as materialized (select card, min(at) as at from live where mode <> 'drill' group by card)"""  # noqa: S608
    return sql, values | {"since": scope.since.isoformat() if scope.since else "", "lang": scope.lang}


def summed(some: Iterable[Share]) -> Share:
    """Return several shares as one."""
    all_ = list(some)
    return Share(sum(s.passed for s in all_), sum(s.reviews for s in all_))
