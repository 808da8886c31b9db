"""Statistics as Rich renderables and as JSON.

Invariant: a share of fewer than ten reviews is never shown as a percentage; the JSON has the raw counts beside every share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from llmquiz.render import duration, percent
from llmquiz.stats import Share, Stats

BAR = 24  # cells


def share(value: Share) -> str:
    """Say a share with its count: 87% of 40, or that there is not enough data."""
    if not value.reviews:
        return "-"
    return f"{percent(value.value)} of {value.reviews}" if value.enough else f"not enough data ({value.reviews})"


def stats_report(s: Stats, titles: Mapping[str, Mapping[str, str]], lang: str = "en") -> RenderableType:
    """Return today, the streak, the next days as bars, and the topics as a table."""
    t = s.today
    lines = Text()
    lines.append("Today      ", "bold")
    lines.append(f"{t.reviews} graded, {t.passed} passed, {t.new} new, {t.drills} repeated, {duration(t.seconds)}\n")
    lines.append("Streak     ", "bold")
    lines.append(f"{s.streak} day{'' if s.streak == 1 else 's'}\n")
    lines.append("Waiting    ", "bold")
    lines.append(f"{s.due} due, {s.new} new\n")
    lines.append("Retention  ", "bold")
    lines.append(f"{share(s.retention)}\n")
    return Group(lines, _upcoming(s), Text(), _topics(s, titles, lang))


def _upcoming(s: Stats) -> RenderableType:
    most = max((*s.upcoming, 1))
    table = Table(title="Due in the next 7 days", title_justify="left", title_style="bold", box=None, show_header=False, padding=(0, 1))
    for i, n in enumerate(s.upcoming):
        day = "today" if i == 0 else "tomorrow" if i == 1 else f"{s.day.fromordinal(s.day.toordinal() + i):%a %d %b}"
        table.add_row(day, Text("█" * round(n / most * BAR), "cyan"), str(n))
    return table


def _topics(s: Stats, titles: Mapping[str, Mapping[str, str]], lang: str) -> RenderableType:
    table = Table(title="Topics", title_justify="left", title_style="bold", box=None, padding=(0, 1), header_style="dim")
    table.add_column("")
    for name in ("questions", "due", "new"):
        table.add_column(name, justify="right")
    table.add_column("retention")
    for topic in s.topics:
        name = titles.get(topic.topic, {}).get(lang) or topic.topic
        table.add_row(name, str(topic.questions), str(topic.due), str(topic.new), share(topic.retention))
    return table


def stats_json(s: Stats) -> dict[str, Any]:
    """Return the statistics as JSON values; docs/json.md tells their shape."""
    return {
        "day": s.day.isoformat(),
        "today": {
            "reviews": s.today.reviews,
            "passed": s.today.passed,
            "new": s.today.new,
            "drills": s.today.drills,
            "seconds": s.today.seconds,
        },
        "streak": s.streak,
        "due": s.due,
        "new": s.new,
        "upcoming": list(s.upcoming),
        "retention": _share_json(s.retention),
        "topics": [
            {"topic": t.topic, "questions": t.questions, "due": t.due, "new": t.new, "retention": _share_json(t.retention)}
            for t in s.topics
        ],
    }


def _share_json(value: Share) -> dict[str, Any]:
    return {"passed": value.passed, "reviews": value.reviews, "share": value.value}
