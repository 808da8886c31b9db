"""Statistics as JSON values; docs/json.md tells their shape.

Invariant: the raw counts stand beside every share; a number that cannot be known is null, never 0. Rich is not imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from llmquiz.stats import Share, Time, Week
from llmquiz.stats.whole import Hard, Kind, Level, Scope, Stats, Topic


def stats_json(s: Stats) -> dict[str, Any]:
    """Return every statistic."""
    t = s.today
    new, young, mature = s.maturity
    return {
        "day": s.day.isoformat(),
        "scope": _scope(s.scope),
        "today": {"reviews": t.reviews, "passed": t.passed, "new": t.new, "drills": t.drills, "seconds": t.seconds},
        "streak": s.streak,
        "due": s.due,
        "new": s.new,
        "upcoming": list(s.upcoming),
        "forecast": _forecast(s),
        "retention": share_json(s.retention),
        "maturity": {"new": new, "young": young, "mature": mature},
        "time": _time(s.time),
        "topics": [{"topic": t.topic} | _group(t) for t in s.topics],
        "levels": [{"level": x.level} | _group(x) for x in s.levels],
        "kinds": [{"kind": x.kind} | _group(x) for x in s.kinds],
        "languages": [{"lang": lang, "retention": share_json(share)} for lang, share in s.languages],
        "weeks": [_week(w) for w in s.weeks],
        "year": [{"day": day.isoformat(), "reviews": n} for day, n in s.year],
        "hardest": _hard(s.hardest),
        "leeches": _hard(s.leeches),
    }


def share_json(value: Share) -> dict[str, Any]:
    """Return a share: passed, reviews, and passed / reviews or null."""
    return {"passed": value.passed, "reviews": value.reviews, "share": value.value}


def _scope(scope: Scope) -> dict[str, Any]:
    since = scope.since.isoformat() if scope.since else None
    return {"topics": list(scope.topics), "tags": list(scope.tags), "kinds": list(scope.kinds), "since": since, "lang": scope.lang or None}


def _forecast(s: Stats) -> list[dict[str, Any]]:
    days = (s.day + timedelta(days=i) for i in range(len(s.forecast)))
    return [{"day": d.isoformat(), "due": n, "load": load} for d, n, load in zip(days, s.forecast, s.load, strict=True)]


def _time(time: Time) -> dict[str, Any]:
    return {"seconds": time.seconds, "days": time.days, "reviews": time.reviews, "per_day": time.per_day, "per_card": time.per_card}


def _group(group: Topic | Level | Kind) -> dict[str, Any]:
    return {"questions": group.questions, "due": group.due, "new": group.new, "retention": share_json(group.retention)}


def _week(week: Week) -> dict[str, Any]:
    return {
        "week": week.start.isoformat(),
        "reviews": week.reviews,
        "retention": share_json(week.retention),
        "seconds": week.seconds,
        "per_card": week.per_card,
    }


def _hard(cards: Sequence[Hard]) -> list[dict[str, Any]]:
    return [
        {
            "id": c.id,
            "topic": c.topic,
            "level": c.level,
            "ease": c.ease / 100,
            "lapses": c.lapses,
            "retention": share_json(c.retention),
        }
        for c in cards
    ]
